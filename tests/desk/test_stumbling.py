"""Rows of work over which claims fail: others go first, and what never passes is given up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Table, update

from desk import answering, notices, webhooks
from desk.answering import Question
from desk.model.conversation import Reason
from desk.model.technician import Role, Technician
from desk.model.work import STUMBLES, Stumbled
from desk.store import tables
from desk.store import technicians as technician_store
from desk.store.database import Database
from tests.desk.conftest import Clock

LEASE = timedelta(seconds=60)


def rows(database: Database, table: Table) -> list[tuple[str, str | None]]:
    with database.snapshot() as tx:
        return [(row.state, row.error) for row in tx.connection.execute(table.select().order_by(table.c.id))]


def handed_over(database: Database, clock: Clock) -> None:
    with database.transaction() as tx:
        question = answering.claim(tx, "w", clock(), LEASE)
        assert isinstance(question, Question)
        answering.give_up(tx, question, Reason.ENGINE_DOWN, clock(), "down")


def test_deliveries_that_cannot_be_read_hold_up_their_own_webhook_for_a_while_and_no_other(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    with database.transaction() as tx:
        ada = technician_store.create(tx, "ada@example.org", "Ada", Role.ADMIN, "-", False, clock())
        first, second = (webhooks.add(tx, f"https://{at}.example.org/", [], ada, clock())[0].id for at in "ab")
    write("help")
    broken = update(tables.webhooks).where(tables.webhooks.c.id == first)
    with database.transaction() as tx:
        tx.connection.execute(broken.values(events=1))  # of a later version
    reached = []
    for attempt in range(1, STUMBLES.attempts + 1):
        with pytest.raises(Stumbled) as stumbled, database.transaction() as tx:
            webhooks.claim(tx, "w", clock(), LEASE)
        assert stumbled.value.claim.lane == first
        with database.transaction() as tx:
            webhooks.pass_over(tx, stumbled.value.claim, clock(), "TypeError")
            if attempt == 1:
                reached.append(webhooks.claim(tx, "w", clock(), LEASE))
        clock.tick((STUMBLES.after(attempt) or timedelta()).total_seconds())
    assert [sending.claim.lane for sending in reached if sending] == [second]
    assert rows(database, tables.webhook_deliveries)[0] == ("failed", "TypeError")


def test_a_mail_that_cannot_be_written_is_given_up(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    write("help")
    handed_over(database, clock)
    with database.transaction() as tx:
        tx.connection.execute(update(tables.alerts).values(kind="of a later version"))
    for _ in range(STUMBLES.attempts):
        with pytest.raises(Stumbled) as stumbled, database.transaction() as tx:
            notices.claim(tx, "w", "http://localhost/desk", clock(), LEASE)
        with database.transaction() as tx:
            notices.pass_over(tx, stumbled.value.claim, clock(), "ValueError")
            assert notices.claim(tx, "w", "http://localhost/desk", clock(), LEASE) is None
        clock.tick(STUMBLES.longest.total_seconds())
    assert rows(database, tables.notices) == [("failed", "ValueError")]
