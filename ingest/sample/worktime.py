"""The sample's clock: its fixed last day, working calendars, holidays, and the way from working days to instants.

Belongs here: everything that turns "the 37th working day, a quarter past the start" into an instant in UTC.
Does not: what happens on a day (the subject modules). Nothing here reads the wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import cast
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

AS_OF = date(2026, 6, 30)
"""The last day of every sample. A constant, so that the same arguments give the same bytes on any day."""

STANDARD = "standard"
US_OFFICE = "us-office"

WORKING_INTERVALS: dict[str, dict[int, tuple[tuple[time, time], ...]]] = {
    STANDARD: {weekday: ((time(8), time(12)), (time(13), time(17))) for weekday in range(1, 6)},
    US_OFFICE: {
        **{weekday: ((time(8, 30), time(12)), (time(12, 30), time(17))) for weekday in range(1, 5)},
        5: ((time(8), time(14)),),
    },
}
"""Working intervals of each calendar by ISO weekday; the second one ends its week with a day of six hours."""

DAY_HOURS: dict[str, tuple[float, ...]] = {STANDARD: (8.0, 8.0, 8.0, 8.0, 8.0), US_OFFICE: (8.0, 8.0, 8.0, 8.0, 6.0)}
"""Working hours from Monday to Friday."""


def month_start(day: date, shift: int = 0) -> date:
    """First day of the month that lies `shift` months after the one of `day`."""
    ordinal = day.year * 12 + day.month - 1 + shift
    return date(ordinal // 12, ordinal % 12 + 1, 1)


def as_date(day: np.datetime64) -> date:
    """The plain date of a numpy day."""
    return cast("date", day.astype("datetime64[D]").astype(object))


def generator(seed: int, subject: str, part: int = 0) -> np.random.Generator:
    """The random numbers of one subject: a change in one subject leaves the others as they were."""
    return np.random.default_rng([seed, part, *subject.encode()])


@dataclass(frozen=True)
class Window:
    """The months that the sample tells of: whole months, the last one ending on `AS_OF`."""

    months: int

    @cached_property
    def start(self) -> date:
        """First day of the first month."""
        return month_start(AS_OF, 1 - self.months)

    @cached_property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (AS_OF - self.start).days + 1

    @cached_property
    def month_firsts(self) -> list[date]:
        """First day of each month, ascending."""
        return [month_start(self.start, shift) for shift in range(self.months)]

    @cached_property
    def years(self) -> range:
        """Calendar years that a plan or a leave of the sample may touch."""
        return range(self.start.year - 1, AS_OF.year + 2 + self.months // 12)

    def day_at(self, fraction: float) -> date:
        """The day at a fraction of the window: 0 is its first day, 1 its last; other values lie outside."""
        return self.start + timedelta(days=round(fraction * (self.days - 1)))

    def month_of(self, days: Days) -> Integers:
        """Index of the month of each day, 0 = first month of the window."""
        months: Integers = days.astype("datetime64[M]").astype(np.int64)
        return months - int(np.datetime64(self.start, "M").astype(np.int64))


def _easter(year: int) -> date:
    """Easter Sunday of a Gregorian year (anonymous computus)."""
    century, in_century = divmod(year, 100)
    epact = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (in_century // 4) - epact - in_century % 4) % 7
    correction = (year % 19 + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth (1 = first, -1 = last) Monday (0) … Sunday (6) of a month."""
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = month_start(date(year, month, 1), 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def holidays(calendar_id: str, years: range) -> dict[date, str]:
    """Public holidays of a calendar by day, ascending."""
    found: dict[date, str] = {}
    for year in years:
        found[date(year, 1, 1)] = "New Year's Day"
        found[date(year, 12, 25)] = "Christmas Day"
        if calendar_id == STANDARD:
            easter = _easter(year)
            found[easter - timedelta(days=2)] = "Good Friday"
            found[easter + timedelta(days=1)] = "Easter Monday"
            found[date(year, 5, 1)] = "Labour Day"
            found[easter + timedelta(days=39)] = "Ascension Day"
            found[easter + timedelta(days=50)] = "Whit Monday"
            found[date(year, 10, 3)] = "Unity Day"
            found[date(year, 12, 26)] = "Second day of Christmas"
        else:
            found[_nth_weekday(year, 1, 0, 3)] = "Martin Luther King Day"
            found[_nth_weekday(year, 5, 0, -1)] = "Memorial Day"
            found[date(year, 7, 4)] = "Independence Day"
            found[_nth_weekday(year, 9, 0, 1)] = "Labor Day"
            found[_nth_weekday(year, 11, 3, 4)] = "Thanksgiving"
    return dict(sorted(found.items()))


def working_days(calendar_id: str, window: Window) -> np.busdaycalendar:
    """The working days of a calendar, for numpy's business day functions."""
    return np.busdaycalendar(weekmask="1111100", holidays=[np.datetime64(day) for day in holidays(calendar_id, window.years)])


@dataclass(frozen=True)
class WorkAxis:
    """Working days of one calendar in one time zone, numbered: position 3.25 is a quarter into the fourth working day."""

    calendar_id: str
    time_zone: str
    window: Window

    @cached_property
    def days(self) -> Days:
        """Working days from a quarter before the window to a quarter after it."""
        first, last = np.datetime64(self.window.start) - 92, np.datetime64(AS_OF) + 92
        every = np.arange(first, last + 1)
        return every[np.is_busday(every, busdaycal=working_days(self.calendar_id, self.window))]

    @cached_property
    def _day_starts(self) -> Integers:
        """Epoch seconds of eight in the morning, local time, of each working day."""
        zone = ZoneInfo(self.time_zone)
        mornings = (datetime.combine(day, time(8), zone).astimezone(UTC) for day in self.days.astype(object))
        return np.fromiter((int(morning.timestamp()) for morning in mornings), dtype=np.int64, count=len(self.days))

    def position(self, day: date) -> float:
        """Position of the start of a day: of the next working day, where it is none."""
        return float(np.searchsorted(self.days, np.datetime64(day)))

    def instants(self, positions: Floats) -> Integers:
        """Epoch seconds of positions; a working day runs from 08:00 to 17:00 local time, so order is kept."""
        index = np.clip(np.floor(positions).astype(np.int64), 0, len(self.days) - 1)
        within: Integers = ((positions - index).clip(0, 0.999) * 9 * 3600).astype(np.int64)
        return self._day_starts[index] + within
