"""Connections and transactions, on SQLite and PostgreSQL alike.

The record is written with SQLAlchemy Core in short transactions. Code of a transaction is synchronous and runs in a
thread of `Database`; no transaction is ever open while somebody waits for a network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

_THREADS = 4
_BUSY_TIMEOUT_MS = 10_000


@dataclass(slots=True)
class Transaction:
    """One open transaction, and what it changed.

    `changed` is announced after the commit, and only then: whoever is woken finds the change in the database.
    """

    connection: Connection
    changed: set[int] = field(default_factory=set)
    """Conversations whose messages, owner or state changed."""

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite, where a write transaction is the only one."""
        return self.connection.dialect.name == "sqlite"

    def touch(self, conversation: int) -> None:
        """Announce after the commit that `conversation` changed."""
        self.changed.add(conversation)


Listener = Callable[[Sequence[int]], None]
"""Called with the ids of changed conversations after a commit, in the thread that committed: it must not block."""


class Database:
    """The record. One per process; `close` it at the end.

    SQLite allows one writer at a time: writes go through one thread (no lock is fought over within the process;
    between processes ``BEGIN IMMEDIATE`` waits its turn), reads run beside them in WAL mode.
    """

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(url, pool_size=_THREADS + 1, max_overflow=_THREADS)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
        self._writers = ThreadPoolExecutor(1 if self.is_sqlite else _THREADS, thread_name_prefix="db-write")
        self._readers = ThreadPoolExecutor(_THREADS, thread_name_prefix="db-read")
        self._on_change: list[Listener] = []

    def on_change(self, listener: Listener) -> None:
        """Have `listener` called after each commit that changed conversations."""
        self._on_change.append(listener)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction for writing, committed at the end of the block and rolled back on any exception."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            tx = Transaction(connection)
            yield tx
            connection.commit()
        if tx.changed:
            changed = sorted(tx.changed)
            for listener in self._on_change:
                listener(changed)

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """A transaction for reading only."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield Transaction(connection)
            connection.rollback()

    async def write[T](self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction, outside the event loop; its result is returned after the commit."""

        def committed() -> T:
            with self.transaction() as tx:
                return work(tx)

        return await asyncio.get_running_loop().run_in_executor(self._writers, committed)

    async def read[T](self, work: Callable[[Transaction], T]) -> T:
        """Run `work`, which only reads, outside the event loop."""

        def looked_up() -> T:
            with self.snapshot() as tx:
                return work(tx)

        return await asyncio.get_running_loop().run_in_executor(self._readers, looked_up)

    async def trouble(self) -> str | None:
        """Why the database does not answer, or None when it does."""
        try:
            await self.read(lambda tx: tx.connection.exec_driver_sql("SELECT 1").scalar())
        except SQLAlchemyError as error:
            return type(error).__name__
        return None

    def close(self) -> None:
        """Finish what is running and give the connections back."""
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions by itself: it would begin them as readers, and a reader that turns
        # writer fails at once when another process writes ("database is locked"), without waiting.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        # FULL, since what was acknowledged to a network must survive a power cut too.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()
