"""Who works in the sample company: teams, people, their rates, their presence.

Belongs here: people, identities, teams, rates, leave, and the attendance grid that timesheets are cut from.
Does not: what people work on (`timesheets.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from ingest.sample.scenarios import Site
from ingest.sample.worktime import AS_OF, DAY_HOURS, STANDARD, US_OFFICE, Booleans, Days, Floats, Integers, Window, generator, holidays

SOURCE = "sample"
"""The name that the sample's maps, scopes and identities expect of the configured source."""

ROLES = ("Team lead", "Project manager", "Engineer", "Analyst", "Tester", "Designer")
_HOURLY_RATES = (95.0, 90.0, 78.0, 72.0, 62.0, 70.0)
_MEMBERS = (0, 1, 2, 3, 2, 4, 2, 1, 5, 2)
"""Roles of the ten members of a team."""

LEAVE_KINDS = ("", "vacation", "sickness")
DOLLARS_PER_EURO = 1.10
"""Middle of the sample's exchange rates."""

_SITE_NAMES = ("Headquarters", "Infrastructure", "Products", "Finance", "United States", "Shanghai")
_DEPARTMENTS = (("DEP-TECH", "Technology"), ("DEP-BUSINESS", "Business"), ("DEP-INTERNATIONAL", "International"))
_SITE_DEPARTMENT = (0, 0, 0, 1, 2, 2)


def source_users(people: Integers) -> pl.Series:
    """The name by which trackers and timesheets know people, by index."""
    return pl.select(pl.format("u{}", pl.lit(pl.Series(people + 1, dtype=pl.Int64)).cast(pl.String).str.zfill(3))).to_series()


def person_ids(people: Integers) -> pl.Series:
    """The PMO's ids of people, by index."""
    return pl.select(pl.format("P{}", pl.lit(pl.Series(people + 1, dtype=pl.Int64)).cast(pl.String).str.zfill(3))).to_series()


