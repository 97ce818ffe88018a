"""Events: written in the transaction in which they happen, with a row of work for each webhook that wants to know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, select

from desk.model.event import Event, EventType, Payload
from desk.store import work
from desk.store.database import Transaction
from desk.store.tables import events, webhook_deliveries, webhooks

# Built once, since it runs with each message. It is all that an installation without webhooks pays.
_ACTIVE = select(webhooks.c.id, webhooks.c.events).where(webhooks.c.active.is_(True))


def emit(tx: Transaction, event_type: EventType, payload: Callable[[], Payload], now: datetime) -> None:
    """Tell the webhooks that want to know. Without one nothing is written, and `payload` is not asked for."""
    wanting = [row.id for row in tx.connection.execute(_ACTIVE) if not row.events or event_type.value in row.events]
    if wanting:
        send(tx, add(tx, event_type, payload(), now), wanting, now)


def add(tx: Transaction, event_type: EventType, payload: Payload, now: datetime) -> int:
    """Store an event; returns its id."""
    row = {"type": event_type.value, "payload": payload, "created_at": now}
    return int(tx.connection.execute(insert(events).returning(events.c.id), row).scalar_one())


def send(tx: Transaction, event: int, to: list[int], now: datetime) -> None:
    """Queue an event for these webhooks. Each gets its events in order."""
    for webhook in to:
        work.put(tx, webhook_deliveries, webhook, event, event, now, delivery_id=str(uuid4()))


def get(tx: Transaction, event: int) -> Event:
    """An event that is there, since a delivery refers to it."""
    row = tx.connection.execute(select(events).where(events.c.id == event)).one()
    return Event(row.id, row.type, row.payload, row.created_at)
