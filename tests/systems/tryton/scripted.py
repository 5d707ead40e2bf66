# ruff: noqa: T201
"""Changes that Tryton's REST does not offer, made with the server's own objects while the server is stopped.

One word names the change, JSON its arguments.

Runs in Tryton's own environment (TRYTOND_CONFIG, TRYTON_DB); prints one line of JSON.
"""

import datetime as dt
import json
import os
import sys
from typing import Any


def in_pool(change: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Changes that only the server's own objects can make."""
    from trytond import config as server_config

    server_config.update_etc(os.environ["TRYTOND_CONFIG"])
    from trytond.pool import Pool
    from trytond.transaction import Transaction, TransactionError

    name = os.environ.get("TRYTON_DB", "pmo")
    Pool.start()
    Pool(name).init()
    extras: dict[str, Any] = {"context": {"company": 1, "companies": [1]}}
    while True:
        with Transaction().start(name, 1, **extras) as transaction:
            try:
                made = globals()[change](Pool(), **arguments)
                transaction.commit()
                return dict(made)
            except TransactionError as needed:
                # Some records are to be locked from the start of the transaction: it says which, and wants to be begun again.
                transaction.rollback()
                needed.fix(extras)


def _cancel_move(pool: Any, move: int, post: bool) -> dict[str, int]:
    """A cancelling move, as the wizard of that name makes it: a draft, or posted."""
    model = pool.get("account.move")
    original = model(move)
    made = original.cancel(default={"date": original.date})
    if post:
        model.post([made])
    return {"move": made.id}


def _credit_invoice(pool: Any, invoice: int, refund: bool) -> dict[str, int]:
    """A credit note over a whole invoice, posted; with `refund` it settles the invoice."""
    model = pool.get("account.invoice")
    original = model(invoice)
    (made,) = model.credit([original], refund=refund, invoice_date=original.invoice_date)
    if not refund:
        model.post([made])
    return {"invoice": made.id, "move": model(made.id).move.id}


def _user(pool: Any, login: str, groups: list[str]) -> dict[str, str]:
    """A user in some groups (by their names), with a validated REST key."""
    found = pool.get("res.group").search([("name", "in", groups)])
    assert len(found) == len(set(groups)), [group.name for group in pool.get("res.group").search([])]
    companies = pool.get("company.company").search([])
    (user,) = pool.get("res.user").create(
        [
            {
                "login": login,
                "name": login,
                "groups": [("add", [group.id for group in found])],
                "companies": [("add", [company.id for company in companies])],
                "company": companies[0].id,
            }
        ]
    )
    (application,) = pool.get("res.user.application").create([{"application": "rest", "user": user.id, "state": "validated"}])
    return {"key": application.key}


def _second_company(pool: Any, name: str) -> dict[str, int]:
    """A company beside the first, with an employee, a work and a timesheet line; the administrator may use both."""
    from trytond.transaction import Transaction

    (first,) = pool.get("company.company").search([])
    (party,) = pool.get("party.party").create([{"name": name}])
    (company,) = pool.get("company.company").create([{"party": party.id, "currency": first.currency.id}])
    pool.get("res.user").write(pool.get("res.user").search([("login", "=", "admin")]), {"companies": [("add", [first.id, company.id])]})
    with Transaction().set_context(company=company.id, companies=[company.id]):
        (person,) = pool.get("party.party").create([{"name": f"{name} Employee"}])
        (employee,) = pool.get("company.employee").create([{"party": person.id, "company": company.id}])
        (work,) = pool.get("timesheet.work").create([{"name": f"{name} Work", "company": company.id}])
        (line,) = pool.get("timesheet.line").create(
            [
                {
                    "employee": employee.id,
                    "company": company.id,
                    "work": work.id,
                    "date": dt.date(2026, 9, 1),
                    "duration": dt.timedelta(hours=5),
                }
            ]
        )
        (project,) = pool.get("project.work").create(
            [{"name": f"{name} Project", "type": "project", "company": company.id, "timesheet_available": False}]
        )
    return {"company": company.id, "employee": employee.id, "line": line.id, "work": work.id, "project": project.id}


if __name__ == "__main__":
    change, arguments = sys.argv[1], json.loads(sys.argv[2])
    print(json.dumps(in_pool(f"_{change}", arguments)))
