"""Identities: whose an address is, proved and undone, and whether it can be reached."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, insert, select, update

from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import conversations, customers, identities, ticket_conversations, tickets


def _at(channel: str, address: str) -> ColumnElement[bool]:
    return and_(identities.c.channel == channel, identities.c.address == address)


def link(tx: Transaction, channel: str, address: str, customer: int, now: datetime) -> bool:
    """The owner of `address` has proved to be `customer`: what they began from there is `customer`'s, too.

    False when that was known.
    """
    found = _locked(tx, channel, address)
    if found is None:
        new = dialects.insert(tx, identities).values(
            customer_id=customer, channel=channel, address=address, linked_at=now, created_at=now
        )
        if tx.connection.execute(new.on_conflict_do_nothing().returning(identities.c.id)).scalar() is None:
            # Another process met the same address in this very moment.
            return link(tx, channel, address, customer, now)
        return True
    if found.customer_id == customer:
        return False
    # Linked before: undoing goes back to whose it was at first.
    first = found.linked_from_id if found.linked_at is not None else found.customer_id
    _move(tx, channel, address, found.customer_id, customer)
    _set(tx, found.id, customer_id=customer, linked_from_id=first, linked_at=now)
    return True


def unlink(tx: Transaction, channel: str, address: str, now: datetime) -> int | None:
    """Undo `link`: the address is whose it was before, or somebody's own. Returns that customer; None: not linked."""
    found = _locked(tx, channel, address)
    if found is None or found.linked_at is None:
        return None
    before = found.linked_from_id
    if before is None:
        before = tx.connection.execute(insert(customers).values(created_at=now).returning(customers.c.id)).scalar_one()
    _move(tx, channel, address, found.customer_id, before)
    _set(tx, found.id, customer_id=before, linked_from_id=None, linked_at=None)
    return int(before)


def _locked(tx: Transaction, channel: str, address: str) -> Row[Any] | None:
    own = identities.c
    query: Select[Any] = select(own.id, own.customer_id, own.linked_from_id, own.linked_at).where(_at(channel, address))
    return tx.connection.execute(query.with_for_update()).one_or_none()


def _set(tx: Transaction, identity: int, **values: object) -> None:
    tx.connection.execute(update(identities).where(identities.c.id == identity).values(**values))


def _move(tx: Transaction, channel: str, address: str, before: int, after: int) -> None:
    """What was begun from `address` goes from one customer to another, with its tickets."""
    own = conversations.c
    begun = and_(own.channel == channel, own.address == address, own.customer_id == before)
    moved = list(
        tx.connection.execute(update(conversations).where(begun).values(customer_id=after).returning(own.id)).scalars()
    )
    theirs = select(ticket_conversations.c.ticket_id).where(ticket_conversations.c.conversation_id.in_(moved))
    mine = tickets.c.id.in_(theirs), tickets.c.customer_id == before
    tx.connection.execute(update(tickets).where(*mine).values(customer_id=after))
    for conversation in moved:
        tx.touch(conversation)


def unreachable(tx: Transaction, channel: str, address: str, detail: str, now: datetime) -> bool:
    """The network says that `address` takes no messages; False when that was known, or nobody has that address."""
    news = _at(channel, address), identities.c.unreachable_at.is_(None)
    marked = update(identities).where(*news).values(unreachable_at=now, unreachable_detail=detail)
    return tx.connection.execute(marked).rowcount == 1


def reachable(tx: Transaction, channel: str, address: str) -> None:
    """Whoever writes can be written to."""
    marked = _at(channel, address), identities.c.unreachable_at.is_not(None)
    tx.connection.execute(update(identities).where(*marked).values(unreachable_at=None, unreachable_detail=None))
