"""The synthetic company: projects with known stories, in the file contract, the same bytes for the same arguments.

Belongs here: the order in which the subjects are made, because one follows from the other: courses of projects, then hours, then what
those hours cost, then budgets at which each project has the CPI of its scenario, then everything that is read off these.
Does not: any subject itself (`people`, `schedule`, `timesheets`, `finance`, `plan`, `tracker`, `governance`, `capability`, `master`).

Rows are good but for `DIRTY_TIMESHEET_ROWS` timesheet rows that show the quarantine. The files expect a source of the name `SOURCE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from ingest.sample.capability import organization_frames
from ingest.sample.delivery import Delivery, FileFormat
from ingest.sample.finance import budget_frame, settle, write_ledger
from ingest.sample.governance import register_frames
from ingest.sample.item_history import ITEMS_PER_PART, write_items
from ingest.sample.iterations import iteration_frames
from ingest.sample.master import calendar_frames, map_frames, project_frames
from ingest.sample.people import SOURCE, Staff, master_frames
from ingest.sample.plan import plan_frames
from ingest.sample.scenarios import SCENARIOS, cast_projects
from ingest.sample.schedule import simulate
from ingest.sample.timesheets import DIRTY_TIMESHEET_ROWS, PEOPLE_PER_PART, LaborCost, write_hours
from ingest.sample.tracker import ItemNumbers
from ingest.sample.worktime import AS_OF, Window

__all__ = ["AS_OF", "DIRTY_TIMESHEET_ROWS", "SCENARIOS", "SOURCE", "SampleSummary", "write_sample"]

ITEMS_PER_PROJECT = 150
_PEOPLE = 60
_ITEMS_PER_PERSON = 60


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written.

    Attributes:
        rows: rows of each entity, dirty ones included.
        as_of: the last day the sample tells of.
    """

    folder: Path
    rows: dict[str, int]
    as_of: date


def write_sample(
    out: Path, *, projects: int = 24, months: int = 18, items: int | None = None, seed: int = 7, file_format: FileFormat = "csv"
) -> SampleSummary:
    """Write a synthetic company into a folder that is empty or does not exist yet.

    Args:
        projects: number of projects; the first 24 are the scenarios, then they come again.
        months: whole months of history up to `AS_OF`.
        items: work items; people, hours and ledger lines grow with them. Default: 150 a project.
        seed: other random numbers, same stories.

    Raises:
        ValueError: an argument is out of its range, or the format is not one of a file contract delivery.
        FileExistsError: the folder holds something already.
    """
    if file_format not in ("csv", "parquet"):
        raise ValueError(f"format {file_format!r} is not available in this version: choose csv or parquet")
    if projects < 1 or months < 1 or seed < 0 or (items is not None and items < 1):
        raise ValueError("projects, months and items must be 1 or more, the seed 0 or more")
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty: the sample is written into a folder of its own. Name another one or empty it.")
    out.mkdir(parents=True, exist_ok=True)

    window = Window(months)
    item_count = projects * ITEMS_PER_PROJECT if items is None else items
    staff = Staff(max(_PEOPLE, projects * 2, item_count // _ITEMS_PER_PERSON), window)
    schedules = [simulate(project, window, seed) for project in cast_projects(projects)]
    numbers = ItemNumbers(schedules, item_count)
    delivery = Delivery(out, file_format)

    cost = LaborCost(np.zeros((projects, months)))
    many_people = staff.count > PEOPLE_PER_PART
    for entries, leave in write_hours(staff, numbers, seed, cost):
        delivery.write("timesheet_entries", entries, in_parts=many_people)
        delivery.write("leave", leave, in_parts=many_people)
    for item_part, event_part in write_items(numbers, staff, seed):
        delivery.write("work_items", item_part, in_parts=item_count > ITEMS_PER_PART)
        delivery.write("item_events", event_part, in_parts=item_count > ITEMS_PER_PART)

    money = settle(schedules, cost)
    lines_per_cell = max(2, item_count // (projects * ITEMS_PER_PROJECT))
    ledger = list(write_ledger(money, seed, lines_per_cell))
    frames = {
        **project_frames(money, staff),
        **master_frames(staff),
        **calendar_frames(window, seed),
        **plan_frames(money, seed),
        **iteration_frames(numbers),
        "budgets": budget_frame(money),
        **({"cost_transactions": pl.concat(ledger, how="diagonal_relaxed")} if ledger else {}),
        **register_frames(money, staff, seed),
        **organization_frames(money, staff, seed),
        **map_frames(),
    }
    for entity, frame in frames.items():
        delivery.write(entity, frame)
    return SampleSummary(out, dict(sorted(delivery.rows.items())), AS_OF)
