"""`pmo backfill`: some days of a source, read again.

Belongs here: its options.
Does not: the run (`run.py`), what a connector does with a window (`ingest/sources`).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from dagster_project.cli.options import ConfigOption, DebugOption, HomeOption, settings_of


def backfill(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The source to read.")],
    first: Annotated[str, typer.Option("--from", metavar="D", help="First day, as 2026-01-31.")],
    last: Annotated[str, typer.Option("--to", metavar="D", help="Last day.")],
    home: HomeOption = None,
    config: ConfigOption = None,
    debug: DebugOption = False,
) -> None:
    """Read some days of a source again, and publish what follows from it. What did not change there changes nothing here."""
    settings = settings_of(config, home)
    found = next((configured for configured in settings.sources if configured.name == source), None)
    if found is None:
        names = ", ".join(configured.name for configured in settings.sources) or "none"
        raise typer.BadParameter(f"no source is called {source} (configured: {names})", param_hint="SOURCE")
    if found.type == "files":
        raise typer.BadParameter(f"{source} is a files source: its files are compared whole in each run (pmo run)", param_hint="SOURCE")
    days = _day(first, "--from"), _day(last, "--to")
    if days[1] < days[0]:
        raise typer.BadParameter(f"{last} is before {first}", param_hint="--to")

    from dagster_project.cli.run import run_and_report
    from dagster_project.launch import Order
    from ingest.protocol import Window

    run_and_report(settings, Order(sources=(source,), window=Window(*days)), "pmo backfill")


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date; write it as 2026-03-31", param_hint=option) from None
