"""Tickets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from desk.model.conversation import Reason
from desk.model.errors import NotFound
from desk.model.ticket import PREFIX, Details, State, Ticket
from desk.store.database import Transaction
from desk.store.tables import tickets

_FIRST = 1000
"""Added to the row id, so that the first ticket is not called FL-1."""


def _read(row: Row[Any]) -> Ticket:
    return Ticket(
        id=row.id,
        number=f"{PREFIX}{_FIRST + row.id}",
        conversation=row.conversation_id,
        customer=row.customer_id,
        subject=row.subject,
        state=State(row.state),
        reason=Reason(row.reason),
        procedure=row.procedure,
        category=row.category,
        team=row.team,
        impact=row.impact,
        urgency=row.urgency,
        note=row.note,
        facts=row.facts,
        resolution=row.resolution,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def create(
    tx: Transaction, conversation: int, customer: int, subject: str, details: Details, cause_key: str, now: datetime
) -> Ticket:
    """Add a ticket in state new. `cause_key` is unique: what causes a ticket causes one."""
    added = tx.connection.execute(
        insert(tickets)
        .values(
            conversation_id=conversation,
            customer_id=customer,
            subject=subject,
            state=State.NEW.value,
            reason=details.reason.value,
            procedure=details.procedure,
            category=details.category,
            team=details.team,
            impact=details.impact,
            urgency=details.urgency,
            note=details.note,
            facts=dict(details.facts),
            cause_key=cause_key,
            created_at=now,
            updated_at=now,
        )
        .returning(tickets)
    ).one()
    tx.touch(conversation)
    return _read(added)


def caused_by(tx: Transaction, cause_key: str) -> Ticket | None:
    """The ticket made for `cause_key`, if it was."""
    row = tx.connection.execute(select(tickets).where(tickets.c.cause_key == cause_key)).one_or_none()
    return _read(row) if row else None


def unfinished(tx: Transaction, conversation: int) -> Ticket | None:
    """The new or open ticket of a conversation: there is one at most."""
    query = select(tickets).where(
        tickets.c.conversation_id == conversation, tickets.c.state.in_([State.NEW.value, State.OPEN.value])
    )
    row = tx.connection.execute(query.order_by(tickets.c.id.desc()).limit(1)).one_or_none()
    return _read(row) if row else None


def unfinished_of(tx: Transaction, conversations: Sequence[int]) -> dict[int, Ticket]:
    """The new or open ticket of each conversation that has one."""
    query = select(tickets).where(
        tickets.c.conversation_id.in_(conversations), tickets.c.state.in_([State.NEW.value, State.OPEN.value])
    )
    return {row.conversation_id: _read(row) for row in tx.connection.execute(query.order_by(tickets.c.id))}


def by_number(tx: Transaction, number: str) -> Ticket:
    """The ticket people call `number`; upper and lower case are the same.

    Raises:
        NotFound: there is no such ticket.
    """
    digits = number.upper().removeprefix(PREFIX)
    # At most 18 digits: what does not fit the column's 64 bits is no ticket either.
    row = None
    if digits.isascii() and digits.isdigit() and len(digits) <= 18:
        row = tx.connection.execute(select(tickets).where(tickets.c.id == int(digits) - _FIRST)).one_or_none()
    if row is None:
        raise NotFound("ticket", number)
    return _read(row)


def of_conversation(tx: Transaction, conversation: int) -> Sequence[Ticket]:
    """Tickets of a conversation, the newest first."""
    query = select(tickets).where(tickets.c.conversation_id == conversation).order_by(tickets.c.id.desc())
    return [_read(row) for row in tx.connection.execute(query)]


def of_customer(tx: Transaction, customer: int, limit: int = 20) -> Sequence[Ticket]:
    """Tickets of a customer, the newest first."""
    query = select(tickets).where(tickets.c.customer_id == customer).order_by(tickets.c.id.desc()).limit(limit)
    return [_read(row) for row in tx.connection.execute(query)]


def latest(
    tx: Transaction, *, state: State | None = None, before: int | None = None, limit: int = 50
) -> Sequence[Ticket]:
    """Tickets, the newest first; `before` (a ticket's id) continues an earlier page."""
    query = select(tickets).order_by(tickets.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(tickets.c.state == state.value)
    if before is not None:
        query = query.where(tickets.c.id < before)
    return [_read(row) for row in tx.connection.execute(query)]


def change(tx: Transaction, ticket: Ticket, state: State, now: datetime, *, resolution: str | None = None) -> None:
    """Set state (and resolution) of a ticket."""
    values: dict[str, object] = {"state": state.value, "updated_at": now}
    if resolution is not None:
        values["resolution"] = resolution
    tx.connection.execute(update(tickets).where(tickets.c.id == ticket.id).values(**values))
    tx.touch(ticket.conversation)
