"""What staging makes of GitHub: a world of issues, read by the connector, through the models, into core."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.landing import Landing
from tests.conformance.system import CANARY, read, source_of
from tests.stubs.github import GitHubSystem
from tests.support.warehouse import empty_warehouse, query, run_dbt

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("github")]
RUN = {"as_of": "2026-03-31", "known_at": "2026-04-01T00:00:00Z", "source_types": "files,github"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """The warehouse, an issue with a history, and one that was moved to another repository."""
    folder = tmp_path_factory.mktemp("github")
    github = GitHubSystem(prefix="s: ")
    clock = github.server.clock
    with github.server, pytest.MonkeyPatch.context() as environment:
        environment.setenv("STUB_SECRET", CANARY)
        address = f"{github.server.url}/repos/acme/plant"
        github.labels["acme/plant"] = [
            {"id": number, "name": name, "url": address} for number, name in enumerate(("s: doing", "s: review"))
        ]
        due = {"due_on": "2026-04-01T07:00:00Z", "closed_at": None, "state": "open"}
        github.milestones["acme/plant"] = [{"id": 11, "number": 1, "title": "1.0 Größe", "url": f"{address}/milestones/1", **due}]
        # Monday 2 March at 8; then a day a step.
        item, moved = github.add(), github.add()
        github.event(item, "milestoned", milestone={"title": "1.0 Größe"})
        for kind, members in (
            ("labeled", {"label": {"name": "s: doing"}}),
            ("assigned", {"assignee": {"login": "bob"}}),
            ("closed", {}),
            ("reopened", {}),
            ("closed", {}),
        ):
            clock.move(days=1)
            github.event(item, kind, **members)
        home = folder / "home"
        read(source_of(github.table(), home, github.server), home, github.server)
        # A label is renamed: histories still speak of the old name.
        github.labels["acme/plant"][1]["name"] = "s: checking"
        clock.move(days=8)
        github.transfer(moved, "acme/tools", 7)
        github.event(moved, "labeled", label={"name": "s: review"})
        read(source_of(github.table(), home, github.server), home, github.server)
    warehouse = folder / "warehouse.duckdb"
    empty_warehouse(warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        landing = Landing(home)
        landing.register(connection, landing.select())
    models = "path:models/staging/github +work_items +stream_accounting"
    run_dbt(warehouse, select=models, exclude="resource_type:test resource_type:unit_test", vars=RUN)
    return warehouse, item, moved


def rows(world: tuple[Path, str, str], sql: str) -> list[dict[str, Any]]:
    return query(world[0], sql)


def test_work_items(world: tuple[Path, str, str]) -> None:
    _, item, moved = world
    found = {row["item_id"]: row for row in rows(world, "select * from staging.stg_github__work_items")}
    assert set(found) == {item, moved}
    one = found[item]
    expected = {
        "scope_id": "acme/plant",
        "key": f"acme/plant#{int(item) % 1000}",
        "status_original": "closed",
        "assignee": "bob",
        "reporter": "ann",
        "version_id": "11",
        "labels": "s: doing",
        "type_original": "Issue",
        "is_deleted": False,
    }
    assert {name: one[name] for name in expected} == expected
    assert (str(one["due_date"]), str(one["resolved_at"])[:10]) == ("2026-04-01", "2026-03-07")
    assert (found[moved]["key"], found[moved]["scope_id"], found[moved]["status_original"]) == ("acme/tools#7", "acme/tools", "s: review")


def test_a_history_has_both_intervals_of_an_issue_that_was_reopened(world: tuple[Path, str, str]) -> None:
    _, item, _ = world
    history = "select field, from_value, to_value, occurred_at from staging.stg_github__item_events"
    found = rows(world, f"{history} where item_id = '{item}' order by occurred_at")
    assert [(row["field"], row["from_value"], row["to_value"], row["occurred_at"].day) for row in found] == [
        ("version", None, "1.0 Größe", 2),
        ("status", "open", "s: doing", 3),
        ("assignee", None, "bob", 4),
        ("status", "s: doing", "closed", 5),
        ("status", "closed", "s: doing", 6),
        ("status", "s: doing", "closed", 7),
    ]


def test_versions_scopes_and_statuses(world: tuple[Path, str, str]) -> None:
    (version,) = rows(world, "select * from staging.stg_github__versions")
    assert (version["name"], version["scope_id"], str(version["planned_date"])) == ("1.0 Größe", "acme/plant", "2026-04-01")
    scopes = rows(world, "select scope_id from staging.stg_github__source_scopes order by all")
    assert [row["scope_id"] for row in scopes] == ["acme/plant", "acme/tools"]
    statuses = rows(world, "select status_id from staging.stg_github__source_statuses order by all")
    assert [row["status_id"] for row in statuses] == ["closed", "open", "s: checking", "s: doing", "s: review"]


def test_every_landed_record_is_accounted_for(world: tuple[Path, str, str]) -> None:
    found = rows(
        world, "select stream, read, accepted + quarantined + superseded as told from core.stream_accounting where source = 'github'"
    )
    assert {row["stream"] for row in found} == {"repositories", "milestones", "status_labels", "issues", "events"}
    assert [row for row in found if row["read"] != row["told"]] == []


def test_core_takes_them_as_items_of_a_scope_that_nobody_named(world: tuple[Path, str, str]) -> None:
    found = rows(world, "select item_id, project_id from core.work_items where source = 'github-main' order by project_id")
    assert [row["project_id"] for row in found] == ["github-main:acme/plant", "github-main:acme/tools"]
