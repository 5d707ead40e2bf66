"""`pmo demo`: the sample company through the nightly job, and what came out.

Belongs here: the demo's configuration, the closing table.
Does not: the company (`ingest/sample`), the job (`launch.py`).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli.errors import CommandFailed, Status
from dagster_project.cli.options import DebugOption, settings_of

MARK = "# The sample company, written by `pmo demo`."
CONFIG = (
    MARK
    + """
# Look at it with: pmo status --config {file}
home = "."
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
calendar_id = "standard"

[[sources]]
type = "files"
name = "{source}"
path = "sample"
"""
)

PORTFOLIO = """
    select name, projects_active as active, projects_at_risk as "at risk", bac, ev, ac, cpi, spi, rag
    from reports.portfolio_overview
    order by name
"""
PROJECTS = """
    select name, percent_complete, cpi, spi, slip_days, reported_rag, rag
    from reports.project_health
    where status not in ('closed', 'cancelled', 'proposed')
    order by rag = 'green', rag = 'amber', name
"""
LACKING = """
    select name, lack as "what it lacks" from (
        select 1 as place, name, unnest(missing_data) as lack from reports.portfolio_overview
        union all
        select 2, name, array_to_string(missing_data, ', ') from reports.project_health
        where len(missing_data) > 0 and status not in ('closed', 'cancelled', 'proposed')
    )
    where place = 2 or split_part(lack, ':', 1) in ('bac', 'cpi', 'spi')
    order by place, name, lack
"""
"""Why a cell above is empty, and why a CPI is not the quotient of the two sums beside it."""

TABLES = {"Portfolios": PORTFOLIO, "Projects, those in need first": PROJECTS, "Why something is empty or left out": LACKING}


def demo(
    home: Annotated[Path, typer.Option("--home", metavar="DIR", help="Where the demo is kept.")] = Path(".pmo"),
    debug: DebugOption = False,
) -> None:
    """Make the sample company, run the nightly job on it, and show what was published and where."""
    from concurrent.futures import ThreadPoolExecutor

    from dagster_project.dbt_manifest import manifest_path
    from dagster_project.paths import Home
    from reports.lock import RunLock

    config = claim(home)
    # dbt parses its project, in a process of its own, while the sample is written and Dagster is imported: seconds on the second core.
    with RunLock(home, "pmo demo"), ThreadPoolExecutor(1) as beside:
        folders = Home(home.resolve())
        folders.enter()
        parsing = beside.submit(manifest_path, folders)
        write_company(home)

        from dagster_project.cli.run import run_and_report
        from dagster_project.launch import Order
        from ingest.sample import AS_OF

        parsing.result()
        run_and_report(settings_of(config, None), Order(as_of=AS_OF), "pmo demo")
    show(home.resolve(), config)


def claim(home: Path) -> Path:
    """Write the demo's configuration first of all, so that a home in which it was killed is still known as its own.

    Raises:
        CommandFailed: the home holds something else; the demo does not mix with real data.
    """
    from ingest.sample import SOURCE
    from reports.durable import replace_text

    config = home / "pmo.toml"
    is_demo = config.is_file() and config.read_text(encoding="utf-8").startswith(MARK)
    if not is_demo and home.is_dir() and any(home.iterdir()):
        raise CommandFailed(
            Status.CONFIGURATION,
            f"{home}: this folder holds something that is not the demo. Nothing was touched.\nChoose another: pmo demo --home DIR",
        )
    home.mkdir(parents=True, exist_ok=True)
    replace_text(config, CONFIG.format(file=config, source=SOURCE))
    return config


def write_company(home: Path) -> None:
    """Write the sample, whole or not at all; under the home's lock, for a run may be reading the one before."""
    from ingest.sample import write_sample

    aside = home / "sample.new"
    shutil.rmtree(aside, ignore_errors=True)
    written = write_sample(aside)
    shutil.rmtree(home / "sample", ignore_errors=True)
    aside.rename(home / "sample")
    rows = sum(written.rows.values())
    print(f"Sample company: {len(written.rows)} entities, {rows:,} rows in {home / 'sample'}")


def show(home: Path, config: Path) -> None:
    """The portfolio as published, and where to look."""
    import duckdb

    from dagster_project.cli.display import print_table
    from reports.builds import DATABASE

    database = home / "published" / "current" / DATABASE
    with duckdb.connect(str(database), read_only=True) as connection:
        for title, query in TABLES.items():
            result = connection.execute(query)
            columns = [column[0] for column in result.description or ()]
            numbers = frozenset(columns) - {"name", "rag", "reported_rag", "what it lacks"}
            print_table(title, columns, result.fetchall(), numbers=numbers)
            print()
    print(f"Database   {database}")
    print(f"Parquet    {database.parent / 'parquet'}")
    print(f"Manifest   {database.parent / 'manifest.json'}")
    print(f'Ask it     duckdb -readonly {database} "from reports.project_health"')
    print(f"Status     pmo status --config {config}")
    print(f"The run    pmo dev --config {config}")
