"""When channels last worked and failed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from desk.model.channel import ChannelState
from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import channel_states


def put(tx: Transaction, kind: str, **values: object) -> None:
    """Set columns of a channel's state."""
    added = dialects.insert(tx, channel_states).values(kind=kind, **values)
    tx.connection.execute(added.on_conflict_do_update(index_elements=["kind"], set_=values))


def everything(tx: Transaction) -> Mapping[str, ChannelState]:
    """What is known of each channel that has done anything yet, by kind."""
    rows = tx.connection.execute(select(channel_states))
    return {row.kind: ChannelState(row.kind, row.worked_at, row.failed_at, row.error) for row in rows}


def worked(tx: Transaction, kind: str, now: datetime) -> None:
    """The channel `kind` took or brought a message."""
    put(tx, kind, worked_at=now)


def failed(tx: Transaction, kind: str, error: str, now: datetime) -> None:
    """The channel `kind` could not do what it is for."""
    put(tx, kind, failed_at=now, error=error)