@dataclass(frozen=True)
class Staff:
    """All people of the company as arrays, one place a person."""

    count: int
    window: Window

    @cached_property
    def teams(self) -> int:
        """Number of teams: one for ten people, six at least."""
        return max(len(Site), self.count // len(_MEMBERS))

    @cached_property
    def index(self) -> Integers:
        """0 … count - 1."""
        return np.arange(self.count, dtype=np.int64)

    @cached_property
    def team(self) -> Integers:
        """Team of each person."""
        return self.index % self.teams

    @cached_property
    def site(self) -> Integers:
        """Site of each person."""
        return self.team % len(Site)

    @cached_property
    def role(self) -> Integers:
        """Index into `ROLES` of each person."""
        members: Integers = np.array(_MEMBERS)[self.index // self.teams % len(_MEMBERS)]
        return members

    @cached_property
    def weekly_hours(self) -> Floats:
        """Contract hours of part-timers, NaN for everybody else."""
        hours = np.where(self.index % 13 == 7, 32.0, np.nan)
        return np.where(self.index % 17 == 11, 20.0, hours)

    @cached_property
    def joined(self) -> Days:
        """First day of work; a few joined during the window."""
        before = np.datetime64(self.window.start) - 200 - (self.index * 97) % 2500
        joins = np.datetime64(self.window.day_at(0.3)) + self.index % 60
        return np.where(self.index % 15 == 14, joins, before)

    @cached_property
    def left(self) -> Days:
        """Last day of work, NaT for those who are still here."""
        leaves = np.datetime64(self.window.day_at(0.8)) + self.index % 40
        return np.where(self.index % 20 == 18, leaves, np.datetime64("NaT", "D"))

    @cached_property
    def in_dollars(self) -> Booleans:
        """Whose rate is in dollars."""
        found: Booleans = self.site == Site.UNITED_STATES
        return found

    @cached_property
    def has_own_rate(self) -> Booleans:
        """Who has a rate of their own, which wins over the role's."""
        found: Booleans = self.in_dollars | (self.index % 9 == 4)
        return found

    @cached_property
    def base_rate(self) -> Floats:
        """Cost per hour in the first year, in the currency of the person's rate."""
        role_rate = np.array(_HOURLY_RATES)[self.role]
        own = role_rate * (0.95 + 0.02 * (self.index % 8)) * np.where(self.in_dollars, 1.2, 1.0)
        return np.where(self.has_own_rate, own.round(1), role_rate)

    def rate(self, people: Integers, days: Days) -> Floats:
        """Cost per hour of people on days, in the currency of their rate."""
        years = days.astype("datetime64[Y]").astype(np.int64) + 1970
        return (self.base_rate[people] * _raise(years - self.window.start.year)).round(2)

    def members(self, site: Site) -> Integers:
        """Everybody at a site."""
        found: Integers = self.index[self.site == site]
        return found

    def leads(self) -> Integers:
        """All team leads."""
        return self.index[: self.teams]

    def project_managers(self) -> Integers:
        """All project managers."""
        found: Integers = self.index[self.role == 1]
        return found


def _raise(years: Integers) -> Floats:
    """What yearly raises have made of a rate: three percent each first of January."""
    return np.power(1.03, np.maximum(years, 0))


@dataclass(frozen=True)
class Attendance:
    """Presence of some people in each week of the window, Monday to Friday.

    Attributes:
        people: their indices.
        mondays: first day of each week.
        capacity: hours a day by calendar, contract and employment, before leave: person by week by weekday.
        leave: index into `LEAVE_KINDS`, same shape.
    """

    people: Integers
    mondays: Days
    capacity: Floats
    leave: np.typing.NDArray[np.int8]

    @cached_property
    def days(self) -> Days:
        """The day of each week and weekday."""
        return self.mondays[:, None] + np.arange(5)

    @cached_property
    def present(self) -> Floats:
        """Hours a day net of leave."""
        return np.where(self.leave > 0, 0.0, self.capacity)


def attendance(staff: Staff, seed: int, people: Integers, part: int) -> Attendance:
    """Presence of some of the people: whole weeks of vacation, a few sick days, closed on holidays."""
    random, window = generator(seed, "leave", part), staff.window
    first = np.datetime64(window.start)
    monday = first - (first.astype(np.int64) + 3) % 7
    mondays = np.arange(monday, np.datetime64(AS_OF) + 1, 7)
    days = mondays[:, None] + np.arange(5)
    inside = (days >= first) & (days <= np.datetime64(AS_OF))

    by_site = []
    for site in Site:
        calendar = US_OFFICE if site is Site.UNITED_STATES else STANDARD
        closed = np.isin(days, np.array([np.datetime64(day) for day in holidays(calendar, window.years)]))
        by_site.append(np.where(closed | ~inside, 0.0, np.array(DAY_HOURS[calendar])))
    full_week = np.where(staff.in_dollars[people], sum(DAY_HOURS[US_OFFICE]), sum(DAY_HOURS[STANDARD]))
    contract = np.nan_to_num(staff.weekly_hours[people] / full_week, nan=1.0)
    left = np.where(np.isnat(staff.left[people]), np.datetime64("2100-01-01"), staff.left[people])
    employed = (days >= staff.joined[people][:, None, None]) & (days <= left[:, None, None])
    capacity = np.array(by_site)[staff.site[people]] * contract[:, None, None] * employed

    week_of_year = (mondays - mondays.astype("datetime64[Y]")).astype(np.int64) // 7
    chance = np.select([week_of_year >= 51, (week_of_year >= 29) & (week_of_year <= 34)], [0.6, 0.22], default=0.045)
    vacation = (random.random((len(people), len(mondays))) < chance)[:, :, None]
    sickness = random.random(capacity.shape) < 0.018
    kind = np.where(vacation, 1, np.where(sickness, 2, 0)) * (capacity > 0)
    return Attendance(people, mondays, capacity, kind.astype(np.int8))


def leave_frame(present: Attendance) -> pl.DataFrame:
    """Entity `leave` of some people."""
    person, week, day = np.nonzero(present.leave)
    return pl.DataFrame(
        {
            "person_id": person_ids(present.people[person]),
            "date": present.days[week, day],
            "hours": present.capacity[person, week, day],
            "kind": pl.Series(LEAVE_KINDS).gather(present.leave[person, week, day].astype(np.int64)),
        }
    ).sort("person_id", "date")


def master_frames(staff: Staff) -> dict[str, pl.DataFrame]:
    """Entities `teams`, `people`, `identities` and `rates`."""
    team_ids = pl.Series([f"TEAM-{team + 1:02d}" for team in range(staff.teams)])
    teams = pl.DataFrame(
        {
            "team_id": [*(key for key, _ in _DEPARTMENTS), *team_ids],
            "name": [
                *(name for _, name in _DEPARTMENTS),
                *(f"{_SITE_NAMES[team % len(Site)]} team {team // len(Site) + 1}" for team in range(staff.teams)),
            ],
            "parent_team_id": [
                *([None] * len(_DEPARTMENTS)),
                *(_DEPARTMENTS[_SITE_DEPARTMENT[team % len(Site)]][0] for team in range(staff.teams)),
            ],
        }
    )
    managers = np.where(staff.index < staff.teams, 0, staff.team)
    ids = person_ids(staff.index)
    people = pl.DataFrame(
        {
            "person_id": ids,
            "number": ids.str.slice(1),
            "team_id": team_ids.gather(staff.team),
            "role": pl.Series(ROLES).gather(staff.role),
            "manager_id": person_ids(managers),
            "is_project_manager": staff.role == 1,
            "calendar_id": pl.Series([STANDARD, US_OFFICE]).gather(staff.in_dollars.astype(np.int64)),
            "weekly_hours": pl.Series(staff.weekly_hours).fill_nan(None),
            "start_date": staff.joined,
            "end_date": staff.left,
        }
    ).with_columns(
        pl.format("Person {}", "number").alias("name"),
        pl.format("person.{}@example.com", "number").alias("email"),
        pl.when(pl.col("manager_id") != pl.col("person_id")).then("manager_id").alias("manager_id"),
    )
    identities = pl.DataFrame({"source": SOURCE, "source_user_id": source_users(staff.index), "person_id": ids})
    return {"teams": teams, "people": people, "identities": identities, "rates": _rates(staff)}


def _rates(staff: Staff) -> pl.DataFrame:
    """Entity `rates`: one of each role in euro, one of each person who has an own one; a new one each January."""
    own = staff.index[staff.has_own_rate]
    frames = []
    for year in range(staff.window.start.year, AS_OF.year + 1):
        raised = float(_raise(np.array([year - staff.window.start.year]))[0])
        first = date(year, 1, 1) if year > staff.window.start.year else staff.window.start - timedelta(days=365)
        last = date(year, 12, 31) if year < AS_OF.year else None
        roles = pl.DataFrame({"role": ROLES, "currency": "EUR", "cost_rate": (np.array(_HOURLY_RATES) * raised).round(2)})
        persons = pl.DataFrame(
            {
                "person_id": person_ids(own),
                "currency": pl.Series(["EUR", "USD"]).gather(staff.in_dollars[own].astype(np.int64)),
                "cost_rate": (staff.base_rate[own] * raised).round(2),
            }
        )
        frames.append(
            pl.concat([roles, persons], how="diagonal").with_columns(
                pl.lit(first).alias("valid_from"),
                pl.lit(last, dtype=pl.Date).alias("valid_to"),
                (pl.col("cost_rate") * 1.35).round(2).alias("bill_rate"),
            )
        )
    return pl.concat(frames)
