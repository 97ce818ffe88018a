"""Connections and transactions, on SQLite and PostgreSQL alike.

The record is written with SQLAlchemy Core in short transactions, whose code is synchronous; no transaction is ever open
while somebody waits for a network.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from desk.store.statements import statements

_THREADS = 4
_BUSY_TIMEOUT_MS = 10_000


@dataclass(slots=True)
class Transaction:
    """One open transaction, and what it changed.

    `changed` is announced after the commit, and only then: whoever is woken finds the change in the database.
    """

    connection: Connection
    changed: set[Hashable] = field(default_factory=set)
    """Ids of conversations whose messages, owner or state changed, and names of queues that got work."""
    at_end: dict[tuple[str, int], Callable[[], None]] = field(default_factory=dict)
    """What is done before the commit, in the order of its keys: rows that many transactions write are locked last,
    and in the same order by all, so that no two wait for each other."""

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite, where a write transaction is the only one."""
        return self.connection.dialect.name == "sqlite"

    def touch(self, conversation: int) -> None:
        """Announce after the commit that `conversation` changed."""
        self.changed.add(conversation)

    def announce(self, queue: str) -> None:
        """Announce after the commit that there is work in `queue` (``inbox`` or ``outbox``)."""
        self.changed.add(queue)


Listener = Callable[[Collection[Hashable]], None]
"""Called with what a transaction changed, after its commit, in the thread that committed: it must not block."""


class _BusyError(Exception):
    """Somebody else is writing to the SQLite file at this moment."""


class Database:
    """The record. One per process; `close` it at the end.

    PostgreSQL's transactions run in threads. SQLite's are so short (it is a function call, not a server) that changing
    threads costs more than the work: writes, and reads that are `brief`, run where they are asked for. A write that has
    to wait, since another process is writing, waits in a thread. Reads run beside writes, in WAL mode.
    """

    def __init__(self, url: str) -> None:
        # Parameters are hidden from errors, which end in logs: customers' words and password hashes are among them.
        how: dict[str, Any] = {"hide_parameters": True, "execution_options": {"compiled_cache": statements()}}
        self.engine: Engine = create_engine(url, pool_size=_THREADS + 1, max_overflow=_THREADS, **how)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._here: Engine | None = None
        if self.is_sqlite:
            _prepare_sqlite(self.engine, _BUSY_TIMEOUT_MS)
            self._here = create_engine(url, **how)
            _prepare_sqlite(self._here, 0)
        self._writers = ThreadPoolExecutor(1 if self.is_sqlite else _THREADS, thread_name_prefix="db-write")
        self._readers = ThreadPoolExecutor(_THREADS, thread_name_prefix="db-read")
        self._on_change: list[Listener] = []

    def on_change(self, listener: Listener) -> None:
        """Have `listener` called after each commit that changed something worth watching."""
        self._on_change.append(listener)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction for writing, committed at the end of the block and rolled back on any exception."""
        with self._transaction(self.engine) as tx:
            yield tx

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Transaction]:
        with engine.connect() as connection:
            if self.is_sqlite:
                _begin(connection)
            tx = Transaction(connection)
            yield tx
            for key in sorted(tx.at_end):
                tx.at_end[key]()
            connection.commit()
        if tx.changed:
            for listener in self._on_change:
                listener(tx.changed)

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """A transaction for reading only."""
        with self._snapshot(self.engine) as tx:
            yield tx

    @contextmanager
    def _snapshot(self, engine: Engine) -> Iterator[Transaction]:
        with engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield Transaction(connection)
            connection.rollback()

    async def write[T](self, work: Callable[[Transaction], T], *, brief: bool = True) -> T:
        """Run `work`, which is short, in a transaction; its result is returned after the commit.

        `brief`: it writes a few rows; what writes megabytes is not.
        """

        def committed(engine: Engine) -> T:
            with self._transaction(engine) as tx:
                return work(tx)

        if brief and self._here is not None:
            try:
                return committed(self._here)
            except _BusyError:
                pass  # wait for the other writer, but not here
        return await asyncio.get_running_loop().run_in_executor(self._writers, committed, self.engine)

    async def read[T](self, work: Callable[[Transaction], T], *, brief: bool = False) -> T:
        """Run `work`, which only reads. `brief`: it looks up a few rows by their keys."""

        def looked_up(engine: Engine) -> T:
            with self._snapshot(engine) as tx:
                return work(tx)

        if brief and self._here is not None:
            return looked_up(self._here)
        return await asyncio.get_running_loop().run_in_executor(self._readers, looked_up, self.engine)

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
        for engine in (self.engine, self._here):
            if engine is not None:
                engine.dispose()


def _begin(connection: Connection) -> None:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        # The low byte: busy has kinds, such as another process that is just mending what a killed one left behind.
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise _BusyError from error
        raise


def _prepare_sqlite(engine: Engine, busy_timeout_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions by itself: it would begin them as readers, and a reader that turns
        # writer fails at once when another process writes ("database is locked"), without waiting.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
        cursor.execute("PRAGMA journal_mode = WAL")
        # FULL, since what was acknowledged to a network must survive a power cut too.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()
