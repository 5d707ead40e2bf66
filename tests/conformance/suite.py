"""The conformance suite: what every connector must do, whatever its system.

Inherit `Conformance`, give it a system, and each rule is a test. A system is a stub of the vendor's protocol with a world in it that the
tests change. Nothing here runs dbt: what staging makes of the payloads is tested beside each connector.
"""

from __future__ import annotations

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ingest.api import ApiSource
from ingest.config import load_settings
from ingest.landing import Landing
from ingest.protocol import AuthError, IngestResult, Order, PermanentError, TransientError
from ingest.records import cells_of, is_doubtful
from ingest.registry import create
from ingest.streams import Stream
from tests.stubs.server import StubServer

CANARY = "c4n4ry-s3cret-7f3e"
"""The secret in every configuration: it may be in no log, no error, no manifest."""


class SystemUnderTest(ABC):
    """A stub with a world that tests can change.

    Attributes:
        server: the stub.
        stream: the stream that the general tests look at: incremental, with the most records.
        page_size: records of that stream on a full page.
        limit_header: name and value with which the system tells how many seconds to wait.
    """

    server: StubServer
    stream: str
    page_size: int
    limit_header: tuple[str, str] = ("Retry-After", "7")
    limit_seconds: float = 7.0
    identity_path: str
    """Part of the path of the request that asks who we are."""
    list_path: str
    """Part of the path of the requests that list the stream."""
    has_deletes: bool = True
    has_unknown_fields: bool = True
    required_field: str | None = None
    """A member of the stream's payload, as the stream declares it, that tests may take away; None if there is none."""

    @abstractmethod
    def table(self) -> dict[str, Any]:
        """The source's table for `pmo.toml`, secrets as references to the environment variable `STUB_SECRET`."""

    @abstractmethod
    def add(self) -> str:
        """A new record of the stream, with non-ASCII text in it; its id."""

    @abstractmethod
    def change(self, record: str) -> None:
        """Change a record, so that its payload differs."""

    def delete(self, record: str) -> None:
        """Delete a record as a user would."""
        raise NotImplementedError

    def restore(self, record: str) -> None:
        """Bring a deleted record back, as it was."""
        raise NotImplementedError

    def hide(self, record: str) -> None:
        """Take the right to see a record away; it still exists."""
        raise NotImplementedError

    def set_field(self, record: str, field: str, value: Any) -> None:
        """Give a record's payload a member beside those it has (`value` None: take it away)."""
        raise NotImplementedError

    def wrong_secret(self) -> None:
        """The system no longer accepts the secret."""
        raise NotImplementedError


