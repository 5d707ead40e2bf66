"""Cost the slow way: each hour and each ledger line priced on its own by searching all rates, in exact fractions.

Belongs here: a second reading of actual cost and of the cost summary that shares no code and no method with the models.
Does not: SQL, dbt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Company = dict[str, list[Row]]
Key = tuple[str, date, str, str]
NOTHING = Fraction(0)


@dataclass
class Month:
    """Amounts of one project, month, category and spend type; `incurred` counts each labor hour once."""

    budget: Fraction = NOTHING
    actual: Fraction = NOTHING
    commitment: Fraction = NOTHING
    accrual: Fraction = NOTHING
    labor: Fraction = NOTHING
    incurred: Fraction = NOTHING


@dataclass
class Costs:
    """What the finance tables must say.

    Attributes:
        daily: actual cost that each day adds to each project.
        months: the rows of the cost summary.
        excluded: hours that are no cost up to as_of, by reason.
    """

    daily: dict[tuple[str, date], Fraction] = field(default_factory=lambda: defaultdict(lambda: NOTHING))
    months: dict[Key, Month] = field(default_factory=lambda: defaultdict(Month))
    excluded: dict[str, Fraction] = field(default_factory=lambda: defaultdict(lambda: NOTHING))


def as_day(value: object) -> date:
    """A day of a row, given as a date or as text."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def exchange(fx_rates: Iterable[Row], day: date, from_currency: str, to_currency: str) -> Fraction | None:
    """The rate of the day: the last direct one on or before it, else the reciprocal of the last opposite one."""
    if from_currency == to_currency:
        return Fraction(1)
    for one, other, is_reciprocal in ((from_currency, to_currency, False), (to_currency, from_currency, True)):
        known = [row for row in fx_rates if row["from_currency"] == one and row["to_currency"] == other and as_day(row["date"]) <= day]
        if known:
            rate = Fraction(str(max(known, key=lambda row: as_day(row["date"]))["rate"]))
            return 1 / rate if is_reciprocal else rate
    return None


def rate_of_day(company: Company, person_id: str, day: date) -> Row | None:
    """The rate row that prices a person's hour: the person's own before the role's, the latest valid_from of those valid."""
    role = next((row["role"] for row in company["people"] if row["person_id"] == person_id), None)
    for column, value in (("person_id", person_id), ("role", role)):
        valid = [
            row
            for row in company["rates"]
            if value is not None
            and row.get(column) == value
            and as_day(row["valid_from"]) <= day
            and (row.get("valid_to") is None or day <= as_day(row["valid_to"]))
        ]
        if valid:
            return max(valid, key=lambda row: as_day(row["valid_from"]))
    return None


def person_of(company: Company, source: str, user: str) -> str | None:
    """The person behind a source's user: by identity, else a person of that very id."""
    for row in company["identities"]:
        if (row["source"], row["source_user_id"]) == (source, user):
            return str(row["person_id"])
    return next((user for row in company["people"] if row["person_id"] == user), None)


def current_budget(company: Company, project: Row, as_of: date, zone: ZoneInfo) -> list[tuple[Row, date | None]]:
    """Lines of the project's budget that counts at as_of, each with the local day of its version's approval."""
    end_of_as_of = datetime.combine(as_of + timedelta(days=1), time(), zone)
    versions: dict[str, list[Row]] = defaultdict(list)
    for row in company["budgets"]:
        if row["project_id"] == project["project_id"]:
            versions[row["budget_version"]].append(row)

    def approval(rows: Sequence[Row]) -> datetime | None:
        instants = [_instant(row["approved_at"], zone) for row in rows if row["approved_at"]]
        return max(instants) if instants else None

    approved = {name: instant for name, rows in versions.items() if (instant := approval(rows)) is not None and instant < end_of_as_of}
    undated = [name for name, rows in versions.items() if approval(rows) is None]
    candidates = list(approved) or undated
    if not candidates:
        return []
    chosen = max(candidates, key=_as_number)
    day = approved[chosen].astimezone(zone).date() if chosen in approved else None
    return [(row, day) for row in versions[chosen]]


def costs(company: Company, source: str, as_of: date, organization_zone: str) -> Costs:
    """Actual cost of each project and day, and the months of the cost summary.

    Raises:
        AssertionError: an amount cannot be converted; the company must have all exchange rates.
    """
    projects = {row["project_id"]: row for row in company["projects"]}
    result = Costs()

    for entry in company["timesheet_entries"]:
        project, day, hours = projects[entry["project_id"]], as_day(entry["work_date"]), Fraction(entry["hours"])
        person = person_of(company, source, entry["person"])
        rate = rate_of_day(company, person, day) if person else None
        if project.get("labor_cost_source") == "ledger":
            reason = "labor_from_ledger"
        else:
            reason = "no_person" if person is None else "no_rate" if rate is None else ""
        if reason or rate is None:
            if day <= as_of:
                result.excluded[reason] += hours
            continue
        fx = exchange(company["fx_rates"], day, rate["currency"], project["currency"])
        assert fx is not None
        cost = hours * Fraction(rate["cost_rate"]) * fx
        result.daily[project["project_id"], day] += cost
        if day <= as_of and cost:
            month = result.months[project["project_id"], day.replace(day=1), "labor", "opex"]
            month.labor += cost
            month.incurred += cost

    for line in company["cost_transactions"]:
        project, day = projects[line["project_id"]], as_day(line["posting_date"])
        fx = exchange(company["fx_rates"], day, line["currency"], project["currency"])
        assert fx is not None
        amount = Fraction(line["amount"]) * fx
        is_double = line["category"] == "labor" and project.get("labor_cost_source") != "ledger"
        is_cost = line["kind"] != "commitment" and not is_double
        if is_cost:
            result.daily[project["project_id"], day] += amount
        if day <= as_of:
            month = result.months[project["project_id"], day.replace(day=1), line["category"], line["spend_type"] or "unspecified"]
            setattr(month, line["kind"], getattr(month, line["kind"]) + amount)
            month.incurred += amount if is_cost else NOTHING

    for project in projects.values():
        zone = ZoneInfo(project.get("time_zone") or organization_zone)
        for line, approved_on in current_budget(company, project, as_of, zone):
            own_month = None if line["period"] == "total" else date.fromisoformat(line["period"] + "-01")
            valued_on = approved_on or min(own_month or as_of, as_of)
            fx = exchange(company["fx_rates"], valued_on, line["currency"], project["currency"])
            assert fx is not None
            key = (project["project_id"], own_month or valued_on.replace(day=1), line["category"], line["spend_type"] or "unspecified")
            result.months[key].budget += Fraction(line["amount"]) * fx
    return result


def _instant(value: object, zone: ZoneInfo) -> datetime:
    text = str(value)
    return datetime.combine(date.fromisoformat(text), time(), zone) if len(text) == 10 else datetime.fromisoformat(text).astimezone(UTC)


def _as_number(version: str) -> int:
    return int(version.lstrip("v"))
