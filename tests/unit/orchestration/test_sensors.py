"""The sensor: a run once for each delivery, and not before the delivery is complete."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from dagster_project.sensors import decide, new_deliveries, pending_deliveries
from ingest.config import load_settings
from reports.lock import RunLock

FILE = {"registers/risks.csv": "hash 10 1"}
GROWN = {"registers/risks.csv": "hash 20 2"}


def tick(waiting: dict[str, str], cursor: str | None) -> tuple[list[str | None], str | None]:
    result = decide(waiting, cursor)
    assert isinstance(result, dg.SensorResult)
    return [request.run_key for request in result.run_requests or []], result.cursor


def test_a_delivery_asks_for_a_run_when_it_is_seen_twice_alike() -> None:
    requests, cursor = tick(FILE, None)
    assert requests == []
    requests, cursor = tick(FILE, cursor)
    assert len(requests) == 1


def test_a_file_that_is_still_being_written_is_waited_for() -> None:
    _, cursor = tick(FILE, None)
    requests, cursor = tick(GROWN, cursor)
    assert requests == []
    requests, _ = tick(GROWN, cursor)
    assert len(requests) == 1


def test_the_same_delivery_has_the_same_run_key_so_that_dagster_runs_it_once() -> None:
    _, cursor = tick(FILE, None)
    first, cursor = tick(FILE, cursor)
    again, cursor = tick(FILE, cursor)
    assert first == again
    _, cursor = tick(GROWN, cursor)
    other, _ = tick(GROWN, cursor)
    assert other != first


def test_nothing_new_asks_for_nothing_and_forgets_what_was_seen() -> None:
    assert tick({}, "seen") == ([], "")


def test_deliveries_are_found_by_content_and_wait_while_a_run_is_in_progress(tmp_path: Path) -> None:
    (tmp_path / "pmo.toml").write_text('home = "home"\n[[sources]]\ntype = "files"\nname = "registers"\npath = "in"\n')
    (tmp_path / "in").mkdir()
    settings = load_settings(tmp_path / "pmo.toml")
    assert pending_deliveries(settings) == {}
    (tmp_path / "in" / "teams.csv").write_text("team_id,name\nT1,One\n")
    assert list(pending_deliveries(settings)) == ["registers/teams.csv"]

    sensor = new_deliveries(settings)
    first = sensor(dg.build_sensor_context())
    assert isinstance(first, dg.SensorResult)
    with RunLock(settings.home, "pmo run"):
        skipped = sensor(dg.build_sensor_context(cursor=first.cursor))
    assert isinstance(skipped, dg.SkipReason)
    assert "pmo run" in str(skipped.skip_message)
    second = sensor(dg.build_sensor_context(cursor=first.cursor))
    assert isinstance(second, dg.SensorResult)
    assert len(second.run_requests or []) == 1


def test_a_source_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    sources = "".join(f'[[sources]]\ntype = "files"\nname = "{name}"\npath = "{name}"\n' for name in ("away", "here"))
    (tmp_path / "pmo.toml").write_text(sources)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "teams.csv").write_text("team_id,name\nT1,One\n")
    assert list(pending_deliveries(load_settings(tmp_path / "pmo.toml"))) == ["here/teams.csv"]
