"""People are told that somebody needs them, until one of them has seen it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from channels.contract import Author, DeliveryFailed
from desk import alerts, answering, conversations, outbox, tickets
from desk.answering import Question
from desk.model.alert import Alert, Kind
from desk.model.conversation import Reason
from desk.model.errors import NotFound
from desk.model.technician import Technician
from desk.model.ticket import Details
from desk.model.work import BackOff, WorkState
from desk.store import alerts as alert_store
from desk.store import conversations as conversation_store
from desk.store import tables
from desk.store.database import Database
from desk.store.technicians import add_login
from tests.desk.conftest import Clock

LEASE = timedelta(seconds=15)
NIGHT = datetime(2026, 3, 2, 21, tzinfo=UTC)
"""22:00 on a Monday in Amsterdam; the team opens at 08:00, which is seven in UTC."""


@pytest.fixture
def ask(database: Database, clock: Clock, write: Callable[..., int]) -> Callable[..., int]:
    """Have a customer come to the queue: ``ask("alice")`` returns the conversation's id."""

    def do(who: str = "alice", *, urgency: int = 2) -> int:
        conversation = write("help", who)
        with database.transaction() as tx:
            question = answering.claim(tx, "w", clock(), LEASE)
            assert isinstance(question, Question)
            details = Details(Reason.ASKED, impact=urgency, urgency=urgency)
            tickets.open_ticket(tx, question.conversation, details, "m", clock())
            answering.give_up(tx, question, Reason.ENGINE_DOWN, clock(), "down")
        return conversation

    return do


def be_there(database: Database, clock: Clock, technician: Technician) -> None:
    with database.transaction() as tx:
        tx.connection.execute(tables.logins.delete().where(tables.logins.c.technician_id == technician.id))
        add_login(tx, f"hash-{technician.id}", technician.id, clock(), clock() + timedelta(days=9))


def shown(database: Database, technician: Technician) -> list[Alert]:
    with database.snapshot() as tx:
        return list(alerts.open_for(tx, technician))


def mailed(database: Database) -> list[tuple[int, int]]:
    """Who is sent a mail, and at which repetition."""
    with database.snapshot() as tx:
        own = tables.notices.c
        rows = tx.connection.execute(select(own.lane, own.seq).order_by(own.id))
        return [(row.lane, row.seq) for row in rows]


def tell_due(database: Database, clock: Clock) -> int:
    with database.transaction() as tx:
        return alerts.tell_due(tx, clock())


def make_urgent(database: Database, conversation: int) -> None:
    with database.transaction() as tx:
        ticket = conversations.view(tx, conversation).conversation.ticket
        tx.connection.execute(update(tables.tickets).where(tables.tickets.c.id == ticket).values(priority=1))


def test_a_handover_is_told_at_once_with_what_one_wants_to_know(
    database: Database, ask: Callable[..., int], tess: Technician
) -> None:
    conversation = ask()
    [alert] = shown(database, tess)
    told = (alert.conversation, alert.kind, alert.ticket, alert.times, alert.reason)
    assert told == (conversation, Kind.HANDOVER, "FL-1001", 1, "engine_down")
    assert (alert.team, alert.priority) == ("servicedesk", 3)
    assert mailed(database) == [(tess.id, 1)]


def test_it_is_told_again_at_longer_and_longer_intervals_until_somebody_has_seen_it(
    database: Database, clock: Clock, ask: Callable[..., int], tess: Technician
) -> None:
    ask()
    for minutes in (2, 5, 10, 15, 15):
        clock.tick(60 * minutes - 1)
        assert tell_due(database, clock) == 0
        clock.tick()
        assert tell_due(database, clock) == 1
        assert tell_due(database, clock) == 0
    assert mailed(database) == [(tess.id, seq) for seq in range(1, 7)]
    [alert] = shown(database, tess)
    with database.transaction() as tx:
        assert alerts.acknowledge(tx, alert.id, tess, clock())
        assert not alerts.acknowledge(tx, alert.id, tess, clock())
    clock.tick(3600)
    assert tell_due(database, clock) == 0
    assert shown(database, tess) == []
    with database.snapshot() as tx:
        assert alert_store.get(tx, alert.id).acknowledged_name == "Tess"
        with pytest.raises(NotFound):
            alerts.acknowledge(tx, 77, tess, clock())


def test_of_two_processes_that_find_it_due_one_tells_it(
    database: Database, clock: Clock, ask: Callable[..., int], tess: Technician
) -> None:
    ask()
    clock.tick(120)
    with database.snapshot() as tx:
        [seen_by_the_other] = alert_store.due(tx, clock())
    assert tell_due(database, clock) == 1
    with database.transaction() as tx:
        assert not alert_store.told(tx, seen_by_the_other, clock())


@pytest.mark.parametrize("move", ["take", "reply", "give_back", "resolve"])
def test_whoever_sees_to_the_conversation_ends_the_alert(
    database: Database, clock: Clock, ask: Callable[..., int], tess: Technician, tom: Technician, move: str
) -> None:
    conversation = ask()
    with database.transaction() as tx:
        if move == "take":
            conversations.take(tx, conversation, tess, clock())
        elif move == "reply":
            conversations.reply(tx, conversation, tess, "Hello", clock())
        elif move == "give_back":
            conversations.give_back(tx, conversation, tess, clock())
        else:
            conversations.resolve(tx, conversation, tess, "Restarted it", clock())
    assert shown(database, tom) == []


