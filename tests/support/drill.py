"""The drill views over a built warehouse, as a published file has them, and whether their rows add up to the values.

Belongs here: laying the views, the invariant of all metrics.
Does not: what the rows are (`dbt/models/evidence`), the views (`reports/drill`).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from reports.evidence import COLUMNS, create_views, measured_metrics, missing_views, unequal_sums


def with_drill_views(path: Path) -> None:
    """Create the views of schema `drill` in a built warehouse (or a copy of one)."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop schema if exists drill cascade")
        create_views(connection)


def problems(path: Path, metrics: Iterable[str] | None = None) -> list[str]:
    """What is wrong with the views of a warehouse or a published file, as sentences; empty if every value's rows add up to it.

    Args:
        metrics: those to look at; all that have values otherwise, and then each of the dictionary must have a view, too.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{path}' as told (read_only)")
        connection.execute("use told")
        missing = missing_views(connection, {})
        chosen = measured_metrics(connection) if metrics is None else set(metrics)
        found = [f"{metric}: {problem}" for metric, problem in sorted(missing.items()) if metrics is None or metric in chosen]
        for metric in sorted(chosen - missing.keys()):
            described = connection.execute(f'describe drill."{metric}"').fetchall()
            if [row[0] for row in described] != list(COLUMNS):
                found.append(f"{metric}: other columns")
            bare = connection.execute(
                f'select count(*) from drill."{metric}" where record_key is null or entity is null or amount is null'
                " or part is null or part not in ('numerator', 'denominator')"
            ).fetchall()[0][0]
            if bare:
                found.append(f"{metric}: {bare} rows without a key, an entity, an amount or a part")
        return found + [str(row) for row in unequal_sums(connection, chosen - missing.keys())]
