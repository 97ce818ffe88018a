"""What customers send is stored once, and handed out in order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from bot.procedures.secrets import MARK
from channels.contract import Accepted, Author, Choice, Incoming
from desk import conversations, inbox
from desk.model.technician import Technician
from desk.model.work import Claim, WorkState
from desk.store import messages, tables, work
from desk.store.database import Database
from tests.desk.backlog import backlog
from tests.desk.conftest import WORDS, Clock

LEASE = timedelta(seconds=15)


def everything_in(database: Database) -> str:
    """All rows of all tables, as text."""
    with database.snapshot() as tx:
        return repr([tx.connection.execute(table.select()).all() for table in tables.metadata.sorted_tables])


def claim(database: Database, clock: Clock, worker: str = "w1") -> Claim | None:
    with database.transaction() as tx:
        return work.claim(tx, tables.inbox, worker, clock(), LEASE)


def settle(database: Database, clock: Clock, claimed: Claim) -> bool:
    with database.transaction() as tx:
        return work.settle(tx, tables.inbox, claimed, WorkState.DONE, clock())


def test_messages_are_numbered_from_one_without_holes(database: Database, write: Callable[..., int]) -> None:
    conversation = write("My printer is broken")
    write("Hello?")
    write("Other", "bob")
    with database.snapshot() as tx:
        assert [(m.seq, m.text) for m in messages.after(tx, conversation)] == [
            (1, "My printer is broken"),
            (2, "Hello?"),
        ]


def test_a_redelivery_is_not_stored_again(database: Database, clock: Clock) -> None:
    incoming = Incoming("web", "alice", "same", "Hello", clock())
    with database.transaction() as tx:
        first = inbox.accept(tx, incoming, clock(), WORDS)
    with database.transaction() as tx:
        second = inbox.accept(tx, incoming, clock(), WORDS)
    assert second == Accepted(first.conversation, first.seq, duplicate=True)
    with database.snapshot() as tx:
        assert len(messages.after(tx, first.conversation)) == 1
        assert backlog(tx, tables.inbox) == 1


def test_the_same_id_from_two_customers_is_two_messages(write: Callable[..., int]) -> None:
    assert write("Hi", "alice", external_id="1") != write("Hi", "bob", external_id="1")


def test_a_pressed_button_reads_as_what_stood_on_it(database: Database, write: Callable[..., int]) -> None:
    conversation = write("", choice=Choice("Yes, it is on", "answer:printer:power:yes"))
    with database.snapshot() as tx:
        (message,) = messages.after(tx, conversation)
    assert message.text == "Yes, it is on"
    assert message.choice == Choice("Yes, it is on", "answer:printer:power:yes")
    assert message.author is Author.CUSTOMER


def test_a_password_is_masked_before_it_is_stored(database: Database, write: Callable[..., int]) -> None:
    conversation = write("my password is Zomer2024! and my pin is 4821")
    with database.snapshot() as tx:
        (message,) = messages.after(tx, conversation)
    assert message.text == f"my password is {MARK} and my pin is {MARK}"
    assert "Zomer2024" not in everything_in(database)
    assert "4821" not in everything_in(database)


def test_a_redelivered_password_stays_masked(database: Database, write: Callable[..., int]) -> None:
    conversation = write("ww: Welkom01", external_id="same")
    assert write("ww: Welkom01", external_id="same") == conversation
    with database.snapshot() as tx:
        assert [message.text for message in messages.after(tx, conversation)] == [f"ww: {MARK}"]
    assert "Welkom01" not in everything_in(database)


def test_what_a_technician_writes_is_stored_as_written(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("I cannot log in")
    with database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "Your new password is Zomer2024!", clock())
    with database.snapshot() as tx:
        assert messages.after(tx, conversation)[-1].text == "Your new password is Zomer2024!"


def test_many_deliveries_at_once_make_one_conversation_in_order(database: Database, clock: Clock) -> None:
    def deliver(number: int) -> Accepted:
        # Each id comes twice, as a network that repeats itself would send it.
        incoming = Incoming("web", "alice", f"m{number // 2}", f"text {number // 2}", clock())
        with database.transaction() as tx:
            return inbox.accept(tx, incoming, clock(), WORDS)

    with ThreadPoolExecutor(8) as pool:
        accepted = list(pool.map(deliver, range(40)))
    assert len({a.conversation for a in accepted}) == 1
    assert sum(a.duplicate for a in accepted) == 20
    with database.snapshot() as tx:
        stored = messages.after(tx, accepted[0].conversation)
    assert [m.seq for m in stored] == list(range(1, 21))


def test_the_next_message_of_a_conversation_waits_for_the_one_before(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    write("one")
    write("two")
    write("other", "bob")
    first, other = claim(database, clock), claim(database, clock)
    assert first is not None
    assert other is not None
    assert other.lane != first.lane
    assert claim(database, clock) is None
    assert settle(database, clock, first)
    second = claim(database, clock)
    assert second is not None
    assert second.lane == first.lane


def test_a_lease_that_ran_out_is_claimed_by_another_and_the_first_may_not_settle_it(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    write("one")
    first = claim(database, clock, "w1")
    assert first is not None
    clock.tick(16)
    second = claim(database, clock, "w2")
    assert second is not None
    assert second.attempts == 2
    assert not settle(database, clock, first)
    assert settle(database, clock, second)


def test_a_row_given_back_is_free_only_after_its_pause(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    write("one")
    claimed = claim(database, clock)
    assert claimed is not None
    with database.transaction() as tx:
        assert work.retry(tx, tables.inbox, claimed, clock() + timedelta(seconds=10), "later")
    assert claim(database, clock) is None
    clock.tick(10)
    assert claim(database, clock) is not None


def test_many_workers_at_once_claim_each_row_once(database: Database, clock: Clock, write: Callable[..., int]) -> None:
    for number in range(30):
        write("hello", f"customer{number}")

    def work_until_empty(worker: int) -> list[int]:
        done = []
        while (claimed := claim(database, clock, f"w{worker}")) is not None:
            done.append(claimed.id)
            assert settle(database, clock, claimed)
        return done

    with ThreadPoolExecutor(6) as pool:
        claimed = [row for rows in pool.map(work_until_empty, range(6)) for row in rows]
    assert len(claimed) == len(set(claimed))
    # A worker may find every free row locked by the others for a moment and stop early: none is lost by that.
    claimed += work_until_empty(99)
    assert len(claimed) == 30
