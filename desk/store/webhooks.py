"""Webhooks and what was, or is to be, delivered to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, exists, insert, select, update

from desk.model.errors import NotFound
from desk.model.page import Page
from desk.model.webhook import Delivery, Webhook
from desk.model.work import OPEN, WorkState
from desk.store import pages
from desk.store.database import Transaction
from desk.store.tables import events, webhook_deliveries, webhooks

_OWN = webhook_deliveries.c
_DELIVERIES: Select[Any] = select(webhook_deliveries, events.c.type).join(events, events.c.id == _OWN.item)


def _read(row: Row[Any]) -> Webhook:
    return Webhook(row.id, row.url, tuple(row.events), row.active, row.created_at, row.failing_since)


def _delivery(row: Row[Any]) -> Delivery:
    state = WorkState(row.state)
    return Delivery(
        id=row.id,
        webhook=row.lane,
        delivery_id=row.delivery_id,
        event=row.item,
        type=row.type,
        state=state,
        attempts=row.attempts,
        status=row.status,
        error=row.error,
        created_at=row.created_at,
        next_at=row.available_at if state is WorkState.PENDING else None,
        settled_at=row.settled_at,
    )


def add(tx: Transaction, url: str, event_types: Sequence[str], secret: str, now: datetime) -> Webhook:
    """Add a webhook, switched on."""
    values = {"url": url, "events": list(event_types), "secret": secret, "created_at": now}
    return _read(tx.connection.execute(insert(webhooks).values(**values).returning(webhooks)).one())


def everyone(tx: Transaction) -> Sequence[Webhook]:
    """All webhooks, the oldest first."""
    return [_read(row) for row in tx.connection.execute(select(webhooks).order_by(webhooks.c.id))]


def get(tx: Transaction, webhook: int, *, lock: bool = False) -> Webhook:
    """The webhook with this id; with `lock`, nobody else changes it until this transaction ends.

    Raises:
        NotFound: there is no such webhook.
    """
    query = select(webhooks).where(webhooks.c.id == webhook)
    row = tx.connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("webhook", webhook)
    return _read(row)


def secret(tx: Transaction, webhook: int) -> str:
    """What a webhook's requests are signed with."""
    return str(tx.connection.execute(select(webhooks.c.secret).where(webhooks.c.id == webhook)).scalar_one())


def change(tx: Transaction, webhook: int, **values: object) -> None:
    """Set columns of a webhook."""
    tx.connection.execute(update(webhooks).where(webhooks.c.id == webhook).values(**values))


def remove(tx: Transaction, webhook: int) -> None:
    """Forget a webhook, its deliveries, and the events that no other webhook was told of."""
    told = select(_OWN.item).where(_OWN.lane == webhook)
    ids = list(tx.connection.execute(told).scalars())
    tx.connection.execute(delete(webhook_deliveries).where(_OWN.lane == webhook))
    # By ranges of ids: databases limit how many values one statement may have.
    for start in range(0, len(ids), 500):
        _forget_untold(tx, ids[start : start + 500])
    tx.connection.execute(delete(webhooks).where(webhooks.c.id == webhook))


def _forget_untold(tx: Transaction, ids: Sequence[int]) -> None:
    still_told = exists().where(_OWN.item == events.c.id)
    tx.connection.execute(delete(events).where(events.c.id.in_(ids), ~still_told))


def give_up_waiting(tx: Transaction, webhook: int, error: str, now: datetime) -> None:
    """What waits for a webhook is not sent any more."""
    tx.connection.execute(
        update(webhook_deliveries)
        .where(_OWN.lane == webhook, _OWN.state == WorkState.PENDING.value)
        .values(state=WorkState.FAILED.value, settled_at=now, error=error)
    )


def deliveries(tx: Transaction, webhook: int, *, before: int | None = None, limit: int = 50) -> Page[Delivery]:
    """What was sent, or is to be sent, to a webhook, the newest first; those with an id below `before`."""
    return pages.page(tx, _DELIVERIES.where(_OWN.lane == webhook), _OWN.id, _delivery, before, limit)


def delivery(tx: Transaction, webhook: int, delivery_id: str) -> Delivery:
    """One delivery to a webhook.

    Raises:
        NotFound: there is no such delivery.
    """
    row = tx.connection.execute(_DELIVERIES.where(_OWN.lane == webhook, _OWN.delivery_id == delivery_id)).one_or_none()
    if row is None:
        raise NotFound("delivery", delivery_id)
    return _delivery(row)


def delivery_id(tx: Transaction, delivery: int) -> str:
    """What a receiver knows a delivery by."""
    return str(tx.connection.execute(select(_OWN.delivery_id).where(_OWN.id == delivery)).scalar_one())


def send_again(tx: Transaction, delivery: int, now: datetime) -> bool:
    """Queue a settled delivery anew, under its old id. False when it waits or is being sent anyway."""
    done = tx.connection.execute(
        update(webhook_deliveries)
        .where(_OWN.id == delivery, _OWN.state.not_in([state.value for state in OPEN]))
        .values(state=WorkState.PENDING.value, attempts=0, available_at=now, settled_at=None, error=None, status=None)
    )
    tx.announce(webhook_deliveries.name)
    return done.rowcount == 1


def forget_settled(tx: Transaction, before: datetime, limit: int = 1000) -> int:
    """Remove deliveries settled before a moment, and events nobody is told of; returns how many deliveries."""
    old = select(_OWN.id, _OWN.item).where(_OWN.settled_at < before, _OWN.state.not_in([s.value for s in OPEN]))
    rows = tx.connection.execute(old.order_by(_OWN.id).limit(limit)).all()
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        tx.connection.execute(delete(webhook_deliveries).where(_OWN.id.in_([row.id for row in part])))
        _forget_untold(tx, [row.item for row in part])
    return len(rows)
