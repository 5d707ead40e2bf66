"""Expectations: what a candidate table must look like before readers may have it.

Belongs here: the suites, one module a published table, and running them inside DuckDB with Great Expectations.
Does not: dbt's tests of keys and relations (`dbt`), the decision over verdicts (`reports/gate.py`).
"""
