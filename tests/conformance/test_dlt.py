"""A dlt resource behind the landing contract: rows and Arrow, keys, changes, what is gone."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest

from ingest.protocol import IngestResult, PermanentError, SchemaError
from ingest.sources.dlt.settings import DltConfig
from ingest.sources.dlt.source import DltSource
from ingest.sources.dlt.stream import rows_of
from tests.conformance.landed import live, payloads, versions
from tests.conformance.system import read as read_source
from tests.stubs.server import StubServer


class Bench:
    """A module with resources, as a user's package has them."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.server = StubServer(lambda asked: None)  # type: ignore[arg-type,return-value] # only its clock
        self.rows: list[dict[str, Any]] = []
        self.called: list[dict[str, Any]] = []

    def read(self, home: Path, **keys: Any) -> IngestResult:
        config = DltConfig.model_validate({"type": "dlt", "name": "bench", "resource": "dlt_bench:tickets"} | keys)
        source = DltSource(config)
        source.clock = self.server.clock
        return read_source(source, home, self.server)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    dlt = pytest.importorskip("dlt", reason="the library dlt is not installed (extra dlt)")
    module = ModuleType("dlt_bench")
    bench = Bench(module)

    @dlt.resource(name="tickets", primary_key="id")
    def tickets(site: str = "", key: str = "", after: str = "") -> Iterator[Any]:
        bench.called.append({"site": site, "key": key, "after": after})
        yield from bench.rows

    @dlt.resource(name="arrow", primary_key=["id", "line"])
    def arrow() -> Iterator[Any]:
        yield pa.table({"id": ["A", "A"], "line": [1, 2], "hours": [Decimal("1.10"), Decimal("2.25")], "day": [dt.date(2026, 3, 2)] * 2})

    vars(module).update(tickets=tickets, arrow=arrow)
    monkeypatch.setitem(sys.modules, "dlt_bench", module)
    monkeypatch.setenv("BENCH_KEY", "k-canary")
    yield bench


def test_rows_land_once_changes_land_again_and_what_is_gone_is_buried(bench: Bench, tmp_path: Path) -> None:
    bench.rows = [{"id": number, "title": f"Größe {number}", "cost": Decimal("10.10")} for number in range(8)]
    bench.read(tmp_path)
    assert live(tmp_path, "records") == {str(number) for number in range(8)}
    assert json.loads(payloads(tmp_path, "records")[0]) == {"id": 0, "title": "Größe 0", "cost": "10.10"}
    bench.server.clock.move(hours=1)
    assert sum(load.rows_read for load in bench.read(tmp_path).loads) == 0
    bench.rows = [{**bench.rows[0], "title": "other"}, *bench.rows[1:7]]
    bench.read(tmp_path)
    assert live(tmp_path, "records") == {str(number) for number in range(7)}
    assert len(versions(tmp_path, "records")) == 10


def test_arrow_comes_as_rows_with_exact_decimals_and_a_key_of_two_columns(bench: Bench, tmp_path: Path) -> None:
    bench.read(tmp_path, resource="dlt_bench:arrow")
    assert live(tmp_path, "records") == {"A\x1f1", "A\x1f2"}
    assert json.loads(payloads(tmp_path, "records")[1]) == {"id": "A", "line": 2, "hours": "2.25", "day": "2026-03-02"}


def test_arguments_secrets_and_the_instant_of_the_last_read_are_given(bench: Bench, tmp_path: Path) -> None:
    bench.rows = [{"id": 1, "modified": "2026-03-02T07:00:00Z"}]
    keys = {"arguments": {"site": "emea"}, "secrets": {"key": {"env": "BENCH_KEY"}}, "since_argument": "after", "updated_at": "modified"}
    bench.read(tmp_path, **keys)
    bench.server.clock.move(hours=1)
    bench.rows = []
    bench.read(tmp_path, **keys)
    assert bench.called == [
        {"site": "emea", "key": "k-canary", "after": ""},
        {"site": "emea", "key": "k-canary", "after": "2026-03-02T07:50:00+00:00"},
    ]
    assert live(tmp_path, "records") == {"1"}
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"k-canary" in path.read_bytes()]


def test_personal_fields_are_taken_out_before_landing(bench: Bench, tmp_path: Path) -> None:
    bench.rows = [{"id": 1, "owner": {"mail": "ann@example.org"}}]
    bench.read(tmp_path, classified_fields={"records.owner.mail": "drop"})
    assert json.loads(payloads(tmp_path, "records")[0]) == {"id": 1, "owner": {}}


def test_a_row_without_its_key_ends_the_read(bench: Bench, tmp_path: Path) -> None:
    bench.rows = [{"id": None, "title": "x"}]
    with pytest.raises(SchemaError, match="a row without its key"):
        bench.read(tmp_path)
    assert not list(tmp_path.rglob("*.manifest.json"))


def test_a_resource_that_is_not_there_is_named(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="dlt_bench:nothing cannot be imported"):
        bench.read(tmp_path, resource="dlt_bench:nothing")


def test_without_the_library_the_source_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "dlt", None)
    source = DltSource(DltConfig.model_validate({"type": "dlt", "name": "bench", "resource": "a:b"}))
    result = source.check()
    assert not result.ok
    assert "pmo-metrics-warehouse[dlt]" in result.detail


def test_what_is_no_row_is_refused() -> None:
    assert list(rows_of([{"a": 1}, [{"a": 2}, [{"a": 3}]]])) == [{"a": 1}, {"a": 2}, {"a": 3}]
    with pytest.raises(SchemaError, match="yielded a int"):
        list(rows_of([5]))
