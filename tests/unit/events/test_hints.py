"""Hints: which records a delivery names, and when it happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.events.hints import hint, hinted_ids
from ingest.events.settings import Kind

HALF_PAST = datetime(2026, 6, 15, 9, 27, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        ("jira", {"webhookEvent": "jira:issue_updated", "issue": {"id": "10063", "key": "EE-1"}}, {"issues": ("10063",)}),
        (
            "jira",
            {"webhookEvent": "worklog_deleted", "worklog": {"id": "7", "issueId": "10063"}},
            {"worklogs": ("7",), "issues": ("10063",)},
        ),
        ("jira", {"webhookEvent": "sprint_started", "sprint": {"id": 12}}, {"sprints": ("12",)}),
        ("jira", {"webhookEvent": "jira:version_released", "version": {"id": "10100"}}, {"versions": ("10100",)}),
        ("github", {"action": "closed", "issue": {"id": 344340088, "number": 4}}, {"issues": ("344340088",)}),
        ("github", {"zen": "ping"}, {}),
        ("gitlab", {"object_kind": "issue", "object_attributes": {"id": 22097949, "iid": 1}}, {"issues": ("22097949",)}),
        ("gitlab", {"object_kind": "note", "object_attributes": {"id": 5}, "issue": {"id": 22097949}}, {"issues": ("22097949",)}),
        ("gitlab", {"object_kind": "push", "object_attributes": {"id": 5}}, {}),
        ("redmine", {"payload": {"action": "updated", "issue": {"id": 191}}}, {"issues": ("191",)}),
        ("standard", {"type": "x", "data": {"id": 1}}, {}),
    ],
)
def test_the_records_that_a_payload_names(kind: Kind, payload: dict[str, Any], expected: dict[str, tuple[str, ...]]) -> None:
    assert hinted_ids(kind, payload) == expected


def test_paths_of_the_configuration_name_more() -> None:
    payload = {"data": {"id": "w1", "lines": [{"id": 9007199254740993}, {"id": 8}, {"id": 8}, {"id": None}]}}
    assert hinted_ids("standard", payload, {"workloads": "data.id", "lines": "$.data.lines[].id"}) == {
        "workloads": ("w1",),
        "lines": ("9007199254740993", "8"),
    }


@pytest.mark.parametrize("record", ["../admin", "1/2", "1?x=1", "1#a", "", " ", "1 2", "..", "x" * 101, "1\n"])
def test_what_would_lead_a_request_elsewhere_is_no_id(record: str) -> None:
    assert hinted_ids("jira", {"issue": {"id": record}}) == {}


@pytest.mark.parametrize("payload", [None, [], "text", 5, {"issue": "text"}, {"issue": {"id": {"deep": 1}}}, {"issue": {"id": True}}])
def test_a_payload_of_another_shape_names_nothing(payload: object) -> None:
    assert hinted_ids("jira", payload) == {}


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("jira", {"timestamp": 1781515676000}),
        ("standard", {"timestamp": 1781515676}),
        ("standard", {"timestamp": "2026-06-15T17:27:56.000+0800"}),
        ("github", {"issue": {"updated_at": "2026-06-15T09:27:56Z"}}),
        ("gitlab", {"object_attributes": {"updated_at": "2026-06-15 09:27:56 UTC"}}),
        ("gitlab", {"object_attributes": {"updated_at": "2026-06-15 11:27:56 +0200"}}),
    ],
)
def test_when_it_happened(kind: Kind, payload: dict[str, Any]) -> None:
    assert hint(kind, "", payload).occurred_at == HALF_PAST


@pytest.mark.parametrize("stamp", ["soon", "2026-06-15T09:27:56", "", None, True, 1e300, {}])
def test_a_stamp_that_says_nothing_is_none(stamp: object) -> None:
    assert hint("standard", "", {"timestamp": stamp}).occurred_at is None


def test_the_name_of_an_event_is_that_of_the_header_and_of_the_body() -> None:
    assert hint("github", "issues", {"action": "closed"}).event == "issues.closed"
    assert hint("jira", "", {"webhookEvent": "jira:issue_updated"}).event == "jira:issue_updated"
    assert hint("standard", "", {}).event == ""
