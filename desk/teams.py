"""Teams, their members and hours, the categories they take care of, and the matrix of priorities."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import available_timezones

from desk.model import checks
from desk.model.errors import Invalid, NotFound
from desk.model.slack import read_place
from desk.model.team import MIDNIGHT, WEEKDAYS, Category, Interval, Team
from desk.model.technician import Permission, Technician, require
from desk.model.ticket import HIGHEST, LOWEST
from desk.store import teams as store
from desk.store import technicians
from desk.store.database import Transaction

_KEY = re.compile(r"[a-z][a-z0-9_]{0,99}")
MAX_NAME = 200
MAX_REOPEN_DAYS = 365
LEVELS = range(HIGHEST, LOWEST + 1)
"""Of impact and of urgency."""
PRIORITIES = range(1, 6)
"""What the matrix may give; 0, a major incident, is declared by a person."""


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team with all that belongs to it."""

    team: Team
    members: frozenset[int]
    hours: Mapping[int, Sequence[Interval]]
    """By weekday; a day that is not in it is closed."""
    closed_days: Mapping[date, str]


def view(tx: Transaction, key: str) -> TeamView:
    """A team with all that belongs to it.

    Raises:
        NotFound: there is no such team.
    """
    team = store.get(tx, key)
    hours: dict[int, list[Interval]] = {}
    for weekday, opens, closes in store.hours(tx, key):
        hours.setdefault(weekday, []).append((opens, closes))
    return TeamView(team, store.members(tx, key), hours, store.closed_days(tx, key))


def create(tx: Transaction, by: Technician, team: Team, now: datetime) -> Team:
    """Add a team. It is closed until it gets hours.

    Raises:
        Invalid: the key is malformed or taken, or as in `change`.
        NotAllowed: `by` may not administer.
    """
    require(by, Permission.ADMINISTER)
    _check_key(team.key)
    if store.find(tx, team.key) is not None:
        raise Invalid("key", "taken")
    team = _checked(team)
    store.create(tx, team, now)
    if team.fallback:
        store.be_the_fallback(tx, team.key)
    return team


def change(tx: Transaction, by: Technician, team: Team) -> Team:
    """Replace what the team of this key is. When it becomes the fallback, the team that was is so no longer.

    Raises:
        Invalid: a name is empty or too long; the time zone or the country of the holidays is unknown; the days are out
            of range; the channel in Slack is none; there would be no fallback team; or categories still name a team
            that is to be inactive.
        NotAllowed: `by` may not administer.
        NotFound: there is no such team.
    """
    require(by, Permission.ADMINISTER)
    current, team = store.get(tx, team.key), _checked(team)
    if current.fallback and not team.fallback:
        raise Invalid("fallback", "needed")
    if not team.active and any(c.team == team.key and c.active for c in store.all_categories(tx)):
        raise Invalid("active", "in_use")
    store.change(tx, team)
    if team.fallback and not current.fallback:
        store.be_the_fallback(tx, team.key)
    return team


def _checked(team: Team) -> Team:
    names = (checks.line(team.name_en, "name_en", MAX_NAME), checks.line(team.name_nl, "name_nl", MAX_NAME))
    if team.time_zone not in available_timezones():
        raise Invalid("time_zone", "unknown")
    if not 0 <= team.reopen_days <= MAX_REOPEN_DAYS:
        raise Invalid("reopen_days", "range")
    if team.fallback and not team.active:
        raise Invalid("fallback", "inactive")
    channel = _channel(team.slack_channel)
    return replace(team, name_en=names[0], name_nl=names[1], holidays=country(team.holidays), slack_channel=channel)


def _channel(written: str | None) -> str | None:
    if not written or not written.strip():
        return None
    try:
        return str(read_place(written))
    except ValueError:
        raise Invalid("slack_channel", "malformed") from None


def country(code: str | None) -> str | None:
    """`code` as the package `holidays` spells it; None for none. The first call takes most of a second.

    Raises:
        Invalid: there is no such country or subdivision.
    """
    code = (code or "").strip().upper()
    if not code:
        return None
    # Only administrators need it.
    import holidays

    state, _, subdivision = code.partition("-")
    known = holidays.list_supported_countries()
    parts = {part.upper(): part for part in known.get(state, ())}
    if state not in known or (subdivision and subdivision not in parts):
        raise Invalid("holidays", "unknown")
    return f"{state}-{parts[subdivision]}" if subdivision else state


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise Invalid("key", "malformed")


