"""Records of a stream: what is new, late, unchanged, bad or gone, and what a read leaves for the next one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.api import ApiSource, Identity, LandedStreams
from ingest.config import ApiSourceConfig
from ingest.entities import Column, ColumnType
from ingest.http import HttpClient
from ingest.landing import Landing
from ingest.protocol import IngestResult, Order, PermanentError, Window
from ingest.streams import Covered, Cursor, Fate, Page, Reading, Record, Stream
from tests.conformance.landed import live, payloads, quarantined, versions
from tests.stubs.server import StubClock

KILLED = Page([], endpoint="the process dies here")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def record(number: int, *, stamp: datetime | None = NOON, **members: Any) -> Record:
    return Record(str(number), json.dumps({"id": number, **members}), stamp)


@dataclass
class Script:
    """What the stream says, read by read, and what it was asked."""

    reads: list[list[Page]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    fates: dict[str, Fate] = field(default_factory=dict)
    by_id: dict[str, Record] = field(default_factory=dict)
    cursors: list[Cursor | None] = field(default_factory=list)
    since: list[datetime | None] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    changed: list[tuple[list[str], int]] = field(default_factory=list)
    is_reconciled: bool = False
    tells_hidden: bool = False
    total: int | None = None


class Scripted(Stream):
    """A stream that says what a test wrote down."""

    name = "things"
    fields = (Column("id", required=True), Column("hours", ColumnType.DECIMAL, minimum=0, maximum=24))

    def __init__(self, script: Script) -> None:
        self._script = script
        self.is_reconciled = script.is_reconciled  # type: ignore[misc] # of the class elsewhere
        self.tells_hidden = script.tells_hidden  # type: ignore[misc]

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        self._script.cursors.append(cursor)
        self._script.since.append(reading.since(cursor))
        self._script.changed.append(reading.known.changed("things", 0))
        for page in self._script.reads.pop(0):
            if page is KILLED:
                raise KeyboardInterrupt
            yield page

    def keys(self, reading: Reading) -> Iterator[Sequence[str]]:
        yield self._script.ids

    def count(self, reading: Reading) -> int | None:
        return self._script.total

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        return {each: fate for each, fate in self._script.fates.items() if each in ids}

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        self._script.fetched += ids
        yield Page([self._script.by_id.get(each, Record(each, None, is_deleted=True)) for each in ids])

    def backfill(self, window: Window, reading: Reading) -> Iterator[Page]:
        self._script.windows.append(window)
        yield from self._script.reads.pop(0)


class ScriptedSource(ApiSource):
    type = "scripted"
    version = "scripted/1"

    def __init__(self, script: Script, **keys: Any) -> None:
        super().__init__(ApiSourceConfig.model_validate({"type": "scripted", "name": "s", "base_url": "http://127.0.0.1:1", **keys}))
        self._script = script
        self.clock = StubClock(NOON)

    @classmethod
    def stream_types(cls) -> Sequence[type[Stream]]:
        return (Scripted,)

    def connect(self) -> HttpClient:
        return self.client()

    def identify(self, client: HttpClient) -> Identity:
        return Identity("me", {})

    def open_streams(self, client: HttpClient, identity: Identity) -> Sequence[Stream]:
        return (Scripted(self._script),)


_runs = iter(range(1, 1_000_000))


def read(script: Script, home: Path, *, at: datetime = NOON, order: Order | None = None, **keys: Any) -> IngestResult:
    source = ScriptedSource(script, **keys)
    source.clock = StubClock(at)
    return source.ingest(Landing(home), f"run{next(_runs):03d}", at, None, order or Order())


def test_the_next_read_starts_at_the_start_of_the_last_one_less_the_overlap(tmp_path: Path) -> None:
    script = Script(reads=[[Page([record(1)])], [Page([])]])
    read(script, tmp_path, overlap_minutes=15)
    read(script, tmp_path, at=NOON + timedelta(hours=1), overlap_minutes=15)
    assert script.since == [None, NOON - timedelta(minutes=15)]


def test_a_first_day_bounds_the_first_read(tmp_path: Path) -> None:
    script = Script(reads=[[Page([])]])
    read(script, tmp_path, since=date(2026, 1, 1))
    assert script.since == [datetime(2026, 1, 1, tzinfo=UTC)]


def test_a_late_copy_is_counted_and_changes_nothing(tmp_path: Path) -> None:
    """An index that lags behind shows the version of 11:00 after that of 12:00 was read: one superseded row, and the newer one stays."""
    older = record(1, stamp=NOON - timedelta(hours=1), title="old")
    script = Script(reads=[[Page([record(1, title="new")])], [Page([older])]])
    read(script, tmp_path)
    (load,) = read(script, tmp_path).loads
    assert (load.rows_read, load.rows_accepted, load.rows_superseded) == (1, 0, 1)
    assert versions(tmp_path, "things") == ["1"]
    assert json.loads(payloads(tmp_path, "things")[0])["title"] == "new"


def test_the_later_of_two_copies_in_one_read_counts(tmp_path: Path) -> None:
    script = Script(reads=[[Page([record(1, title="a")]), Page([record(1, title="b"), record(2)])]])
    (load,) = read(script, tmp_path).loads
    assert (load.rows_read, load.rows_accepted, load.rows_superseded) == (3, 2, 1)
    assert {json.loads(text).get("title") for text in payloads(tmp_path, "things")} == {"b", None}


def test_an_unchanged_copy_is_no_row_that_was_read(tmp_path: Path) -> None:
    script = Script(reads=[[Page([record(1), record(2)])], [Page([record(1), record(2, hours="1")])]])
    read(script, tmp_path)
    (load,) = read(script, tmp_path).loads
    assert (load.rows_read, load.rows_accepted, load.rows_unchanged) == (1, 1, 1)


def test_a_bad_value_is_quarantined_once_until_it_is_mended(tmp_path: Path) -> None:
    bad, mended = record(1, hours=25), record(1, hours=2.5)
    script = Script(reads=[[Page([bad, record(2)])], [Page([bad])], [Page([mended])]])
    (first,) = read(script, tmp_path).loads
    (second,) = read(script, tmp_path).loads
    read(script, tmp_path)
    assert (first.rows_read, first.rows_accepted, first.rows_quarantined) == (2, 1, 1)
    assert (second.rows_read, second.rows_quarantined, second.rows_unchanged) == (0, 0, 1)
    assert quarantined(tmp_path, "things") == [("1", "hours", "out_of_range")]
    assert live(tmp_path, "things") == {"1", "2"}


def test_what_a_window_no_longer_holds_is_gone_and_nothing_else(tmp_path: Path) -> None:
    """Three entries of March and one of April. March is read again whole without entry 2; April is not read."""
    march = [record(number, day=f"2026-03-0{number}") for number in (1, 2, 3)]
    april = record(4, day="2026-04-01")
    again = Page([march[0], march[2]], covers=Covered(between=("day", "2026-03-01", "2026-03-31")))
    script = Script(reads=[[Page([*march, april])], [again]])
    read(script, tmp_path)
    read(script, tmp_path)
    assert live(tmp_path, "things") == {"1", "3", "4"}


def test_a_part_is_told_by_what_its_records_hold(tmp_path: Path) -> None:
    rows = [record(1, project={"id": 5}, at=100), record(2, project={"id": 5}, at=200), record(3, project={"id": 6}, at=100)]
    covers = Covered(equals={"project.id": "5"}, between=("at", 50, 150))
    script = Script(reads=[[Page(rows)], [Page([], covers=covers)]])
    read(script, tmp_path)
    read(script, tmp_path)
    assert live(tmp_path, "things") == {"2", "3"}


def test_a_record_that_moved_out_of_a_part_is_not_gone(tmp_path: Path) -> None:
    """Entry 1 moved from March to April between two reads; April comes first on the pages."""
    script = Script(
        reads=[
            [Page([record(1, day="2026-03-05"), record(2, day="2026-03-06")])],
            [
                Page([record(1, day="2026-04-05")], covers=Covered(between=("day", "2026-04-01", "2026-04-30"))),
                Page([record(2, day="2026-03-06")], covers=Covered(between=("day", "2026-03-01", "2026-03-31"))),
            ],
        ]
    )
    read(script, tmp_path)
    read(script, tmp_path)
    assert live(tmp_path, "things") == {"1", "2"}


def test_the_comparison_of_keys_is_made_when_it_is_due(tmp_path: Path) -> None:
    script = Script(reads=[[Page([record(number) for number in range(1, 7)])], [Page([])], [Page([])]], is_reconciled=True)
    script.ids = [str(number) for number in range(1, 7)]
    read(script, tmp_path)
    script.ids = script.ids[1:]
    read(script, tmp_path, at=NOON + timedelta(days=1))
    assert "1" in live(tmp_path, "things")
    read(script, tmp_path, at=NOON + timedelta(days=7))
    assert live(tmp_path, "things") == {"2", "3", "4", "5", "6"}


def test_a_key_that_nobody_read_is_fetched(tmp_path: Path) -> None:
    script = Script(reads=[[Page([record(1)])]], ids=["1", "2"], by_id={"2": record(2)}, is_reconciled=True)
    read(script, tmp_path)
    assert script.fetched == ["2"]
    assert live(tmp_path, "things") == {"1", "2"}


def test_a_hidden_record_stays_and_a_finding_says_so(tmp_path: Path) -> None:
    script = Script(reads=[[Page([record(number) for number in range(1, 7)])], [Page([])]], is_reconciled=True)
    script.ids = [str(number) for number in range(1, 7)]
    read(script, tmp_path)
    script.ids, script.fates = script.ids[1:], {"1": Fate.HIDDEN}
    result = read(script, tmp_path, order=Order(full_refresh=False), at=NOON + timedelta(days=7))
    assert live(tmp_path, "things") == {"1", "2", "3", "4", "5", "6"}
    assert [(finding.kind, finding.records) for finding in result.findings] == [("hidden_records", ("1",))]


def test_too_few_keys_are_lost_permissions(tmp_path: Path) -> None:
    script = Script(reads=[[Page([record(number) for number in range(1, 11)])], [Page([])]], is_reconciled=True)
    script.ids = [str(number) for number in range(1, 11)]
    read(script, tmp_path)
    script.ids = script.ids[:7]
    with pytest.raises(PermanentError, match="only 7 of 10 known records came back"):
        read(script, tmp_path, at=NOON + timedelta(days=7))
    assert len(live(tmp_path, "things")) == 10


def test_a_large_part_may_be_hidden_where_the_system_tells_hidden_from_gone(tmp_path: Path) -> None:
    """3 of 10 vanish, more than a fifth. All hidden: they stay. All gone: too many to believe."""
    script = Script(reads=[[Page([record(number) for number in range(1, 11)])], [Page([])], [Page([])]], is_reconciled=True)
    script.tells_hidden = True
    script.ids = [str(number) for number in range(1, 11)]
    read(script, tmp_path)
    script.ids = script.ids[:7]
    script.fates = dict.fromkeys(("8", "9", "10"), Fate.HIDDEN)
    (finding,) = read(script, tmp_path, at=NOON + timedelta(days=7)).findings
    assert finding.records == ("10", "8", "9")
    assert len(live(tmp_path, "things")) == 10
    script.fates = dict.fromkeys(("8", "9", "10"), Fate.GONE)
    with pytest.raises(PermanentError, match="only 7 of 10 known records came back"):
        read(script, tmp_path, at=NOON + timedelta(days=14))


def test_keys_are_compared_at_once_when_the_system_counts_others_than_landing(tmp_path: Path) -> None:
    """6 known, 5 counted: one is gone. Then one of 5 is hidden: 4 are counted, those 5 without it, and nothing is compared again."""
    script = Script(reads=[[Page([record(number) for number in range(1, 7)])], *([Page([])] for _ in range(4))], is_reconciled=True)
    script.ids, script.total = [str(number) for number in range(1, 7)], 6
    read(script, tmp_path)
    script.ids = script.ids[1:]
    read(script, tmp_path)
    assert len(live(tmp_path, "things")) == 6
    script.total = 5
    read(script, tmp_path)
    assert live(tmp_path, "things") == {"2", "3", "4", "5", "6"}
    script.ids, script.total, script.fates = script.ids[1:], 4, {"2": Fate.HIDDEN}
    assert [finding.records for finding in read(script, tmp_path).findings] == [("2",)]
    assert read(script, tmp_path).findings == []
    assert live(tmp_path, "things") == {"2", "3", "4", "5", "6"}


def test_a_count_is_not_asked_for_where_keys_are_never_compared(tmp_path: Path) -> None:
    script = Script(reads=[[Page([record(1), record(2)])], [Page([])]], is_reconciled=True, ids=["1", "2"], total=2)
    read(script, tmp_path, reconcile="never")
    script.ids, script.total = ["1"], 1
    read(script, tmp_path, reconcile="never")
    assert live(tmp_path, "things") == {"1", "2"}


def test_what_events_named_is_read_by_id(tmp_path: Path) -> None:
    script = Script(reads=[[Page([record(1), record(2)])], [Page([])]], by_id={"2": record(2, title="changed")})
    read(script, tmp_path)
    read(script, tmp_path, order=Order(named={"things": ("1", "2"), "others": ("9",)}))
    assert script.fetched == ["1", "2"]
    assert live(tmp_path, "things") == {"2"}


def test_a_long_read_goes_on_where_it_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.records.LOAD_RECORDS", 2)
    pages = [Page([record(1), record(2)], cursor={"after": 2}), Page([record(3), record(4)], cursor={"after": 4})]
    script = Script(reads=[[*pages, KILLED], [Page([record(5)], cursor={"after": 5, "is_done": True})], [Page([])]])
    with pytest.raises(KeyboardInterrupt):
        read(script, tmp_path)
    read(script, tmp_path)
    read(script, tmp_path)
    assert script.cursors == [None, {"after": 4}, {"after": 5, "is_done": True}]
    assert versions(tmp_path, "things") == ["1", "2", "3", "4", "5"]


def test_a_backfill_reads_its_days_and_leaves_the_cursor(tmp_path: Path) -> None:
    window = Window(date(2026, 1, 1), date(2026, 1, 31))
    script = Script(reads=[[Page([record(1)])], [Page([record(2)], cursor={"elsewhere": 1})], [Page([])]])
    read(script, tmp_path)
    read(script, tmp_path, at=NOON + timedelta(hours=1), order=Order(window=window))
    read(script, tmp_path, at=NOON + timedelta(hours=2))
    assert script.windows == [window]
    assert script.since[-1] == NOON - timedelta(minutes=10)
    assert live(tmp_path, "things") == {"1", "2"}


def test_what_changed_since_a_mark_is_told_to_another_stream(tmp_path: Path) -> None:
    script = Script(reads=[[Page([record(1), record(2)])], [Page([record(2, title="x")])], [Page([])]])
    for _ in range(3):
        read(script, tmp_path)
    assert script.changed[0] == ([], 0)
    assert sorted(script.changed[1][0]) == ["1", "2"]
    source = ScriptedSource(Script())
    known = LandedStreams(Landing(tmp_path), duckdb.connect(), source.type, source.name)
    ids, mark = known.changed("things", script.changed[1][1])
    assert ids == ["2"]
    assert known.changed("things", mark) == ([], mark)
    assert known.values("things", "title") == {"2": "x"}


def test_a_read_that_found_nothing_says_so_in_landing(tmp_path: Path) -> None:
    """How fresh a source is depends on when it was read, not on when something happened in it."""
    script = Script(reads=[[Page([])]])
    (load,) = read(script, tmp_path).loads
    assert (load.rows_read, load.rows_accepted) == (0, 0)
    assert json.loads(load.cursor_after or "{}")["cursor"] == {"read_at": NOON.isoformat()}


def test_new_members_are_drift_from_the_second_load_on(tmp_path: Path) -> None:
    script = Script(reads=[[Page([record(1, title="a")])], [Page([record(1, title="a", novelty=1)])], [Page([record(1, novelty=2)])]])
    first, second, third = (read(script, tmp_path) for _ in range(3))
    assert [drift.column for drift in first.drift] == []
    assert [drift.column for drift in second.drift] == ["novelty"]
    assert [drift.column for drift in third.drift] == []
    assert third.loads[0].columns == ("id", "novelty", "title")
