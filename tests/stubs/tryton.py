"""A stub of Tryton's REST, after what a real 8.2 answers: typed JSON, domains, orders, ranges, rights that are missed in silence.

Belongs here: the protocol, and a world of a company with people, works and hours that tests change.
Does not: bookkeeping. What only a server's own rules can show is tested against a real one (`tests/systems/tryton`).
"""

from __future__ import annotations

import base64
import copy
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from ingest.sources.tryton.streams import STREAMS
from tests.conformance.system import CANARY, SystemUnderTest
from tests.stubs.server import Asked, Said, StubServer

PAGE_SIZE = 5
"""Of the connector in these tests, so that three pages are eleven records."""
COMPANY = 1
LOOKED_AT = ("currencies", "employees", "timesheet_lines", "analytic_accounts", "moves")
LEFT_OUT = [stream.name for stream in STREAMS if stream.name not in LOOKED_AT]
"""Each stream costs a read some files that are synced: the suite reads those that its tests look at."""
NAMES = ("year", "month", "day", "hour", "minute", "second", "microsecond")
Row = dict[str, Any]


def day(value: date) -> Row:
    return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}


def instant(value: datetime) -> Row:
    return {"__class__": "datetime", **{name: getattr(value.astimezone(UTC), name) for name in NAMES}}


def money(text: str) -> Row:
    return {"__class__": "Decimal", "decimal": text}


def seconds(value: float) -> Row:
    return {"__class__": "timedelta", "seconds": float(value)}


def page(status: str, text: str) -> bytes:
    """Tryton's errors outside of its own rules are web pages."""
    return f"<!doctype html>\n<html lang=en>\n<title>{status}</title>\n<h1>{status[4:]}</h1>\n<p>{text}</p>\n".encode()


class UnknownName(Exception):
    """A model or field that there is not."""


