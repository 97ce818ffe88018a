"""Looking into queues of work, as no use case does."""

from __future__ import annotations

from sqlalchemy import Table, func, select

from desk.model.work import OPEN
from desk.store.database import Transaction


def backlog(tx: Transaction, table: Table) -> int:
    """How many rows wait or are being worked on."""
    unsettled = table.c.state.in_([state.value for state in OPEN])
    return int(tx.connection.execute(select(func.count()).select_from(table).where(unsettled)).scalar_one())