class Conformance(ABC):
    """The rules. A subclass gives `system`."""

    @pytest.fixture
    @abstractmethod
    def system(self) -> Iterator[SystemUnderTest]:
        """A fresh system, running."""

    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        return tmp_path / "home"

    @pytest.fixture(autouse=True)
    def _surroundings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("STUB_SECRET", CANARY)
        # No power fails here; what a crash leaves behind is tested with landing itself.
        monkeypatch.setattr("os.fsync", lambda _: None)

    def source(self, system: SystemUnderTest, home: Path, **changes: Any) -> ApiSource:
        """The source, configured as `pmo.toml` would."""
        return source_of(system.table() | changes, home, system.server)

    def read(self, system: SystemUnderTest, home: Path, order: Order | None = None, **changes: Any) -> IngestResult:
        return read(self.source(system, home, **changes), home, system.server, order)

    # -- discovery ----------------------------------------------------------------------------------------------------------------

    def test_streams_have_names_of_their_own_and_say_what_they_need(self, system: SystemUnderTest, home: Path) -> None:
        source = self.source(system, home)
        names = source.streams()
        assert len(names) == len(set(names))
        assert system.stream in names
        assert source.version.startswith(f"{source.type}/")
        for stream in source.stream_types():
            assert stream.__doc__
            assert len({column.name for column in stream.fields}) == len(stream.fields)

    def test_check_says_who_we_are_and_reads_nothing(self, system: SystemUnderTest, home: Path) -> None:
        system.add()
        result = self.source(system, home).check()
        assert result.ok, result.detail
        assert result.identity
        assert not (home / "landing").exists()

    # -- identity -----------------------------------------------------------------------------------------------------------------

    def test_the_first_request_of_a_read_asks_who_we_are(self, system: SystemUnderTest, home: Path) -> None:
        system.add()
        self.read(system, home)
        first = next(asked for asked in system.server.asked if "token" not in asked.path)
        assert system.identity_path in first.path

    def test_a_wrong_secret_is_refused_before_a_record_is_read(self, system: SystemUnderTest, home: Path) -> None:
        system.add()
        system.wrong_secret()
        with pytest.raises(AuthError) as refused:
            self.read(system, home)
        assert CANARY not in str(refused.value)
        assert not [asked for asked in system.server.asked if system.list_path in asked.path]
        assert landed(home) == []
        assert not self.source(system, home).check().ok

    # -- paging -------------------------------------------------------------------------------------------------------------------

    def test_an_empty_system_is_read_to_its_end(self, system: SystemUnderTest, home: Path) -> None:
        self.read(system, home)
        assert live(home, system.stream) == set()

    @pytest.mark.parametrize("pages", ["one", "full", "full_and_one", "three"])
    def test_every_record_lands_once_whatever_the_number_of_pages(self, system: SystemUnderTest, home: Path, pages: str) -> None:
        size = system.page_size
        number = {"one": 1, "full": size, "full_and_one": size + 1, "three": 2 * size + 1}[pages]
        ids = {system.add() for _ in range(number)}
        self.read(system, home)
        assert live(home, system.stream) == ids
        assert len(versions(home, system.stream)) == number

    def test_a_record_that_changes_while_we_page_is_neither_lost_nor_doubled(self, system: SystemUnderTest, home: Path) -> None:
        ids = [system.add() for _ in range(system.page_size + 1)]
        lists = 0

        def move(asked: Any) -> None:
            nonlocal lists
            if system.list_path in asked.path:
                lists += 1
                if lists == 2:
                    system.change(ids[0])

        system.server.before = move
        self.read(system, home)
        system.server.before = None
        system.server.clock.move(hours=1)
        self.read(system, home)
        assert live(home, system.stream) == set(ids)

    # -- increments ---------------------------------------------------------------------------------------------------------------

    def test_a_second_read_without_a_change_lands_nothing(self, system: SystemUnderTest, home: Path) -> None:
        for _ in range(3):
            system.add()
        self.read(system, home)
        system.server.clock.move(hours=1)
        result = self.read(system, home)
        assert [(load.stream, load.rows_read) for load in result.loads if load.rows_read] == []
        assert {load.stream for load in result.loads} == set(self.source(system, home).streams())

    def test_a_change_is_a_new_version_of_one_record(self, system: SystemUnderTest, home: Path) -> None:
        ids = [system.add() for _ in range(3)]
        self.read(system, home)
        system.server.clock.move(hours=1)
        system.change(ids[1])
        self.read(system, home)
        assert live(home, system.stream) == set(ids)
        assert sorted(versions(home, system.stream)) == sorted([*ids, ids[1]])

    def test_two_changes_in_one_second_around_a_read_both_land(self, system: SystemUnderTest, home: Path) -> None:
        record = system.add()
        self.read(system, home)
        system.change(record)
        self.read(system, home)
        assert len(versions(home, system.stream)) == 2

    def test_a_full_refresh_reads_everything_and_changes_nothing(self, system: SystemUnderTest, home: Path) -> None:
        ids = {system.add() for _ in range(3)}
        self.read(system, home)
        system.server.clock.move(hours=1)
        result = self.read(system, home, Order(full_refresh=True))
        assert sum(load.rows_unchanged for load in result.loads if load.stream == system.stream) >= 3
        assert len(versions(home, system.stream)) == 3
        assert live(home, system.stream) == ids

    def test_the_cursor_moves_with_the_manifest_and_not_without_it(
        self, system: SystemUnderTest, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = {system.add() for _ in range(2)}
        with monkeypatch.context() as patched:
            patched.setattr("ingest.landing.Landing._manifest", _die)
            with pytest.raises(KeyboardInterrupt):
                self.read(system, home)
        assert landed(home) == []
        system.server.clock.move(hours=1)
        self.read(system, home)
        assert live(home, system.stream) == ids

    def test_a_read_that_is_killed_between_pages_is_made_good_by_the_next(
        self, system: SystemUnderTest, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ingest.records.LOAD_RECORDS", 1)
        ids = {system.add() for _ in range(2 * system.page_size + 1)}
        source = self.source(system, home)
        with killed_at(source, system, number=2), pytest.raises(KeyboardInterrupt):
            read(source, home, system.server)
        system.server.clock.move(minutes=5)
        self.read(system, home)
        assert live(home, system.stream) == ids
        assert len(versions(home, system.stream)) == len(ids)

    # -- failures -----------------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
    def test_what_may_pass_is_tried_again(self, system: SystemUnderTest, home: Path, status: int) -> None:
        ids = {system.add() for _ in range(2)}
        system.server.fail(status, times=2, where=system.list_path)
        self.read(system, home)
        assert live(home, system.stream) == ids
        assert len(system.server.clock.slept) >= 2

    def test_a_cut_connection_is_tried_again(self, system: SystemUnderTest, home: Path) -> None:
        ids = {system.add() for _ in range(2)}
        system.server.fail(cut=True, where=system.list_path)
        self.read(system, home)
        assert live(home, system.stream) == ids

    def test_a_limit_is_waited_for_as_long_as_the_system_says(self, system: SystemUnderTest, home: Path) -> None:
        ids = {system.add() for _ in range(2)}
        name, value = system.limit_header
        system.server.fail(429, where=system.list_path, headers={name: value})
        before = system.server.clock.now()
        self.read(system, home)
        assert system.server.clock.now() - before >= timedelta(seconds=system.limit_seconds)
        assert live(home, system.stream) == ids

    def test_what_does_not_pass_ends_the_read_and_moves_no_cursor(self, system: SystemUnderTest, home: Path) -> None:
        ids = {system.add() for _ in range(2)}
        system.server.fail(503, times=100, where=system.list_path)
        with pytest.raises(TransientError):
            self.read(system, home)
        system.server.faults.clear()
        system.server.clock.move(hours=1)
        self.read(system, home)
        assert live(home, system.stream) == ids

    @pytest.mark.parametrize("status", [400, 410, 422])
    def test_a_refusal_is_final_and_names_the_endpoint(self, system: SystemUnderTest, home: Path, status: int) -> None:
        system.add()
        system.server.fail(status, times=100, where=system.list_path)
        with pytest.raises(PermanentError) as refused:
            self.read(system, home)
        assert "Traceback" not in str(refused.value)
        assert sum(system.list_path in asked.path for asked in system.server.asked) == 1
        assert CANARY not in str(refused.value)

    def test_a_401_in_the_middle_ends_the_read(self, system: SystemUnderTest, home: Path) -> None:
        system.add()
        system.server.fail(401, times=100, where=system.list_path)
        with pytest.raises(AuthError):
            self.read(system, home)

    def test_a_web_page_instead_of_json_is_no_answer(self, system: SystemUnderTest, home: Path) -> None:
        system.add()
        system.server.fail(200, times=100, where=system.list_path, body=b"<html>Sign in</html>")
        with pytest.raises(AuthError):
            self.read(system, home)

    # -- shape --------------------------------------------------------------------------------------------------------------------

    def test_an_unknown_field_is_drift_and_breaks_nothing(self, system: SystemUnderTest, home: Path) -> None:
        if not system.has_unknown_fields:
            pytest.skip("the system gives only what it is asked for")
        record = system.add()
        self.read(system, home)
        system.server.clock.move(hours=1)
        system.set_field(record, "novelty", "x")
        result = self.read(system, home)
        assert any(drift.stream == system.stream and drift.column.endswith("novelty") for drift in result.drift)

    def test_a_record_without_a_required_field_is_quarantined_with_its_id(self, system: SystemUnderTest, home: Path) -> None:
        if system.required_field is None:
            pytest.skip("no field of the stream can be missing")
        good = [system.add() for _ in range(3)]
        bad = system.add()
        system.set_field(bad, system.required_field, None)
        self.read(system, home)
        assert live(home, system.stream) == set(good)
        assert quarantined(home, system.stream) == [(bad, system.required_field, "missing_required")]
        for manifest in landed(home):
            assert manifest["rows_read"] == manifest["rows_accepted"] + manifest["rows_quarantined"] + manifest["rows_superseded"]

    def test_an_ordinary_record_is_plainly_good(self, system: SystemUnderTest, home: Path) -> None:
        """Fields are declared so that the quick look is enough: to say of each record why it is not bad takes twenty times as long."""
        system.add()
        source = self.source(system, home)
        read(source, home, system.server)
        for stream in source.stream_types():
            assert doubtful(home, stream) == []

    def test_payloads_land_as_they_came(self, system: SystemUnderTest, home: Path) -> None:
        system.add()
        self.read(system, home)
        (payload,) = payloads(home, system.stream)
        assert json.loads(payload)
        assert any(ord(letter) > 127 for letter in payload)

    # -- deletes ------------------------------------------------------------------------------------------------------------------

    def test_a_deleted_record_becomes_a_tombstone_and_comes_back(self, system: SystemUnderTest, home: Path) -> None:
        if not system.has_deletes:
            pytest.skip("the stream has no deletions")
        ids = [system.add() for _ in range(6)]
        self.read(system, home)
        system.server.clock.move(days=8)
        system.delete(ids[0])
        self.read(system, home)
        assert live(home, system.stream) == set(ids[1:])
        system.server.clock.move(days=8)
        system.restore(ids[0])
        self.read(system, home)
        assert live(home, system.stream) == set(ids)

    def test_lost_permissions_are_not_taken_for_deletions(self, system: SystemUnderTest, home: Path) -> None:
        if not system.has_deletes:
            pytest.skip("the stream has no deletions")
        ids = [system.add() for _ in range(20)]
        self.read(system, home)
        system.server.clock.move(days=8)
        for record in ids[:12]:
            system.hide(record)
        try:
            result = self.read(system, home)
        except PermanentError as refused:
            assert "known records came back" in str(refused)
        else:
            assert result.findings
        assert live(home, system.stream) == set(ids)

    # -- secrets and people -------------------------------------------------------------------------------------------------------

    def test_the_secret_is_in_no_log_and_no_file(self, system: SystemUnderTest, home: Path, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        system.add()
        system.server.fail(500, where=system.list_path, body={"echo": CANARY})
        self.read(system, home)
        system.server.fail(400, where=system.list_path, body={"echo": CANARY})
        system.server.clock.move(hours=1)
        with pytest.raises(PermanentError) as refused:
            self.read(system, home)
        assert CANARY not in str(refused.value)
        assert CANARY not in caplog.text
        for path in home.rglob("*"):
            assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path


def source_of(table: dict[str, Any], home: Path, server: StubServer) -> ApiSource:
    """The configured source, on the clock of the stub."""
    home.mkdir(parents=True, exist_ok=True)
    config = home.parent / "pmo.toml"
    # A source that names another one may only name one that there is.
    beside = source_toml({"type": "files", "name": table["jira"], "path": "items"}) if "jira" in table else ""
    config.write_text(f"home = {json.dumps(str(home))}\n{source_toml(table)}{beside}")
    settings = load_settings(config).sources[0]
    source = create(settings)
    assert isinstance(source, ApiSource)
    source.clock = server.clock
    return source


def source_toml(table: Mapping[str, Any]) -> str:
    """A source's table of `pmo.toml`."""
    return "\n[[sources]]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in table.items())


def toml(value: Any) -> str:
    """A value in TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(inner) for inner in value) + "]"
    return json.dumps(value) if not hasattr(value, "isoformat") else value.isoformat()


_runs = iter(range(1, 1_000_000))


def read(source: ApiSource, home: Path, server: StubServer, order: Order | None = None) -> IngestResult:
    """One read into a home."""
    return source.ingest(Landing(home), f"run{next(_runs):04d}", server.clock.now(), None, order or Order())


class killed_at:
    """The process dies while it asks for the n-th list of the stream."""

    def __init__(self, source: ApiSource, system: SystemUnderTest, *, number: int) -> None:
        self._source, self._system, self._number = source, system, number

    def __enter__(self) -> None:
        connect, system, number = self._source.connect, self._system, self._number

        def dying() -> Any:
            client = connect()
            request, lists = client.request, 0

            def ask(method: str, path: str, **options: Any) -> Any:
                nonlocal lists
                is_list = system.list_path in f"/{path.lstrip('/')}"
                lists += is_list
                if is_list and lists == number:
                    raise KeyboardInterrupt
                return request(method, path, **options)

            client.request = ask  # type: ignore[method-assign]
            return client

        self._source.connect = dying  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        return None


def _die(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


def landed(home: Path) -> list[dict[str, Any]]:
    """All manifests."""
    return [json.loads(path.read_text()) for path in sorted(home.glob("landing/*/*/*/load_date=*/*.manifest.json"))]


def _rows(home: Path, stream: str, select: str) -> list[tuple[Any, ...]]:
    parts = [
        f"select *, {manifest['delivery_order']} as delivery from read_parquet('{home / manifest['parquet']['path']}')"
        for manifest in landed(home)
        if manifest["stream"] == stream and manifest["rows_accepted"]
    ]
    return duckdb.sql(select.format(landed=f"({' union all '.join(parts)})")).fetchall() if parts else []


def live(home: Path, stream: str) -> set[str]:
    """Ids of the records that are there, by their newest version."""
    newest = "select _record_id, arg_max(_deleted, (delivery, _line)) from {landed} group by 1"
    return {record for record, is_deleted in _rows(home, stream, newest) if not is_deleted}


def versions(home: Path, stream: str) -> list[str]:
    """The id of every landed version, tombstones included."""
    return [record for (record,) in _rows(home, stream, "select _record_id from {landed} order by delivery, _line")]


def payloads(home: Path, stream: str) -> list[str]:
    """Every landed payload."""
    return [text for (text,) in _rows(home, stream, "select payload from {landed} where not _deleted order by delivery, _line")]


def doubtful(home: Path, stream: type[Stream]) -> list[str]:
    """Landed payloads of which the quick look does not say that they are good."""
    landed_texts = payloads(home, stream.name)
    if not stream.fields or not landed_texts:
        return []
    with duckdb.connect() as connection:
        connection.register("landed", pa.table({"payload": landed_texts}))
        query = f"select payload from (select payload, {cells_of(stream.fields)} as cells from landed) where {is_doubtful(stream.fields)}"
        return [text for (text,) in connection.execute(query).fetchall()]


def quarantined(home: Path, stream: str) -> list[tuple[str, str, str]]:
    """Record, column and reason of everything in quarantine."""
    files = [str(home / m["quarantine"]["path"]) for m in landed(home) if m["stream"] == stream and m["quarantine"]]
    return duckdb.sql(f'select record, "column", reason from read_parquet({files!r}) order by all').fetchall() if files else []
