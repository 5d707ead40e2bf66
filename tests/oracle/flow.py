"""Flow metrics the slow way: each item replayed event by event, each day and each week counted by asking every item where it stood.

Belongs here: a second reading of the flow definitions that shares no code and no method with the models.
Does not: SQL, dbt, the golden figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from math import floor
from zoneinfo import ZoneInfo

CATEGORIES = ("backlog", "committed", "active", "waiting", "done", "discarded")
IN_PROGRESS = ("committed", "active", "waiting")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class StatusEvent:
    """A move of an item from one status to another."""

    event_id: str
    occurred_at: datetime
    from_status: str | None
    to_status: str


@dataclass(frozen=True)
class Item:
    """A work item as its source shows it now, with its status events in any order."""

    item_id: str
    project_id: str
    kind: str
    status: str
    created_at: datetime
    is_deleted: bool = False
    events: tuple[StatusEvent, ...] = ()


@dataclass(frozen=True)
class Project:
    """Where a project's days begin and when its people work.

    Attributes:
        shifts: weekday (1 = Monday) to its working intervals by the wall clock.
    """

    project_id: str
    time_zone: str
    shifts: Mapping[int, Sequence[tuple[time, time]]]
    holidays: frozenset[date] = frozenset()

    def start_of(self, day: date) -> datetime:
        """The instant at which a local day begins."""
        return datetime.combine(day, time(), ZoneInfo(self.time_zone)).astimezone(UTC)

    def day_of(self, instant: datetime) -> date:
        """The local day of an instant."""
        return instant.astimezone(ZoneInfo(self.time_zone)).date()

    def working_seconds(self, start: datetime, end: datetime) -> int:
        """Working seconds between two instants, day by day."""
        total = 0.0
        day = self.day_of(start) - DAY
        while day <= self.day_of(end):
            for opens, closes in () if day in self.holidays else self.shifts.get(day.isoweekday(), ()):
                opened = datetime.combine(day, opens, ZoneInfo(self.time_zone)).astimezone(UTC)
                closed = datetime.combine(day, closes, ZoneInfo(self.time_zone)).astimezone(UTC)
                total += max(0.0, (min(closed, end) - max(opened, start)).total_seconds())
            day += DAY
        return round(total)


@dataclass
class Replay:
    """What became of an item by the status date: its stays as (category, start), the last one open."""

    item: Item
    project: Project
    until: datetime
    stays: list[tuple[str, datetime]] = field(default_factory=list)

    def category_at(self, instant: datetime) -> str | None:
        """The category just before an instant, None before the creation."""
        standing = None
        for category, start in self.stays:
            if start < instant:
                standing = category
        return standing

    @property
    def state(self) -> str:
        return self.stays[-1][0]

    def first(self, *categories: str) -> datetime | None:
        return next((start for category, start in self.stays if category in categories), None)

    @property
    def last_done_at(self) -> datetime | None:
        return next((start for category, start in reversed(self.stays) if category == "done"), None)

    def seconds_in(self, category: str) -> int:
        ends = [start for _, start in self.stays[1:]] + [self.until]
        return sum(second(end) - second(start) for (name, start), end in zip(self.stays, ends, strict=True) if name == category)

    @property
    def reopenings(self) -> list[datetime]:
        pairs = pairwise(self.stays)
        return [start for (before, _), (after, start) in pairs if before == "done" and after != "discarded"]

    @property
    def lead_seconds(self) -> int | None:
        if self.state != "done" or self.last_done_at is None:
            return None
        return second(self.last_done_at) - second(self.item.created_at)

    @property
    def cycle_seconds(self) -> int | None:
        committed = self.first("committed", "active", "waiting", "done")
        if self.state != "done" or self.last_done_at is None or committed is None:
            return None
        return second(self.last_done_at) - second(committed)


def second(instant: datetime) -> int:
    """Whole seconds since 1970; a part of a second is left out."""
    return floor(instant.timestamp())


def number_order(event_id: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key in which the numbers inside an id compare as numbers."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"[0-9]+|[^0-9]+", event_id))


def percentile(values: Iterable[float], share: float) -> float | None:
    """Percentile by linear interpolation between the two nearest values."""
    ordered = sorted(values)
    if not ordered:
        return None
    position = share * (len(ordered) - 1)
    below = floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def replay(item: Item, project: Project, categories: Mapping[str, str], as_of: date) -> Replay | None:
    """Walk through the history of an item; None if it was created after the status date."""
    until = project.start_of(as_of + DAY)
    if item.created_at >= until:
        return None
    events = sorted(item.events, key=lambda event: (event.occurred_at, number_order(event.event_id)))
    result = Replay(item, project, until, [(categories[_first_status(item, events)], item.created_at)])
    for event in events:
        moment = max(event.occurred_at, item.created_at)
        if moment < until and categories[event.to_status] != result.stays[-1][0]:
            result.stays.append((categories[event.to_status], moment))
    return result


def _first_status(item: Item, events: Sequence[StatusEvent]) -> str:
    if not events:
        return item.status
    return events[0].to_status if events[0].from_status is None else events[0].from_status


def work_item_cycle(replays: Iterable[Replay]) -> dict[str, dict[str, object]]:
    """The rows of `work_item_cycle` by item id, without those of deleted items."""
    rows = {}
    for item in replays:
        committed = item.first("committed", "active", "waiting", "done")
        is_open = item.state not in ("done", "discarded")
        cycle = item.cycle_seconds
        working = None
        if cycle is not None and committed is not None and item.last_done_at is not None:
            working = item.project.working_seconds(committed, item.last_done_at) / 3600
        rows[item.item.item_id] = {
            "project_id": item.item.project_id,
            "kind": item.item.kind,
            "created_at": item.item.created_at,
            "first_committed_at": committed,
            "first_active_at": item.first("active"),
            "first_done_at": item.first("done"),
            "last_done_at": item.last_done_at,
            "lead_seconds": item.lead_seconds,
            "cycle_seconds": cycle,
            "cycle_days": None if cycle is None else cycle / 86400,
            "cycle_working_hours": working,
            "active_seconds": item.seconds_in("active"),
            "waiting_seconds": item.seconds_in("waiting"),
            "reopen_count": len(item.reopenings),
            "age_days": (second(item.until) - second(committed)) / 86400 if is_open and committed else None,
            "state": item.state,
        }
    return rows


def cumulative_flow(replays: Sequence[Replay], as_of: date) -> dict[tuple[str, date, str], int]:
    """Items by project, day and category, each item asked at the end of each day."""
    counts: dict[tuple[str, date, str], int] = {}
    for project_id in {item.item.project_id for item in replays}:
        own = [item for item in replays if item.item.project_id == project_id]
        day = min(item.project.day_of(item.item.created_at) for item in own)
        while day <= as_of:
            standing = [item.category_at(item.project.start_of(day + DAY)) for item in own]
            for category in CATEGORIES:
                counts[project_id, day, category] = standing.count(category)
            day += DAY
    return counts


def project_flow(replays: Sequence[Replay], as_of: date) -> dict[tuple[str, date], dict[str, object]]:
    """The rows of `project_flow` by project and Monday."""
    rows = {}
    for project_id in {item.item.project_id for item in replays}:
        own = [item for item in replays if item.item.project_id == project_id]
        monday = _monday(min(item.project.day_of(item.item.created_at) for item in own))
        wip_before = 0
        while monday <= as_of:
            row = _week(own, monday, as_of)
            row["net_flow"] = int(str(row["wip"])) - wip_before
            wip_before = int(str(row["wip"]))
            rows[project_id, monday] = row
            monday += 7 * DAY
    return rows


def _week(items: Sequence[Replay], monday: date, as_of: date) -> dict[str, object]:
    end = items[0].project.start_of(min(monday + 6 * DAY, as_of) + DAY)

    def falls_in(item: Replay, instant: datetime | None) -> bool:
        return instant is not None and _monday(item.project.day_of(instant)) == monday

    arrived = [item for item in items if falls_in(item, item.item.created_at)]
    finished = [item for item in items if item.state == "done" and falls_in(item, item.last_done_at)]
    in_progress = [item for item in items if item.category_at(end) in IN_PROGRESS]
    ages = [second(end) - second(committed) for item in in_progress if (committed := item.first(*IN_PROGRESS, "done"))]
    cycle = [item.cycle_seconds or 0 for item in finished]
    lead = [item.lead_seconds or 0 for item in finished]
    return {
        "arrivals": len(arrived),
        "throughput": len(finished),
        "wip": len(in_progress),
        "lead_time_p50_days": _days(percentile(lead, 0.5)),
        "lead_time_p85_days": _days(percentile(lead, 0.85)),
        "cycle_time_p50_days": _days(percentile(cycle, 0.5)),
        "cycle_time_p85_days": _days(percentile(cycle, 0.85)),
        "flow_efficiency": sum(item.seconds_in("active") for item in finished) / sum(cycle) if sum(cycle) else None,
        "blocked_share": sum(item.seconds_in("waiting") for item in finished) / sum(cycle) if sum(cycle) else None,
        "wip_age_p85_days": _days(percentile(ages, 0.85)),
        "reopened": sum(falls_in(item, instant) for item in items for instant in item.reopenings),
        "discarded": sum(item.state == "discarded" and falls_in(item, item.stays[-1][1]) for item in items),
        "defects_opened": sum(item.item.kind == "defect" for item in arrived),
        "defects_closed": sum(item.item.kind == "defect" for item in finished),
    }


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 86400
