"""Reports: the gate in front of the published tables, the builds that readers see, and the way back to an older one.

Belongs here: verdicts and their decision, write-audit-publish, content hashes, rollback, rebuild, the run lock.
Does not: orchestration (`dagster_project`), what a table means (`dbt`), what is expected of it (`expectations`).
"""
