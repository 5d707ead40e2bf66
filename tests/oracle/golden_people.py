"""The golden utilization cases as people, leave and hours of one week.

Belongs here: how a case's billable hours, allocation, out-of-office and expectation become rows of the file contract.
Does not: the figures that must come out (`tests/golden`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.company import SOURCE, Company

MONDAY = date(2025, 2, 3)
LONGEST_ENTRY = Decimal(24)


def golden_people(golden: dict[str, Any]) -> Company:
    """Rows for each case: person `single-<n>`; team `group-<n>` with people `group-<n>-<m>`.

    A target of (40 - out of office) * expectation is a calendar of 40 hours, `weekly_hours` of 40 * expectation, and leave of
    out of office * expectation. An allocation is hours booked on productive work: its share of the target.
    """
    company: Company = {"people": [], "identities": [], "leave": [], "timesheet_entries": []}
    for number, case in enumerate(golden["single"]):
        expectation, out_of_office = Decimal(str(case["exp"])), Decimal(case["ooo"])
        target = (40 - out_of_office) * expectation
        hours = Decimal(case["billable"]) + Decimal(str(case["alloc"])) * target
        _hire(company, f"single-{number}", None, (40 * expectation, out_of_office * expectation), hours)
    for number, case in enumerate(golden["aggregate"]):
        for member, target in enumerate(case["target"]):
            hours = Decimal(case["billable"][member]) + Decimal(case["alloc_hours"][member])
            _hire(company, f"group-{number}-{member}", f"group-{number}", (Decimal(target), Decimal(0)), hours)
    return company


def _hire(company: Company, person_id: str, team_id: str | None, contract: tuple[Decimal, Decimal], productive: Decimal) -> None:
    weekly_hours, leave = contract
    company["people"].append(
        {
            "person_id": person_id,
            "team_id": team_id,
            "role": None,
            "calendar_id": None,
            "weekly_hours": str(weekly_hours),
            "start_date": str(MONDAY),
            "end_date": str(MONDAY + timedelta(days=6)),
        }
    )
    company["identities"].append({"source": SOURCE, "source_user_id": person_id, "person_id": person_id})
    if leave:
        company["leave"].append({"person_id": person_id, "date": MONDAY, "hours": str(leave)})
    for number, hours in enumerate(_entries(productive)):
        company["timesheet_entries"].append(
            {
                "entry_id": f"{person_id}-{number}",
                "person": person_id,
                "project_id": "P1",
                "work_date": MONDAY + timedelta(days=number),
                "hours": str(hours),
                "activity": "development",
                "submitted_at": None,
            }
        )


def _entries(hours: Decimal) -> Iterable[Decimal]:
    while hours > 0:
        yield min(hours, LONGEST_ENTRY)
        hours -= LONGEST_ENTRY
