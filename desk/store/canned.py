"""Canned replies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from desk.model.canned import Canned, Draft
from desk.model.errors import NotFound
from desk.store.database import Transaction
from desk.store.tables import canned_replies


def _read(row: Row[Any]) -> Canned:
    return Canned(**{name: getattr(row, name) for name in Canned.__dataclass_fields__})


def get(tx: Transaction, canned: int) -> Canned:
    """The canned reply with this id.

    Raises:
        NotFound: there is none.
    """
    row = tx.connection.execute(select(canned_replies).where(canned_replies.c.id == canned)).one_or_none()
    if row is None:
        raise NotFound("canned reply", canned)
    return _read(row)


def by_shortcut(tx: Transaction, shortcut: str) -> Canned | None:
    """The canned reply of this shortcut, if there is one."""
    row = tx.connection.execute(select(canned_replies).where(canned_replies.c.shortcut == shortcut)).one_or_none()
    return _read(row) if row else None


def everything(tx: Transaction) -> Sequence[Canned]:
    """All of them, by shortcut."""
    return [_read(row) for row in tx.connection.execute(select(canned_replies).order_by(canned_replies.c.shortcut))]


def for_teams(tx: Transaction, teams: Collection[str]) -> Sequence[Canned]:
    """Those for everybody and those of `teams`, by shortcut."""
    own = canned_replies.c
    query = select(canned_replies).where(or_(own.team.is_(None), own.team.in_(teams))).order_by(own.shortcut)
    return [_read(row) for row in tx.connection.execute(query)]


def create(tx: Transaction, draft: Draft, now: datetime) -> Canned:
    """Add one. Its shortcut must not be taken."""
    values = {**asdict(draft), "updated_at": now}
    return _read(tx.connection.execute(insert(canned_replies).values(**values).returning(canned_replies)).one())


def change(tx: Transaction, canned: int, draft: Draft, now: datetime) -> None:
    """Replace what it is."""
    values = {**asdict(draft), "updated_at": now}
    tx.connection.execute(update(canned_replies).where(canned_replies.c.id == canned).values(**values))


def remove(tx: Transaction, canned: int) -> None:
    """Remove it."""
    tx.connection.execute(delete(canned_replies).where(canned_replies.c.id == canned))
