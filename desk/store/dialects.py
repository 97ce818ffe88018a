"""The few words of SQL that SQLite and PostgreSQL spell alike but SQLAlchemy keeps in two places."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from desk.store.database import Transaction


def insert(tx: Transaction, table: Table) -> Any:
    """An INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    if tx.is_sqlite:
        return sqlite.insert(table)
    return postgresql.insert(table)
