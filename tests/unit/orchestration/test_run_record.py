"""The record of a run."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from dagster_project.run_record import Rejection, RunRecord, SourceOutcome, load_record


def test_a_build_id_is_the_start_in_utc_and_six_digits_of_the_run() -> None:
    record = RunRecord.begin("1a2b3c4d-0000-0000-0000-000000000000", "Asia/Tokyo", None, None, False)
    assert re.fullmatch(r"\d{8}T\d{6}Z-1a2b3c", record.build_id)
    assert record.started_at.tzinfo is UTC


def test_the_status_date_is_today_where_the_organization_is() -> None:
    ahead = RunRecord.begin("r", "Pacific/Kiritimati", None, None, False)
    behind = RunRecord.begin("r", "Pacific/Niue", None, None, False)
    assert (ahead.as_of - behind.as_of).days == 1 or datetime.now(UTC).hour in (10,)
    assert RunRecord.begin("r", "UTC", date(2026, 3, 31), None, False).as_of == date(2026, 3, 31)


def test_a_record_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    record = RunRecord.begin("r", "UTC", None, datetime(2026, 3, 31, tzinfo=UTC), True)
    failed = SourceOutcome(source="a", is_optional=False, rejected=[Rejection(file="f", stream=None, reason="r")])
    record = record.model_copy(update={"outcomes": {"a": failed}})
    record.save(tmp_path / "work" / "run.json")
    assert load_record(tmp_path / "work" / "run.json") == record
    assert load_record(tmp_path / "none.json") is None


def test_a_failed_source_holds_back_unless_it_is_optional() -> None:
    failed = SourceOutcome(source="a", is_optional=False, error="gone")
    optional = SourceOutcome(source="b", is_optional=True, error="gone")
    good = SourceOutcome(source="c", is_optional=False, rows=3)
    record = RunRecord.begin("r", "UTC", None, None, False).model_copy(update={"outcomes": {"a": failed, "b": optional, "c": good}})
    assert record.held_back_by == [failed]
    assert optional.has_failed
