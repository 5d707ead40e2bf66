"""What people do in Tryton while the PMO reads it, through its own REST.

Belongs here: one function a change, as a user's client would send it.
Does not: what REST does not offer (`scripted.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.systems.tryton.server import Tryton

VENDOR, PAYMENT_TERM, PRODUCT, UNIT, ANALYTIC_ROOT = 10, 1, 1, 1, 1
EUR, USD = 1, 2


def day(text: str) -> dict[str, Any]:
    """A typed date."""
    value = date.fromisoformat(text)
    return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}


def decimal(text: str) -> dict[str, Any]:
    """A typed decimal."""
    return {"__class__": "Decimal", "decimal": text}


def hours(value: float) -> dict[str, Any]:
    """A typed duration."""
    return {"__class__": "timedelta", "seconds": value * 3600}


def new_line(tryton: Tryton, employee: int, work: int, on: str, duration: float) -> int:
    """Hours on a `timesheet.work`."""
    body = {"employee": employee, "work": work, "date": day(on), "duration": hours(duration)}
    return int(tryton.write("POST", "timesheet.line", body)["id"])


def change_line(tryton: Tryton, line: int, duration: float) -> None:
    """Other hours."""
    tryton.write("PUT", f"timesheet.line/{line}", {"duration": hours(duration)})


def delete_line(tryton: Tryton, line: int) -> None:
    """204, then 404."""
    answer = tryton.ask("DELETE", f"timesheet.line/{line}")
    assert answer.status_code == 204, answer.text
    assert tryton.ask("GET", f"timesheet.line/{line}").status_code == 404


def plain_work(tryton: Tryton, name: str) -> int:
    """A work for timesheets that belongs to no project."""
    return int(tryton.write("POST", "timesheet.work", {"name": name, "company": tryton.company})["id"])


def progress(tryton: Tryton, work: int, share: float) -> None:
    """How much of a task is done."""
    tryton.write("PUT", f"project.work/{work}", {"progress": share})


def purchase(tryton: Tryton, account: int, quantity: int, currency: int, on: str) -> tuple[int, int]:
    """A confirmed purchase of days at 450.00 for an analytic account: its id, and that of the draft invoice that Tryton makes."""
    line = {
        "type": "line",
        "product": PRODUCT,
        "quantity": quantity,
        "unit": UNIT,
        "unit_price": decimal("450.00"),
        "description": "days",
        "analytic_accounts": [["create", [{"root": ANALYTIC_ROOT, "account": account}]]],
    }
    body = {
        "party": VENDOR,
        "invoice_address": VENDOR,
        "company": tryton.company,
        "payment_term": PAYMENT_TERM,
        "currency": currency,
        "purchase_date": day(on),
        "invoice_method": "order",
        "lines": [["create", [line]]],
    }
    made = int(tryton.write("POST", "purchase.purchase", body)["id"])
    for action in ("quote", "confirm", "process"):
        tryton.write("POST", f"purchase.purchase/{made}/{action}")
    (found,) = tryton.rows("purchase.purchase", ["invoices", "state"], [["id", "=", made]])
    assert found["state"] == "processing"
    return made, int(found["invoices"][0])


def post_invoice(tryton: Tryton, invoice: int, on: str) -> None:
    """The invoice is received and posted."""
    tryton.write("PUT", f"account.invoice/{invoice}", {"invoice_date": day(on)})
    tryton.write("POST", f"account.invoice/{invoice}/post")


def cost_price(tryton: Tryton, employee: int, on: str, price: str) -> None:
    """What an hour of a person costs from a day on."""
    tryton.write("POST", "company.employee_cost_price", {"employee": employee, "date": day(on), "cost_price": decimal(price)})


def exchange_rate(tryton: Tryton, currency: int, on: str, rate: str) -> None:
    """What a unit of the base is worth from a day on."""
    tryton.write("POST", "currency.currency.rate", {"currency": currency, "date": day(on), "rate": decimal(rate)})


def deactivate_account(tryton: Tryton, account: int) -> None:
    """An analytic account that is used no more."""
    tryton.write("PUT", f"analytic_account.account/{account}", {"active": False})


def leave(tryton: Tryton, employee: int, on: str) -> None:
    """A person's last day."""
    tryton.write("PUT", f"company.employee/{employee}", {"end_date": day(on)})
