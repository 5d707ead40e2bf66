"""`pmo status`: the published build, the last run, failing checks, freshness, quarantine.

Belongs here: putting these together and printing them.
Does not: finding any of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dagster_project.cli.options import ConfigOption, DebugOption, HomeOption, JsonOption, home_of


def status(home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False, debug: DebugOption = False) -> None:
    """Published build, last build, failing checks, freshness by source, quarantine counts."""
    from dagster_project.cli.display import print_json

    found = collect(home_of(config, home))
    if as_json:
        print_json(found)
    else:
        _print(found)


def collect(home: Path) -> dict[str, Any]:
    """Everything that `pmo status` tells."""
    from dataclasses import asdict

    from dagster_project.holder import live_holder
    from dagster_project.paths import Home
    from dagster_project.run_record import load_record
    from ingest.events.inbox import depth, exists
    from reports.builds import list_builds
    from reports.history import read_last_build

    published = next((build for build in list_builds(home) if build.is_current), None)
    last = read_last_build(home)
    record = load_record(Home(home).run_record)
    interrupted = record is not None and (last is None or last.build_id != record.build_id)
    holder = live_holder(home)
    return {
        "home": str(home),
        "published": None
        if published is None
        else {
            "build_id": published.manifest.build_id,
            "as_of": published.manifest.as_of,
            "known_at": published.manifest.known_at,
            "finished_at": published.manifest.finished_at,
            "checks_passed": published.manifest.checks.passed,
            "warnings": published.manifest.checks.warnings,
            "rows": published.manifest.rows,
            "path": str(published.path),
        },
        "running": asdict(holder) if holder is not None else None,
        "interrupted": record.build_id if record is not None and interrupted and holder is None else None,
        "last_build": asdict(last) if last is not None else None,
        "sources": [outcome.model_dump() for outcome in record.outcomes.values()] if record is not None else [],
        "inbox_depth": depth(home) if exists(home) else None,
        "freshness": _table(home, _FRESHNESS),
        "quarantine": _quarantine(home),
    }


_FRESHNESS = """
    select connection as source, count(*) as streams, sum(rows)::bigint as rows, max(last_event_at) as last_event_at,
           max(last_loaded_at) as last_loaded_at, string_agg(distinct status, ', ' order by status) as status
    from reports.source_freshness
    group by all
    order by all
"""


def _table(home: Path, query: str) -> list[dict[str, object]]:
    """Rows of the published build; none before the first one."""
    import duckdb

    from reports.builds import DATABASE, current

    build = current(home)
    if build is None:
        return []
    with duckdb.connect(str(build / DATABASE), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        result = connection.execute(query)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _quarantine(home: Path) -> list[dict[str, object]]:
    from collections import Counter

    from dagster_project.cli.quarantine import quarantined_rows

    counts = Counter((str(row[0]), str(row[1]), str(row[6])) for row in quarantined_rows(home, None))
    return [dict(zip(("source", "stream", "reason", "rows"), (*key, rows), strict=True)) for key, rows in sorted(counts.items())]


def _print(found: dict[str, Any]) -> None:
    from dagster_project.cli.display import console, instant, print_table
    from dagster_project.cli.findings import print_checks, print_sources
    from dagster_project.run_record import SourceOutcome
    from reports.history import LastBuild, Outcome

    out = console()
    published = found["published"]
    if published is None:
        out.print(f"No build is published yet in {found['home']}. Make one with: pmo run", markup=False)
    else:
        out.print(
            f"Published build  {published['build_id']}  as of {published['as_of']}, {instant(published['finished_at'])}; "
            f"{published['checks_passed']} checks passed, {published['warnings']} warnings, {published['rows']:,} rows",
            markup=False,
        )
    if found["running"]:
        out.print(f"Running now      {found['running']['command']} (process {found['running']['pid']})", markup=False)
    if found["interrupted"]:
        out.print(f"Interrupted      {found['interrupted']} ended before its gate; the next run needs no repair", markup=False)
    last = None
    if found["last_build"]:
        last = LastBuild(**{**found["last_build"], "outcome": Outcome(found["last_build"]["outcome"])})
        out.print(f"Last build       {last.build_id}  {last.outcome}, as of {last.as_of}, {instant(last.finished_at)}", markup=False)
        if last.error:
            out.print(f"  {last.error}", markup=False)
    if found["inbox_depth"] is not None:
        out.print(f"Events           {found['inbox_depth']:,} wait in the inbox", markup=False)
    said = print_sources([SourceOutcome.model_validate(item) for item in found["sources"] if item["rejected"] or item["error"]])
    if last is not None:
        print_checks(last, said)
    if found["freshness"]:
        names = list(found["freshness"][0])
        print_table("Freshness", names, [list(row.values()) for row in found["freshness"]], numbers=frozenset({"streams", "rows"}))
    if found["quarantine"]:
        names = list(found["quarantine"][0])
        print_table("Quarantine", names, [list(row.values()) for row in found["quarantine"]], numbers=frozenset({"rows"}))
