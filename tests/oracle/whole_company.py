"""A whole random company as files: the sample, and beside it projects all round the globe whose items change at the edges of days.

Belongs here: its files; the same company cut into other files, in another order, delivered bit by bit; a warehouse built from it.
Does not: what its numbers are (tests), the histories themselves (`flow_histories.py`, `ingest/sample`).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from dagster_project import warehouse as steps
from ingest.config import FilesSourceConfig
from ingest.landing import Landing
from ingest.sample import AS_OF, SOURCE, write_sample
from ingest.sources.files.source import FilesSource
from reports.manifest import BuildInfo, BuildSettings
from tests.oracle.flow import Item
from tests.oracle.flow_histories import CATEGORY_OF, random_items
from tests.support import warehouse

SEED = 20260630
ZONES = {
    "Z-KIR": "Pacific/Kiritimati",  # +14 h
    "Z-WEST": "Etc/GMT+12",  # -12 h, the other end
    "Z-BER": "Europe/Berlin",
    "Z-NYC": "America/New_York",
    "Z-LHI": "Australia/Lord_Howe",  # half an hour of summer time
    "Z-SHA": "Asia/Shanghai",
}
"""Projects by id. From October to June each zone that has summer time changes its clocks both ways."""

FIRST_DAY = date(2025, 10, 20)
ITEMS: Sequence[Item] = random_items(
    SEED, 300, tuple(ZONES), datetime(2025, 10, 20, tzinfo=UTC), datetime.combine(AS_OF, datetime.min.time(), UTC)
)
HOURS_OF_GLOBE = 600
LINES_OF_GLOBE = 400
_RUN = datetime(2026, 7, 1, 2, tzinfo=UTC)
_SETTINGS = BuildSettings("EUR", "Europe/Berlin", "standard")


@dataclass(frozen=True)
class Home:
    """A home to which the company has been delivered."""

    root: Path

    def build(self, folder: Path, as_of: date) -> Path:
        """A warehouse of everything that has landed, built without its data tests."""
        path = folder / "warehouse.duckdb"
        folder.mkdir(parents=True)
        landing = Landing(self.root)
        known_at = _RUN + timedelta(days=30)
        steps.register(path, landing.select(), landing, BuildInfo("B1", as_of, known_at, known_at, "0", _SETTINGS))
        warehouse.run_dbt(
            path,
            exclude="resource_type:unit_test resource_type:test",
            vars={
                "as_of": as_of,
                "known_at": known_at.isoformat(),
                "started_at": known_at.isoformat(),
                "build_id": "B1",
                "reporting_currency": _SETTINGS.reporting_currency,
                "time_zone": _SETTINGS.time_zone,
            },
        )
        return path


def deliver_whole(root: Path) -> Home:
    """Everything in one delivery, a file an entity (two where the globe has rows of it, too)."""
    write_company(root / "drop")
    _land(root, 1)
    return Home(root / "home")


def deliver_in_pieces(root: Path, seed: int) -> Home:
    """The same rows, shuffled, in files of another cut, in three deliveries that take the files as chance has it."""
    chance = random.Random(seed)
    whole, drop = root / "whole", root / "drop"
    write_company(whole)
    drop.mkdir()
    pieces = []
    for file in sorted(whole.glob("*.csv")):
        rows = pl.read_csv(file, infer_schema=False).sample(fraction=1, shuffle=True, seed=seed)
        cuts = sorted(chance.sample(range(1, len(rows)), min(2, len(rows) - 1))) if len(rows) > 1 else []
        for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(rows)], strict=True)):
            pieces.append((f"{file.stem}_{number}.csv", rows[start:end]))
    chance.shuffle(pieces)
    for run in range(3):
        for name, rows in pieces[run::3]:
            rows.write_csv(drop / name)
        _land(root, run + 1)
    return Home(root / "home")


def write_company(folder: Path) -> None:
    """All files into one folder."""
    write_sample(folder, projects=10, months=8, items=500, seed=3)
    for name, rows in _globe(random.Random(SEED)).items():
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / f"{name}_globe.csv")


def _globe(chance: random.Random) -> dict[str, list[dict[str, object]]]:
    days = [FIRST_DAY + timedelta(days=number) for number in range((AS_OF - FIRST_DAY).days + 1)]
    moved = {"status": "active", "currency": "EUR", "planned_start": FIRST_DAY, "actual_start": FIRST_DAY}
    return {
        "projects": [{"project_id": key, "name": key, "portfolio_id": "PF-IT", "time_zone": zone, **moved} for key, zone in ZONES.items()],
        "status_map": [{"source": SOURCE, "status": _word(status), "category": category} for status, category in CATEGORY_OF.items()],
        "work_items": [
            {
                "item_id": item.item_id,
                "project_id": item.project_id,
                "key": item.item_id,
                "type": item.kind,
                "title": item.item_id,
                "status": _word(item.status),
                "created_at": item.created_at.isoformat(),
                "updated_at": max([item.created_at, *(event.occurred_at for event in item.events)]).isoformat(),
                "delete": "true" if item.is_deleted else None,
            }
            for item in ITEMS
        ],
        "item_events": [
            {
                "event_id": f"{item.item_id}/{event.event_id}",
                "item_id": item.item_id,
                "field": "status",
                "from_value": _word(event.from_status),
                "to_value": _word(event.to_status),
                "occurred_at": event.occurred_at.isoformat(),
            }
            for item in ITEMS
            for event in item.events
        ],
        "timesheet_entries": [
            {
                "entry_id": f"globe-{number}",
                "person": f"u{chance.randint(1, 60):03}",
                "project_id": chance.choice(tuple(ZONES)),
                "work_date": chance.choice(days),
                "hours": chance.choice(("0.25", "0.333333", "1.5")),
                "activity": "Development",
            }
            for number in range(HOURS_OF_GLOBE)
        ],
        "cost_transactions": [
            {
                "transaction_id": f"globe-{number}",
                "project_id": chance.choice(tuple(ZONES)),
                "posting_date": chance.choice(days),
                "amount": f"{chance.uniform(-200, 900):.2f}",
                "currency": "EUR",
                "category": "Travel",
                "kind": chance.choice(("actual", "accrual", "commitment")),
            }
            for number in range(LINES_OF_GLOBE)
        ],
    }


def _word(status: str | None) -> str | None:
    """A status of the globe: the sample maps some of the same words otherwise."""
    return status and f"{status} (globe)"


def _land(root: Path, run: int) -> None:
    landed_at = _RUN + timedelta(days=run)
    landing = Landing(root / "home", now=lambda: landed_at)
    source = FilesSource(FilesSourceConfig(type="files", name=SOURCE, path=root / "drop"))
    result = source.ingest(landing, f"run-{run}", landed_at)
    assert not result.rejected, result.rejected


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    """Rows of a query over a warehouse."""
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(sql).fetchall()
