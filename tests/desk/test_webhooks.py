"""Webhooks in the record: what becomes an event, who is told, and how deliveries go."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from desk import answering, conversations, customers, handover, merging, tickets, webhooks
from desk.model.conversation import Reason
from desk.model.errors import Conflict, Invalid, NotAllowed, NotFound
from desk.model.event import EventType
from desk.model.technician import Role, Technician
from desk.model.webhook import Failure, Sending
from desk.model.work import WorkState
from desk.store import conversations as conversation_store
from desk.store import technicians as technician_store
from desk.store.database import Database
from desk.store.tables import events, webhook_deliveries
from desk.tickets import Edit
from tests.desk.conftest import Clock

URL = "https://hooks.example.org/firstline"
LEASE = timedelta(seconds=60)
Write = Callable[..., int]


@pytest.fixture
def ada(database: Database, clock: Clock) -> Technician:
    """An administrator."""
    with database.transaction() as tx:
        return technician_store.create(tx, "ada@example.org", "Ada", Role.ADMIN, "-", False, clock())


def hook(database: Database, ada: Technician, clock: Clock, *types: str) -> int:
    with database.transaction() as tx:
        return webhooks.add(tx, URL, types, ada, clock())[0].id


def claim(database: Database, clock: Clock, worker: str = "w") -> Sending | None:
    with database.transaction() as tx:
        return webhooks.claim(tx, worker, clock(), LEASE)


def told(database: Database, clock: Clock) -> list[tuple[str, Any]]:
    """What the only webhook is told, all of it taken."""
    seen = []
    while (sending := claim(database, clock)) is not None:
        body = json.loads(sending.event.body())
        seen.append((body["type"], body["data"]))
        with database.transaction() as tx:
            assert webhooks.delivered(tx, sending.claim, 200, clock())
    return seen


def count(database: Database, table: object) -> int:
    with database.snapshot() as tx:
        return int(tx.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608


def hand_over(database: Database, conversation: int, clock: Clock) -> str:
    with database.transaction() as tx:
        current = conversation_store.get(tx, conversation, lock=True)
        return handover.hand_over(tx, current, Reason.ASKED, "1", clock()).number


def test_without_a_webhook_nothing_is_written(database: Database, write: Write, clock: Clock) -> None:
    hand_over(database, write("hello"), clock)
    assert (count(database, events), count(database, webhook_deliveries)) == (0, 0)


def test_the_story_of_a_case_is_told_in_order(
    database: Database, write: Write, clock: Clock, ada: Technician, tess: Technician
) -> None:
    hook(database, ada, clock)
    conversation = write("My printer does not print")
    number = hand_over(database, conversation, clock)
    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock.tick())
        conversations.note(tx, conversation, tess, "smells of toner", clock.tick())
        conversations.resolve(tx, conversation, tess, "new toner", clock.tick())
    story = told(database, clock)
    assert [kind for kind, _ in story] == [
        "message.created",
        "ticket.created",
        "conversation.handed_over",
        "conversation.taken",
        "ticket.updated",
        "message.created",
        "message.created",
        "ticket.updated",
        "message.created",
        "message.created",
        "conversation.closed",
    ]
    by_kind = dict(story)
    assert story[0][1]["message"] | {"id": 0} == {
        "id": 0, "seq": 1, "author": "customer", "name": None, "text": "My printer does not print", "internal": False,
        "language": None, "created_at": "2026-03-02T09:00:00Z",
    }  # fmt: skip
    assert by_kind["ticket.created"]["ticket"]["number"] == number
    assert by_kind["conversation.taken"]["conversation"]["technician_name"] == "Tess"
    assert by_kind["ticket.updated"]["changes"]["state"] == {"old": "open", "new": "resolved"}
    notes = [
        data["message"]["text"] for kind, data in story if kind == "message.created" and data["message"]["internal"]
    ]
    assert notes == ["smells of toner", "new toner"]


def test_giving_back_and_a_new_message_after_closing_are_told(
    database: Database, write: Write, clock: Clock, ada: Technician, tess: Technician
) -> None:
    hook(database, ada, clock, "conversation.given_back", "conversation.reopened", "conversation.closed")
    conversation = write("hello")
    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock.tick())
        conversations.give_back(tx, conversation, tess, clock.tick())
        conversations.resolve(tx, conversation, tess, "done", clock.tick())
    write("not done")
    with database.transaction() as tx:
        answering.claim(tx, "w", clock.tick(), LEASE)
        answering.claim(tx, "w", clock.tick(3600), LEASE)
    kinds = [kind for kind, _ in told(database, clock)]
    assert kinds == ["conversation.given_back", "conversation.closed", "conversation.reopened"]


def test_a_merge_and_a_changed_customer_are_told(
    database: Database, write: Write, clock: Clock, ada: Technician, tess: Technician
) -> None:
    one, two = (hand_over(database, write("hello", who), clock) for who in ("alice", "bob"))
    hook(database, ada, clock, "ticket.merged", "customer.updated")
    with database.transaction() as tx:
        merging.merge(tx, two, one, tess, clock.tick())
        customers.edit(tx, 1, customers.Edit(name="Alice"), clock.tick())
        customers.edit(tx, 1, customers.Edit(name="Alice"), clock.tick())
    (merged, ticket), (changed, customer) = told(database, clock)
    assert (merged, changed) == ("ticket.merged", "customer.updated")
    assert ticket["ticket"]["merged_into"] == one
    assert customer["customer"]["name"] == "Alice"


def test_a_webhook_is_told_only_what_it_wants_and_an_unchanged_ticket_is_no_event(
    database: Database, write: Write, clock: Clock, ada: Technician
) -> None:
    hook(database, ada, clock, "ticket.updated")
    number = hand_over(database, write("hello"), clock)
    with database.transaction() as tx:
        tickets.edit(tx, number, Edit(impact=1), ada, None, clock.tick())
        tickets.edit(tx, number, Edit(impact=1), ada, None, clock.tick())
    ((kind, data),) = told(database, clock)
    changes = {"impact": {"old": "3", "new": "1"}, "priority": {"old": "4", "new": "2"}}
    assert (kind, data["changes"]) == ("ticket.updated", changes)


def test_what_is_rolled_back_was_no_event(database: Database, write: Write, clock: Clock, ada: Technician) -> None:
    hook(database, ada, clock)

    def pinged_in_vain() -> None:
        with database.transaction() as tx:
            webhooks.ping(tx, 1, ada, clock())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pinged_in_vain()
    assert claim(database, clock) is None


def test_events_of_one_webhook_wait_for_each_other_and_those_of_another_do_not(
    database: Database, write: Write, clock: Clock, ada: Technician
) -> None:
    one, two = hook(database, ada, clock), hook(database, ada, clock)
    write("first")
    write("second", "bob")
    first = claim(database, clock)
    other = claim(database, clock)
    assert first is not None
    assert other is not None
    assert {first.claim.lane, other.claim.lane} == {one, two}
    assert claim(database, clock) is None
    with database.transaction() as tx:
        webhooks.failed(tx, first.claim, Failure("HTTP 500", 500), clock(), webhooks.BACK_OFF)
    assert claim(database, clock) is None, "the second event must not overtake the first"
    clock.tick(1)
    again = claim(database, clock)
    assert again is not None
    assert (again.delivery_id, again.event.body()) == (first.delivery_id, first.event.body())


def test_a_worker_that_dies_after_sending_leaves_the_delivery_to_another_one_under_the_same_id(
    database: Database, write: Write, clock: Clock, ada: Technician
) -> None:
    hook(database, ada, clock)
    write("hello")
    sent = claim(database, clock, "dies")
    assert sent is not None
    clock.tick(61)
    again = claim(database, clock, "lives")
    assert again is not None
    assert (again.delivery_id, again.claim.attempts) == (sent.delivery_id, 2)
    with database.transaction() as tx:
        assert not webhooks.delivered(tx, sent.claim, 200, clock()), "its claim had run out"
        assert webhooks.delivered(tx, again.claim, 200, clock())


def fail_until_given_up(database: Database, clock: Clock) -> int:
    """Returns after how many attempts."""
    attempts = 0
    while True:
        sending = claim(database, clock)
        if sending is None:
            clock.tick(3600)
            continue
        attempts += 1
        with database.transaction() as tx:
            state = webhooks.failed(tx, sending.claim, Failure("HTTP 500: no", 500), clock())
        if state is WorkState.FAILED:
            return attempts


def test_a_webhook_that_fails_for_days_is_switched_off_and_what_waits_is_given_up(
    database: Database, write: Write, clock: Clock, ada: Technician
) -> None:
    webhook = hook(database, ada, clock)
    for number in range(8):
        write(f"message {number}")
    start = clock()
    given_up = 0
    while webhook_is_on(database, ada, webhook):
        assert fail_until_given_up(database, clock) == webhooks.BACK_OFF.attempts
        given_up += 1
    assert clock() - start >= webhooks.GIVE_UP_AFTER
    assert 1 < given_up < 8
    with database.snapshot() as tx:
        log = webhooks.deliveries(tx, webhook, ada).items
    assert [d.state for d in log] == [WorkState.FAILED] * 8
    assert [d.error for d in log] == [webhooks.SWITCHED_OFF] * (8 - given_up) + ["HTTP 500: no"] * given_up
    assert (log[-1].status, log[-1].attempts) == (500, 16)


def webhook_is_on(database: Database, ada: Technician, webhook: int) -> bool:
    with database.snapshot() as tx:
        return webhooks.get(tx, webhook, ada).active


def test_success_ends_the_failing_and_gone_means_off(
    database: Database, write: Write, clock: Clock, ada: Technician
) -> None:
    webhook = hook(database, ada, clock)
    write("hello")
    for outcome in ("fails", "works"):
        clock.tick(5)
        sending = claim(database, clock)
        assert sending is not None
        with database.transaction() as tx:
            if outcome == "fails":
                webhooks.failed(tx, sending.claim, Failure("timeout", retry_after=4), clock())
            else:
                webhooks.delivered(tx, sending.claim, 204, clock())
            failing = webhooks.get(tx, webhook, ada).failing_since
        assert (failing is not None) == (outcome == "fails")
    write("more")
    sending = claim(database, clock)
    assert sending is not None
    with database.transaction() as tx:
        webhooks.failed(tx, sending.claim, Failure("HTTP 410", 410, gone=True), clock())
    assert not webhook_is_on(database, ada, webhook)


def test_a_delivery_is_sent_again_under_its_old_id_unless_it_is_under_way(
    database: Database, write: Write, clock: Clock, ada: Technician
) -> None:
    webhook = hook(database, ada, clock)
    write("hello")
    first = claim(database, clock)
    assert first is not None
    with database.transaction() as tx, pytest.raises(Conflict):
        webhooks.send_again(tx, webhook, first.delivery_id, ada, clock())
    with database.transaction() as tx:
        webhooks.delivered(tx, first.claim, 200, clock())
        assert webhooks.send_again(tx, webhook, first.delivery_id, ada, clock.tick()).state is WorkState.PENDING
    again = claim(database, clock)
    assert again is not None
    assert (again.delivery_id, again.claim.attempts) == (first.delivery_id, 1)
    with database.transaction() as tx, pytest.raises(NotFound):
        webhooks.send_again(tx, webhook, "nonsense", ada, clock())


def test_switched_off_nothing_is_sent_and_on_again_it_begins_with_what_happens_then(
    database: Database, write: Write, clock: Clock, ada: Technician
) -> None:
    webhook = hook(database, ada, clock)
    write("before")
    with database.transaction() as tx:
        webhooks.edit(tx, webhook, ada, clock(), active=False)
    write("meanwhile")
    with database.transaction() as tx, pytest.raises(Conflict):
        webhooks.ping(tx, webhook, ada, clock())
    with database.transaction() as tx:
        webhooks.edit(tx, webhook, ada, clock(), active=True)
        webhooks.ping(tx, webhook, ada, clock())
    assert told(database, clock) == [(EventType.PING, {"webhook": webhook})]


def test_removing_a_webhook_and_time_forget_deliveries_and_their_events_but_not_those_of_others(
    database: Database, write: Write, clock: Clock, ada: Technician
) -> None:
    one, two = hook(database, ada, clock), hook(database, ada, clock)
    write("hello")
    with database.transaction() as tx:
        webhooks.remove(tx, one, ada)
    assert (count(database, events), count(database, webhook_deliveries)) == (1, 1)
    assert len(told(database, clock)) == 1
    with database.transaction() as tx:
        assert webhooks.forget_old(tx, clock.tick(3600)) == 0
        assert webhooks.forget_old(tx, clock.tick(31 * 86_400)) == 1
        assert not webhooks.deliveries(tx, two, ada).items
    assert count(database, events) == 0


def test_a_changed_secret_signs_from_then_on(database: Database, write: Write, clock: Clock, ada: Technician) -> None:
    webhook = hook(database, ada, clock)
    with database.transaction() as tx:
        secret = webhooks.rotate(tx, webhook, ada)
    write("hello")
    sending = claim(database, clock)
    assert sending is not None
    assert sending.secret == secret


def test_what_is_no_address_and_what_is_no_event_is_refused(database: Database, clock: Clock, ada: Technician) -> None:
    wrong = (
        "", "hooks.example.org", "ftp://example.org", "https://", "https://user:word@example.org",
        "https://ex ample.org", "https://example.org:0", "https://example.org:99999", "http://127.1/",
        "http://2130706433", "https://exa\x00mple.org", "https://[::1", "https://example.org/#part",
        "https://exämple.org", "https://" + "a" * 2000 + ".org",
    )  # fmt: skip
    with database.transaction() as tx:
        for url in wrong:
            with pytest.raises(Invalid):
                webhooks.add(tx, url, (), ada, clock())
        with pytest.raises(Invalid):
            webhooks.add(tx, URL, ["ticket.eaten"], ada, clock())


def test_only_administrators_have_to_do_with_webhooks(database: Database, clock: Clock, tess: Technician) -> None:
    with database.transaction() as tx:
        for use in (
            lambda: webhooks.everyone(tx, tess),
            lambda: webhooks.get(tx, 1, tess),
            lambda: webhooks.add(tx, URL, (), tess, clock()),
            lambda: webhooks.edit(tx, 1, tess, clock(), active=False),
            lambda: webhooks.rotate(tx, 1, tess),
            lambda: webhooks.remove(tx, 1, tess),
            lambda: webhooks.ping(tx, 1, tess, clock()),
            lambda: webhooks.deliveries(tx, 1, tess),
            lambda: webhooks.send_again(tx, 1, "x", tess, clock()),
        ):
            with pytest.raises(NotAllowed):
                use()
