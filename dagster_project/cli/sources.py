"""`pmo sources`: what is configured, and whether it answers.

Belongs here: options and printing.
Does not: the checks themselves (`ingest/sources`).
"""

from __future__ import annotations

import csv
import sys
from typing import Annotated

import typer

from dagster_project.cli.errors import CommandFailed, Status
from dagster_project.cli.options import ConfigOption, DebugOption, HomeOption, JsonOption, settings_of

app = typer.Typer(help="What is configured, and whether it answers.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_sources(home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False, debug: DebugOption = False) -> None:
    """The configured sources, the streams each may deliver, and what has landed from it."""
    from dagster_project.cli.display import print_json, print_table
    from dagster_project.expressions import refuse_unusable_expressions
    from ingest.landing import Landing
    from ingest.registry import create

    settings = settings_of(config, home)
    refuse_unusable_expressions(settings)
    loads = Landing(settings.home).select(None)
    found = [
        {
            "name": source.name,
            "type": source.type,
            "where": str(getattr(source, "path", getattr(source, "base_url", ""))),
            "optional": source.optional,
            "streams": create(source).streams(),
            "loads": sum(load.connection == source.name for load in loads),
            "rows": sum(load.rows_accepted for load in loads if load.connection == source.name),
            "last_landed_at": max((load.landed_at for load in loads if load.connection == source.name), default=None),
        }
        for source in settings.sources
    ]
    if as_json:
        print_json(found)
        return
    if not found:
        print(f"No source is configured. Add a [[sources]] table to {settings.config_file}.")
        return
    print_table(
        "",
        ["source", "type", "where", "optional", "streams", "loads", "rows", "last landed"],
        [[*(len(value) if isinstance(value, list) else value for value in item.values())] for item in found],
        numbers=frozenset({"streams", "loads", "rows"}),
    )


@app.command("statuses")
def propose_statuses(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The source to ask.")],
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """A draft of status_map.csv from the statuses of a system: read it, correct the category column, put it into a files source."""
    from dataclasses import asdict

    from dagster_project.cli.display import print_json
    from ingest.api import ApiSource
    from ingest.registry import create

    settings = settings_of(config, home)
    chosen = [source for source in settings.sources if source.name == name]
    source = create(chosen[0]) if chosen else None
    if not isinstance(source, ApiSource):
        raise typer.BadParameter(f"no system with an API is called {name}", param_hint="NAME")
    found = [{"source": name, **asdict(proposal)} for proposal in source.statuses()]
    if as_json:
        print_json(found)
        return
    # Straight into a file: the columns of the contract first, the name for the reader behind them.
    lines = csv.writer(sys.stdout, lineterminator="\n")
    lines.writerow(["source", "status", "category", "name"])
    lines.writerows([item["source"], item["status"], item["category"], item["name"]] for item in found)


@app.command("check")
def check_sources(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this source.")] = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Ask each source whether it answers, as whom we are known to it, and what it holds. Reads nothing in."""
    from dataclasses import asdict

    from dagster_project.cli.display import print_json, print_table
    from dagster_project.expressions import refuse_unusable_expressions
    from ingest.protocol import CheckResult, SourceError
    from ingest.registry import create

    settings = settings_of(config, home)
    refuse_unusable_expressions(settings)
    chosen = [source for source in settings.sources if name in (None, source.name)]
    if name is not None and not chosen:
        raise typer.BadParameter(f"no source is called {name}", param_hint="NAME")
    results = []
    for source in chosen:
        try:
            results.append(create(source).check())
        except SourceError as error:
            results.append(CheckResult(source.name, False, "–", str(error)))
    if as_json:
        print_json([asdict(result) for result in results])
    else:
        # What a system tells of itself takes a line each; so does an error.
        print_table(
            "",
            ["source", "answers", "as", "detail"],
            [[item.name, item.ok, item.identity, "" if item.facts or not item.ok else item.detail] for item in results],
        )
        for item in results:
            lines = [f"{name}: {value}" for name, value in item.facts.items()] if item.ok else item.detail.splitlines()
            for line in lines:
                print(f"  {item.name}  {line}")
    if not all(result.ok for result in results):
        raise CommandFailed(Status.SOURCE_FAILED)
