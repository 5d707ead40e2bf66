"""`pmo run`: the nightly job, here and now.

Belongs here: its options and what it prints.
Does not: the job (`launch.py`).
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.errors import CommandFailed, Status
from dagster_project.cli.options import ConfigOption, DebugOption, HomeOption, settings_of

if TYPE_CHECKING:
    from dagster_project.launch import Launched, Order
    from ingest.config import Settings


def run(
    *,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Status date of the metrics [today].", show_default=False)
    ] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", metavar="INSTANT", help="Count only what had landed by then [now].", show_default=False)
    ] = None,
    source: Annotated[list[str] | None, typer.Option("--source", metavar="NAME", help="Read only this source; may be repeated.")] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Read API sources from their beginning. Files are always compared whole.")
    ] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    debug: DebugOption = False,
) -> None:
    """The nightly job: ingest, land, build, check, publish. Seen in `pmo dev` afterwards."""
    status_date = _date(as_of)
    instant = _instant(known_at)
    settings = settings_of(config, home)
    unknown = sorted(set(source or ()) - {configured.name for configured in settings.sources})
    if unknown:
        names = ", ".join(configured.name for configured in settings.sources) or "none"
        raise typer.BadParameter(f"no source is called {', '.join(unknown)} (configured: {names})", param_hint="--source")

    from dagster_project.launch import Order

    run_and_report(settings, Order(status_date, instant, tuple(source or ()), full_refresh), "pmo run")


def run_and_report(settings: Settings, order: Order, command: str) -> Launched:
    """Run the job, print what it found, and return it if it published.

    Raises:
        CommandFailed: it did not publish.
    """
    from dagster_project.cli.display import console, duration
    from dagster_project.cli.findings import print_checks, print_sources
    from dagster_project.cli.progress import shown_progress

    started = time.monotonic()
    with shown_progress():
        from dagster_project.launch import End, launch

        launched = launch(settings, order, command)
    out = console()
    said = print_sources(list(launched.record.outcomes.values())) if launched.record is not None else frozenset[str]()
    if launched.last is not None:
        print_checks(launched.last, said)
    for error in launched.errors:
        out.print(error, markup=False)
    elapsed = duration(time.monotonic() - started)
    build_id = launched.record.build_id if launched.record else "–"
    unchanged = "The published build is unchanged."
    if launched.end is End.PUBLISHED and launched.last is not None:
        out.print(f"Published build {build_id} in {elapsed}; {launched.last.checks_passed} checks passed.", markup=False)
        out.print(f"  {settings.home / 'published' / 'current'}", markup=False)
        return launched
    if launched.end is End.SOURCE_FAILED:
        raise CommandFailed(Status.SOURCE_FAILED, f"A source failed, so build {build_id} was held back ({elapsed}). {unchanged}")
    if launched.end is End.REFUSED:
        raise CommandFailed(Status.GATE_REFUSED, f"The gate refused build {build_id} ({elapsed}). {unchanged} Again: pmo status")
    raise CommandFailed(Status.OTHER, f"The run failed ({elapsed}). {unchanged} Log: {settings.home / 'work' / 'logs' / 'run.log'}")


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date; write it as 2026-03-31", param_hint="--as-of") from None


def _instant(text: str | None) -> datetime | None:
    """An instant without an offset is UTC."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no instant; write it as 2026-03-31T18:00:00Z", param_hint="--known-at") from None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found
