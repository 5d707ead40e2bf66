"""Portfolios, programs, projects and their scopes; calendars, holidays, exchange rates; the maps of the sample's words.

Belongs here: master data that no simulation makes, and what every status, type, category and activity of the sample means.
Does not: people (`people.py`).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ingest.sample.finance import CATEGORIES, CATEGORY_WORDS, LABOR_WORD, Money, cost_center
from ingest.sample.people import DOLLARS_PER_EURO, SOURCE, Staff, person_ids
from ingest.sample.scenarios import PORTFOLIOS, PROGRAMS
from ingest.sample.schedule import Schedule
from ingest.sample.timesheets import ACTIVITIES
from ingest.sample.tracker import STATE_CATEGORIES, STATUSES, TYPE_KINDS, TYPES
from ingest.sample.worktime import AS_OF, WORKING_INTERVALS, Window, generator, holidays

_ACTIVITY_CLASSES = {"Meetings": "overhead", "Administration": "overhead", "Training": "training"}


def manager_of(schedule: Schedule, staff: Staff) -> int:
    """The project manager: one of the project's site, in turn."""
    managers = staff.members(schedule.project.scenario.site)
    managers = managers[staff.role[managers] == 1]
    return int(managers[schedule.project.number % len(managers)])


def project_frames(money: list[Money], staff: Staff) -> dict[str, pl.DataFrame]:
    """Entities `portfolios`, `programs`, `projects` and `project_scopes`."""
    rows = []
    for entry in money:
        schedule, project, scenario = entry.schedule, entry.schedule.project, entry.schedule.project.scenario
        rows.append(
            {
                "project_id": project.project_id,
                "name": scenario.name,
                "program_id": scenario.program_id,
                "portfolio_id": scenario.portfolio_id,
                "sponsor_id": person_ids(staff.leads())[project.number % staff.teams],
                "manager_id": person_ids(np.array([manager_of(schedule, staff)]))[0],
                "status": scenario.status,
                "phase": scenario.phase,
                "category": scenario.category,
                "priority": project.number % 5 + 1,
                "methodology": scenario.methodology,
                "currency": scenario.currency,
                "time_zone": scenario.time_zone,
                "calendar_id": scenario.calendar_id,
                "planned_start": schedule.planned_start,
                "planned_finish": schedule.planned_finish,
                "actual_start": schedule.actual_start,
                "actual_finish": schedule.actual_finish,
                "contingency": round(entry.bac * 0.08, -2),
                "labor_cost_source": scenario.labor_cost_source,
            }
        )
    scopes = [
        {"source": SOURCE, "scope_type": kind, "scope_id": scope, "project_id": entry.schedule.project.project_id}
        for entry in money
        for kind, scope in (("project", entry.schedule.project.key), ("cost_center", cost_center(entry.schedule)))
    ]
    owners = person_ids(staff.leads())
    return {
        "portfolios": pl.DataFrame(
            [
                {"portfolio_id": key, "name": name, "parent_portfolio_id": parent, "owner_id": owners[n % len(owners)]}
                for n, (key, name, parent) in enumerate(PORTFOLIOS)
            ]
        ),
        "programs": pl.DataFrame([{"program_id": key, "name": name, "portfolio_id": portfolio} for key, name, portfolio in PROGRAMS]),
        "projects": pl.DataFrame(rows, infer_schema_length=None),
        "project_scopes": pl.DataFrame(scopes),
    }


def calendar_frames(window: Window, seed: int) -> dict[str, pl.DataFrame]:
    """Entities `calendars`, `holidays` and `fx_rates`; no rate is published on a weekend."""
    intervals = [
        {"calendar_id": calendar_id, "weekday": weekday, "start_time": start, "end_time": end}
        for calendar_id, week in WORKING_INTERVALS.items()
        for weekday, day in week.items()
        for start, end in day
    ]
    closed = [
        {"calendar_id": calendar_id, "date": day, "name": name}
        for calendar_id in WORKING_INTERVALS
        for day, name in holidays(calendar_id, window.years).items()
    ]
    days = np.arange(np.datetime64(window.start) - 90, np.datetime64(AS_OF) + 1)
    days = days[np.is_busday(days)]
    random = generator(seed, "exchange rates")
    steps = random.normal(0, 0.0025, len(days))
    walk = np.zeros(len(days))
    for place, step in enumerate(steps):  # drawn back to the middle, day by day
        walk[place] = 0.98 * (walk[place - 1] if place else 0.0) + step
    rates = pl.DataFrame({"date": days, "from_currency": "EUR", "to_currency": "USD", "rate": (DOLLARS_PER_EURO * (1 + walk)).round(4)})
    return {"calendars": pl.DataFrame(intervals), "holidays": pl.DataFrame(closed), "fx_rates": rates}


def map_frames() -> dict[str, pl.DataFrame]:
    """What the words of the sample mean: `status_map`, `item_type_map`, `cost_category_map`, `activity_map`."""
    statuses = {name: category for names in STATUSES for name, category in zip(names, STATE_CATEGORIES, strict=True)}
    types = {name: kind for names in TYPES for name, kind in zip(names, TYPE_KINDS, strict=True)}
    costs = {LABOR_WORD: "labor", **dict(zip(CATEGORY_WORDS, CATEGORIES, strict=True))}
    return {
        "status_map": pl.DataFrame({"source": SOURCE, "status": list(statuses), "category": list(statuses.values())}),
        "item_type_map": pl.DataFrame({"source": SOURCE, "type": list(types), "kind": list(types.values())}),
        "cost_category_map": pl.DataFrame({"source": SOURCE, "source_category": list(costs), "category": list(costs.values())}),
        "activity_map": pl.DataFrame(
            {
                "source": SOURCE,
                "activity": ACTIVITIES,
                "productive": [_ACTIVITY_CLASSES.get(word, "project") == "project" for word in ACTIVITIES],
                "class": [_ACTIVITY_CLASSES.get(word, "project") for word in ACTIVITIES],
            }
        ),
    }
