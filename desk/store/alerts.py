"""Alerts: one that is open per conversation, told again until it is acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, select, update

from channels.contract import Owner
from desk.model.alert import Alert, Kind
from desk.model.errors import NotFound
from desk.model.work import Claim
from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import alerts, conversations, customers, notices, technicians, tickets
from desk.store.tickets import number_of

_QUERY: Select[Any] = (
    select(
        alerts,
        # A ticket may have changed hands since: what counts is whose it is now.
        func.coalesce(tickets.c.team, alerts.c.team).label("team_now"),
        technicians.c.name.label("acknowledged_name"),
        conversations.c.owner,
        conversations.c.customer_id,
        conversations.c.reason,
        conversations.c.waiting_since,
        conversations.c.language,
        customers.c.name.label("customer_name"),
        tickets.c.id.label("ticket_id"),
        tickets.c.subject,
        tickets.c.priority,
    )
    .join(conversations, conversations.c.id == alerts.c.conversation_id)
    .join(customers, customers.c.id == conversations.c.customer_id)
    .outerjoin(tickets, tickets.c.id == conversations.c.ticket_id)
    .outerjoin(technicians, technicians.c.id == alerts.c.acknowledged_by)
)
_OPEN = alerts.c.acknowledged_at.is_(None)


def _read(row: Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        conversation=row.conversation_id,
        kind=Kind(row.kind),
        team=row.team_now,
        times=row.times,
        created_at=row.created_at,
        next_at=row.next_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_name=row.acknowledged_name,
        owner=Owner(row.owner),
        reason=row.reason,
        waiting_since=row.waiting_since,
        customer=row.customer_id,
        customer_name=row.customer_name,
        language=row.language,
        ticket=number_of(row.ticket_id) if row.ticket_id else None,
        subject=row.subject,
        priority=row.priority,
    )


def add(tx: Transaction, conversation: int, kind: Kind, team: str | None, now: datetime) -> Alert | None:
    """A new alert, not told yet; None when the conversation has an open one."""
    values = {"conversation_id": conversation, "kind": kind.value, "team": team, "created_at": now, "next_at": now}
    new = dialects.insert(tx, alerts).values(times=0, **values).on_conflict_do_nothing().returning(alerts.c.id)
    made = tx.connection.execute(new).scalar()
    return get(tx, made) if made is not None else None


def get(tx: Transaction, alert: int) -> Alert:
    """The alert with this id.

    Raises:
        NotFound: there is none.
    """
    row = tx.connection.execute(_QUERY.where(alerts.c.id == alert)).one_or_none()
    if row is None:
        raise NotFound("alert", alert)
    return _read(row)


def all_open(tx: Transaction) -> Sequence[Alert]:
    """Alerts that nobody has acknowledged: what matters most first, then whoever has waited longest."""
    first = (tickets.c.priority.is_(None), tickets.c.priority, alerts.c.created_at, alerts.c.id)
    return [_read(row) for row in tx.connection.execute(_QUERY.where(_OPEN).order_by(*first))]


def seen_since(tx: Transaction, moment: datetime, limit: int = 20) -> Sequence[Alert]:
    """Alerts that somebody has seen since `moment`, the latest first."""
    seen = _QUERY.where(alerts.c.acknowledged_at >= moment, alerts.c.acknowledged_by.is_not(None))
    query = seen.order_by(alerts.c.acknowledged_at.desc(), alerts.c.id.desc()).limit(limit)
    return [_read(row) for row in tx.connection.execute(query)]


def due(tx: Transaction, now: datetime, limit: int = 100) -> Sequence[Alert]:
    """Open alerts that are to be told again."""
    query = _QUERY.where(_OPEN, alerts.c.next_at <= now).order_by(alerts.c.next_at, alerts.c.id).limit(limit)
    return [_read(row) for row in tx.connection.execute(query)]


def told(tx: Transaction, alert: Alert, next_at: datetime) -> bool:
    """Note that it is told once more, and when next. False when another process has done so, or it is seen by now."""
    own = alerts.c
    mine = update(alerts).where(own.id == alert.id, own.times == alert.times, _OPEN)
    return tx.connection.execute(mine.values(times=alert.times + 1, next_at=next_at)).rowcount == 1


def acknowledge(tx: Transaction, alert: int, technician: int | None, now: datetime) -> bool:
    """Note that it has been seen. False when it had been already."""
    return _acknowledge(tx, alerts.c.id == alert, technician, now)


def settle(tx: Transaction, conversation: int, technician: int | None, now: datetime) -> bool:
    """Acknowledge the open alert of a conversation, if it has one."""
    return _acknowledge(tx, alerts.c.conversation_id == conversation, technician, now)


def _acknowledge(tx: Transaction, which: Any, technician: int | None, now: datetime) -> bool:
    values = {"acknowledged_at": now, "acknowledged_by": technician}
    return tx.connection.execute(update(alerts).where(which, _OPEN).values(**values)).rowcount == 1


def waiting_for(tx: Transaction, since: datetime) -> Sequence[tuple[int, int]]:
    """Conversations whose customer has waited for a technician since `since` or longer, by id, and who that is.

    Without those that have an open alert, or had one about this wait.
    """
    own, told = conversations.c, alerts.c
    about_it = and_(told.kind == Kind.WAITING.value, told.created_at >= own.waiting_since)
    known = exists().where(told.conversation_id == own.id, _OPEN | about_it)
    query = select(own.id, own.technician_id).where(own.closed.is_(False), own.owner == Owner.TECHNICIAN.value)
    rows = tx.connection.execute(query.where(own.waiting_since <= since, ~known).order_by(own.id))
    return [(row.id, row.technician_id) for row in rows]


def superseded(tx: Transaction, notice: Claim) -> bool:
    """Whether the same technician is to be told the same thing once more: then the earlier notice is not needed."""
    own = notices.c
    later = exists().where(own.lane == notice.lane, own.item == notice.item, own.id > notice.id)
    return bool(tx.connection.execute(select(later)).scalar())
