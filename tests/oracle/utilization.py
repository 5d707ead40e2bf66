"""Utilization the slow way: each person's days walked one by one, each week asked for its entries.

Belongs here: a second reading of capacity, hours and their ratios that shares no code and no method with the models.
Does not: SQL, dbt, the golden figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.costs import as_day, person_of

Row = dict[str, Any]
Company = dict[str, list[Row]]
Scope = tuple[str, str]
NOTHING = Fraction(0)
STANDARD_WEEK = {weekday: Fraction(8) for weekday in range(1, 6)}


@dataclass
class Week:
    """One person's week, or a group's.

    Attributes:
        capped: hours that count towards completeness.
        on_time: person-weeks submitted in time.
        handed_in: person-weeks with entries.
    """

    capacity: Fraction = NOTHING
    leave: Fraction = NOTHING
    logged: Fraction = NOTHING
    capped: Fraction = NOTHING
    productive: Fraction = NOTHING
    overhead: Fraction = NOTHING
    on_time: int = 0
    handed_in: int = 0
    projects: set[str] = field(default_factory=set)

    def add(self, other: Week) -> None:
        """Put another week's sums on top of this one's."""
        self.capacity += other.capacity
        self.leave += other.leave
        self.logged += other.logged
        self.capped += other.capped
        self.productive += other.productive
        self.overhead += other.overhead
        self.on_time += other.on_time
        self.handed_in += other.handed_in
        self.projects |= other.projects


def weekly_hours_of(company: Company, calendar_id: str | None) -> dict[int, Fraction]:
    """Working hours of each weekday; a calendar that nobody delivered is the organization's."""
    hours: dict[int, Fraction] = {}
    for row in company["calendars"]:
        if row["calendar_id"] == calendar_id:
            start, end = (time.fromisoformat(row[name]) for name in ("start_time", "end_time"))
            minutes = (end.hour - start.hour) * 60 + end.minute - start.minute
            hours[row["weekday"]] = hours.get(row["weekday"], NOTHING) + Fraction(minutes, 60)
    return hours or STANDARD_WEEK


def day_of(company: Company, person: Row, day: date) -> tuple[Fraction, Fraction]:
    """What a person can work on a day, and the leave that is taken off it."""
    if (person["start_date"] and day < as_day(person["start_date"])) or (person["end_date"] and day > as_day(person["end_date"])):
        return NOTHING, NOTHING
    week = weekly_hours_of(company, person["calendar_id"])
    if any(row["calendar_id"] == person["calendar_id"] and as_day(row["date"]) == day for row in company["holidays"]):
        return NOTHING, NOTHING
    scheduled = week.get(day.isoweekday(), NOTHING)
    if person["weekly_hours"] is not None:
        scheduled = scheduled * Fraction(person["weekly_hours"]) / sum(week.values())
    wanted = sum(
        (Fraction(row["hours"]) for row in company["leave"] if row["person_id"] == person["person_id"] and as_day(row["date"]) == day),
        NOTHING,
    )
    leave = min(wanted, scheduled)
    return scheduled - leave, leave


def hours_of(company: Company, entries: Iterable[Row], monday: date, zone: ZoneInfo) -> Week:
    """Hours of one person's entries of one week, before they are held against capacity."""
    classes = {row["activity"]: row for row in company["activity_map"]}
    tuesday = datetime.combine(monday + timedelta(days=8), time(), zone)
    week, all_in_time = Week(), True
    for entry in entries:
        hours, activity = Fraction(entry["hours"]), classes.get(entry["activity"])
        week.logged += hours
        week.handed_in = 1
        week.projects.add(entry["project_id"])
        # Without a mapping, an hour on a project is project work.
        week.productive += hours if activity is None or activity["productive"] == "true" else NOTHING
        week.overhead += hours if activity is not None and activity["class"] == "overhead" else NOTHING
        all_in_time &= entry["submitted_at"] is not None and datetime.fromisoformat(entry["submitted_at"]) < tuesday
    week.on_time = int(all_in_time and week.handed_in)
    return week


def utilization(company: Company, source: str, as_of: date, organization_zone: str) -> dict[tuple[str, str, date], Week]:
    """Each person's, team's and the organization's weeks up to the week of as_of, which counts whole."""
    zone = ZoneInfo(organization_zone)
    first = min(as_day(row[name]) for entity, name in (("timesheet_entries", "work_date"), ("leave", "date")) for row in company[entity])
    monday = first - timedelta(days=first.weekday())
    people = {row["person_id"]: row for row in company["people"]}
    # Of a source that never says when an entry was submitted, nobody can tell who was late.
    says_when = any(entry["submitted_at"] for entry in company["timesheet_entries"])
    found: dict[tuple[str, str, date], Week] = {}
    while monday <= as_of:
        days = [monday + timedelta(days=number) for number in range(7)]
        by_user: dict[tuple[str | None, str], list[Row]] = {}
        for entry in company["timesheet_entries"]:
            if as_day(entry["work_date"]) in days:
                person_id = person_of(company, source, entry["person"])
                by_user.setdefault((person_id, "" if person_id else entry["person"]), []).append(entry)
        for person_id in people:
            by_user.setdefault((person_id, ""), [])
        for (person_id, _), entries in by_user.items():
            week = hours_of(company, entries, monday, zone)
            if not says_when:
                week.on_time = week.handed_in = 0
            scopes: list[Scope] = [("organization", "organization")]
            if person_id is not None:
                person = people[person_id]
                spent = [day_of(company, person, day) for day in days]
                week.capacity = sum((capacity for capacity, _ in spent), NOTHING)
                week.leave = sum((leave for _, leave in spent), NOTHING)
                if not entries and not _is_employed(person, days):
                    continue
                scopes.append(("person", person_id))
                if person["team_id"]:
                    scopes.append(("team", person["team_id"]))
            week.capped = min(week.logged, week.capacity)
            for scope in scopes:
                found.setdefault((*scope, monday), Week()).add(week)
        monday += timedelta(days=7)
    return found


def _is_employed(person: Row, days: Iterable[date]) -> bool:
    return any(
        (not person["start_date"] or day >= as_day(person["start_date"])) and (not person["end_date"] or day <= as_day(person["end_date"]))
        for day in days
    )
