"""Whoever changes conversations and tickets locks them in one order: no two wait for each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Thread

import pytest

from channels.contract import Author
from desk import accounts, conversations, incidents, merging, tickets
from desk.model.technician import OPERATOR, Role, Technician
from desk.model.ticket import Link, State
from desk.store import conversations as conversation_store
from desk.store import messages
from desk.store import technicians as technician_store
from desk.store.database import Database, Transaction
from desk.tickets import Edit
from tests.desk.cases import Cases
from tests.desk.conftest import Clock
from tests.waiting import wait_until

A, B = "FL-1001", "FL-1002"

Meanwhile = Callable[[Callable[[Transaction], object]], Thread]


@pytest.fixture
def meanwhile(database: Database) -> Meanwhile:
    """Begin another transaction that has to wait for one that is open; `join` it when that has ended."""

    def do(work: Callable[[Transaction], object]) -> Thread:
        def run() -> None:
            with database.transaction() as tx:
                work(tx)

        other = Thread(target=run)
        other.start()
        if not database.is_sqlite:  # where it waits to begin
            wait_until(lambda: _somebody_waits(database))
        return other

    return do


def _somebody_waits(database: Database) -> bool:
    with database.snapshot() as tx:
        return bool(tx.connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar())


def _edit(tx: Transaction, by: Technician, now: datetime) -> object:
    return tickets.edit(tx, A, Edit(state=State.RESOLVED, resolution="New toner."), by, None, now)


def _merge(tx: Transaction, by: Technician, now: datetime) -> object:
    return merging.merge(tx, A, B, by, now)


def _unmerge(tx: Transaction, by: Technician, now: datetime) -> object:
    return merging.unmerge(tx, B, by, now)


def _split(tx: Transaction, by: Technician, now: datetime) -> object:
    return merging.split(tx, A, 1, 1, "Another one", by, now)


@pytest.mark.parametrize("change", [_edit, _merge, _unmerge, _split])
def test_a_reply_and_a_change_of_its_ticket_are_both_done(
    database: Database,
    cases: Cases,
    meanwhile: Meanwhile,
    clock: Clock,
    tess: Technician,
    change: Callable[[Transaction, Technician, datetime], object],
) -> None:
    a, b = cases.begin("alice"), cases.begin("bob")
    if change is _unmerge:
        with database.transaction() as tx:
            merging.merge(tx, b.number, a.number, tess, clock())
    where = 2 if change is _unmerge else 1
    now, done = clock.tick(), []
    with database.transaction() as tx:
        conversation_store.get(tx, where, lock=True)
        other = meanwhile(lambda tx: done.append(change(tx, tess, now)))
        conversations.reply(tx, where, tess, "Have you looked at the toner?", now)
    other.join()
    assert len(done) == 1
    with database.snapshot() as tx:
        assert [m.author for m in messages.after(tx, where)][:3] == [Author.CUSTOMER, Author.DESK, Author.TECHNICIAN]


def test_a_ticket_gets_a_conversation_while_it_is_waited_for(
    database: Database, cases: Cases, meanwhile: Meanwhile, clock: Clock, tess: Technician
) -> None:
    cases.begin("alice"), cases.begin("bob")
    now, done = clock.tick(), []
    with database.transaction() as tx:
        merging.merge(tx, B, A, tess, now)
        other = meanwhile(lambda tx: done.append(_edit(tx, tess, now)))
    other.join()
    assert len(done) == 1
    with database.snapshot() as tx:
        assert [t.state for t in conversations.view(tx, 2).tickets] == [State.MERGED, State.RESOLVED]


def test_two_who_tell_the_same_customers_are_both_heard(
    database: Database, cases: Cases, meanwhile: Meanwhile, clock: Clock, tess: Technician
) -> None:
    cause, other_cause = cases.begin("carol"), cases.begin("dave")
    a, b = cases.begin("alice"), cases.begin("bob")
    with database.transaction() as tx:
        for number, those in ((cause, (a, b)), (other_cause, (b, a))):
            for one in those:
                merging.link(tx, one.number, number.number, Link.CAUSED_BY, tess, clock())
    now, done = clock.tick(), []
    with database.transaction() as tx:
        conversation_store.get(tx, 3, lock=True)
        other = meanwhile(lambda tx: done.append(incidents.tell(tx, other_cause.number, tess, "Soon.", now)))
        assert incidents.tell(tx, cause.number, tess, "Be patient.", now) == 2
    other.join()
    assert done == [2]


def test_an_administrator_goes_on_answering_while_a_colleague_is_shut_out(
    database: Database, cases: Cases, meanwhile: Meanwhile, clock: Clock, tess: Technician
) -> None:
    cases.begin("alice")
    with database.transaction() as tx:
        boss = technician_store.create(tx, "boss@example.org", "Boss", Role.ADMIN, "-", False, clock())
        conversations.take(tx, 1, tess, clock())
    now = clock.tick()
    with database.transaction() as tx:
        conversation_store.get(tx, 1, lock=True)
        other = meanwhile(lambda tx: accounts.deactivate(tx, OPERATOR, tess.id, now))
        conversations.note(tx, 1, boss, "I have an eye on it.", now)
    other.join()
    with database.snapshot() as tx:
        assert not technician_store.get(tx, tess.id).active
        assert conversation_store.get(tx, 1).technician is None
