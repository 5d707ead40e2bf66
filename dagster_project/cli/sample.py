"""`pmo sample`: a synthetic company in the file contract.

Belongs here: its options.
Does not: the company (`ingest/sample`).
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli.options import DebugOption


class Format(StrEnum):
    """File formats of a sample delivery."""

    CSV = "csv"
    PARQUET = "parquet"


def sample(
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="An empty folder, or one that does not exist yet.")],
    projects: Annotated[int, typer.Option("--projects", min=1, help="Number of projects.")] = 24,
    months: Annotated[int, typer.Option("--months", min=1, help="Months of history.")] = 18,
    items: Annotated[
        int | None, typer.Option("--items", min=1, help="Work items; people, hours and ledger grow with them.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Other numbers, same stories.")] = 7,
    file_format: Annotated[Format, typer.Option("--format", help="File format.")] = Format.CSV,
    debug: DebugOption = False,
) -> None:
    """A synthetic company in the file contract: the same files for the same arguments, at any scale."""
    from dagster_project.cli.display import print_table
    from ingest.sample import write_sample

    try:
        written = write_sample(out, projects=projects, months=months, items=items, seed=seed, file_format=file_format.value)
    except FileExistsError as error:
        raise typer.BadParameter(str(error), param_hint="--out") from None
    print_table(f"{written.folder}, as of {written.as_of}", ["entity", "rows"], sorted(written.rows.items()), numbers=frozenset({"rows"}))
