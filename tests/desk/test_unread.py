"""Replies to customers who have closed the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from desk import conversations, outbox, unread
from desk.model.technician import Technician
from desk.store import conversations as store
from desk.store import customers
from desk.store.database import Database
from tests.desk.conftest import Clock

FETCHING = frozenset({"web"})


@pytest.fixture
def replied(database: Database, clock: Clock, write: Callable[..., int], tess: Technician) -> int:
    """Alice's conversation, in which Tess has answered."""
    begun = write("My printer jams")
    with database.transaction() as tx:
        conversations.reply(tx, begun, tess, "Please pull out tray 2.", clock())
    return begun


def _known(database: Database, conversation: int, address: str = "alice@example.org") -> None:
    with database.transaction() as tx:
        customers.set_email(tx, store.get(tx, conversation).customer, address)


def _send(database: Database, clock: Clock) -> int:
    with database.transaction() as tx:
        return unread.send_by_mail(tx, FETCHING, clock())


def _mail(database: Database, clock: Clock) -> outbox.Delivery | None:
    with database.transaction() as tx:
        return outbox.claim(
            tx, "w", ["email"], clock(), timedelta(minutes=1), letters=frozenset({"email"}), secret=b"secret"
        )


def test_a_reply_that_nobody_fetches_goes_by_mail_with_the_way_back_to_the_chat(
    database: Database, clock: Clock, replied: int
) -> None:
    _known(database, replied)
    clock.tick(unread.WAITS.total_seconds() + 1)
    assert _send(database, clock) == 1
    assert _send(database, clock) == 0
    delivery = _mail(database, clock)
    assert delivery is not None
    assert (delivery.message.address, delivery.message.text) == ("alice@example.org", "Please pull out tray 2.")
    assert delivery.message.letter is not None
    assert delivery.message.letter.ticket == "FL-1001"
    assert delivery.message.join_code


def test_what_the_desk_announced_stays_where_it_was_said(database: Database, clock: Clock, replied: int) -> None:
    _known(database, replied)
    clock.tick(unread.WAITS.total_seconds() + 1)
    assert _send(database, clock) == 1
    with database.snapshot() as tx:
        messages = conversations.view(tx, replied).messages
    assert [(m.author.value, m.to.channel) for m in messages if m.to] == [("desk", "web"), ("technician", "email")]


@pytest.mark.usefixtures("replied")
def test_without_an_address_it_waits(database: Database, clock: Clock) -> None:
    clock.tick(3600)
    assert _send(database, clock) == 0


def test_it_waits_a_while_for_the_page_to_be_opened_again(database: Database, clock: Clock, replied: int) -> None:
    _known(database, replied)
    clock.tick(unread.WAITS.total_seconds() - 1)
    assert _send(database, clock) == 0
    with database.transaction() as tx:
        outbox.acknowledge(tx, "web", "alice", 99, clock())
    clock.tick(10)
    assert _send(database, clock) == 0
