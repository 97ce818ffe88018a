"""Merges: which tickets are part of which."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from desk.model.ticket import State
from desk.store.database import Transaction
from desk.store.tables import tickets


def chain(tx: Transaction, ticket: int) -> list[int]:
    """The ticket, and those it is part of."""
    chain = [ticket]
    while True:
        into = tx.connection.execute(select(tickets.c.merged_into_id).where(tickets.c.id == chain[-1])).scalar()
        if into is None or into in chain:
            return chain
        chain.append(into)


def family(tx: Transaction, ticket: int) -> Sequence[int]:
    """The ticket, and those that are part of it."""
    part = select(tickets.c.id).where(tickets.c.id == ticket).cte(recursive=True)
    part = part.union(select(tickets.c.id).where(tickets.c.merged_into_id == part.c.id))
    return tx.connection.execute(select(part.c.id)).scalars().all()


def state_before(tx: Transaction, ticket: int) -> State:
    """What a merged ticket was before."""
    query = select(tickets.c.merged_from_state).where(tickets.c.id == ticket)
    return State(tx.connection.execute(query).scalar_one())
