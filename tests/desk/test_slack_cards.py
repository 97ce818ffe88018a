"""Which cards are out of step, and who brings them in step, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.contract import Author, Receipt
from desk import conversations, handover, outbox, slack_cards, teams
from desk.model.conversation import Reason
from desk.model.errors import Conflict
from desk.model.slack import Claimed, Place, read_place
from desk.model.technician import OPERATOR, Technician
from desk.store import conversations as conversation_store
from desk.store import slack_cards as store
from desk.store import teams as team_store
from desk.store.database import Database, Transaction
from tests.desk.conftest import Clock

LEASE = timedelta(seconds=60)
Claim = Callable[..., Claimed | None]
Waiting = Callable[[str], int]
InStep = Callable[[Claimed], None]


@pytest.fixture(autouse=True)
def channel(database: Database) -> None:
    with database.transaction() as tx:
        desk = replace(team_store.get(tx, "servicedesk"), slack_channel="T1/C1")
        teams.change(tx, OPERATOR, desk)


@pytest.fixture
def waiting(database: Database, clock: Clock, write: Callable[..., int]) -> Waiting:
    """Has a customer write and come to people; the conversation's id."""

    def do(who: str) -> int:
        number = write("help", who)
        with database.transaction() as tx:
            current = conversation_store.get(tx, number, lock=True)
            handover.hand_over(tx, current, Reason.ASKED, f"m{number}", clock.tick())
        return number

    return do


@pytest.fixture
def claim(database: Database, clock: Clock) -> Claim:
    def do(worker: str = "w", *paused: str) -> Claimed | None:
        with database.transaction() as tx:
            return slack_cards.claim(tx, worker, clock(), LEASE, paused)

    return do


@pytest.fixture
def in_step(database: Database) -> InStep:
    """Bring a claimed card in step, without a Slack."""

    def do(claimed: Claimed) -> None:
        with database.transaction() as tx:
            picture = slack_cards.look(tx, claimed.card)
            for message in (*picture.opening, *picture.following):
                delivery = "pending" if message.author is Author.TECHNICIAN and not message.internal else None
                store.mirrored(tx, claimed.card.id, message, f"9.{message.seq}", delivery)
            for post, message in picture.moved:
                store.mirrored(tx, claimed.card.id, message, post.ts or "", message.delivery)
            store.note(tx, claimed, ts=claimed.card.ts or "1.5", seq=picture.conversation.last_seq)
            assert store.in_step(tx, claimed, picture.version, follows=picture.follows)

    return do


def claimed_by(claim: Claim, worker: str = "w") -> Claimed:
    found = claim(worker)
    assert found is not None
    return found


def test_whoever_came_to_people_gets_one_card(waiting: Waiting, write: Callable[..., int], claim: Claim) -> None:
    write("hello", "bob")
    number = waiting("alice")
    found = claimed_by(claim)
    assert (found.card.conversation, found.card.place) == (number, Place("C1", "T1"))
    assert claim("other") is None


def test_what_is_in_step_is_left_alone_until_something_differs(
    waiting: Waiting,
    write: Callable[..., int],
    claim: Claim,
    in_step: InStep,
    database: Database,
    clock: Clock,
    tess: Technician,
) -> None:
    number = waiting("alice")

    def differs() -> bool:
        found = claim()
        if found is not None:
            in_step(found)
        return found is not None

    assert differs()
    assert not differs()
    write("still there?", "alice")
    assert differs()
    assert not differs()
    with database.transaction() as tx:
        conversations.take(tx, number, tess, clock.tick())
    assert differs()
    assert not differs()
    with database.transaction() as tx:
        conversations.reply(tx, number, tess, "Yes", clock.tick())
    assert differs()
    assert not differs()
    with database.transaction() as tx:
        going = outbox.claim(tx, "d", ["web"], clock(), LEASE)
    assert going is not None
    assert not differs(), "that it is being sent is nothing to tell"
    deliver(database, clock, going)
    assert differs()
    assert not differs()


def deliver(database: Database, clock: Clock, going: outbox.Delivery | None) -> None:
    """The network takes `going`, and everything behind it."""
    while going is not None:
        with database.transaction() as tx:
            outbox.delivered(tx, going.claim, Receipt(), clock.tick())
            going = outbox.claim(tx, "d", ["web"], clock(), LEASE)


def answer_and_resolve(database: Database, clock: Clock, number: int, technician: Technician) -> None:
    with database.transaction() as tx:
        conversations.reply(tx, number, technician, "Yes", clock.tick())
        conversations.resolve(tx, number, technician, "Done", clock.tick())


def test_whether_the_last_reply_arrived_is_told_after_the_card_has_ended(
    waiting: Waiting, claim: Claim, in_step: InStep, database: Database, clock: Clock, tess: Technician
) -> None:
    number = waiting("alice")
    in_step(claimed_by(claim))
    answer_and_resolve(database, clock, number, tess)
    in_step(claimed_by(claim))
    assert claim() is None
    with database.transaction() as tx:
        going = outbox.claim(tx, "d", ["web"], clock(), LEASE)
    deliver(database, clock, going)
    found = claimed_by(claim)
    assert not found.card.open
    in_step(found)
    assert claim() is None


