"""The ways that all tests here read the system and look at what landed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.api import ApiSource
from ingest.protocol import Order
from tests.conformance.landed import live, payloads
from tests.conformance.system import read, source_of
from tests.stubs.pingcode_system import PingCodeSystem
from tests.stubs.server import Asked

IN_PROGRESS, DONE, CLOSED = "5ef801", "5ef802", "5ef803"


def source(system: PingCodeSystem, home: Path, only: str = "", **changes: Any) -> ApiSource:
    """The source; `only` names the streams that a test is about, so that the others need not land."""
    reader = source_of(system.table() | changes, home, system.server)
    everything = reader.open_streams
    if only:
        reader.open_streams = lambda *given: [stream for stream in everything(*given) if stream.name in only.split()]  # type: ignore[method-assign]
    return reader


def go(system: PingCodeSystem, home: Path, order: Order | None = None, **changes: Any) -> Any:
    return read(source(system, home, **changes), home, system.server, order)


def lists(system: PingCodeSystem) -> list[Asked]:
    """The requests for items by page, without those that only want to know how many there are."""
    return [asked for asked in system.world.asked("/work_items") if asked.one("page_size") == "100"]


def hours(home: Path) -> dict[str, Any]:
    """Id -> hours as landed, of lines that are there."""
    alive = live(home, "workloads")
    lines = [json.loads(text, parse_float=str) for text in payloads(home, "workloads")]
    return {line["id"]: line["duration"] for line in lines if line["id"] in alive}


def day(year: int, month: int, date: int) -> int:
    """Midnight in Shanghai as an epoch."""
    return int(datetime(year, month, date, tzinfo=UTC).timestamp()) - 8 * 3600


def quarantined_values(home: Path) -> list[str]:
    files = [str(path) for path in home.glob("landing/pingcode/*/transition_histories/**/*.quarantine.parquet")]
    return [value for (value,) in duckdb.sql(f"select value from read_parquet({files!r})").fetchall()] if files else []
