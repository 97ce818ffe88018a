"""What customers are told: delivered in order, tried again, given up aloud."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from channels.contract import Author, DeliveryFailed, Receipt
from desk import outbox
from desk.model.conversation import Route
from desk.model.errors import Conflict
from desk.model.work import BackOff, WorkState
from desk.store import conversations, messages
from desk.store.database import Database
from tests.desk.conftest import Clock

LEASE = timedelta(seconds=60)
BACK_OFF = BackOff(first=timedelta(seconds=1), longest=timedelta(seconds=8), attempts=3)


@pytest.fixture
def conversation(database: Database, clock: Clock, write: Callable[..., int]) -> int:
    """Alice's conversation, with two messages to her that are not delivered yet."""
    made = write("help", "alice", channel="pigeon")
    with database.transaction() as tx:
        for text in ("one", "two"):
            outbox.say(tx, conversations.get(tx, made), Author.BOT, text, clock())
    return made


def claim(database: Database, clock: Clock, *channels: str) -> outbox.Delivery | None:
    with database.transaction() as tx:
        return outbox.claim(tx, "w", channels or ("pigeon",), clock(), LEASE)


def must_claim(database: Database, clock: Clock) -> outbox.Delivery:
    claimed = claim(database, clock)
    assert claimed is not None
    return claimed


def fail(database: Database, clock: Clock, claimed: outbox.Delivery, failure: DeliveryFailed) -> WorkState:
    with database.transaction() as tx:
        return outbox.failed(tx, claimed.claim, failure, clock(), BACK_OFF)


def states(database: Database, conversation: int) -> list[tuple[str | None, str | None]]:
    with database.snapshot() as tx:
        return [(m.delivery, m.delivery_error) for m in messages.after(tx, conversation) if m.author is Author.BOT]


@pytest.mark.usefixtures("conversation")
def test_only_the_channels_that_push_are_claimed(database: Database, clock: Clock) -> None:
    assert claim(database, clock, "telegram") is None
    assert claim(database, clock, "telegram", "pigeon") is not None


def test_the_second_message_waits_until_the_first_is_settled(
    database: Database, clock: Clock, conversation: int
) -> None:
    first = must_claim(database, clock)
    assert (first.message.text, first.message.address, first.message.seq) == ("one", "alice", 2)
    assert claim(database, clock) is None
    with database.transaction() as tx:
        assert outbox.delivered(tx, first.claim, Receipt("net-1"), clock())
    assert must_claim(database, clock).message.text == "two"
    assert states(database, conversation)[0] == ("done", None)


def test_what_nobody_fetches_holds_up_nothing_on_the_channel_where_the_customer_went_on(
    database: Database, clock: Clock, conversation: int
) -> None:
    with database.transaction() as tx:
        conversations.add_route(tx, conversation, Route("owl", "alice", ""), clock())
        conversations.answer_at(tx, conversation, Route("owl", "alice", ""))
        outbox.say(tx, conversations.get(tx, conversation), Author.BOT, "three", clock())
    claimed = claim(database, clock, "owl")
    assert claimed is not None
    assert (claimed.message.channel, claimed.message.text) == ("owl", "three")


def test_a_failure_is_tried_again_with_growing_pauses_and_then_given_up(
    database: Database, clock: Clock, conversation: int
) -> None:
    pauses = []
    for _ in range(3):
        claimed = must_claim(database, clock)
        state = fail(database, clock, claimed, DeliveryFailed("storm"))
        waited = 0
        while state is WorkState.PENDING and claim(database, clock) is None:
            clock.tick()
            waited += 1
        pauses.append(waited)
        clock.tick(61)  # the claim that ended the wait is given back by its lease
    assert pauses[0] == 1
    assert states(database, conversation)[0] == ("failed", "storm")


def test_the_network_says_how_long_to_wait(database: Database, clock: Clock, conversation: int) -> None:
    claimed = must_claim(database, clock)
    assert fail(database, clock, claimed, DeliveryFailed("429", retry_after=30)) is WorkState.PENDING
    clock.tick(29)
    assert claim(database, clock) is None
    clock.tick(1)
    assert claim(database, clock) is not None
    assert states(database, conversation)[0][0] == "claimed"