def test_what_was_not_delivered_is_not_waited_for_for_ever(
    waiting: Waiting, claim: Claim, in_step: InStep, database: Database, clock: Clock, tess: Technician
) -> None:
    number = waiting("alice")
    in_step(claimed_by(claim))
    answer_and_resolve(database, clock, number, tess)
    in_step(claimed_by(claim))
    with database.transaction() as tx:
        assert slack_cards.forget_old(tx, clock.tick(29 * 86400)) == 0
        assert slack_cards.forget_old(tx, clock.tick(2 * 86400)) == 1


def test_a_card_that_is_abandoned_waits_for_nothing_any_more(
    waiting: Waiting, claim: Claim, in_step: InStep, database: Database, clock: Clock, tess: Technician
) -> None:
    number = waiting("alice")
    in_step(claimed_by(claim))
    with database.transaction() as tx:
        conversations.reply(tx, number, tess, "on its way", clock.tick())
    in_step(claimed_by(claim))
    with database.transaction() as tx:
        while (found := outbox.claim(tx, "d", ["web"], clock(), LEASE)) is not None:
            outbox.delivered(tx, found.claim, Receipt("x"), clock.tick())
    held = claimed_by(claim)
    with database.transaction() as tx:
        store.abandon(tx, held, slack_cards.look(tx, held.card).version)
        assert not store.get(tx, held.card.id).open
        # The conversation goes on, in another card; the delivery, which differs, is not looked at.
        assert store.claim(tx, "w", clock(), LEASE) is None


def test_a_card_that_was_claimed_is_anothers_when_the_lease_ends_and_known_to_be_unsure(
    waiting: Waiting, claim: Claim, in_step: InStep, database: Database, clock: Clock
) -> None:
    waiting("alice")
    first = claimed_by(claim, "first")
    assert not first.unsure
    clock.tick(61)
    second = claimed_by(claim, "second")
    assert second.unsure
    with database.transaction() as tx:
        assert not store.note(tx, first, seq=7)
        assert not store.put_back(tx, first, clock())
    in_step(second)
    assert claim() is None


def test_what_is_put_back_cleanly_is_not_unsure(
    waiting: Waiting, claim: Claim, database: Database, clock: Clock
) -> None:
    waiting("alice")
    first = claimed_by(claim)
    with database.transaction() as tx:
        store.put_back(tx, first, clock.tick(5))
    found = claimed_by(claim)
    assert not found.unsure
    with database.transaction() as tx:
        store.put_back(tx, found, clock() + timedelta(seconds=5), unsure=True, error="cut")
    assert claim() is None
    clock.tick(6)
    assert claimed_by(claim).unsure


def test_a_channel_that_wants_to_be_left_alone_is(waiting: Waiting, claim: Claim) -> None:
    waiting("alice")
    assert claim("w", "C1") is None
    assert claim("w", "C2") is not None


def test_of_many_workers_each_card_has_one(waiting: Waiting, database: Database, clock: Clock) -> None:
    numbers = {waiting(who) for who in ("alice", "bob", "carol")}

    def work(worker: int) -> Iterator[int]:
        while True:
            with database.transaction() as tx:
                found = slack_cards.claim(tx, f"w{worker}", clock(), LEASE)
            if found is None:
                return
            yield found.card.conversation

    with ThreadPoolExecutor(4) as pool:
        claimed = [number for found in pool.map(lambda worker: list(work(worker)), range(4)) for number in found]
    assert sorted(claimed) == sorted(numbers)


def test_what_somebody_asked_for_by_one_message_is_done_once(
    waiting: Waiting, claim: Claim, in_step: InStep, database: Database, clock: Clock, tess: Technician
) -> None:
    number = waiting("alice")
    found = claimed_by(claim)
    in_step(found)
    card = found.card

    def say(tx: Transaction) -> bool:
        return slack_cards.write(tx, card, "5.1", lambda tx: conversations.note(tx, number, tess, "hm", clock.tick()))

    def said() -> bool:
        with database.transaction() as tx:
            return say(tx)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda _: said(), range(4))) == [False, False, False, True]
    with database.snapshot() as tx:
        notes = [m.text for m in conversations.view(tx, number).messages if m.internal]
    assert notes == ["hm"]


def test_below_a_card_that_has_ended_only_notes_are_taken(
    waiting: Waiting, claim: Claim, in_step: InStep, database: Database, clock: Clock, tess: Technician
) -> None:
    number = waiting("alice")
    found = claimed_by(claim)
    in_step(found)
    with database.transaction() as tx:
        conversations.resolve(tx, number, tess, "Done", clock.tick())
    in_step(claimed_by(claim))

    def note(tx: Transaction) -> int:
        return conversations.note(tx, number, tess, "hm", clock.tick())

    with database.transaction() as tx, pytest.raises(Conflict, match="over"):
        slack_cards.write(tx, found.card, "5.1", note)
    with database.transaction() as tx:
        assert slack_cards.write(tx, found.card, "5.2", note, ended=True)


def test_a_team_without_a_channel_uses_the_fallback_teams(database: Database) -> None:
    with database.snapshot() as tx:
        assert set(slack_cards.places(tx).values()) == {Place("C1", "T1")}
        assert slack_cards.places(tx)["network"] == Place("C1", "T1")


@pytest.mark.parametrize("text", ["", "c1", "#general", "T1/", "T1/C1/2", "D1", "C1 C2"])
def test_what_is_no_channel_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_place(text)
