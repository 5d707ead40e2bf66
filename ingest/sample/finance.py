"""Budgets and ledger: what projects were to cost, what they cost beside the hours.

Belongs here: budgets at completion, derived so that each project ends at the CPI of its scenario; entities `budgets` and
`cost_transactions`.
Does not: hours times rate (`timesheets.py`), budgets of tasks (`plan.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from ingest.sample.people import DOLLARS_PER_EURO
from ingest.sample.schedule import Schedule
from ingest.sample.timesheets import LaborCost
from ingest.sample.worktime import AS_OF, Booleans, Days, Floats, Integers, Window, generator, month_start

LABOR_WORD = "Personnel"
CATEGORY_WORDS = ("Services", "Materials", "Licences", "Travel")
CATEGORIES = ("services", "material", "license", "travel")
_CATEGORY_SHARE = (0.52, 0.22, 0.20, 0.06)
_INVESTMENT = (False, True, True, False)
_VENDORS = ("Vendor A", "Vendor B", "Vendor C", "Vendor D", "Vendor E")
FIRST_BASELINE_SHARE = 0.84
"""Budget of the first baseline against the second one, where there are two."""
_TYPICAL_RATE = 77.0
_ALSO_IN_LEDGER = {"late", "healthy", "over_budget"}
"""Scenarios whose payroll is posted to the ledger too, though their labor is costed from timesheets."""

_BUYS_IN_DOLLARS = {"over_budget", "late", "healthy"}
_POSTED_BY_COST_CENTER = {"over_budget", "us_healthy", "regulatory"}
"""Scenarios whose invoices name a cost center and no project."""


@dataclass(frozen=True)
class Money:
    """What a project was to cost and came to cost, in its own currency.

    Attributes:
        bac: budget at completion, of the newest baseline.
        labor: cost of hours in each month of the window.
        other: cost from the ledger that is not labor, in each month.
    """

    schedule: Schedule
    bac: float
    labor: Floats
    other: Floats

    @property
    def labor_share(self) -> float:
        """Planned share of labor."""
        return 1 - self.schedule.project.scenario.other_cost


def _month_ends(window: Window) -> Days:
    """Last day of each month of the window."""
    return np.array([month_start(first, 1) for first in window.month_firsts], dtype="datetime64[D]") - 1


def settle(schedules: list[Schedule], cost: LaborCost) -> list[Money]:
    """Set each project's budget and its other cost so that EV / AC at the end of the window is the scenario's CPI."""
    settled = []
    for row, schedule in enumerate(schedules):
        scenario = schedule.project.scenario
        ends = _month_ends(schedule.window)
        earned = schedule.earned(ends)
        edges = np.concatenate([[np.datetime64(schedule.window.start) - 1], ends])
        progress = np.diff(schedule.done(edges) @ schedule.weights).clip(0)
        labor = cost.amounts[row].round(2)
        spent = float(labor.sum()) / (1 - scenario.other_cost)
        if earned[-1] > 0.005 and spent > 0:
            bac = scenario.cpi * spent / float(earned[-1])
        else:
            days = max((schedule.planned_finish - schedule.planned_start).days, 30)
            bac = scenario.size * days * 8 * 3 * _TYPICAL_RATE / (1 - scenario.other_cost)
        bac = max(round(bac, -3), 1000.0)
        wanted = bac * float(earned[-1]) / scenario.cpi - float(labor.sum())
        share = progress / progress.sum() if progress.sum() > 0 else np.zeros_like(progress)
        settled.append(Money(schedule, bac, labor, (max(wanted, 0.0) * share).round(2)))
    return settled


def approved_on(schedule: Schedule) -> date:
    """Day on which the first baseline and budget were approved: two weeks into the project, or at once where it has not begun."""
    start = schedule.planned_start
    return min(start, AS_OF) - timedelta(days=10)


def budget_frame(money: list[Money]) -> pl.DataFrame:
    """Entity `budgets`: a version a baseline, by month and category; some as one total."""
    frames = []
    for entry in money:
        schedule, scenario = entry.schedule, entry.schedule.project.scenario
        if scenario.status == "proposed":
            continue
        versions = [(1, entry.bac * (1.0 if scenario.rebaseline is None else FIRST_BASELINE_SHARE), approved_on(schedule))]
        if scenario.rebaseline is not None:
            versions.append((2, entry.bac, schedule.rebaselined_on))
        for version, total, approved in versions:
            last = month_start(schedule.planned_finish, 3 if version > 1 else 0)
            firsts = [month_start(schedule.planned_start)]
            while firsts[-1] < last:
                firsts.append(month_start(firsts[-1], 1))
            edges = np.array([firsts[0], *(month_start(first, 1) for first in firsts)], dtype="datetime64[D]") - 1
            planned = schedule.planned(edges) @ schedule.weights
            planned[-1] = 1.0
            share = np.diff(np.maximum.accumulate(planned))
            share = share / share.sum()
            words = (LABOR_WORD, *CATEGORY_WORDS)
            parts = (entry.labor_share, *(scenario.other_cost * share_ for share_ in _CATEGORY_SHARE))
            for word, part, invests in zip(words, parts, (False, *_INVESTMENT), strict=True):
                in_total = scenario.label in {"no_baseline", "regulatory"} or word == "Travel"
                periods = ["total"] if in_total else [f"{first:%Y-%m}" for first in firsts]
                amounts = np.array([total * part]) if in_total else total * part * share
                frames.append(
                    pl.DataFrame({"period": periods, "amount": amounts.round(2)}).with_columns(
                        project_id=pl.lit(schedule.project.project_id),
                        budget_version=pl.lit(str(version)),
                        category=pl.lit(word),
                        currency=pl.lit(scenario.currency),
                        spend_type=pl.lit("capex" if invests and scenario.category != "run" else "opex"),
                        approved_at=pl.lit(approved),
                    )
                )
    return pl.concat(frames)


def write_ledger(money: list[Money], seed: int, lines_per_cell: int) -> Iterator[pl.DataFrame]:
    """Entity `cost_transactions`, project by project.

    Args:
        lines_per_cell: invoices of a project, month and category on average.
    """
    for entry in money:
        if entry.schedule.actual_start is not None and (entry.labor.sum() > 0 or entry.other.sum() > 0):
            yield _project_ledger(entry, generator(seed, "ledger", entry.schedule.project.number), lines_per_cell)


def _project_ledger(entry: Money, random: np.random.Generator, lines_per_cell: int) -> pl.DataFrame:
    """Ledger of one project: invoices with credit notes, accruals with reversals, commitments, payroll."""
    schedule, scenario = entry.schedule, entry.schedule.project.scenario
    window, key = schedule.window, schedule.project.key
    ends, firsts = _month_ends(window), np.array(window.month_firsts, dtype="datetime64[D]")

    cells = entry.other[:, None] * np.array(_CATEGORY_SHARE)
    month, category = np.nonzero(cells > 1)
    lines = random.integers(1, 2 * lines_per_cell + 1, len(month))
    cell = np.repeat(np.arange(len(month)), lines)
    weight = random.uniform(0.5, 1.5, len(cell))
    totals = np.bincount(cell, weights=weight, minlength=len(month))
    amounts = (cells[month, category][cell] * weight / totals[cell]).round(2)
    month, category = month[cell], category[cell]
    length = (ends - firsts).astype(np.int64)[month] + 1
    posted = firsts[month] + (random.random(len(month)) * length).astype(np.int64)
    # A late invoice of the last month: the project was done, the bill came weeks after.
    if scenario.is_closed and len(posted):
        posted[-1] = min(posted[-1] + 24, np.datetime64(AS_OF))
    number = np.arange(len(amounts))

    credited = number[random.random(len(number)) < 0.04]
    credit = (amounts[credited] * random.uniform(0.1, 0.5, len(credited))).round(2)
    amounts[credited] += credit
    credit_posted = np.minimum(posted[credited] + random.integers(5, 25, len(credited)), np.datetime64(AS_OF))
    foreign = random.random(len(number)) < (0.08 if scenario.label in _BUYS_IN_DOLLARS else 0.0)
    foreign[credited] = False
    billed = np.where(foreign, (amounts * DOLLARS_PER_EURO).round(2), amounts)
    invoices = _lines(key, _Postings("I", "actual", number, posted, billed, category), random).with_columns(
        currency=pl.when(pl.lit(pl.Series(foreign))).then(pl.lit("USD")).otherwise(pl.lit(scenario.currency))
    )
    postings = _Postings("C", "actual", np.arange(len(credited)), credit_posted, -credit, category[credited])
    credits = _lines(key, postings, random).with_columns(
        reverses_id=pl.format("{}-I{}", pl.lit(key), pl.lit(pl.Series(credited)).cast(pl.String).str.zfill(5)),
        note=pl.lit("credit note"),
        currency=pl.lit(scenario.currency),
    )
    parts = [invoices, credits, *_accruals(entry, ends, random), _commitments(entry), _payroll(entry, ends)]
    frame = pl.concat([part for part in parts if part is not None and part.height], how="diagonal")
    by_cost_center = pl.lit(scenario.label in _POSTED_BY_COST_CENTER) & pl.col("transaction_id").str.contains("-I")
    return frame.with_columns(
        pl.when(~by_cost_center).then(pl.lit(schedule.project.project_id)).alias("project_id"),
        pl.when(by_cost_center).then(pl.lit(cost_center(schedule))).alias("scope_id"),
        pl.col("currency").fill_null(scenario.currency),
        pl.when(pl.col("category").is_in(["Materials", "Licences"]) & pl.lit(scenario.category != "run"))
        .then(pl.lit("capex"))
        .otherwise(pl.lit("opex"))
        .alias("spend_type"),
    ).sort("posting_date", "transaction_id")


def cost_center(schedule: Schedule) -> str:
    """Cost center under which the ledger may know a project."""
    return f"CC-{4100 + schedule.project.number}"


@dataclass(frozen=True)
class _Postings:
    """Ledger lines of one kind; their ids are the project's key, the letter and the number."""

    letter: str
    kind: str
    number: Integers
    posted: Days
    amounts: Floats
    category: Integers