def test_a_permanent_failure_is_not_repeated_and_a_technician_can_send_it_again(
    database: Database, clock: Clock, conversation: int
) -> None:
    claimed = must_claim(database, clock)
    assert fail(database, clock, claimed, DeliveryFailed("no such address", permanent=True)) is WorkState.FAILED
    assert must_claim(database, clock).message.text == "two"
    with database.transaction() as tx:
        outbox.send_again(tx, conversation, claimed.claim.item, clock())
    assert states(database, conversation)[0] == ("pending", None)


def test_what_may_have_arrived_is_not_repeated_blindly(database: Database, clock: Clock, conversation: int) -> None:
    claimed = must_claim(database, clock)
    assert fail(database, clock, claimed, DeliveryFailed("cut off", unknown=True)) is WorkState.UNKNOWN
    assert states(database, conversation)[0] == ("unknown", "cut off")


def test_only_what_failed_can_be_sent_again(database: Database, clock: Clock, conversation: int) -> None:
    claimed = must_claim(database, clock)
    with pytest.raises(Conflict), database.transaction() as tx:
        outbox.send_again(tx, conversation, claimed.claim.item, clock())


def test_an_acknowledgement_delivers_everything_up_to_it(database: Database, clock: Clock, conversation: int) -> None:
    with database.transaction() as tx:
        outbox.acknowledge(tx, "pigeon", "alice", 2, clock())
        outbox.acknowledge(tx, "pigeon", "nobody", 2, clock())
    assert [state for state, _ in states(database, conversation)] == ["done", "pending"]


def test_the_back_off_doubles_up_to_its_limit_and_ends() -> None:
    back_off = BackOff(first=timedelta(seconds=1), longest=timedelta(seconds=5), attempts=5)
    assert [back_off.after(n) for n in range(1, 6)] == [*map(timedelta, [0] * 4, [1, 2, 4, 5]), None]


@pytest.mark.usefixtures("conversation")
def test_a_network_that_asks_to_wait_is_waited_for_a_day(database: Database, clock: Clock) -> None:
    busy = DeliveryFailed("429", retry_after=30)
    for _ in range(2 * BACK_OFF.attempts):
        assert fail(database, clock, must_claim(database, clock), busy) is WorkState.PENDING
        clock.tick(30)
    clock.tick(24 * 3600)
    for _ in range(BACK_OFF.attempts - 1):
        assert fail(database, clock, must_claim(database, clock), busy) is WorkState.PENDING
        clock.tick(30)
    assert fail(database, clock, must_claim(database, clock), busy) is WorkState.FAILED


def test_a_message_that_was_interrupted_goes_on_where_it_stopped(
    database: Database, clock: Clock, conversation: int
) -> None:
    claimed = must_claim(database, clock)
    assert claimed.message.progress == 0
    fail(database, clock, claimed, DeliveryFailed("busy", retry_after=1, progress=2))
    clock.tick(1)
    claimed = must_claim(database, clock)
    assert claimed.message.progress == 2
    fail(database, clock, claimed, DeliveryFailed("nothing was begun"))
    clock.tick(8)
    claimed = must_claim(database, clock)
    assert claimed.message.progress == 2
    fail(database, clock, claimed, DeliveryFailed("cut off", unknown=True, progress=3))
    with database.transaction() as tx:
        outbox.send_again(tx, conversation, claimed.claim.item, clock())
    claimed = must_claim(database, clock)
    assert (claimed.message.text, claimed.message.progress) == ("one", 3)


def test_who_has_lost_its_claim_says_nothing_of_what_arrived(
    database: Database, clock: Clock, conversation: int
) -> None:
    late = must_claim(database, clock)
    clock.tick(61)
    claimed = must_claim(database, clock)
    fail(database, clock, claimed, DeliveryFailed("busy", retry_after=1, progress=3))
    fail(database, clock, late, DeliveryFailed("busy", retry_after=1, progress=1))
    clock.tick(1)
    assert must_claim(database, clock).message.progress == 3
