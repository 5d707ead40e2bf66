"""A random small company: people, rates, hours, ledger and budgets with the awkward cases in them, as rows of the file contract.

Belongs here: seeded rows in which each awkward case of cost and utilization occurs many times.
Does not: what the numbers of those rows are (`costs.py`, `utilization.py`).
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
Company = dict[str, list[Row]]

AS_OF = date(2025, 5, 14)
"""A Wednesday: its week is cut, and so is its month."""

ORGANIZATION_ZONE = "Europe/Berlin"
REPORTING_CURRENCY = "EUR"
SOURCE = "files"
FIRST_DAY = date(2025, 1, 6)
LAST_DAY = date(2025, 6, 20)
DAYS = tuple(FIRST_DAY + timedelta(days=number) for number in range((LAST_DAY - FIRST_DAY).days + 1))
WEEKDAYS = tuple(day for day in DAYS if day.isoweekday() <= 5)

CURRENCIES = {"P1": "EUR", "P2": "CNY", "P3": "EUR", "P4": "USD"}
ACTIVITIES = ("development", "meeting", "course", "sick", "unheard-of", None)


def random_company(seed: int) -> Company:
    """Rows of every entity that cost and utilization read."""
    chance = random.Random(seed)
    return {
        **_registers(),
        "holidays": [{"calendar_id": "office", "date": "2025-04-18"}, {"calendar_id": "late", "date": "2025-05-01"}],
        "fx_rates": _fx_rates(chance),
        "rates": _rates(chance),
        "leave": _leave(chance),
        "timesheet_entries": _timesheets(chance),
        "cost_transactions": _ledger(chance),
        "budgets": _budgets(chance),
    }


def drawn_hours(chance: random.Random, entries: int) -> Company:
    """People, days off and hours of three weeks from any source of chance, such as Hypothesis; no costs."""
    company = _registers()
    first = chance.choice(WEEKDAYS)
    days = [first + timedelta(days=number) for number in range(-8, 12)]
    for person in company["people"]:
        person["weekly_hours"] = chance.choice((person["weekly_hours"], None, "0", "38.5"))
        person["end_date"] = chance.choice((person["end_date"], None, str(chance.choice(days))))
    company["holidays"] = [{"calendar_id": chance.choice(("office", "late")), "date": str(chance.choice(days))}]
    off = {(f"{chance.choice(company['people'])['person_id']}", chance.choice(days)) for _ in range(chance.randint(0, 4))}
    company["leave"] = [{"person_id": who, "date": day, "hours": chance.choice(("2", "7.5", "12"))} for who, day in sorted(off)]
    company["timesheet_entries"] = [
        {
            "entry_id": f"t{number}",
            "person": chance.choice(("u-ana", "u-bo", "u-chi", "u-dee", "u-gus", "fay", "stranger")),
            "project_id": chance.choice(("P1", "P2")),
            "work_date": (work_date := chance.choice(days)),
            "hours": chance.choice(("0", "0.25", "4", "7.6", "12", "24", "0.333333333")),
            "activity": chance.choice(ACTIVITIES),
            "submitted_at": chance.choice((None, f"{work_date + timedelta(days=chance.randint(0, 9))}T22:30:00Z")),
        }
        for number in range(entries)
    ]
    return company


def _registers() -> Company:
    office = [(day, "09:00", "12:00") for day in range(1, 6)] + [(day, "13:00", "18:00") for day in range(1, 5)]
    late = [(day, "12:00", "20:30") for day in range(2, 6)]
    people = [
        # person, team, role, calendar, weekly hours, first and last day
        ("ana", "red", "engineer", "office", None, None, None),
        ("bo", "red", "engineer", "office", "20", "2025-02-05", None),
        ("chi", "red", "analyst", "late", None, None, "2025-03-31"),
        ("dee", "blue", "analyst", "late", "17.5", None, None),
        ("eli", "blue", "engineer", "nowhere", None, None, None),
        ("fay", "blue", "unpaid", None, "0", None, None),
        ("gus", None, None, None, "13.333333333", "2024-01-01", "2025-05-13"),
    ]
    return {
        "projects": [
            {"project_id": "P1", "currency": "EUR", "time_zone": "Europe/Berlin"},
            {"project_id": "P2", "currency": "CNY", "time_zone": "Asia/Shanghai", "labor_cost_source": "timesheets"},
            {"project_id": "P3", "currency": "EUR", "labor_cost_source": "ledger"},
            {"project_id": "P4", "currency": "USD", "time_zone": "America/New_York"},
        ],
        "people": [
            {
                "person_id": person,
                "team_id": team,
                "role": role,
                "calendar_id": calendar,
                "weekly_hours": weekly_hours,
                "start_date": start,
                "end_date": end,
            }
            for person, team, role, calendar, weekly_hours, start, end in people
        ],
        "identities": [{"source": SOURCE, "source_user_id": f"u-{row[0]}", "person_id": row[0]} for row in people],
        "calendars": [
            {"calendar_id": calendar, "weekday": weekday, "start_time": start, "end_time": end}
            for calendar, shifts in (("office", office), ("late", late))
            for weekday, start, end in shifts
        ],
        "activity_map": [
            {"source": SOURCE, "activity": "development", "productive": "true", "class": "project"},
            {"source": SOURCE, "activity": "meeting", "productive": "false", "class": "overhead"},
            {"source": SOURCE, "activity": "course", "productive": "false", "class": "training"},
            {"source": SOURCE, "activity": "sick", "productive": "false", "class": "absence"},
        ],
    }


def _fx_rates(chance: random.Random) -> list[Row]:
    """EUR-CNY and CNY-USD in one direction only, USD-EUR in both from March on; every third day or so, weekends without."""
    rows = []
    for from_currency, to_currency, middle, first_day in (
        ("USD", "EUR", 0.92, date(2024, 12, 20)),
        ("EUR", "USD", 1.08, date(2025, 3, 3)),
        ("EUR", "CNY", 7.8, date(2024, 12, 20)),
        ("CNY", "USD", 0.137, date(2024, 12, 20)),
    ):
        day = first_day
        while day <= LAST_DAY:
            rate = round(middle * chance.uniform(0.95, 1.05), 6)
            rows.append({"date": day, "from_currency": from_currency, "to_currency": to_currency, "rate": rate})
            day += timedelta(days=chance.randint(1, 5))
    return rows


def _rates(chance: random.Random) -> list[Row]:
    """Role rates that change in the middle of months, own rates that start, end and overlap; nobody prices `unpaid`."""
    rows: list[Row] = [
        {"role": "engineer", "valid_from": "2024-01-01", "valid_to": None, "currency": "EUR", "cost_rate": "90.25"},
        {"role": "engineer", "valid_from": "2025-03-17", "valid_to": None, "currency": "EUR", "cost_rate": "95.5"},
        {"role": "analyst", "valid_from": "2025-01-15", "valid_to": "2025-05-09", "currency": "USD", "cost_rate": "101"},
        {"person_id": "ana", "valid_from": "2025-02-10", "valid_to": "2025-04-14", "currency": "CNY", "cost_rate": "812.333333"},
        {"person_id": "ana", "valid_from": "2025-02-20", "valid_to": "2025-02-26", "currency": "EUR", "cost_rate": "130"},
        {"person_id": "gus", "valid_from": "2025-01-01", "valid_to": None, "currency": "USD", "cost_rate": "0"},
    ]
    for day in ("2025-03-05", "2025-04-02", "2025-04-20"):
        rows.append({"person_id": "dee", "valid_from": day, "valid_to": None, "currency": "EUR", "cost_rate": str(chance.randint(70, 120))})
    return rows


def _leave(chance: random.Random) -> list[Row]:
    people = ("ana", "bo", "chi", "dee", "eli", "gus")
    days = {(person, day) for person in people for day in chance.sample(DAYS, 14)}
    return [{"person_id": person, "date": day, "hours": chance.choice(("2", "4", "7.5", "12"))} for person, day in sorted(days)]


def _timesheets(chance: random.Random) -> list[Row]:
    users = ("u-ana", "u-bo", "u-chi", "u-dee", "u-eli", "u-fay", "u-gus", "fay", "stranger")
    rows = []
    for number in range(900):
        work_date = chance.choice(DAYS)
        monday = work_date - timedelta(days=work_date.weekday())
        # Most weeks are handed in together, in Berlin's Monday night around the deadline or well before; some entries never.
        submitted = chance.choice(
            (
                None,
                f"{monday + timedelta(days=4)}T15:00:00Z",
                f"{monday + timedelta(days=4)}T15:00:00Z",
                f"{monday + timedelta(days=4)}T15:00:00Z",
                f"{monday + timedelta(days=7)}T23:59:59{'+02:00' if monday >= date(2025, 3, 24) else '+01:00'}",
                f"{monday + timedelta(days=8)}T00:00:00{'+02:00' if monday >= date(2025, 3, 24) else '+01:00'}",
            )
            if chance.random() < 0.25
            else (f"{monday + timedelta(days=4)}T15:00:00Z",)
        )
        rows.append(
            {
                "entry_id": f"t{number}",
                "person": chance.choice(users),
                "project_id": chance.choice(("P1", "P1", "P2", "P3", "P4")),
                "work_date": work_date,
                "hours": chance.choice(("0", "0.25", "1.5", "4", "7.6", "8", "12", "0.333333333")),
                "activity": chance.choice(ACTIVITIES),
                "submitted_at": submitted,
            }
        )
    return rows


def _ledger(chance: random.Random) -> list[Row]:
    rows = []
    for number in range(320):
        posting_date = chance.choice(DAYS)
        kind = chance.choice(("actual", "actual", "actual", "accrual", "commitment"))
        row: Row = {
            "transaction_id": f"c{number}",
            "project_id": chance.choice(("P1", "P2", "P3")),
            "posting_date": posting_date,
            "amount": f"{chance.uniform(-900, 4000):.2f}",
            "currency": chance.choice(("EUR", "EUR", "USD", "CNY")),
            "category": chance.choice(("labor", "material", "services", "travel")),
            "kind": kind,
            "spend_type": chance.choice(("capex", "opex", None)),
        }
        rows.append(row)
        if kind == "accrual" and chance.random() < 0.6:
            first_of_next = (posting_date.replace(day=1) + timedelta(days=32)).replace(day=1)
            reversal = {"transaction_id": f"c{number}r", "amount": str(-float(row["amount"])), "reverses_id": f"c{number}"}
            rows.append({**row, **reversal, "posting_date": first_of_next})
    return rows


def _budgets(chance: random.Random) -> list[Row]:
    """Versions that must lose to the one that counts, months and a total.

    P1: versions 2, 9 and 10 approved, 11 approved just after as_of. P2: a total beside months, in another currency. P3: no approval
    dates. P4: no budget.
    """
    months = [f"2025-{month:02}" for month in range(1, 9)]
    categories = ("labor", "material")
    approvals = {"2": "2025-01-02", "9": "2025-02-03T10:00:00Z", "10": "2025-05-14T21:59:59Z", "11": "2025-05-14T22:00:00Z"}
    lines = [
        *(("P1", version, category, month, "USD") for version in approvals for category in categories for month in months),
        *(("P2", "v1", category, month, "EUR") for category in categories for month in months[2:]),
        ("P2", "v1", "services", "total", "EUR"),
        *(("P3", "1", category, month, "EUR") for category in categories for month in months[:5]),
    ]
    approvals["v1"] = "2025-03-31T20:00:00Z"
    return [
        {
            "project_id": project,
            "budget_version": version,
            "category": category,
            "period": period,
            "amount": f"{chance.uniform(100, 9000):.2f}",
            "currency": currency,
            "spend_type": chance.choice(("capex", "opex", None)),
            "approved_at": approvals.get(version),
        }
        for project, version, category, period, currency in lines
    ]
