"""Payloads of a real Jira Cloud, served as they came, from the requests to the tables of core; held against sums made without our code."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.landing import Landing
from tests.conformance.landed import quarantined
from tests.conformance.system import CANARY, read, source_of
from tests.stubs.jira import JiraServer
from tests.stubs.jira_world import Issue, JiraWorld, Worklog
from tests.stubs.server import StubClock
from tests.support.warehouse import empty_warehouse, hours_lost_or_doubled, query, run_dbt

DATA = Path(os.environ.get("PMO_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "devlake_raw"
pytestmark = [
    pytest.mark.long,
    pytest.mark.xdist_group("jira_real"),
    pytest.mark.skipif(
        not DATA.is_dir(), reason=f"the payloads are not in {DATA} (set PMO_TEST_DATA to the folder that holds devlake_raw/)"
    ),
]
GIVEN = {"source_types": "files,jira", "time_zone": "Asia/Shanghai", "as_of": "2022-08-31"}


def payloads(name: str) -> list[tuple[Any, Mapping[str, str]]]:
    """What the API returned, and the row that it was kept in."""
    csv.field_size_limit(1 << 30)
    with (DATA / f"_raw_jira_api_{name}.csv").open(encoding="utf-8", newline="") as file:
        return [(json.loads(row["data"]), row) for row in csv.DictReader(file)]


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)


def issue_of(row: Mapping[str, str]) -> str:
    """The id of the issue to whose history a kept entry belongs."""
    return str(json.loads(row["input"])["issue_id"])


def kept_issues() -> set[str]:
    return {issue["id"] for issue, _ in payloads("issues")}


class RealSite(JiraWorld):
    """A site that shows its issues as they are kept, those fields of them that are asked for."""

    def shown(self, issue: Issue, fields: dict[str, Any], names: list[str]) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if name in names or "*all" in names}


class RealServer(JiraServer):
    """Entries of histories and hours as they are kept, too."""

    def _shown(self, issue: Issue, key: str, fields: dict[str, Any], names: list[str], updated: datetime) -> dict[str, Any]:
        shown = super()._shown(issue, key, fields, names, updated)
        if "updated" in shown.get("fields", {}):
            shown["fields"]["updated"] = fields["updated"]
        return shown

    def _entry(self, history: dict[str, Any], *, as_text: bool = True) -> dict[str, Any]:
        return {name: value for name, value in history.items() if name != "text"} | {"created": history["text"]}

    def _worklog(self, log: Worklog) -> dict[str, Any]:
        return log.payload


def real_site(clock: StubClock) -> RealSite:
    site = RealSite(clock)
    site.statuses = [status for status, _ in payloads("status")]
    for issue, _ in payloads("issues"):
        fields = issue["fields"]
        project = fields["project"]
        site.projects[project["id"]] = {**project, "style": "classic", "archived": False}
        site.issues[issue["id"]] = Issue(issue["id"], issue["key"], fields, instant(fields["created"]), instant(fields["updated"]))
    for entry, row in payloads("issue_changelogs"):
        number = issue_of(row)
        if number not in site.issues:
            # The issue itself was not kept: that of another one stands for it.
            like = next(iter(site.issues.values()))
            site.issues[number] = Issue(number, f"{like.key}-{number}", like.fields, like.created, like.updated)
        site.issues[number].histories.append(entry | {"created": instant(entry["created"]), "text": entry["created"]})
    for log, _ in payloads("worklogs"):
        site.worklogs[log["id"]] = Worklog(log, instant(log["updated"]))
    for sprint, _ in payloads("sprints"):
        site.sprints[sprint["id"]] = sprint
    boards = {sprint["originBoardId"] for sprint in site.sprints.values()}
    project = next(iter(site.projects.values()))
    for board in boards:
        site.boards[board] = {
            "id": board, "name": str(board), "type": "scrum", "location": {"projectId": int(project["id"]), "projectKey": project["key"]},
        }  # fmt: skip
    return site


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The warehouse, and the home with what landed."""
    folder = tmp_path_factory.mktemp("jira-real")
    home, path = folder / "home", folder / "warehouse.duckdb"
    clock = StubClock(datetime(2022, 8, 31, tzinfo=UTC))
    server = RealServer(real_site(clock), clock=clock)
    server.token, server.history_as_text = CANARY, True
    with pytest.MonkeyPatch.context() as patched, server:
        patched.setenv("STUB_SECRET", CANARY)
        table = {"type": "jira", "name": "jira", "base_url": server.site, "user": "pmo@example.com", "token": {"env": "STUB_SECRET"}}
        for _ in range(2):
            read(source_of(table, home, server), home, server)
            clock.move(days=1)
    empty_warehouse(path)
    landing = Landing(home)
    with duckdb.connect(str(path)) as connection:
        landing.register(connection, landing.select())
    models = "path:models/staging/jira +work_items +item_events +timesheet_entries +sprints +stream_accounting +landed_totals"
    run_dbt(path, select=models, exclude="resource_type:unit_test resource_type:test", vars=GIVEN)
    assert run_dbt(path, command="test", select="no_cast_loss", vars=GIVEN)["no_cast_loss"] == "pass"
    return path, home


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in query(path, sql)]


