"""The clocks of conversations: one runs at a time, and what each took stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from desk.model.clock import Clock, Span
from desk.store.database import Transaction
from desk.store.tables import clock_spans


def _read(row: Row[Any]) -> Span:
    return Span(Clock(row.clock), row.started_at, row.ended_at, row.technician_id, row.ticket_id)


def current(tx: Transaction, conversation: int) -> Span | None:
    """The span that runs in a conversation, if one does."""
    query = select(clock_spans).where(clock_spans.c.conversation_id == conversation, clock_spans.c.ended_at.is_(None))
    row = tx.connection.execute(query).one_or_none()
    return _read(row) if row else None


def stop(tx: Transaction, conversation: int, now: datetime) -> None:
    """End the span that runs."""
    own = clock_spans.c
    tx.connection.execute(
        update(clock_spans).where(own.conversation_id == conversation, own.ended_at.is_(None)).values(ended_at=now)
    )


def start(
    tx: Transaction, conversation: int, clock: Clock, now: datetime, *, ticket: int | None, technician: int | None
) -> None:
    """Begin a span; none may be running."""
    tx.connection.execute(
        insert(clock_spans).values(
            conversation_id=conversation,
            ticket_id=ticket,
            technician_id=technician,
            clock=clock.value,
            started_at=now,
        )
    )


def of_conversation(tx: Transaction, conversation: int) -> Sequence[Span]:
    """All spans of a conversation, in order."""
    query = select(clock_spans).where(clock_spans.c.conversation_id == conversation)
    return [_read(row) for row in tx.connection.execute(query.order_by(clock_spans.c.id))]


def of_ticket(tx: Transaction, ticket: int) -> Sequence[Span]:
    """All spans that were spent on a ticket, in order."""
    query = select(clock_spans).where(clock_spans.c.ticket_id == ticket)
    return [_read(row) for row in tx.connection.execute(query.order_by(clock_spans.c.id))]