def set_members(tx: Transaction, by: Technician, team: str, members: Collection[int]) -> None:
    """Replace the members of a team, by their ids.

    Raises:
        NotAllowed: `by` may not administer.
        NotFound: there is no such team or technician.
    """
    require(by, Permission.ADMINISTER)
    key = store.get(tx, team).key
    store.set_members(tx, key, [technicians.get(tx, member).id for member in members])


def set_hours(tx: Transaction, by: Technician, team: str, hours: Mapping[int, Sequence[Interval]]) -> None:
    """Replace the opening hours of a team, by weekday; days that are left out are closed.

    Raises:
        Invalid: of field ``hours.<weekday>``: a time is none (``range``), a day closes before it opens (``order``),
            or two intervals overlap (``overlap``).
        NotAllowed: `by` may not administer.
        NotFound: there is no such team.
    """
    require(by, Permission.ADMINISTER)
    key = store.get(tx, team).key
    checked = {weekday: _checked_day(weekday, intervals) for weekday, intervals in hours.items()}
    rows = [(weekday, opens, closes) for weekday, day in sorted(checked.items()) for opens, closes in day]
    store.set_hours(tx, key, rows)


def _checked_day(weekday: int, intervals: Sequence[Interval]) -> Sequence[Interval]:
    field = f"hours.{weekday}"
    if weekday not in WEEKDAYS or any(not 0 <= time <= MIDNIGHT for interval in intervals for time in interval):
        raise Invalid(field, "range")
    if any(opens >= closes for opens, closes in intervals):
        raise Invalid(field, "order")
    ordered = sorted(intervals)
    if any(closes > opens for (_, closes), (opens, _) in pairwise(ordered)):
        raise Invalid(field, "overlap")
    return ordered


def close_on(tx: Transaction, by: Technician, team: str, day: date, name: str) -> None:
    """Close a team on a day, under a name that customers may read.

    Raises:
        Invalid: the name is empty or too long.
        NotAllowed: `by` may not administer.
        NotFound: there is no such team.
    """
    require(by, Permission.ADMINISTER)
    store.set_closed_day(tx, store.get(tx, team).key, day, checks.line(name, "day_name", MAX_NAME))


def open_on(tx: Transaction, by: Technician, team: str, day: date) -> None:
    """Have a team open on a day as usual, after all.

    Raises:
        NotAllowed: `by` may not administer.
        NotFound: the team is not closed on this day.
    """
    require(by, Permission.ADMINISTER)
    if not store.remove_closed_day(tx, team, day):
        raise NotFound("closed day", day)


def create_category(tx: Transaction, by: Technician, category: Category) -> Category:
    """Add a category. Procedures name it by its key.

    Raises:
        Invalid: the key is malformed or taken, or as in `change_category`.
        NotAllowed: `by` may not administer.
    """
    require(by, Permission.ADMINISTER)
    _check_key(category.key)
    if store.find_category(tx, category.key) is not None:
        raise Invalid("key", "taken")
    category = _checked_category(tx, category)
    store.create_category(tx, category)
    return category


def change_category(tx: Transaction, by: Technician, category: Category) -> Category:
    """Replace what the category of this key is.

    Raises:
        Invalid: a name is empty or too long, there is no such team or it is not active, or the impact is out of range.
        NotAllowed: `by` may not administer.
        NotFound: there is no such category.
    """
    require(by, Permission.ADMINISTER)
    if store.find_category(tx, category.key) is None:
        raise NotFound("category", category.key)
    category = _checked_category(tx, category)
    store.change_category(tx, category)
    return category


def _checked_category(tx: Transaction, category: Category) -> Category:
    team = store.find(tx, category.team) if category.team else None
    if category.team and (team is None or not team.active):
        raise Invalid("team", "inactive" if team else "unknown")
    if category.impact is not None and category.impact not in LEVELS:
        raise Invalid("impact", "range")
    names = (checks.line(category.name_en, "name_en", MAX_NAME), checks.line(category.name_nl, "name_nl", MAX_NAME))
    return replace(category, name_en=names[0], name_nl=names[1], team=category.team or None)


def set_priorities(tx: Transaction, by: Technician, matrix: Mapping[tuple[int, int], int]) -> None:
    """Set priorities by (impact, urgency); pairs that are left out stay as they are. Tickets keep what they have.

    Raises:
        Invalid: a level or a priority is out of range.
        NotAllowed: `by` may not administer.
    """
    require(by, Permission.ADMINISTER)
    for (impact, urgency), priority in matrix.items():
        if impact not in LEVELS or urgency not in LEVELS or priority not in PRIORITIES:
            raise Invalid("priority", "range")
    store.set_matrix(tx, {**store.matrix(tx), **matrix})