class TrytonSystem(SystemUnderTest):
    """A company's database; the suite looks at its timesheet lines."""

    stream = "timesheet_lines"
    page_size = PAGE_SIZE
    identity_path = "/get_preferences"
    list_path = "/timesheet.line"
    has_unknown_fields = False
    required_field = "employee"

    def __init__(self) -> None:
        self.server = StubServer(self._answer)
        self.key = CANARY
        self.companies = [COMPANY]
        """Of the key's user."""
        self.hidden_models: set[str] = set()
        self.hidden_fields: set[tuple[str, str]] = set()
        self.hidden: set[tuple[str, int]] = set()
        self.gone: dict[int, Row] = {}
        self.rows: dict[str, dict[int, Row]] = {stream.model: {} for stream in STREAMS}
        self.known = {stream.model: {path.split(".")[0] for path in stream.asked} for stream in STREAMS}
        self.known["company.company"].add("party")
        self._numbers = itertools.count(1)
        self._order = 0
        euro = self.put("currency.currency", code="EUR", name="Euro", active=1)
        currency = self.link("currency.currency", euro, code="EUR")
        self.put("company.company", id=COMPANY, currency=currency, timezone=None, party=self.party("Größe"))
        self.employee = self.put("company.employee", party=self.party("Empløyee 0", email=""), active=True, company=COMPANY)

    # -- the world ----------------------------------------------------------------------------------------------------------------

    def table(self) -> Row:
        return {
            "type": "tryton",
            "name": "tryton-main",
            "base_url": self.server.url,
            "database": "pmo",
            "key": {"env": "STUB_SECRET"},
            "company": COMPANY,
            "without": LEFT_OUT,
        }

    def put(self, model: str, **values: Any) -> int:
        """A new record; null where nothing is said. Never written, so without a `write_date`."""
        number = int(values.pop("id", 0)) or max(self.rows[model], default=0) + 1
        while number in self.gone:
            number += 1
        nothing = dict.fromkeys(self.known[model])
        now = instant(self.server.clock.now())
        self.rows[model][number] = {"id": number, "__name__": model, **nothing, "create_date": now, "write_date": None, **values}
        return number

    def write(self, model: str, number: int, **values: Any) -> None:
        """Change a record, as a user would."""
        self.rows[model][number] |= {**values, "write_date": instant(self.server.clock.now())}

    def link(self, model: str, number: int, **values: Any) -> Row:
        """A record inside another."""
        return {"id": number, "__name__": model, **values}

    def party(self, name: str, **values: Any) -> Row:
        return self.link("party.party", next(self._numbers), name=name, **values)

    def add(self) -> str:
        number = self.put(
            "timesheet.line",
            employee=self.employee,
            company=COMPANY,
            date=day(date(2026, 2, 10)),
            duration=seconds(7200),
            cost_price=money("40"),
            work=self.link("timesheet.work", 1, origin="project.work,1"),
            description="müde 项目",
            uuid="größe-1",
        )
        return str(number)

    def change(self, record: str) -> None:
        line = self.rows["timesheet.line"][int(record)]
        self.write("timesheet.line", int(record), duration=seconds(line["duration"]["seconds"] + 900))

    def delete(self, record: str) -> None:
        self.gone[int(record)] = self.rows["timesheet.line"].pop(int(record))

    def restore(self, record: str) -> None:
        self.rows["timesheet.line"][int(record)] = self.gone.pop(int(record))

    def hide(self, record: str) -> None:
        self.hidden.add(("timesheet.line", int(record)))

    def set_field(self, record: str, field: str, value: Any) -> None:
        self.write("timesheet.line", int(record), **{field: value})

    def wrong_secret(self) -> None:
        self.key = CANARY[::-1]

    # -- the protocol -------------------------------------------------------------------------------------------------------------

    def _answer(self, asked: Asked) -> Said:
        html = {"Content-Type": "text/html; charset=utf-8"}
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            return Said(page("401 Unauthorized", "The server could not verify that you are authorized."), 401, html)
        self.context = json.loads(base64.urlsafe_b64decode(asked.headers["x-tryton-context"]))
        _, _, path = asked.path.partition("/pmo/rest/model/")
        model, _, action = path.partition("/")
        try:
            if path == "res.user/get_preferences":
                return Said({"name": "pmo", "email": None, "companies": self.companies, "company": COMPANY})
            if model not in self.rows:
                raise UnknownName(model)
            if model in self.hidden_models:
                message = f'You are not allowed to access "{model}".'
                return Said({"status": 400, "message": message, "description": "Within groups: "}, 400)
            if action == "search_count":
                return Said(len(list(self._found(model, asked.json["domain"]))))
            return self._search(model, asked)
        except UnknownName as error:
            return Said(page("500 Internal Server Error", f"&#39;{error}&#39;"), 500, html)

    def _search(self, model: str, asked: Asked) -> Said:
        domain = json.loads(base64.urlsafe_b64decode(asked.one("d") or encoded([])))
        rows = list(self._found(model, domain))
        order = json.loads(base64.urlsafe_b64decode(asked.one("o") or encoded([["id", "DESC"]])))
        rows.sort(key=lambda row: row["id"], reverse=order[0][1] == "DESC")
        total = len(rows)
        start, end = int(asked.one("p", "0") or 0), None
        headers = {}
        if "range" in asked.headers:
            first, _, last = asked.headers["range"].removeprefix("records=").partition("-")
            start, end = int(first), int(last)
            if start >= total and start:
                return Said(page("416 Requested Range Not Satisfiable", "The server cannot provide the requested range."), 416)
            headers["Content-Range"] = f"records {start}-{min(end, total)}/{total}"
        elif asked.one("s"):
            end = start + int(asked.one("s") or 0)
        fields = asked.query.get("f", ["rec_name"])
        # A real server puts the members in another order after each start.
        self._order += 1
        found = [self._read(model, row, fields[:: -1 if self._order % 2 else 1]) for row in rows[start:end]]
        return Said(json.dumps(found).encode(), headers=headers)

    def _found(self, model: str, domain: Sequence[Any]) -> Iterator[Row]:
        for number, row in self.rows[model].items():
            if (model, number) in self.hidden or (self.context.get("active_test", True) and row.get("active") in (False, 0)):
                continue
            if all(self._holds(model, row, condition) for condition in domain):
                yield row

    def _holds(self, model: str, row: Row, condition: Sequence[Any]) -> bool:
        if condition[0] == "OR":
            return any(self._holds(model, row, inner) for inner in condition[1:])
        path, operator, wanted = condition
        first = path.split(".")[0]
        if first not in self.known[model] | {"id", "create_date", "write_date", "company", "type", "active"}:
            raise UnknownName(first)
        value = row
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else value if name in ("company", "id") else None
        value, wanted = plain(value), plain(wanted)
        if operator == "in":
            return (bool(value) if set(wanted) == {True, False} else value) in wanted
        if value is None:
            return wanted is None and operator == "="
        return bool({"=": value == wanted, ">=": value >= wanted, "<=": value <= wanted, ">": value > wanted}[operator])

    def _read(self, model: str, row: Row, fields: Sequence[str]) -> Row:
        answer: Row = {}
        for path in fields:
            first, *rest = path.split(".")
            if first not in self.known[model] | {"id", "create_date", "write_date", "rec_name"}:
                raise UnknownName(first)
            if (model, path) not in self.hidden_fields and first in row:
                value = row[first]
                if rest and isinstance(value, Mapping):
                    merge(answer.setdefault(first, {}), pick(value, rest))
                else:
                    answer[first] = value["id"] if isinstance(value, Mapping) and "__name__" in value else value
        return {**copy.deepcopy(answer), "id": row["id"], "__name__": model}


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def pick(value: Row, path: Sequence[str]) -> Row:
    """A path of a record inside another, with the id and the name of each level."""
    first, *rest = path
    inner = value.get(first)
    return {"id": value["id"], "__name__": value["__name__"], first: pick(inner, rest) if rest and isinstance(inner, Mapping) else inner}


def merge(into: Row, other: Row) -> None:
    for name, value in other.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            merge(into[name], dict(value))
        else:
            into[name] = value


def plain(value: Any) -> Any:
    """A typed value as one that can be compared."""
    if isinstance(value, Mapping):
        if value.get("__class__") in ("date", "datetime"):
            return tuple(value.get(name, 0) for name in NAMES)
        return value.get("id", value.get("seconds", value.get("decimal")))
    return value
