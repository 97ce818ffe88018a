"""Who works in which team, who of them is there, and how many wait for them."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, select

from channels.contract import Owner
from desk.store.database import Transaction
from desk.store.tables import conversations, logins, team_members, technicians, tickets


def active(tx: Transaction) -> Mapping[int, frozenset[str]]:
    """The teams of each technician who has not left."""
    query = (
        select(technicians.c.id, team_members.c.team)
        .outerjoin(team_members, team_members.c.technician_id == technicians.c.id)
        .where(technicians.c.active.is_(True))
    )
    found: dict[int, set[str]] = {}
    for row in tx.connection.execute(query):
        found.setdefault(row.id, set()).update({row.team} if row.team else ())
    return {technician: frozenset(teams) for technician, teams in found.items()}


def seen_since(tx: Transaction, moment: datetime) -> Set[int]:
    """Technicians whose console has been open since `moment`; a program that uses their token is not them."""
    query = select(logins.c.technician_id).where(logins.c.seen_at >= moment, logins.c.name.is_(None))
    return frozenset(tx.connection.execute(query).scalars())


def waiting_before(tx: Transaction, team: str | None, priority: int, since: datetime, *, besides: int) -> int:
    """How many conversations wait for `team` that matter more, or as much and have waited since earlier."""
    first = or_(
        tickets.c.priority < priority, and_(tickets.c.priority == priority, conversations.c.waiting_since < since)
    )
    query = (
        select(func.count())
        .select_from(conversations.join(tickets, tickets.c.id == conversations.c.ticket_id))
        .where(conversations.c.closed.is_(False), conversations.c.owner == Owner.QUEUE.value)
        .where(conversations.c.id != besides, tickets.c.team == team, first)
    )
    return int(tx.connection.execute(query).scalar_one())


def forget_expired(tx: Transaction, now: datetime) -> int:
    """Forget logins that have run out; returns how many there were."""
    return int(tx.connection.execute(delete(logins).where(logins.c.expires_at < now)).rowcount)
