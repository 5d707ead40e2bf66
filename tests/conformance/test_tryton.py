"""Tryton against the suite, and the traps that need no real server. The others are in tests/systems/tryton."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.protocol import AuthError, Order, PermanentError, Window
from ingest.sources.tryton.streams import STREAMS, TimesheetLines
from tests.conformance.landed import landed, live, payloads, versions
from tests.conformance.suite import Conformance
from tests.conformance.system import SystemUnderTest, killed_at, read
from tests.stubs.server import Asked
from tests.stubs.tryton import COMPANY, LEFT_OUT, PAGE_SIZE, TrytonSystem, day, encoded, money, page, seconds


def domain_of(asked: Asked) -> list[Any]:
    return list(json.loads(base64.urlsafe_b64decode(asked.one("d") or encoded([]))))


def lists(system: TrytonSystem, model: str) -> list[Asked]:
    """The requests for rows of a model, without the look at its rights."""
    return [
        asked for asked in system.server.asked if asked.path.endswith(f"/{model}") and asked.one("o") == encoded_compactly([["id", "ASC"]])
    ]


class TestTryton(Conformance):
    @pytest.fixture
    def system(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[SystemUnderTest]:
        monkeypatch.setattr("ingest.sources.tryton.wire.PAGE_SIZE", PAGE_SIZE)
        system = TrytonSystem()
        with system.server:
            yield system

    def test_the_exact_requests_of_a_first_read(self, system: TrytonSystem, home: Path) -> None:
        for _ in range(PAGE_SIZE + 1):
            system.add()
        self.read(system, home)
        asked = lists(system, "timesheet.line")
        fields = [*TimesheetLines.asked, "create_date", "write_date"]
        assert [request.query["f"] for request in asked] == [fields, fields, fields, ["id"], ["id"]]
        assert [request.one("s") for request in asked] == ["5", "5", "5", "5000", "5000"]
        own = ["company", "=", COMPANY]
        assert [domain_of(request) for request in asked] == [[own, ["id", ">", after]] for after in (0, 5, 6, 0, 6)]
        assert {request.headers["x-tryton-context"] for request in asked} == {
            encoded_compactly({"company": 1, "companies": [1], "active_test": False})
        }
        assert {request.method for request in system.server.asked} == {"GET", "POST"}
        posted = {request.path for request in system.server.asked if request.method == "POST"}
        assert posted == {"/pmo/rest/model/res.user/get_preferences"}
        system.server.clock.move(hours=1)
        self.read(system, home)
        posted = {request.path.rpartition("/")[2] for request in system.server.asked if request.method == "POST"}
        assert posted == {"get_preferences", "search_count"}

    def test_trap_3_rows_that_were_never_written_are_read_in_the_second_run(self, system: TrytonSystem, home: Path) -> None:
        first = system.add()
        self.read(system, home)
        system.server.clock.move(hours=1)
        second = system.add()
        assert system.rows["timesheet.line"][int(second)]["write_date"] is None
        self.read(system, home)
        assert live(home, "timesheet_lines") == {first, second}
        incremental = [domain_of(request) for request in lists(system, "timesheet.line")[-8:]]
        stamps = [condition[1:] for domain in incremental for condition in domain if condition[0] == "OR"]
        assert [[alternative[0] for alternative in alternatives] for alternatives in stamps[:1]] == [
            ["create_date", "write_date", "work.create_date", "work.write_date"]
        ]

    def test_trap_4_a_range_past_the_end_is_the_end(self, system: TrytonSystem, home: Path) -> None:
        ids = {system.add() for _ in range(3)}
        system.server.fail(416, where="/currency.currency", times=2, body=page("416 Range", "no"))
        self.read(system, home)
        assert live(home, "timesheet_lines") == ids

    @pytest.mark.parametrize("hidden", ["account.move", "timesheet.line"])
    def test_trap_1_a_model_that_may_not_be_read_is_named_and_nothing_is_landed(
        self, system: TrytonSystem, home: Path, hidden: str
    ) -> None:
        system.add()
        system.hidden_models = {hidden}
        result = self.source(system, home).check()
        assert not result.ok
        assert f'{hidden} (You are not allowed to access "{hidden}".)' in result.detail
        with pytest.raises(PermanentError, match=hidden):
            self.read(system, home)
        assert landed(home) == []

    def test_trap_2_a_field_that_is_left_out_in_silence_is_refused(self, system: TrytonSystem, home: Path) -> None:
        system.add()
        system.hidden_fields = {("timesheet.line", "cost_price"), ("company.employee", "party.name")}
        result = self.source(system, home).check()
        assert not result.ok
        assert "company.employee.party.name, timesheet.line.cost_price" in result.detail
        with pytest.raises(PermanentError, match=r"timesheet\.line\.cost_price"):
            self.read(system, home)
        assert landed(home) == []

    def test_trap_13_an_unknown_name_is_permanent_and_said_and_a_lock_is_not(self, system: TrytonSystem, home: Path) -> None:
        system.add()
        system.known["timesheet.line"].remove("uuid")
        with pytest.raises(PermanentError, match="uuid"):
            self.read(system, home)
        assert system.server.clock.slept == []
        system.known["timesheet.line"].add("uuid")
        system.server.fail(500, where="/timesheet.line", times=2, body=page("500 Internal Server Error", "database is locked"))
        self.read(system, home)
        assert len([wait for wait in system.server.clock.slept if wait > 0.001]) == 2

    def test_trap_14_a_key_of_another_company_is_refused(self, system: TrytonSystem, home: Path) -> None:
        system.add()
        system.companies = [2]
        with pytest.raises(AuthError, match="does not belong to company 1"):
            self.read(system, home)
        assert landed(home) == []

    def test_trap_14_rows_of_another_company_do_not_land(self, system: TrytonSystem, home: Path) -> None:
        own = system.add()
        system.rows["timesheet.line"][int(system.add())]["company"] = 2
        self.read(system, home)
        assert live(home, "timesheet_lines") == {own}

    def test_trap_16_currencies_that_share_a_code_are_named(self, system: TrytonSystem, home: Path) -> None:
        system.put("currency.currency", code="USD", name="Dollar", active=1)
        system.put("currency.currency", code="USD", name="Dollar, old", active=0)
        result = self.source(system, home).check()
        assert result.facts["currencies that share a code"] == "USD (2, 3)"

    @pytest.mark.parametrize("days", [1, 8])
    def test_trap_18_what_is_deactivated_is_no_deletion(self, system: TrytonSystem, home: Path, days: int) -> None:
        account = system.put("analytic_account.account", name="A", code="A", type="normal", active=1, company=COMPANY)
        self.read(system, home)
        system.server.clock.move(days=days)
        system.write("analytic_account.account", account, active=0)
        system.write("company.employee", system.employee, active=False, end_date=day(date(2026, 3, 1)))
        self.read(system, home)
        assert live(home, "analytic_accounts") == {str(account)}
        assert live(home, "employees") == {str(system.employee)}
        # What was said of them last has come, too.
        assert versions(home, "employees") == [str(system.employee)] * 2
        assert versions(home, "analytic_accounts") == [str(account)] * 2

    def test_a_deletion_shows_in_the_number_of_rows_and_is_found_with_the_next_read(self, system: TrytonSystem, home: Path) -> None:
        ids = [system.add() for _ in range(3)]
        self.read(system, home)
        system.server.clock.move(hours=1)
        self.read(system, home)
        assert [request.query["f"] for request in lists(system, "timesheet.line")].count(["id"]) == 2
        system.server.clock.move(hours=1)
        system.delete(ids[0])
        new = system.add()
        self.read(system, home)
        assert live(home, "timesheet_lines") == {*ids[1:], new}

    def test_a_change_of_what_lands_with_a_row_is_a_change_of_the_row(self, system: TrytonSystem, home: Path) -> None:
        self.read(system, home)
        system.server.clock.move(hours=1)
        person = system.rows["company.employee"][system.employee]["party"]
        person |= {"name": "Another", "write_date": {**day(date(2026, 3, 2)), "__class__": "datetime", "hour": 9}}
        self.read(system, home)
        assert versions(home, "employees") == [str(system.employee)] * 2

    def test_a_long_read_goes_on_where_it_was_killed(self, system: TrytonSystem, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ingest.records.LOAD_RECORDS", 1)
        ids = {system.add() for _ in range(3 * PAGE_SIZE)}
        source = self.source(system, home)
        # The first request is the look at the rights, the fourth the third page.
        with killed_at(source, system, number=4), pytest.raises(KeyboardInterrupt):
            read(source, home, system.server)
        system.change("1")
        system.server.asked.clear()
        system.server.clock.move(minutes=5)
        self.read(system, home)
        assert domain_of(lists(system, "timesheet.line")[0])[-1] == ["id", ">", 10]
        assert live(home, "timesheet_lines") == ids
        self.read(system, home)
        assert versions(home, "timesheet_lines").count("1") == 2

    def test_a_window_is_asked_by_its_days(self, system: TrytonSystem, home: Path) -> None:
        system.add()
        self.read(system, home)
        system.server.asked.clear()
        self.read(system, home, Order(window=Window(date(2026, 2, 1), date(2026, 2, 28))))
        assert domain_of(lists(system, "timesheet.line")[0]) == [
            ["company", "=", 1],
            ["date", ">=", day(date(2026, 2, 1))],
            ["date", "<=", day(date(2026, 2, 28))],
            ["id", ">", 0],
        ]

    def test_numbers_land_digit_by_digit(self, system: TrytonSystem, home: Path) -> None:
        number = int(system.add())
        system.write("timesheet.line", number, cost_price=money("12345678901234.567890"), duration=seconds(5400.5))
        self.read(system, home)
        (payload,) = payloads(home, "timesheet_lines")
        assert '"cost_price":{"__class__":"Decimal","decimal":"12345678901234.567890"}' in payload
        assert '"duration":{"__class__":"timedelta","seconds":5400.5}' in payload

    def test_streams_can_be_left_out_and_are_not_asked_for(self, system: TrytonSystem, home: Path) -> None:
        system.hidden_models = {stream.model for stream in STREAMS if stream.name in LEFT_OUT} - {"company.company"}
        result = self.read(system, home)
        assert {load.stream for load in result.loads} == {stream.name for stream in STREAMS} - set(LEFT_OUT)
        assert not system.hidden_models & {asked.path.rpartition("/")[2] for asked in system.server.asked}

    def test_all_streams_are_read_unless_they_are_left_out(self, system: TrytonSystem, home: Path) -> None:
        result = self.read(system, home, without=[])
        assert [load.stream for load in result.loads] == [stream.name for stream in STREAMS]


def encoded_compactly(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()