def _lines(key: str, postings: _Postings, random: np.random.Generator) -> pl.DataFrame:
    count = len(postings.number)
    return pl.DataFrame(
        {
            "number": postings.number,
            "posting_date": postings.posted,
            "document_date": postings.posted - random.integers(0, 12, count),
            "amount": postings.amounts,
            "category": pl.Series(CATEGORY_WORDS).gather(postings.category),
            "vendor": pl.Series(_VENDORS).gather(random.integers(0, len(_VENDORS), count)),
        }
    ).select(
        pl.format("{}-{}{}", pl.lit(key), pl.lit(postings.letter), pl.col("number").cast(pl.String).str.zfill(5)).alias("transaction_id"),
        pl.exclude("number"),
        pl.lit(postings.kind).alias("kind"),
    )


def _accruals(entry: Money, ends: Days, random: np.random.Generator) -> list[pl.DataFrame]:
    """Services of a month not billed yet: accrued on its last day, taken back on the second day of the next month.

    Those of the last month stand: their reversal has yet to come.
    """
    months = np.flatnonzero((entry.other * _CATEGORY_SHARE[0] > 1000) & (random.random(len(ends)) < 0.4))
    key = entry.schedule.project.key
    amounts = (entry.other[months] * _CATEGORY_SHARE[0] * 0.3).round(2)
    services = np.zeros(len(months), dtype=np.int64)
    accrued = _lines(key, _Postings("A", "accrual", months, ends[months], amounts, services), random)
    postings = _Postings("V", "accrual", months, ends[months] + 2, -amounts, services)
    reversed_ = (
        _lines(key, postings, random)
        .filter(pl.col("posting_date") <= AS_OF)
        .with_columns(reverses_id=pl.col("transaction_id").str.replace("-V", "-A", literal=True), note=pl.lit("reversal of accrual"))
    )
    return [accrued, reversed_]


