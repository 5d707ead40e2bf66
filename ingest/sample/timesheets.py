"""Hours: who worked when on what, and what that cost each project.

Belongs here: entity `timesheet_entries`, its gaps and bad rows, and the labor cost that follows from it.
Does not: presence and rates (`people.py`); items are only pointed at, by the arithmetic of `tracker.ItemNumbers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from ingest.sample.people import DOLLARS_PER_EURO, Attendance, Staff, attendance, leave_frame, source_users
from ingest.sample.scenarios import Site
from ingest.sample.schedule import Schedule
from ingest.sample.tracker import ItemNumbers
from ingest.sample.worktime import AS_OF, Days, Floats, Integers, Window, generator

ACTIVITIES = ("Meetings", "Project management", "Development", "Analysis", "Testing", "Design", "Administration", "Training", "Support")
_MEETINGS, _ADMINISTRATION, _TRAINING, _SUPPORT = 0, 6, 7, 8
_ROLE_ACTIVITY = (1, 1, 2, 3, 4, 5)
"""Main activity of each role of `people.ROLES`."""

PROJECTS_PER_PERSON = 4
_LOAD = 0.78
"""Share of a site's capacity that its projects ask for in a middling week."""
_SMOOTH_WEEKS = 9
PEOPLE_PER_PART = 2_000

UNKNOWN_USER = "u-unknown"
DIRTY_TIMESHEET_ROWS = 5
"""Rows that the contract sends to quarantine: 26 hours, negative hours, no date, no person, a date past 2100."""


@dataclass
class LaborCost:
    """What the entries written so far cost, by project and month of the window, in the project's currency."""

    amounts: Floats
    rows: int = field(default=0)


def write_hours(staff: Staff, items: ItemNumbers, seed: int, cost: LaborCost) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Entries and leave, part by part of the people; adds each part's cost to `cost`."""
    staffing = _staffing(staff, items.schedules, seed)
    for part, first in enumerate(range(0, staff.count, PEOPLE_PER_PART)):
        people = staff.index[first : first + PEOPLE_PER_PART]
        present = attendance(staff, seed, people, part)
        entries = _entries(staff, present, staffing, generator(seed, "hours", part))
        _add_cost(staff, items.schedules, entries, cost)
        frame = _frame(items, entries, generator(seed, "entries", part), first_number=cost.rows)
        cost.rows += len(entries.person)
        if part == 0:
            frame = pl.concat([frame, _odd_rows(items.schedules, staff.window)], how="diagonal")
        yield frame, leave_frame(present)


@dataclass(frozen=True)
class _Entries:
    """Entries of some people as arrays, one place an entry."""

    person: Integers
    project: Integers
    day: Days
    hours: Floats
    activity: Integers
    monday: Days


@dataclass(frozen=True)
class _Staffing:
    """Who is on which projects.

    Attributes:
        demand: hours that each project asks for in each week.
        assigned: up to four projects of each person; -1 is none.
        shares: the share of each of these projects' hours that falls to the person.
    """

    demand: Floats
    assigned: Integers
    shares: Floats


