"""Tickets that are connected with others: related to them, or part of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select

from desk.model.ticket import Link, Linked, Ticket
from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import ticket_links, tickets
from desk.store.tickets import QUERY, read, some


def add(tx: Transaction, ticket: int, other: int, kind: Link, now: datetime) -> bool:
    """Relate two tickets. False when they were related so already."""
    added = tx.connection.execute(
        dialects.insert(tx, ticket_links)
        .values(ticket_id=ticket, other_id=other, kind=kind.value, created_at=now)
        .on_conflict_do_nothing()
        .returning(ticket_links.c.id)
    )
    return added.scalar() is not None


def remove(tx: Transaction, ticket: int, other: int, kind: Link) -> bool:
    """Take a relation back, from whichever side it was said. False when there was none."""
    links = ticket_links.c
    done = tx.connection.execute(
        delete(ticket_links).where(
            links.kind == kind.value,
            or_(
                (links.ticket_id == ticket) & (links.other_id == other),
                (links.ticket_id == other) & (links.other_id == ticket),
            ),
        )
    )
    return done.rowcount > 0


def of(tx: Transaction, ticket: int) -> Sequence[Linked]:
    """Related tickets, and those that are part of this one, the oldest relation first."""
    own = ticket_links.c
    rows = tx.connection.execute(
        select(own.ticket_id, own.other_id, own.kind)
        .where(or_(own.ticket_id == ticket, own.other_id == ticket))
        .order_by(own.id)
    ).all()
    related = some(tx, {row.other_id if row.ticket_id == ticket else row.ticket_id for row in rows})
    return [
        Linked(Link(row.kind), False, related[row.other_id])
        if row.ticket_id == ticket
        else Linked(Link(row.kind), True, related[row.ticket_id])
        for row in rows
    ]


def merged_into(tx: Transaction, ticket: int) -> Sequence[Ticket]:
    """The tickets that became part of this one."""
    query = QUERY.where(tickets.c.merged_into_id == ticket).order_by(tickets.c.id)
    return [read(row) for row in tx.connection.execute(query)]
