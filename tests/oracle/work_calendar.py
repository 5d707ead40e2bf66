"""Working calendars computed from the written definitions: intervals as instants, one after another.

Belongs here: positions in working time, and the instants that days and positions mean.
Does not: what is planned or earned in that time (`earned_value.py`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WORKING_DAY_SECONDS = 28800
Moment = date | datetime


def instant_of(day: date, seconds: int, zone: ZoneInfo) -> datetime:
    """The instant at which the clocks of a zone stand `seconds` after a day's midnight.

    Of two such instants the later one; a time that the clocks skip is read with the offset before the change.
    """
    local = datetime.combine(day, time()) + timedelta(seconds=seconds)
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(early, late)


@dataclass(frozen=True)
class WorkCalendar:
    """Working intervals of a calendar in a zone, from `first` to `last`."""

    zone: ZoneInfo
    weekly: Mapping[int, Sequence[tuple[time, time]]]
    holidays: frozenset[date] = frozenset()
    first: date = date(2023, 12, 1)
    last: date = date(2034, 12, 31)
    intervals: list[tuple[datetime, datetime, date]] = field(init=False)
    starts: list[datetime] = field(init=False)
    before: list[int] = field(init=False)

    def __post_init__(self) -> None:
        intervals: list[tuple[datetime, datetime, date]] = []
        day = self.first
        while day <= self.last:
            if day not in self.holidays:
                for start, end in sorted(self.weekly.get(day.isoweekday(), ())):
                    opens, closes = _seconds(start), _seconds(end)
                    intervals.append(
                        (
                            instant_of(day, opens, self.zone),
                            instant_of(day, closes + (86400 if closes <= opens else 0), self.zone),
                            day,
                        )
                    )
            day += DAY
        object.__setattr__(self, "intervals", intervals)
        object.__setattr__(self, "starts", [start for start, _, _ in intervals])
        before, total = [], 0
        for opened, closed, _ in intervals:
            before.append(total)
            total += int((closed - opened).total_seconds())
        object.__setattr__(self, "before", before)

    def work(self, instant: datetime) -> int:
        """Working seconds before an instant."""
        index = bisect_right(self.starts, instant) - 1
        if index < 0:
            return 0
        start, end, _ = self.intervals[index]
        return self.before[index] + int((min(instant, end) - start).total_seconds())

    def start_of(self, moment: Moment) -> datetime:
        """The instant itself, or the first working instant of the day or of the next working day."""
        if isinstance(moment, datetime):
            return moment
        return min(start for start, _, day in self.intervals if day >= moment)

    def finish_of(self, moment: Moment) -> datetime:
        """The instant itself, or the last working instant of the day or of the last working day before."""
        if isinstance(moment, datetime):
            return moment
        return max(end for _, end, day in self.intervals if day <= moment)

    def end_of_day(self, moment: Moment) -> datetime:
        """The instant itself, or the end of the day."""
        if isinstance(moment, datetime):
            return moment
        return instant_of(moment + DAY, 0, self.zone)

    def instant_at(self, work: Fraction) -> datetime | None:
        """The earliest instant with so much working time (above 0) before it; None behind the calendar."""
        index = bisect_left(self.before, work) - 1
        start, end, _ = self.intervals[index]
        if work > self.before[index] + int((end - start).total_seconds()):
            return None
        return start + timedelta(microseconds=round((work - self.before[index]) * 1_000_000))


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second