def _commitments(entry: Money) -> pl.DataFrame:
    """Orders placed: a third and two thirds into the plan, for services and material."""
    schedule = entry.schedule
    span = schedule.planned_finish - schedule.planned_start
    days = [schedule.planned_start + span * share for share in (0.12, 0.33)]
    total = entry.bac * schedule.project.scenario.other_cost
    frame = pl.DataFrame(
        {
            "transaction_id": [f"{schedule.project.key}-O{n}" for n in range(2)],
            "posting_date": days,
            "document_date": days,
            "amount": [round(total * 0.45, 2), round(total * 0.18, 2)],
            "category": ["Services", "Materials"],
            "kind": "commitment",
            "vendor": ["Vendor A", "Vendor C"],
            "note": "purchase order",
        }
    )
    return frame.filter(pl.col("posting_date") <= AS_OF)


def _payroll(entry: Money, ends: Days) -> pl.DataFrame | None:
    """Labor by month. It counts where labor is costed from the ledger; elsewhere the hours count and these rows must not."""
    scenario = entry.schedule.project.scenario
    if scenario.labor_cost_source != "ledger" and scenario.label not in _ALSO_IN_LEDGER:
        return None
    paid: Booleans = entry.labor > 0
    months = np.flatnonzero(paid)
    return pl.DataFrame(
        {
            "transaction_id": [f"{entry.schedule.project.key}-L{month:05d}" for month in months],
            "posting_date": ends[months],
            "document_date": ends[months],
            "amount": entry.labor[months],
            "category": LABOR_WORD,
            "kind": "actual",
            "note": "payroll",
        }
    )
