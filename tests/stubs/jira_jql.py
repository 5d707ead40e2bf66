"""The part of JQL that connectors use: bounded clauses joined by AND, dates as epoch milliseconds or as text, ORDER BY."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from tests.stubs.jira_world import Issue, JiraWorld, epoch_ms

Row = tuple[Issue, str, datetime, dict[str, Any]]
EpochDates = Literal["filter", "ignored", "refused", "misread"]
_CLAUSE = re.compile(r"(?P<field>\w+)\s*(?P<op>>=|<=|>|<|=|in)\s*(?P<value>\([^)]*\)|\"[^\"]*\"|[\w.-]+)", re.IGNORECASE)
_FORMATS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_MOST_ORDER_FIELDS = 7


class JqlError(Exception):
    """400, with this message."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood."""

    matches: Callable[[Row], bool]
    order: tuple[tuple[str, bool], ...]

    def rows(self, world: JiraWorld, *, bypass: frozenset[str] = frozenset()) -> list[Row]:
        found = [row for row in world.in_index(bypass=bypass) if self.matches(row)]
        for name, is_descending in reversed(self.order):
            found.sort(key=_sort_key(name), reverse=is_descending)
        return found


def parse(jql: str, world: JiraWorld, epoch_dates: EpochDates = "filter", *, is_strict: bool = True) -> Query:
    """A query.

    Raises:
        JqlError: it is unbounded, or says something that this stub, like Jira, does not know.
    """
    text, _, order = (jql + " ").partition("ORDER BY ")
    parts = [part.strip() for part in re.split(r"\s+AND\s+", text.strip()) if part.strip()]
    if not parts:
        raise JqlError("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
    tests = [_test(part, world, epoch_dates, is_strict=is_strict) for part in parts]
    keys = [term.split() for term in order.split(",") if term.strip()]
    if len(keys) > _MOST_ORDER_FIELDS:
        raise JqlError("Too many fields in ORDER BY.")
    return Query(
        lambda row: all(test(row) for test in tests),
        tuple((key[0].lower(), len(key) > 1 and key[1].upper() == "DESC") for key in keys) or (("created", True),),
    )


def _test(part: str, world: JiraWorld, epoch_dates: EpochDates, *, is_strict: bool) -> Callable[[Row], bool]:
    match = _CLAUSE.fullmatch(part)
    if match is None:
        raise JqlError(f"Error in the JQL Query: {part}")
    name, operator, value = match["field"].lower(), match["op"].lower(), match["value"]
    if name in ("updated", "created"):
        return _date_test(name, operator, value, world, epoch_dates)
    wanted = [text.strip().strip('"') for text in value.strip("()").split(",")] if operator == "in" else [value.strip('"')]
    if operator not in ("in", "="):
        raise JqlError(f"The operator '{operator}' is not supported for field '{name}'.")
    if name == "project":
        known = {project["key"] for project in world.projects.values() if project["id"] not in world.hidden_projects}
        for key in wanted:
            if key not in known:
                raise JqlError(f"The value '{key}' does not exist for the field 'project'.")
        return lambda row: row[3]["project"]["key"] in wanted
    if name in ("id", "issue", "key", "issuekey"):
        seen = {text for issue, key, _, _ in world.in_index(bypass=frozenset(world.issues)) for text in (issue.id, key)}
        for id_ in wanted:
            if is_strict and id_ not in seen:
                raise JqlError(f"An issue with key '{id_}' does not exist for field '{name}'.")
        return lambda row: row[0].id in wanted or row[1] in wanted
    raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")


def _date_test(name: str, operator: str, value: str, world: JiraWorld, epoch_dates: EpochDates) -> Callable[[Row], bool]:
    compare: dict[str, Callable[[int, int], bool]] = {
        ">=": lambda a, b: a >= b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        "<": lambda a, b: a < b,
    }
    if operator not in compare:
        raise JqlError(f"The operator '{operator}' is not supported for field '{name}'.")
    if not value.startswith('"'):
        if epoch_dates == "refused":
            raise JqlError(f"Date value '{value}' for field '{name}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm'.")
        if epoch_dates == "ignored":
            return lambda row: True
        if epoch_dates == "misread":
            return lambda row: False
        bound = int(value)
    else:
        bound = epoch_ms(_text_date(value.strip('"'), name, world.zone))
    test = compare[operator]
    return lambda row: test(epoch_ms(row[2] if name == "updated" else row[0].created), bound)


def _text_date(text: str, name: str, zone: str) -> datetime:
    """A date as text: no finer than the minute, on the clock of the account that asks."""
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        except ValueError:
            continue
    raise JqlError(f"Date value '{text}' for field '{name}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm'.")


def _sort_key(name: str) -> Callable[[Row], Any]:
    match name:
        case "updated":
            return lambda row: row[2] - timedelta(microseconds=row[2].microsecond % 1000)
        case "created":
            return lambda row: row[0].created
        case "id":
            return lambda row: int(row[0].id)
        case "key" | "issuekey":
            return lambda row: (row[1].split("-")[0], int(row[1].split("-")[1]))
        case _:
            raise JqlError(f"Not able to sort using field '{name}'.")
