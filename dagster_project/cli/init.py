"""`pmo init`: a configuration to fill in, and empty templates of the file contract.

Belongs here: what is written into a new folder.
Does not: the contract (`ingest/entities.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.errors import CommandFailed, Status
from dagster_project.cli.options import DebugOption

if TYPE_CHECKING:
    from ingest.entities import Column, Entity

CONFIG = """\
# Configuration of the PMO warehouse. Unknown keys are refused, each with its line.
home = ".pmo"                        # landing, warehouse and published builds; relative to this file
reporting_currency = "EUR"           # of everything wider than a project
time_zone = "Europe/Berlin"          # of the organization; a project may have its own
calendar_id = "standard"             # of people and projects that name none; Monday to Friday, 8 h, if nobody delivers it

[publish]
keep_builds = 30                     # published builds that stay readable

[schedule]                           # while `pmo dev` runs
cron = "0 2 * * *"                   # minute hour day month weekday
# time_zone = "Europe/Berlin"        # of the hours above; default: the organization's
# fresh_within_hours = 30            # an older build is shown as stale

# A folder of files that follow the file contract; empty ones are in templates/.
[[sources]]
type = "files"
name = "registers"
path = "data/registers"              # relative to this file
# optional = true                    # publish even if this source fails

# A file that does not have our column names is mapped, an SQL expression a column, over the file's own columns.
# [[sources]]
# type = "files"
# name = "lab-timesheets"
# path = "exports"
# [sources.entities.timesheet_entries]
# files = "time_log_*.csv"
# columns = { entry_id = "id", person = "who", project_id = "'LAB-' || project_key", work_date = "day", hours = "minutes::double / 60" }
"""
WORKBOOK = "pmo.xlsx"


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write.")] = Path(),
    debug: DebugOption = False,
) -> None:
    """Write a commented pmo.toml and empty templates of the file contract: CSV files, and one workbook with a sheet an entity."""
    from ingest.entities import ENTITIES

    config, templates = folder / "pmo.toml", folder / "templates"
    present = [str(path) for path in (config, templates) if path.exists()]
    if present:
        there = " and ".join(present)
        raise CommandFailed(Status.CONFIGURATION, f"{there}: there already. Nothing was written; name another folder: pmo init DIR")
    (folder / "data" / "registers").mkdir(parents=True, exist_ok=True)
    templates.mkdir(parents=True)
    for entity in ENTITIES.values():
        names = ",".join(column.name for column in entity.columns)
        (templates / f"{entity.name}.csv").write_text(names + "\n", encoding="utf-8")
    write_workbook(templates / WORKBOOK, list(ENTITIES.values()))
    config.write_text(CONFIG, encoding="utf-8")
    print(f"Configuration  {config}")
    print(f"Templates      {templates}: {len(ENTITIES)} CSV files, and {WORKBOOK} with a sheet an entity")
    print(f"Fill the files you have into {folder / 'data' / 'registers'}, then: pmo run --config {config}")


def write_workbook(path: Path, entities: list[Entity]) -> None:
    """A sheet an entity: required columns in bold, and what each column wants as a note on its header."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as workbook:
        required, optional = workbook.add_format({"bold": True}), workbook.add_format({"italic": True})
        text = workbook.add_format({"num_format": "@"})
        for entity in entities:
            sheet = workbook.add_worksheet(entity.name)
            sheet.freeze_panes(1, 0)
            for position, column in enumerate(entity.columns):
                # Text cells: a spreadsheet would make 123 of the id 00123.
                sheet.set_column(position, position, max(12, len(column.name) + 2), text)
                sheet.write_string(0, position, column.name, required if column.required else optional)
                sheet.write_comment(0, position, _note(column))


def _note(column: Column) -> str:
    parts = ["required" if column.required else "optional", "key" if column.key else "", column.type.value.replace("_", " ")]
    limits = [f"{word} {limit:g}" for word, limit in (("from", column.minimum), ("to", column.maximum)) if limit is not None]
    choices = "one of " + ", ".join(column.choices) if column.choices else ""
    return "; ".join(part for part in (*parts, *limits, choices) if part)
