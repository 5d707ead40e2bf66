"""A large company, landed and registered: what the benchmark of the models starts from.

Belongs here: making it through the same functions that the nightly job calls.
Does not: measuring.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from dagster_project import warehouse
from dagster_project.resources import build_settings
from ingest.config import load_settings
from ingest.landing import Landing
from ingest.registry import create
from ingest.sample import AS_OF, SampleSummary, write_sample
from reports.manifest import BuildInfo

CONFIG = """\
home = "."
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
calendar_id = "standard"

[[sources]]
type = "files"
name = "sample"
path = "sample"
"""


def write_company(home: Path, items: int) -> SampleSummary:
    """The sample company with that many work items; people, hours and ledger lines grow with them."""
    home.mkdir(parents=True)
    (home / "pmo.toml").write_text(CONFIG, encoding="utf-8")
    return write_sample(home / "sample", items=items)


def land(home: Path) -> int:
    """Land the company's files.

    Returns:
        Rows accepted.
    """
    settings = load_settings(home / "pmo.toml")
    result = create(settings.sources[0]).ingest(Landing(home), "bench", datetime.now(UTC))
    return sum(load.rows_accepted for load in result.loads)


def register(home: Path, database: Path) -> BuildInfo:
    """Make a warehouse that holds what has landed."""
    landing = Landing(home)
    now = datetime.now(UTC)
    build = BuildInfo("bench", AS_OF, now, now, "bench", build_settings(load_settings(home / "pmo.toml")), ())
    warehouse.register(database, landing.select(now), landing, build, ())
    return build
