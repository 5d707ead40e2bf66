"""The system under test is what the other tests take it for."""

from __future__ import annotations

from tests.systems.redmine.server import ENTRIES, ISSUES, PROJECTS, USERS, Redmine


def test_the_company_is_there(redmine: Redmine) -> None:
    assert redmine.get("/users/current.json")["user"]["login"] == "admin"
    assert redmine.get("/issues.json", status_id="*")["total_count"] == ISSUES
    assert redmine.get("/time_entries.json")["total_count"] == ENTRIES
    assert redmine.get("/projects.json")["total_count"] == PROJECTS
    assert redmine.get("/users.json")["total_count"] == USERS + 1


def test_lists_answer_whoever_asks_so_only_the_identity_tells(redmine: Redmine) -> None:
    headers = {"X-Redmine-API-Key": "0" * 40}
    assert redmine.client.get("/users/current.json", headers=headers).status_code == 401
    assert redmine.client.get("/issues.json", headers=headers).json()["total_count"] > 0
