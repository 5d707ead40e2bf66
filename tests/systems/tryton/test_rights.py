"""Who may read: keys that are wrong, or whose users may see too little. Nothing is changed here that a later test looks at."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.support.command import Workplace
from tests.systems.tryton import changes
from tests.systems.tryton.server import DATABASE, Tryton, encoded


def table(tryton: Tryton, **changes: object) -> dict[str, object]:
    """The source's table, without its key."""
    return {"type": "tryton", "name": "tryton", "base_url": tryton.url, "database": DATABASE, "company": 1, **changes}


def test_trap_1_a_wrong_key_is_refused_before_a_row_is_read(tryton: Tryton, workplace: Callable[..., Workplace]) -> None:
    place = workplace(table(tryton), key="0" * 128)
    checked = place.pmo("sources", "check")
    assert checked.returncode == 4, checked.stdout + checked.stderr
    assert "does not accept the credentials" in checked.stdout + checked.stderr
    log = (tryton.folder / "trytond.log").read_text()
    done = place.pmo("run", "--as-of", "2026-11-26")
    assert done.returncode == 4, done.stdout + done.stderr
    assert not list(place.home.glob("landing/tryton/**/*.parquet"))
    asked = (tryton.folder / "trytond.log").read_text().removeprefix(log)
    assert "get_preferences" in asked
    assert "timesheet.line" not in asked


def test_traps_1_and_2_a_key_without_groups_names_the_models_and_the_field_that_is_left_out(
    tryton: Tryton, workplace: Callable[..., Workplace]
) -> None:
    key = tryton.script("user", login="reader", groups=[])["key"]
    lines = tryton.rows("timesheet.line", ["date", "cost_price"], key=key)
    assert len(lines) == 260
    assert not any("cost_price" in line for line in lines)
    place = workplace(table(tryton), key=key)
    checked = place.pmo("sources", "check")
    said = " ".join((checked.stdout + checked.stderr).split())
    assert checked.returncode == 4, said
    assert "timesheet.line.cost_price" in said
    for model in ("company.employee_cost_price", "account.move", "purchase.line", "analytic_account.line"):
        assert model in said
    done = place.pmo("run", "--as-of", "2026-11-26")
    assert done.returncode == 4, done.stdout + done.stderr
    assert not list(place.home.glob("landing/tryton/**/*.parquet"))


def test_trap_4_pages_and_the_range_past_the_end(tryton: Tryton) -> None:
    ids: list[int] = []
    for start in range(0, 300, 100):
        answer = tryton.ask(
            "GET", "timesheet.line", params={"o": encoded([["id", "ASC"]])}, headers={"Range": f"records={start}-{start + 100}"}
        )
        ids += [row["id"] for row in answer.json()]
    assert len(set(ids)) == 260
    assert tryton.ask("GET", "timesheet.line", headers={"Range": "records=300-400"}).status_code == 416


def test_trap_13_an_unknown_field_is_a_500_that_names_it_and_a_refused_write_names_its_rule(tryton: Tryton) -> None:
    asked = tryton.ask("GET", "timesheet.line", params={"f": "nonsense"})
    assert asked.status_code == 500
    assert "<p>&#39;nonsense&#39;</p>" in asked.text
    line = {"employee": 1, "work": 1, "date": changes.day("2026-09-01"), "duration": changes.hours(1)}
    written = tryton.ask("POST", "timesheet.line", body=line, headers={"X-Tryton-Context": encoded({})})
    assert written.status_code == 400
    assert "User in companies" in written.json()["message"]
    deleted = tryton.ask("DELETE", "account.move/40")
    assert deleted.status_code == 400
    assert "posted move" in deleted.json()["message"]


def test_trap_16_a_rate_of_the_same_day_is_refused_by_the_source(tryton: Tryton) -> None:
    before = tryton.rows("currency.currency.rate", ["rate"])
    again = {"currency": changes.USD, "date": changes.day("2026-03-01"), "rate": changes.decimal("2")}
    assert tryton.ask("POST", "currency.currency.rate", body=again).status_code == 400
    assert tryton.rows("currency.currency.rate", ["rate"]) == before


def test_trap_6_and_17_the_source_converts_and_amounts_are_no_products_of_floats(tryton: Tryton) -> None:
    lines = tryton.rows("purchase.line", ["quantity", "unit_price", "amount"])
    (line,) = [row for row in lines if row["amount"]["decimal"] == "7200.00"]
    assert isinstance(line["quantity"], float)
    assert Decimal(line["amount"]["decimal"]) == 16 * Decimal(line["unit_price"]["decimal"])


@pytest.mark.parametrize("company", [2, 7])
def test_trap_14_a_company_that_the_user_does_not_belong_to_is_refused(
    tryton: Tryton, workplace: Callable[..., Workplace], company: int
) -> None:
    checked = workplace(table(tryton, company=company), key=tryton.key).pmo("sources", "check")
    assert checked.returncode == 4
    assert f"does not belong to company {company}" in " ".join((checked.stdout + checked.stderr).split())
