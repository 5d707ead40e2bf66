"""What is taken out of a payload before it lands, and what is found in one, within lists too."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest

from ingest.privacy import Treatment, cell, treated
from ingest.sql import literal

ISSUE = {
    "id": 1234567890123456789,
    "hours": 0.1,
    "journals": [
        {"user": {"id": 5, "name": "A"}, "notes": "secret", "details": [{"name": "status", "to": "2"}, {"name": "note", "to": "secret"}]},
        {"user": {"id": 6, "name": "B"}, "details": []},
    ],
    "custom_fields": [{"id": 1, "value": "3"}, {"id": 7, "value": ["a", "b"]}, {"id": 8, "value": None}],
}


def treat(payload: Any, treatments: dict[str, Treatment]) -> Any:
    text = literal(payload if isinstance(payload, str) else json.dumps(payload))
    ((found,),) = duckdb.sql(f"select {treated(text, treatments, 'salt')}").fetchall()
    return json.loads(found)


def test_a_member_of_each_item_of_a_list_is_dropped() -> None:
    found = treat(ISSUE, {"journals[].notes": "drop"})
    assert [sorted(journal) for journal in found["journals"]] == [["details", "user"], ["details", "user"]]
    assert {**found, "journals": None} == {**ISSUE, "journals": None}
    assert (found["id"], found["hours"]) == (1234567890123456789, 0.1)


def test_only_the_items_that_a_condition_names_are_treated() -> None:
    found = treat(ISSUE, {"journals[].details[name=note].to": "drop"})
    assert found["journals"][0]["details"] == [{"name": "status", "to": "2"}, {"name": "note"}]


def test_a_hash_within_a_list_hides_the_value_and_keeps_who_is_who() -> None:
    found = treat(ISSUE, {"journals[].user.name": "hash", "hours": "drop"})
    first, second = (journal["user"]["name"] for journal in found["journals"])
    assert len({first, second, "A", "B"}) == 4
    assert first == treat(ISSUE, {"journals[].user.name": "hash"})["journals"][0]["user"]["name"]
    assert "hours" not in found


@pytest.mark.parametrize(
    "payload", ['{"id":1}', '{"journals":null}', '{"journals":{"notes":"x"}}', '{"journals":[]}', '{"journals":[1,"a"]}']
)
def test_what_has_no_such_list_stays_as_it_is(payload: str) -> None:
    assert treat(payload, {"journals[].details[name=note].to": "drop"}) == json.loads(payload)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("custom_fields[id=1].value", "3"),
        ("custom_fields[id=7].value", '["a","b"]'),
        ("custom_fields[id=8].value", None),
        ("custom_fields[id=9].value", None),
        ("nothing[id=1].value", None),
        ("hours", "0.1"),
    ],
)
def test_a_cell_is_found_in_a_list_by_a_member_of_its_item(path: str, text: str | None) -> None:
    assert duckdb.sql(f"select {cell(literal(json.dumps(ISSUE)), path)}").fetchall() == [(text,)]
