"""Parts of long lists, the newest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Row, Select

from desk.model.page import Page
from desk.store.database import Transaction


def page[T](
    tx: Transaction, query: Select[Any], by: Column[int], read: Callable[[Row[Any]], T], before: int | None, limit: int
) -> Page[T]:
    """The first `limit` rows of `query` by the id in column `by`, from below `before`, each as `read` makes it."""
    if before is not None:
        query = query.where(by < before)
    rows = tx.connection.execute(query.order_by(by.desc()).limit(limit + 1)).all()
    return Page([read(row) for row in rows[:limit]], rows[limit - 1]._mapping[by] if len(rows) > limit else None)
