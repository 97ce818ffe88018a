"""Business hours as they are set: a team's intervals, its closed days, and the public holidays of its country."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

from desk.model.hours import DayOff, Schedule, Why
from desk.model.team import Team
from desk.store import teams
from desk.store.database import Transaction

_SPOKEN = {"en": "en_US"}
"""What the package `holidays` calls our languages, where it is not the same."""


def schedule_of(tx: Transaction, team: Team, language: str | None = None) -> Schedule:
    """The business hours of `team`; holidays are named in `language` where those of its country are."""
    week: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for weekday, opens, closes in teams.hours(tx, team.key):
        week[weekday].append((opens, closes))
    closed, country = teams.closed_days(tx, team.key), team.holidays

    def off(day: date) -> DayOff | None:
        if day in closed:
            return DayOff(Why.CLOSED_DAY, closed[day])
        name = holidays_of(country, day.year, language or "").get(day) if country else None
        return DayOff(Why.HOLIDAY, name) if name else None

    return Schedule(ZoneInfo(team.time_zone), {day: tuple(own) for day, own in week.items()}, off)


@cache
def holidays_of(country: str, year: int, language: str) -> Mapping[date, str]:
    """The public holidays of a country or subdivision (``NL``, ``DE-BY``); none for one the package does not know."""
    # Imported here: it takes half a second, and a desk whose teams observe no holidays does not need it.
    import holidays

    name, _, part = country.partition("-")
    try:
        found = holidays.country_holidays(
            name, subdiv=part or None, years=year, language=_SPOKEN.get(language, language)
        )
    except NotImplementedError:  # how the package says that it does not know a country or a part of one
        return {}
    return {day: found[day] for day in found if day.year == year}


def prepare() -> None:
    """Load the tables of holidays, so that no transaction has to wait for that."""
    holidays_of("NL", 2026, "")