def test_put_back_or_passed_on_it_is_told_anew_to_whose_it_is_then(
    database: Database, clock: Clock, ask: Callable[..., int], tess: Technician, tom: Technician
) -> None:
    with database.transaction() as tx:
        tx.connection.execute(insert(tables.team_members).values(team="network", technician_id=tom.id))
    conversation = ask()
    assert (len(shown(database, tess)), len(shown(database, tom))) == (1, 0)
    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock())
        conversations.transfer(tx, conversation, tess, "a switch is down", clock(), team="network")
    assert shown(database, tess) == []
    [alert] = shown(database, tom)
    assert (alert.kind, alert.team, alert.times) == (Kind.TRANSFER, "network", 1)
    with database.transaction() as tx:
        conversations.take(tx, conversation, tom, clock())
        conversations.release(tx, conversation, tom, clock())
    assert [alert.kind for alert in shown(database, tom)] == [Kind.HANDOVER]


def test_a_ticket_that_is_given_to_another_team_takes_its_alert_along(
    database: Database, clock: Clock, ask: Callable[..., int], tess: Technician, tom: Technician
) -> None:
    with database.transaction() as tx:
        tx.connection.execute(insert(tables.team_members).values(team="network", technician_id=tom.id))
    ask()
    with database.transaction() as tx:
        tickets.edit(tx, "FL-1001", tickets.Edit(team="network"), tess, None, clock())
    assert shown(database, tess) == []
    assert len(shown(database, tom)) == 1


def test_who_is_there_is_sent_no_mail_unless_it_is_urgent(
    database: Database, clock: Clock, ask: Callable[..., int], tess: Technician, tom: Technician
) -> None:
    be_there(database, clock, tess)
    with database.transaction() as tx:
        tx.connection.execute(update(tables.technicians).where(tables.technicians.c.id == tom.id).values(mailed=False))
    conversation = ask()
    assert mailed(database) == []
    make_urgent(database, conversation)
    clock.tick(120)
    tell_due(database, clock)
    assert mailed(database) == [(tess.id, 2)]


def test_out_of_hours_only_what_is_urgent_is_mailed_and_that_once(
    database: Database, clock: Clock, ask: Callable[..., int], tess: Technician
) -> None:
    clock.time = NIGHT
    later = ask("bob")
    conversation = ask("alice", urgency=1)
    assert mailed(database) == [(tess.id, 1)]
    for _ in range(20):
        clock.tick(15 * 60)
        tell_due(database, clock)
    assert mailed(database) == [(tess.id, 1)]
    # At eight, to the second, the day begins with what has waited.
    clock.time = NIGHT + timedelta(hours=9, minutes=50)
    tell_due(database, clock)
    with database.snapshot() as tx:
        assert {alert.next_at for alert in alert_store.all_open(tx)} == {NIGHT + timedelta(hours=10)}
    clock.time = NIGHT + timedelta(hours=10)
    assert tell_due(database, clock) == 2
    assert len(mailed(database)) == 3
    assert {alert.conversation for alert in shown(database, tess)} == {later, conversation}


@pytest.mark.parametrize("there", [True, False])
def test_a_customer_who_waits_for_a_technician_that_is_gone_is_brought_to_the_others_once(
    database: Database, clock: Clock, ask: Callable[..., int], tess: Technician, tom: Technician, there: bool
) -> None:
    conversation = ask()
    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock())

    def look() -> int:
        if there:
            be_there(database, clock, tess)
        with database.transaction() as tx:
            return alerts.raise_waiting(tx, clock())

    clock.tick(10 * 60 - 1)
    assert look() == 0
    clock.tick(1)
    if there:
        assert look() == 0
        return
    assert look() == 1
    [alert] = shown(database, tom)
    assert alert.kind is Kind.WAITING
    with database.transaction() as tx:
        alerts.acknowledge(tx, alert.id, tom, clock())
    clock.tick(3600)
    assert look() == 0
    # The next wait is another one.
    with database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "I am back", clock())
        conversation_store.change(tx, conversation, waiting_since=clock())
    clock.tick(3600)
    assert look() == 1


def test_a_message_that_cannot_be_delivered_is_told_and_the_handover_stays_what_it_is(
    database: Database, clock: Clock, ask: Callable[..., int], write: Callable[..., int], tess: Technician
) -> None:
    write("hello", "bob", channel="pigeon")
    with database.transaction() as tx:
        question = answering.claim(tx, "w", clock(), LEASE)
        assert isinstance(question, Question)
        outbox.say(tx, question.conversation, Author.BOT, "Hi", clock())
        delivery = outbox.claim(tx, "w", ["pigeon"], clock(), LEASE)
        assert delivery is not None
        failure = DeliveryFailed("blocked", permanent=True)
        assert outbox.failed(tx, delivery.claim, failure, clock(), BackOff()) is WorkState.FAILED
    assert [alert.kind for alert in shown(database, tess)] == [Kind.UNDELIVERED]
    handed = ask("carol")
    with database.transaction() as tx:
        alerts.raise_(tx, conversations.view(tx, handed).conversation, Kind.UNDELIVERED, clock())
    assert {alert.kind for alert in shown(database, tess)} == {Kind.UNDELIVERED, Kind.HANDOVER}
