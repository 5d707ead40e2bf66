"""The conformance suite: what every connector must do, whatever its system.

Inherit `Conformance`, give it a system, and each rule is a test. A system is a stub of the vendor's protocol with a world in it that the
tests change. Nothing here runs dbt: what staging makes of the payloads is tested beside each connector.
"""

from __future__ import annotations

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.api import ApiSource
from ingest.protocol import AuthError, IngestResult, Order, PermanentError, TransientError
from tests.conformance.landed import doubtful, landed, live, payloads, quarantined, versions
from tests.conformance.system import CANARY, SystemUnderTest, killed_at, read, source_of


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
        """Fields are declared so that the quick look is enough, and no record has to be asked at length why it is not bad."""
        record = system.add()
        source = self.source(system, home)
        read(source, home, system.server)
        assert live(home, system.stream) == {record}
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


def _die(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt
