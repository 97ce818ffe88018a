"""Teams, what they take care of, and how urgent that is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from channels.contract import Language


@dataclass(frozen=True, slots=True)
class Team:
    """People who share a queue. `key` is what procedures name it by."""

    key: str
    name_en: str
    name_nl: str
    time_zone: str
    """Of its opening hours, by IANA name."""
    holidays: str | None
    """A country, or a subdivision after a hyphen, as the package `holidays` names them: ``NL``, ``DE-BY``."""
    reopen_days: int
    """So many days after a ticket was resolved the same problem opens it again; later it becomes a new one."""
    fallback: bool
    """It gets what no team is named for."""
    active: bool
    slack_channel: str | None = None
    """Where its handovers appear, as `desk.model.slack.read_place` reads it."""

    def name(self, language: Language | None) -> str:
        """What it is called in `language`; English where it is not spoken."""
        return self.name_nl if language == "nl" else self.name_en


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of problem: which team takes care of it, and how far it usually reaches."""

    key: str
    name_en: str
    name_nl: str
    team: str | None
    impact: int | None
    active: bool

    def name(self, language: Language | None) -> str:
        """What it is called in `language`; English where it is not spoken."""
        return self.name_nl if language == "nl" else self.name_en


Interval = tuple[int, int]
"""From and to, in minutes since midnight, the end not included."""
MIDNIGHT = 24 * 60
WEEKDAYS = range(7)
"""Monday is 0."""

_INTERVAL = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?")
_BETWEEN = re.compile(r"\s*[,;+&/]\s*|\s+")


def read_intervals(text: str) -> list[Interval]:
    """The opening hours of a day as people write them: ``08:00-12:00, 13:00-17:30``, or ``8-17.30``; empty: closed.

    Raises:
        ValueError: it is nothing of the kind.
    """
    intervals: list[Interval] = []
    rest = text.strip()
    while rest:
        found = _INTERVAL.match(rest)
        if found is None:
            raise ValueError(text)
        hours, minutes, until_hours, until_minutes = (int(part or 0) for part in found.groups())
        if minutes > 59 or until_minutes > 59:
            raise ValueError(text)
        intervals.append((hours * 60 + minutes, until_hours * 60 + until_minutes))
        rest = rest[found.end() :]
        if rest:
            between = _BETWEEN.match(rest)
            if between is None or between.end() == len(rest):
                raise ValueError(text)
            rest = rest[between.end() :]
    return intervals


def write_intervals(intervals: Iterable[Interval]) -> str:
    """What `read_intervals` reads: ``08:00-12:00, 13:00-17:30``."""
    return ", ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in intervals)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
