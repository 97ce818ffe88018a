"""Saved views: filters with a name, a technician's own or everybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, or_, select, update

from desk.model.errors import NotFound
from desk.store.database import Transaction
from desk.store.tables import saved_views


@dataclass(frozen=True, slots=True)
class Saved:
    """A row: `technician` is None when the view is everybody's."""

    id: int
    technician: int | None
    name: str
    filters: Mapping[str, str]


_COLUMNS = select(saved_views.c.id, saved_views.c.technician_id, saved_views.c.name, saved_views.c.filters)


def of(tx: Transaction, technician: int) -> Sequence[Saved]:
    """What a technician can use: everybody's views and their own, each by name."""
    own = saved_views.c
    query = _COLUMNS.where(or_(own.technician_id == technician, own.technician_id.is_(None)))
    query = query.order_by(own.technician_id.is_not(None), func.lower(own.name), own.id)
    return [Saved(*row) for row in tx.connection.execute(query)]


def get(tx: Transaction, view: int) -> Saved:
    """The view with this id.

    Raises:
        NotFound: there is none.
    """
    row = tx.connection.execute(_COLUMNS.where(saved_views.c.id == view)).one_or_none()
    if row is None:
        raise NotFound("view", view)
    return Saved(*row)


def add(tx: Transaction, technician: int | None, name: str, filters: Mapping[str, str], now: datetime) -> int:
    """Keep a view; returns its id."""
    values = {"technician_id": technician, "name": name, "filters": dict(filters), "created_at": now}
    added = tx.connection.execute(insert(saved_views).values(**values).returning(saved_views.c.id))
    return int(added.scalar_one())


def change(tx: Transaction, view: int, **values: object) -> None:
    """Set columns of a view."""
    tx.connection.execute(update(saved_views).where(saved_views.c.id == view).values(**values))


def remove(tx: Transaction, view: int) -> None:
    """Forget a view."""
    tx.connection.execute(delete(saved_views).where(saved_views.c.id == view))
