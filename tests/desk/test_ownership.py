"""A ticket and its conversations: whoever has the one has the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from channels.contract import Owner
from desk import answering, conversations, handover
from desk.model.conversation import Reason
from desk.model.errors import Conflict, Invalid
from desk.model.technician import Technician
from desk.model.ticket import State, Ticket
from desk.store import conversations as conversation_store
from desk.store import tickets as store
from desk.store.database import Database
from tests.desk.cases import Cases
from tests.desk.conftest import Clock


def test_the_ticket_follows_who_has_the_conversation_and_whose_turn_it_is(
    database: Database, write: Callable[..., int], clock: Clock, tess: Technician, tom: Technician
) -> None:
    conversation = write("help")

    def now() -> tuple[State, str | None]:
        with database.snapshot() as tx:
            ticket = store.of_conversation(tx, conversation)[0]
            return ticket.state, ticket.assignee_name

    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock())
    assert now() == (State.OPEN, "Tess")
    with database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "Which printer?", clock())
    assert now() == (State.WAITING_FOR_CUSTOMER, "Tess")
    write("The big one")
    with database.transaction() as tx:
        while answering.claim(tx, "w", clock(), timedelta(seconds=30)) is not None:
            pass
    assert now() == (State.OPEN, "Tess")
    with database.transaction() as tx:
        conversations.transfer(tx, conversation, tess, "Needs a visit", clock(), colleague=tom.id)
    assert now() == (State.OPEN, "Tom")
    with database.transaction() as tx:
        conversations.transfer(tx, conversation, tom, "Not mine", clock(), team="network")
        assert conversation_store.get(tx, conversation).owner is Owner.QUEUE
        assert store.of_conversation(tx, conversation)[0].team == "network"
    assert now() == (State.OPEN, None)


def test_a_reply_to_something_that_changed_is_refused_unless_one_insists(
    database: Database, write: Callable[..., int], clock: Clock, tess: Technician, tom: Technician
) -> None:
    conversation = write("help")
    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock())
        conversations.note(tx, conversation, tom, "I know this one.", clock())
    with pytest.raises(Conflict) as refused, database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "Hm.", clock(), seen=2)
    assert (refused.value.state, refused.value.holder) == ("changed", "Tom")
    with database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "Hm.", clock(), seen=3)
        # Her own words are no surprise to her.
        conversations.reply(tx, conversation, tess, "Well.", clock(), seen=3)


@pytest.mark.parametrize("to", [{}, {"team": "network", "colleague": 1}])
def test_a_transfer_goes_to_a_team_or_to_a_colleague(
    database: Database, write: Callable[..., int], clock: Clock, tess: Technician, to: dict[str, object]
) -> None:
    conversation = write("help")
    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock())
    with pytest.raises(Invalid), database.transaction() as tx:
        conversations.transfer(tx, conversation, tess, "Please", clock(), **to)  # type: ignore[arg-type]


def test_the_four_clocks_add_up_to_the_life_of_the_case(
    database: Database, write: Callable[..., int], clock: Clock, tess: Technician
) -> None:
    from desk import clocks
    from desk.model.clock import Clock as Whose

    conversation = write("help")
    clock.tick(60)
    with database.transaction() as tx:
        handover.hand_over(tx, conversation_store.get(tx, conversation, lock=True), Reason.ASKED, "m1", clock())
    clock.tick(300)
    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock())
    clock.tick(30)
    with database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "Which one?", clock())
    clock.tick(1000)
    with database.transaction() as tx:
        conversations.resolve(tx, conversation, tess, "Nothing heard.", clock())
    clock.tick(5000)
    with database.snapshot() as tx:
        took = {
            whose: spent.total_seconds() for whose, spent in clocks.of_conversation(tx, conversation, clock()).items()
        }
    assert took == {Whose.BOT: 60, Whose.QUEUE: 300, Whose.TECHNICIAN: 30, Whose.CUSTOMER: 1000}


@pytest.fixture
def handed_over(database: Database, write: Callable[..., int], clock: Clock) -> Ticket:
    """The ticket of a conversation that waits in the queue."""
    conversation = write("help")
    with database.transaction() as tx:
        return handover.hand_over(tx, conversation_store.get(tx, conversation, lock=True), Reason.ASKED, "m1", clock())


def test_whoever_is_assigned_a_ticket_has_its_conversation(
    cases: Cases, handed_over: Ticket, tess: Technician, tom: Technician
) -> None:
    assert cases.held(handed_over) == ("queue", None)
    cases.edit(handed_over, tess, assignee=tom.id)
    assert cases.held(handed_over) == ("technician", "Tom")
    cases.edit(handed_over, tess, assignee=tess.id)
    assert cases.held(handed_over) == ("technician", "Tess")
    cases.edit(handed_over, tess, subject="Something else")
    assert cases.held(handed_over) == ("technician", "Tess")
    cases.edit(handed_over, tess, unassign=True)
    assert cases.held(handed_over) == ("queue", None)


def test_who_resolves_a_ticket_ends_its_conversation_and_who_opens_it_again_has_it(
    cases: Cases, handed_over: Ticket, tess: Technician
) -> None:
    cases.edit(handed_over, tess, state=State.RESOLVED, resolution="New toner.")
    assert cases.held(handed_over) == ("closed", None)
    cases.edit(handed_over, tess, state=State.OPEN)
    assert cases.held(handed_over) == ("technician", "Tess")


def test_a_ticket_is_not_finished_while_a_colleague_is_answering(
    cases: Cases, handed_over: Ticket, tess: Technician, tom: Technician
) -> None:
    cases.edit(handed_over, tom, assignee=tom.id)
    with pytest.raises(Conflict) as refused:
        cases.edit(handed_over, tess, state=State.RESOLVED, resolution="New toner.")
    assert refused.value.holder == "Tom"
    assert cases.held(handed_over) == ("technician", "Tom")


def test_a_closed_conversation_is_taken_up_again_with_its_ticket(
    database: Database, cases: Cases, handed_over: Ticket, clock: Clock, tess: Technician, tom: Technician
) -> None:
    cases.edit(handed_over, tess, state=State.RESOLVED, resolution="New toner.")
    with database.transaction() as tx:
        conversations.reopen(tx, 1, tom, clock())
    assert cases.held(handed_over) == ("technician", "Tom")
    with database.snapshot() as tx:
        ticket = store.get(tx, handed_over.id)
    assert (ticket.state, ticket.assignee_name) == (State.OPEN, "Tom")


def test_a_ticket_given_back_waits_for_the_customer_and_a_new_handover_opens_it(
    database: Database, handed_over: Ticket, clock: Clock, tess: Technician
) -> None:
    with database.transaction() as tx:
        conversations.give_back(tx, 1, tess, clock())
        assert store.get(tx, handed_over.id).state is State.WAITING_FOR_CUSTOMER
        again = handover.hand_over(tx, conversation_store.get(tx, 1, lock=True), Reason.ASKED, "m2", clock())
    assert (again.id, again.state) == (handed_over.id, State.OPEN)
