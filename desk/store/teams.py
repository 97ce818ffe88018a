"""Teams, their members, the categories they take care of, and the matrix of priorities."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from desk.model.errors import NotFound
from desk.model.team import Category, Team
from desk.model.ticket import DEFAULT_PRIORITIES
from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import categories, opening_hours, priorities, team_members, teams, technicians
from desk.store.tables import closed_days as closed


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


def create(tx: Transaction, team: Team, now: datetime) -> None:
    """Add `team`. Its key must not be taken."""
    tx.connection.execute(insert(teams).values(**asdict(team), created_at=now))


def change(tx: Transaction, team: Team) -> None:
    """Replace what the team of this key is."""
    tx.connection.execute(update(teams).where(teams.c.key == team.key).values(**asdict(team)))


def be_the_fallback(tx: Transaction, key: str) -> None:
    """Make one team the fallback, and no other."""
    tx.connection.execute(update(teams).values(fallback=teams.c.key == key))


def create_category(tx: Transaction, category: Category) -> None:
    """Add `category`. Its key must not be taken."""
    tx.connection.execute(insert(categories).values(**asdict(category)))


def change_category(tx: Transaction, category: Category) -> None:
    """Replace what the category of this key is."""
    tx.connection.execute(update(categories).where(categories.c.key == category.key).values(**asdict(category)))


def set_matrix(tx: Transaction, matrix: Mapping[tuple[int, int], int]) -> None:
    """Replace the matrix, as `matrix` gives it."""
    tx.connection.execute(delete(priorities))
    rows = [
        {"impact": impact, "urgency": urgency, "priority": priority} for (impact, urgency), priority in matrix.items()
    ]
    if rows:
        tx.connection.execute(insert(priorities), rows)


def closed_days(tx: Transaction, team: str) -> Mapping[date, str]:
    """The days on which a team is closed besides public holidays, the earliest first, and what they are called."""
    query = select(closed.c.day, closed.c.name).where(closed.c.team == team).order_by(closed.c.day)
    return {row.day: row.name for row in tx.connection.execute(query)}


def set_closed_day(tx: Transaction, team: str, day: date, name: str) -> None:
    """Close a team on a day, or rename that day."""
    added = dialects.insert(tx, closed).values(team=team, day=day, name=name)
    tx.connection.execute(added.on_conflict_do_update(index_elements=["team", "day"], set_={"name": name}))


def remove_closed_day(tx: Transaction, team: str, day: date) -> bool:
    """Have a team open on a day as on others; false when it was not closed."""
    removed = delete(closed).where(closed.c.team == team, closed.c.day == day)
    return tx.connection.execute(removed).rowcount == 1


def member_counts(tx: Transaction) -> Mapping[str, int]:
    """How many active technicians are in each team that has any."""
    query = select(team_members.c.team, func.count()).join(
        technicians, technicians.c.id == team_members.c.technician_id
    )
    rows = tx.connection.execute(query.where(technicians.c.active.is_(True)).group_by(team_members.c.team))
    return {row[0]: int(row[1]) for row in rows}


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


def members(tx: Transaction, team: str) -> frozenset[int]:
    """The ids of the technicians in a team."""
    query = select(team_members.c.technician_id).where(team_members.c.team == team)
    return frozenset(tx.connection.execute(query).scalars())


def set_members(tx: Transaction, team: str, members: Collection[int]) -> None:
    """Replace the members of a team."""
    tx.connection.execute(delete(team_members).where(team_members.c.team == team))
    rows = [{"team": team, "technician_id": technician} for technician in sorted(set(members))]
    if rows:
        tx.connection.execute(insert(team_members), rows)


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
