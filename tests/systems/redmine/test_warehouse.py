"""A real Redmine, the real `pmo` command, and the published numbers: first run, changes by Redmine's own API, second run, third run.

Belongs here: source = landing = core = published, and what follows a change.
Does not: single traps (`test_traps.py`), what staging makes of a payload (`tests/integration/test_redmine_warehouse.py`).
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from tests.conformance.landed import landed, live
from tests.support.command import Workplace
from tests.systems.redmine import server
from tests.systems.redmine.reading import Reader
from tests.systems.redmine.server import Redmine
from tests.systems.servers import UnavailableError, cannot_run

STATUS_MAP = "source,status,category\n" + "".join(
    f"tracker,{status},{category}\n"
    for status, category in {
        "1": "backlog",
        "2": "active",
        "3": "active",
        "4": "waiting",
        "Closed": "done",
        "Rejected": "discarded",
    }.items()
)
AS_OF = "2026-12-31"
PAUSES_AT = 150


def table(redmine: Redmine, **keys: Any) -> dict[str, Any]:
    return {"type": "redmine", "name": "tracker", "base_url": redmine.url, "user": "admin", "overlap_minutes": 0, **keys}


def published(workplace: Workplace, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(workplace.current / "pmo.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def core(workplace: Workplace, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(workplace.home / "work" / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def in_redmine(redmine: Redmine) -> dict[str, Any]:
    """What its own lists say, read as plainly as can be."""
    issues = redmine.all("/issues.json", "issues", status_id="*")
    entries = redmine.all("/time_entries.json", "time_entries")
    return {
        "issues": len(issues),
        "done": sum(issue["status"]["name"] == "Closed" for issue in issues),
        "entries": len(entries),
        "hours": sum((Decimal(str(entry["hours"])) for entry in entries), Decimal(0)),
    }


def in_core(workplace: Workplace) -> dict[str, Any]:
    ((items, done),) = core(
        workplace,
        "select count(*), count(*) filter (status_category = 'done') from core.work_items where source = 'tracker' and not is_deleted",
    )
    ((entries, hours),) = core(workplace, "select count(*), sum(hours) from core.timesheet_entries where source = 'tracker'")
    return {"issues": items, "done": done, "entries": entries, "hours": hours}


def in_published(workplace: Workplace) -> dict[str, Any]:
    """Items and hours as the reports count them: items of the last day of the cumulative flow, hours of the whole organization."""
    ((items, done),) = published(
        workplace,
        "select sum(items), sum(items) filter (category = 'done') from reports.cumulative_flow"
        " where day = (select max(day) from reports.cumulative_flow)",
    )
    ((hours,),) = published(workplace, "select sum(logged_hours) from reports.resource_utilization where scope_type = 'organization'")
    return {"issues": items, "done": done, "hours": hours}


def run(workplace: Workplace) -> None:
    done = workplace.pmo("run", "--as-of", AS_OF)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def assert_all_agree(redmine: Redmine, workplace: Workplace) -> dict[str, Any]:
    """source = landing = core = published, and what is landed twice or lost shows here."""
    told = in_redmine(redmine)
    assert len(live(workplace.home, "issues")) == told["issues"]
    assert len(live(workplace.home, "time_entries")) == told["entries"]
    assert in_core(workplace) == told
    assert in_published(workplace) == {name: told[name] for name in ("issues", "done", "hours")}
    return told


def test_published_numbers_follow_redmine(redmine: Redmine, workplace: Callable[..., Workplace]) -> None:
    place = workplace(table(redmine), {"status_map.csv": STATUS_MAP}, api_key=redmine.key)
    checked = place.pmo("sources", "check", "tracker")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "admin" in checked.stdout

    run(place)
    before = assert_all_agree(redmine, place)
    first_versions = len(core(place, "select 1 from core.item_events"))

    # As users would: a transition, a new entry, an edited one, a deleted issue with its hours, a move.
    open_ = redmine.all("/issues.json", "issues", status_id="open", project_id=1)
    with_hours = next(entry for entry in redmine.all("/time_entries.json", "time_entries") if "issue" in entry)
    deleted = with_hours["issue"]["id"]
    closes, moves, *_ = [issue["id"] for issue in open_ if issue["id"] != deleted]
    gone = redmine.all("/time_entries.json", "time_entries", issue_id=deleted)
    edited = next(entry for entry in redmine.all("/time_entries.json", "time_entries") if entry.get("issue", {}).get("id") != deleted)
    redmine.change("PUT", f"/issues/{closes}.json", {"issue": {"status_id": 5}})
    new = {"issue_id": closes, "hours": "1.25", "activity_id": 9, "spent_on": "2026-11-20"}
    redmine.change("POST", "/time_entries.json", {"time_entry": new})
    redmine.change("PUT", f"/time_entries/{edited['id']}.json", {"time_entry": {"hours": "6.75"}})
    was_closed = redmine.get(f"/issues/{deleted}.json")["issue"]["status"]["name"] == "Closed"
    redmine.change("DELETE", f"/issues/{deleted}.json")
    redmine.change("PUT", f"/issues/{moves}.json", {"issue": {"project_id": 2, "fixed_version_id": ""}})

    run(place)
    after = assert_all_agree(redmine, place)
    assert after == {
        "issues": before["issues"] - 1,
        "done": before["done"] + 1 - was_closed,
        "entries": before["entries"] + 1 - len(gone),
        "hours": before["hours"]
        + Decimal("1.25")
        + Decimal("6.75")
        - Decimal(str(edited["hours"]))
        - sum((Decimal(str(entry["hours"])) for entry in gone), Decimal(0)),
    }
    assert len(core(place, "select 1 from core.item_events")) != first_versions
    ((scope, version),) = core(place, f"select scope_id, version_id from core.work_items where item_id = '{moves}'")
    assert (scope, version) == ("prg2", None)

    # Nothing has changed: nothing lands, and every table is the same, byte for byte.
    content, loads = place.content(), len([load for load in landed(place.home) if load["rows_read"]])
    run(place)
    assert len([load for load in landed(place.home) if load["rows_read"]]) == loads
    assert place.content() == content

    # Archiving hides a fifth of it: nothing is deleted, the numbers stay, and the run says so.
    redmine.change("PUT", "/projects/5/archive.json")
    assert in_redmine(redmine)["issues"] < after["issues"]
    done = place.pmo("run", "--as-of", AS_OF)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "hidden" in done.stdout
    assert in_core(place) == after
    redmine.change("PUT", "/projects/5/unarchive.json")
    run(place)
    assert_all_agree(redmine, place)


def test_a_wrong_key_is_refused_before_a_row_is_read(redmine: Redmine, workplace: Callable[..., Workplace]) -> None:
    place = workplace(table(redmine), api_key="0" * 40)
    checked = place.pmo("sources", "check", "tracker")
    assert checked.returncode == 4, checked.stdout + checked.stderr
    done = place.pmo("run", "--as-of", AS_OF)
    assert done.returncode == 4, done.stdout + done.stderr
    assert not list(place.home.glob("landing/redmine/**/*.parquet"))


@pytest.fixture
def doorkeeper(redmine: Redmine) -> Iterator[Doorkeeper]:
    with Doorkeeper(redmine.url) as doorkeeper:
        yield doorkeeper


class Doorkeeper:
    """Stands in front of Redmine and passes everything on. At the n-th issue it kills whoever reads, in the middle of a page."""

    def __init__(self, url: str) -> None:
        self.victim: int | None = None
        self.asked = 0
        lock, keeper = threading.Lock(), self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with lock:
                    keeper.asked += self.path.startswith("/issues/")
                    if keeper.asked == PAUSES_AT and keeper.victim is not None:
                        os.kill(keeper.victim, signal.SIGKILL)
                headers = {"X-Redmine-API-Key": self.headers["X-Redmine-API-Key"]}
                answer = httpx.get(f"{url}{self.path}", headers=headers, timeout=60)
                self.send_response(answer.status_code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                try:
                    self.wfile.write(answer.content)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Doorkeeper:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def test_a_run_that_is_killed_in_the_middle_of_a_page_is_made_good_by_the_next(
    redmine: Redmine, doorkeeper: Doorkeeper, workplace: Callable[..., Workplace], tmp_path: Path
) -> None:
    place = workplace(table(redmine) | {"base_url": doorkeeper.url}, {"status_map.csv": STATUS_MAP}, api_key=redmine.key)
    process = place.start("run", "--as-of", AS_OF)
    doorkeeper.victim = process.pid
    process.communicate(timeout=900)
    assert process.returncode == -signal.SIGKILL
    assert not place.current.exists()
    doorkeeper.victim = None
    run(place)
    assert_all_agree(redmine, place)
    issues = [load for load in landed(place.home) if load["stream"] == "issues"]
    assert sum(load["rows_accepted"] for load in issues) == len(live(place.home, "issues")), "each issue landed once"


def test_sqlite_and_postgresql_give_the_same_rows(seeded: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """The seed is the same on both, and so is every issue with its history and every hour."""

    def canonical(redmine: Redmine, folder: Path) -> dict[str, list[Any]]:
        reader = Reader(redmine, folder / "home", {})
        reader.read()
        issues = sorted(reader.newest("issues").values(), key=lambda issue: issue["id"])
        entries = sorted(reader.newest("time_entries").values(), key=lambda entry: entry["id"])
        assert issues
        assert entries
        return {"issues": issues, "entries": entries}

    folder = tmp_path_factory.mktemp("both")
    try:
        with server.on_postgresql(folder / "postgresql") as database, server.served(database, folder) as redmine:
            on_postgresql = canonical(redmine, folder / "a")
    except UnavailableError as error:
        cannot_run("Redmine on PostgreSQL", error)
    with server.copied(*seeded, folder / "sqlite") as database, server.served(database, folder) as redmine:
        on_sqlite = canonical(redmine, folder / "b")
    assert on_postgresql == on_sqlite
