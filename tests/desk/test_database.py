"""Transactions: committed whole or not at all, announced afterwards, and patient with other processes."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Hashable

import pytest

from channels.contract import Incoming
from desk import inbox
from desk.store import tables
from desk.store.database import Database, Transaction
from desk.store.statements import statements
from tests.desk.backlog import backlog
from tests.desk.conftest import WORDS, Clock


def accept(clock: Clock, text: str = "hello") -> Incoming:
    return Incoming("web", "alice", text, text, clock())


async def test_a_failed_transaction_changes_and_announces_nothing(database: Database, clock: Clock) -> None:
    announced: list[Collection[Hashable]] = []
    database.on_change(announced.append)

    def fail(tx: Transaction) -> None:
        inbox.accept(tx, accept(clock), clock(), WORDS)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await database.write(fail)
    assert announced == []
    assert await database.read(lambda tx: backlog(tx, tables.inbox)) == 0


async def test_an_error_does_not_carry_what_customers_wrote_into_the_log(database: Database, clock: Clock) -> None:
    def twice(tx: Transaction) -> None:
        for _ in range(2):
            customers = tables.customers.insert().values(id=1, name="my password is hunter2", created_at=clock())
            tx.connection.execute(customers)

    with pytest.raises(Exception, match="customers") as raised:
        await database.write(twice)
    assert "hunter2" not in str(raised.value)


async def test_what_is_announced_can_be_read_by_whoever_hears_of_it(database: Database, clock: Clock) -> None:
    heard: list[tuple[set[Hashable], int]] = []

    def look(changed: Collection[Hashable]) -> None:
        with database.snapshot() as tx:
            heard.append((set(changed), backlog(tx, tables.inbox)))

    database.on_change(look)
    accepted = await database.write(lambda tx: inbox.accept(tx, accept(clock), clock(), WORDS))
    assert heard == [({accepted.conversation, "inbox"}, 1)]


async def test_a_write_waits_for_another_process_and_holds_nothing_else_up(
    database: Database, database_url: str, clock: Clock
) -> None:
    other = Database(database_url)
    with other.transaction() as held:
        inbox.accept(held, accept(clock), clock(), WORDS)
        waiting = asyncio.create_task(
            database.write(lambda tx: inbox.accept(tx, accept(clock, "second"), clock(), WORDS))
        )
        # The loop goes on, and readers too, while the write waits for its turn.
        assert await database.read(lambda tx: backlog(tx, tables.inbox), brief=True) == 0
        assert not waiting.done()
    assert (await waiting).seq == 2
    other.close()


async def test_a_statement_is_compiled_once_for_all_connections_of_a_process(
    database: Database, database_url: str
) -> None:
    statements().clear()
    assert await database.read(lambda tx: backlog(tx, tables.inbox)) == 0
    compiled = len(statements())
    assert compiled > 0
    other = Database(database_url)
    for each in (database, other):
        for brief in (False, True):
            assert await each.read(lambda tx: backlog(tx, tables.inbox), brief=brief) == 0
    other.close()
    assert len(statements()) == compiled
