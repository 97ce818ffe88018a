"""Teams, their members, the categories they take care of, and the matrix of priorities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select

from desk.model.errors import NotFound
from desk.model.team import Category, Team
from desk.model.ticket import DEFAULT_PRIORITIES
from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import categories, opening_hours, priorities, team_members, teams


def _team(row: Row[Any]) -> Team:
    return Team(**{name: getattr(row, name) for name in Team.__dataclass_fields__})


def _category(row: Row[Any]) -> Category:
    return Category(**{name: getattr(row, name) for name in Category.__dataclass_fields__})


def ensure(tx: Transaction, team: Team, now: datetime) -> None:
    """Add `team` unless there is one of this key."""
    values = {name: getattr(team, name) for name in Team.__dataclass_fields__}
    tx.connection.execute(dialects.insert(tx, teams).values(**values, created_at=now).on_conflict_do_nothing())


def ensure_category(tx: Transaction, category: Category) -> None:
    """Add `category` unless there is one of this key."""
    values = {name: getattr(category, name) for name in Category.__dataclass_fields__}
    tx.connection.execute(dialects.insert(tx, categories).values(**values).on_conflict_do_nothing())


def find(tx: Transaction, key: str) -> Team | None:
    """The team of this key, if there is one."""
    row = tx.connection.execute(select(teams).where(teams.c.key == key)).one_or_none()
    return _team(row) if row else None


def fallback(tx: Transaction) -> Team | None:
    """The team that gets what no team is named for."""
    query = select(teams).where(teams.c.fallback.is_(True), teams.c.active.is_(True)).order_by(teams.c.key).limit(1)
    row = tx.connection.execute(query).one_or_none()
    return _team(row) if row else None


def get(tx: Transaction, key: str) -> Team:
    """The team of this key.

    Raises:
        NotFound: there is none.
    """
    found = find(tx, key)
    if found is None:
        raise NotFound("team", key)
    return found


def everyone(tx: Transaction) -> Sequence[Team]:
    """All teams, by name."""
    return [_team(row) for row in tx.connection.execute(select(teams).order_by(teams.c.name_en))]


def hours(tx: Transaction, team: str) -> Sequence[tuple[int, int, int]]:
    """The opening hours of a team: weekday (Monday is 0), and from and to, in minutes since midnight."""
    own = opening_hours.c
    query = select(own.weekday, own.opens, own.closes).where(own.team == team).order_by(own.weekday, own.opens)
    return [(row.weekday, row.opens, row.closes) for row in tx.connection.execute(query)]


def set_hours(tx: Transaction, team: str, intervals: Sequence[tuple[int, int, int]]) -> None:
    """Replace the opening hours of a team, as `hours` gives them."""
    tx.connection.execute(delete(opening_hours).where(opening_hours.c.team == team))
    rows = [
        {"team": team, "weekday": weekday, "opens": opens, "closes": closes} for weekday, opens, closes in intervals
    ]
    if rows:
        tx.connection.execute(insert(opening_hours), rows)


def of_technician(tx: Transaction, technician: int) -> frozenset[str]:
    """The keys of the teams somebody is in."""
    query = select(team_members.c.team).where(team_members.c.technician_id == technician)
    return frozenset(tx.connection.execute(query).scalars())


def find_category(tx: Transaction, key: str) -> Category | None:
    """The category of this key, if there is one."""
    row = tx.connection.execute(select(categories).where(categories.c.key == key)).one_or_none()
    return _category(row) if row else None


def all_categories(tx: Transaction) -> Sequence[Category]:
    """All categories, by name."""
    return [_category(row) for row in tx.connection.execute(select(categories).order_by(categories.c.name_en))]


def matrix(tx: Transaction) -> Mapping[tuple[int, int], int]:
    """(impact, urgency) -> priority: what was set, else the default."""
    rows = tx.connection.execute(select(priorities.c.impact, priorities.c.urgency, priorities.c.priority))
    return {**DEFAULT_PRIORITIES, **{(row.impact, row.urgency): row.priority for row in rows}}