def _staffing(staff: Staff, schedules: list[Schedule], seed: int) -> _Staffing:
    """Put the people of each site on its projects."""
    random = generator(seed, "staffing")
    first = np.datetime64(staff.window.start)
    fridays = np.arange(first - (first.astype(np.int64) + 3) % 7, np.datetime64(AS_OF) + 1, 7) + 4
    weekly = np.zeros((len(schedules), len(fridays)))
    for row, schedule in enumerate(schedules):
        if schedule.project.scenario.is_operations:
            continue
        done = schedule.done(np.concatenate([[fridays[0] - 7], fridays])) @ schedule.weights
        # What costs more than planned takes more hours than planned.
        weekly[row] = _smooth(np.diff(done)) * schedule.project.scenario.size / schedule.project.scenario.cpi

    assigned = np.full((staff.count, PROJECTS_PER_PERSON), -1, dtype=np.int64)
    weights = random.uniform(0.4, 1.6, assigned.shape)
    for site in Site:
        here = np.array([row for row, s in enumerate(schedules) if s.project.scenario.site == site and weekly[row].any()], dtype=np.int64)
        people = staff.members(site)
        if not len(here):
            continue
        slots = min(len(here), PROJECTS_PER_PERSON)
        step = max(1, len(here) // slots)
        rank = np.arange(len(people))
        for slot in range(slots):
            assigned[people, slot] = here[(rank + slot * step) % len(here)]
        site_weeks = weekly[here].sum(axis=0)
        capacity = len(people) * 40 * 0.87
        weekly[here] *= _LOAD * capacity / float(np.median(site_weeks[site_weeks > 0]))
    weights = np.where(assigned >= 0, weights, 0.0)
    totals = np.bincount(assigned[assigned >= 0], weights=weights[assigned >= 0], minlength=len(schedules))
    shares = np.divide(weights, totals[assigned], out=np.zeros_like(weights), where=assigned >= 0)
    return _Staffing(weekly, assigned, shares)


def _smooth(weeks: Floats) -> Floats:
    """Effort is steadier than progress: a moving average that stays within the weeks in which anything was done."""
    active = np.flatnonzero(weeks)
    if not len(active):
        return weeks
    first, last = active[0], active[-1] + 1
    window = np.ones(_SMOOTH_WEEKS)
    inner = weeks[first:last]
    smooth = np.zeros_like(weeks)
    middle = slice(_SMOOTH_WEEKS // 2, _SMOOTH_WEEKS // 2 + len(inner))
    smooth[first:last] = np.convolve(inner, window)[middle] / np.convolve(np.ones_like(inner), window)[middle]
    return smooth


def _entries(staff: Staff, present: Attendance, staffing: _Staffing, random: np.random.Generator) -> _Entries:
    """Cut each person's week into entries: first the projects, then meetings, training and support.

    A person's hours of a week are laid end to end and cut at the days, so that a day holds one to three entries.
    """
    people, weeks = len(present.people), len(present.mondays)
    capacity = present.present.sum(axis=2)
    assigned, shares = staffing.assigned[present.people], staffing.shares[present.people]
    wanted = np.where(assigned[:, :, None] >= 0, staffing.demand[assigned] * shares[:, :, None], 0.0)
    wanted *= random.uniform(0.85, 1.15, wanted.shape)
    total = wanted.sum(axis=1)
    # Overtime up to a tenth; what does not fit is not worked.
    wanted *= np.minimum(1, np.divide(capacity * 1.1, total, out=np.zeros_like(total), where=total > 0))[:, None, :]
    rest = np.maximum(capacity * random.uniform(0.94, 1.0, capacity.shape) - wanted.sum(axis=1), 0)
    meetings = np.minimum(rest, capacity * random.uniform(0.04, 0.10, capacity.shape))
    training = np.where(random.random(capacity.shape) < 0.04, np.minimum(rest - meetings, 8), 0)
    blocks = np.concatenate([wanted, meetings[:, None], training[:, None], (rest - meetings - training)[:, None]], axis=1)
    forgotten = random.random((people, weeks)) < 0.035
    blocks *= ~forgotten[:, None, :]

    ends = np.cumsum(blocks, axis=1)
    worked = ends[:, -1, :]
    day_ends = np.cumsum(present.present, axis=2)
    scale = np.divide(worked, capacity, out=np.zeros_like(worked), where=capacity > 0)
    day_ends = day_ends * scale[:, :, None]
    day_starts = np.concatenate([np.zeros((people, weeks, 1)), day_ends[:, :, :-1]], axis=2)
    overlap = np.minimum(ends[:, :, :, None], day_ends[:, None]) - np.maximum((ends - blocks)[:, :, :, None], day_starts[:, None])
    hours = (overlap * 4).round() / 4
    person, block, week, day = np.nonzero(hours > 0)

    projects = np.concatenate([assigned, np.zeros((people, 3), dtype=np.int64)], axis=1)[person, block]
    main = np.array(_ROLE_ACTIVITY)[staff.role[present.people[person]]]
    in_project = np.where(random.random(len(person)) < 0.08, _MEETINGS, main)
    activity = np.select(
        [block < PROJECTS_PER_PERSON, block == PROJECTS_PER_PERSON, block == PROJECTS_PER_PERSON + 1],
        [in_project, np.where(random.random(len(person)) < 0.5, _MEETINGS, _ADMINISTRATION), _TRAINING],
        default=_SUPPORT,
    )
    return _Entries(
        present.people[person], projects, present.days[week, day], hours[person, block, week, day], activity, present.mondays[week]
    )


def _add_cost(staff: Staff, schedules: list[Schedule], entries: _Entries, cost: LaborCost) -> None:
    """Add hours times rate to the project and month; the other currency at the middle rate, near enough for a budget."""
    rate = staff.rate(entries.person, entries.day)
    project_in_dollars = np.array([schedule.project.scenario.currency == "USD" for schedule in schedules])[entries.project]
    rate_in_dollars = (staff.in_dollars & staff.has_own_rate)[entries.person]
    factor = np.where(project_in_dollars & ~rate_in_dollars, DOLLARS_PER_EURO, 1.0)
    factor = np.where(~project_in_dollars & rate_in_dollars, 1 / DOLLARS_PER_EURO, factor)
    months = cost.amounts.shape[1]
    slot = entries.project * months + staff.window.month_of(entries.day)
    cost.amounts += np.bincount(slot, weights=entries.hours * rate * factor, minlength=cost.amounts.size).reshape(cost.amounts.shape)


def _frame(items: ItemNumbers, entries: _Entries, random: np.random.Generator, *, first_number: int) -> pl.DataFrame:
    """Entity `timesheet_entries` of some people."""
    count, schedules = len(entries.person), items.schedules
    item = items.worked_on(entries.project, entries.day, random)
    item = np.where(random.random(count) < 0.75, item, -1)
    pointer = random.random(count)
    by_item = (item >= 0) & (pointer < 0.15) & items.stays(item)
    by_scope = ~by_item & (pointer < 0.30)

    # Due on the Monday after; some are late, and the last weeks are not in yet.
    as_of = np.datetime64(AS_OF)
    week = (entries.monday - np.datetime64("1970-01-05")).astype(np.int64) // 7
    weekly_draw = _hash_uniform(entries.person * 10_007 + week)
    late_days = np.where(weekly_draw < 0.08, 9 + (weekly_draw * 1000).astype(np.int64) % 9, np.where(weekly_draw < 0.5, 4, 7))
    submitted_on = entries.monday + late_days
    approved_on = submitted_on + 1 + (weekly_draw * 100).astype(np.int64) % 3
    minute = (weekly_draw * 1e5).astype(np.int64) % 360
    submitted = submitted_on.astype("datetime64[m]") + 8 * 60 + minute
    approved = approved_on.astype("datetime64[m]") + 9 * 60 + minute
    never = np.datetime64("NaT", "m")
    submitted = np.where((submitted_on <= as_of) & (weekly_draw < 0.985), submitted, never)
    approved = np.where((approved_on <= as_of) & ~np.isnat(submitted), approved, never)

    billable = np.array([schedule.project.scenario.category != "run" for schedule in schedules])
    ids = pl.Series([schedule.project.project_id for schedule in schedules])
    keys = pl.Series([schedule.project.key for schedule in schedules])
    return pl.DataFrame(
        {
            "number": np.arange(first_number, first_number + count, dtype=np.int64) + 1,
            "person": source_users(entries.person),
            "project_id": ids.gather(entries.project),
            "scope_id": keys.gather(entries.project),
            "item_number": item,
            "by_item": by_item,
            "by_scope": by_scope,
            "work_date": entries.day,
            "hours": entries.hours,
            "activity": pl.Series(ACTIVITIES).gather(entries.activity),
            "billable": billable[entries.project] & (entries.activity != _MEETINGS),
            "submitted_at": submitted.astype("datetime64[ms]"),
            "approved_at": approved.astype("datetime64[ms]"),
        }
    ).with_columns(
        pl.format("T{}", pl.col("number").cast(pl.String).str.zfill(7)).alias("entry_id"),
        pl.when(~pl.col("by_item") & ~pl.col("by_scope")).then("project_id").alias("project_id"),
        pl.when("by_scope").then("scope_id").alias("scope_id"),
        pl.when(pl.col("item_number") >= 0).then(items.ids(pl.col("item_number"))).alias("item_id"),
    )


def _hash_uniform(numbers: Integers) -> Floats:
    """A number in [0, 1) that is the same for the same integer: what all entries of a person's week share."""
    mixed = (numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
    shared: Floats = (mixed & np.uint64(0xFFFFFF)).astype(np.float64) / 0x1000000
    return shared


def _odd_rows(schedules: list[Schedule], window: Window) -> pl.DataFrame:
    """A user nobody knows, and the rows that go to quarantine."""
    busy = next((s for s in schedules if s.project.scenario.label == "late"), schedules[0]).project.project_id
    day = window.day_at(0.5)
    unknown = [
        {
            "entry_id": f"T-UNKNOWN-{n + 1}",
            "person": UNKNOWN_USER,
            "project_id": busy,
            "work_date": window.day_at(0.5 + n / 50),
            "hours": 8.0,
        }
        for n in range(10)
    ]
    dirty: list[dict[str, object]] = [
        {"entry_id": "T-BAD-1", "person": "u003", "project_id": busy, "work_date": day, "hours": 26.0, "note": "more than a day"},
        {"entry_id": "T-BAD-2", "person": "u003", "project_id": busy, "work_date": day, "hours": -4.0, "note": "negative"},
        {"entry_id": "T-BAD-3", "person": "u003", "project_id": busy, "work_date": None, "hours": 8.0, "note": "no date"},
        {"entry_id": "T-BAD-4", "person": None, "project_id": busy, "work_date": day, "hours": 8.0, "note": "no person"},
        {"entry_id": "T-BAD-5", "person": "u003", "project_id": busy, "work_date": date(2160, 1, 4), "hours": 8.0, "note": "far future"},
    ]
    return pl.DataFrame([*unknown, *dirty], infer_schema_length=None).with_columns(activity=pl.lit("Development"), billable=False)
