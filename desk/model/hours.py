"""When a team is there: business hours on its own wall clock, with several intervals a day, holidays and closed days.

Everything is derived from the stretches of a day (`Schedule.stretches`), so that being open, opening next and the time
in between can never contradict each other, on the days when the clocks change either.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_FARTHEST = 400
"""Days looked ahead for an opening: more than any team is on holiday."""


class Why(StrEnum):
    """Why a team is, or is not, there."""

    OPEN = "open"
    HOLIDAY = "holiday"
    """A public holiday of its country."""
    CLOSED_DAY = "closed_day"
    """A day somebody has entered."""
    OUTSIDE_HOURS = "outside_hours"


@dataclass(frozen=True, slots=True)
class DayOff:
    """A whole day on which nobody works; `name` is what it is called (``Kerstmis``)."""

    why: Why
    name: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why it is open, or not, at a moment; `day` is that moment's date on the team's calendar."""

    why: Why
    day: date
    name: str | None = None


Week = Mapping[int, tuple[tuple[int, int], ...]]
"""Weekday (Monday is 0) -> intervals that do not overlap: from and to (not included), in minutes since midnight.

1440 is the midnight at the end of the day.
"""


def _never(_: date) -> DayOff | None:
    return None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A team's business hours."""

    zone: ZoneInfo
    week: Week
    off: Callable[[date], DayOff | None] = _never
    """Tells whether a day of the team's calendar is a day off."""

    def stretches(self, day: date) -> list[tuple[datetime, datetime]]:
        """The stretches of one calendar day in which it is open, in UTC, in order."""
        if self.off(day) is not None:
            return []
        intervals = sorted(self.week.get(day.weekday(), ()))
        found = [(self._moment(day, opens), self._moment(day, closes)) for opens, closes in intervals]
        return [(start, end) for start, end in found if start < end]

    def _moment(self, day: date, minutes: int) -> datetime:
        """The first moment at which the clock on the team's wall shows this, or has skipped it."""
        wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
        moment = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if self._wall(moment) == wall:
            return moment
        # The clock is put forward over it. Read with the offsets before and after, it lies around that moment.
        earliest = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        between = range((moment - earliest) // _MINUTE + 1)
        return earliest + _MINUTE * bisect_left(between, wall, key=lambda m: self._wall(earliest + _MINUTE * m))

    def _wall(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def _from(self, at: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """Stretches that end after `at`, of at most so many days."""
        # A day earlier: at midnight, too, clocks are put back, and the day before is then not over.
        first = at.astimezone(self.zone).date() - _DAY
        for number in range(days + 2):
            for start, end in self.stretches(first + _DAY * number):
                if end > at:
                    yield start, end

    def is_open(self, at: datetime) -> bool:
        """Whether somebody should be there."""
        return any(start <= at for start, _ in self._from(at, 1))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first open moment from `at` on (`at` itself while it is open), in UTC; None when it never opens."""
        if not any(self.week.values()):
            return None
        start = next((start for start, _ in self._from(at, _FARTHEST)), None)
        return max(start, at.astimezone(UTC)) if start is not None else None

    def open_time(self, since: datetime, until: datetime) -> timedelta:
        """How much of the time between two moments it was open; none when they are in the wrong order."""
        days = max((until.astimezone(self.zone).date() - since.astimezone(self.zone).date()).days, 0)
        spent = (min(end, until) - max(start, since) for start, end in self._from(since, days + 1))
        return sum((each for each in spent if each > timedelta()), timedelta())

    def explain(self, at: datetime) -> Explanation:
        """Why it is open or closed at a moment."""
        day = at.astimezone(self.zone).date()
        if self.is_open(at):
            return Explanation(Why.OPEN, day)
        off = self.off(day)
        return Explanation(off.why, day, off.name) if off else Explanation(Why.OUTSIDE_HOURS, day)

    def days_off(self, since: datetime, until: datetime) -> list[DayOff]:
        """The days off between two moments on which it would otherwise be open, in order."""
        day, last = since.astimezone(self.zone).date(), until.astimezone(self.zone).date()
        found = []
        while day <= last:
            off = self.off(day)
            if off is not None and self.week.get(day.weekday()):
                found.append(off)
            day += _DAY
        return found
