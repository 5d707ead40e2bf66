"""Orchestration: definitions, assets, checks, jobs, schedule, sensors, resources, and the `pmo` command line.

Belongs here: when things run, in which order, and what the user sees of it.
Does not: what is done; that is in `ingest`, `dbt`, `expectations` and `reports`, where it is tested without Dagster.
"""
