"""What channels keep for themselves, sealed: the record does not know what it says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select

from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import channel_keep

_OWN = channel_keep.c


def _at(channel: str, kind: str, key: str) -> ColumnElement[bool]:
    return and_(_OWN.channel == channel, _OWN.kind == kind, _OWN.key == key)


def put(tx: Transaction, channel: str, kind: str, key: str, sealed: str, now: datetime) -> None:
    """Keep it, in the place of what was there."""
    values: dict[str, Any] = {"sealed": sealed, "kept_at": now}
    new = dialects.insert(tx, channel_keep).values(channel=channel, kind=kind, key=key, **values)
    tx.connection.execute(new.on_conflict_do_update(index_elements=["channel", "kind", "key"], set_=values))


def get(tx: Transaction, channel: str, kind: str, key: str) -> str | None:
    """What is kept there."""
    return tx.connection.execute(select(_OWN.sealed).where(_at(channel, kind, key))).scalar()


def take(tx: Transaction, channel: str, kind: str, key: str) -> str | None:
    """The same, and it is kept no more. Of several who take it at once, one gets it."""
    return tx.connection.execute(delete(channel_keep).where(_at(channel, kind, key)).returning(_OWN.sealed)).scalar()


def kept(tx: Transaction, channel: str, kind: str, until: datetime) -> dict[str, str]:
    """All of a kind that is kept since before a moment, by key, the oldest first."""
    old = select(_OWN.key, _OWN.sealed).where(_OWN.channel == channel, _OWN.kind == kind, _OWN.kept_at < until)
    return {row.key: row.sealed for row in tx.connection.execute(old.order_by(_OWN.kept_at, _OWN.key))}
