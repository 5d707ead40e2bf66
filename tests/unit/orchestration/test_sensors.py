"""The sensor: a run once for each delivery, and not before the delivery is complete."""

from __future__ import annotations

import dagster as dg

from dagster_project.sensors import decide

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