def test_nothing_is_quarantined_and_every_row_is_accounted_for(built: tuple[Path, Path]) -> None:
    path, home = built
    for stream in ("issues", "histories", "worklogs", "sprints", "statuses"):
        assert quarantined(home, stream) == []
    assert rows(path, 'select * from core.stream_accounting where "read" <> accepted + quarantined + superseded') == []
    issues = kept_issues() | {issue_of(row) for _, row in payloads("issue_changelogs")}
    assert rows(path, "select sum(accepted) from core.stream_accounting where stream = 'issues'") == [(len(issues),)]


def test_every_issue_is_an_item_with_the_status_and_the_days_that_jira_gives(built: tuple[Path, Path]) -> None:
    expected = {}
    for issue, _ in payloads("issues"):
        fields = issue["fields"]
        expected[issue["id"]] = (
            issue["key"], fields["issuetype"]["name"], fields["status"]["name"],
            instant(fields["created"]), date.fromisoformat(fields["duedate"]) if fields["duedate"] else None,
        )  # fmt: skip
    found = rows(built[0], "select item_id, key, type_original, status_original, created_at, due_date from core.work_items")
    assert {row[0]: row[1:] for row in found if row[0] in expected} == expected


def test_every_transition_of_the_histories_is_an_event(built: tuple[Path, Path]) -> None:
    expected = Counter[tuple[Any, ...]]()
    for entry, row in payloads("issue_changelogs"):
        for item in entry["items"]:
            if item.get("fieldId") == "status":
                expected[issue_of(row), instant(entry["created"]), item["from"], item["to"]] += 1
    found = rows(built[0], "select item_id, occurred_at, from_value, to_value from core.item_events where field = 'status'")
    assert len(expected) == 10
    assert Counter(found) == expected


def test_hours_are_those_of_the_worklogs_on_the_day_that_their_authors_wrote(built: tuple[Path, Path]) -> None:
    expected: dict[tuple[str, date], Decimal] = {}
    for log, _ in payloads("worklogs"):
        key = (log["issueId"], date.fromisoformat(log["started"][:10]))
        hours = (Decimal(log["timeSpentSeconds"]) / 3600).quantize(Decimal("1e-9"), ROUND_HALF_UP)
        expected[key] = expected.get(key, Decimal(0)) + hours
    found = rows(built[0], "select item_id, work_date, sum(hours) from core.timesheet_entries group by all")
    assert {(item, day): hours for item, day, hours in found} == expected
    assert hours_lost_or_doubled(built[0]) == []


def test_sprints_have_their_days(built: tuple[Path, Path]) -> None:
    found = dict(rows(built[0], "select sprint_id, name from core.sprints"))
    assert found == {str(sprint["id"]): sprint["name"] for sprint, _ in payloads("sprints")}
