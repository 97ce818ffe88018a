"""Locking tickets and their conversations in one order, so that no two transactions wait for each other.

Conversations come before tickets, and each kind in the order of its ids. Whoever works on one conversation locks that
and then, with `desk.tickets.current`, its ticket; whoever begins with tickets, or needs several, begins with `hold`.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table, select

from desk.store import cases, merges
from desk.store.database import Transaction
from desk.store.tables import conversations, tickets


def hold(tx: Transaction, ticket_ids: Iterable[int], conversation_ids: Iterable[int] = ()) -> None:
    """Lock tickets, those they are part of, and all conversations of these; and `conversation_ids`.

    Nobody else changes them until this transaction ends, which must not have locked any conversation or ticket before.
    Read them afterwards: what was read before may have changed while this waited.
    """
    if tx.is_sqlite:  # where a write transaction is the only one
        return
    first, besides = list(ticket_ids), list(conversation_ids)
    while True:
        wanted = _concerned(tx, first, besides)
        # What was locked in vain is given back, or it would be locked before what has come along.
        with tx.connection.begin_nested() as attempt:
            for table, ids in zip((conversations, tickets), wanted, strict=True):
                _lock(tx, table, ids)
            if _concerned(tx, first, besides) == wanted:
                return
            attempt.rollback()


def _concerned(tx: Transaction, first: list[int], besides: list[int]) -> tuple[set[int], set[int]]:
    """The conversations and the tickets that are to be locked."""
    chained = {part for ticket in first for part in merges.chain(tx, ticket)}
    return {*besides, *(where for ticket in chained for where in cases.conversations_of(tx, ticket))}, chained


def _lock(tx: Transaction, table: Table, ids: set[int]) -> None:
    own = select(table.c.id).where(table.c.id.in_(sorted(ids))).order_by(table.c.id)
    # As when one is locked: a message that is added to a ticket need not wait for it.
    tx.connection.execute(own.with_for_update(key_share=table is tickets)).all()
