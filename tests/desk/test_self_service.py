"""What customers may do with their own tickets."""

from __future__ import annotations

from collections.abc import Callable

from channels.contract import Author
from desk import conversations, handover, self_service
from desk.model.conversation import Reason
from desk.model.technician import Technician
from desk.model.ticket import Details, State, Ticket
from desk.store import conversations as conversation_store
from desk.store import tickets as store
from desk.store.database import Database
from tests.desk.cases import Cases
from tests.desk.conftest import Clock

PRINTER = Details(Reason.ESCALATED, procedure="printer_offline", category="printing")


def test_a_customer_adds_to_a_ticket_once_and_it_is_our_turn_again(
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    first, second = cases.write("help"), cases.write("me again", "alice-on-telegram", channel="telegram")
    ticket = cases.edit(cases.open(first, PRINTER), tess, state=State.WAITING_FOR_CUSTOMER)
    for expected in (True, False):
        with database.transaction() as tx:
            elsewhere = conversation_store.get(tx, second, lock=True)
            locked = store.get(tx, ticket.id, lock=True)
            assert self_service.add(tx, locked, elsewhere, "On wifi too", "m7", clock()) is expected
    with database.snapshot() as tx:
        assert store.get(tx, ticket.id).state is State.OPEN
        notes = [m for m in conversations.view(tx, first).messages if m.internal]
    assert [(m.author, m.text) for m in notes] == [(Author.CUSTOMER, "On wifi too")]


def test_a_customer_closes_their_ticket_and_waits_no_longer(
    database: Database, write: Callable[..., int], clock: Clock
) -> None:
    waiting, elsewhere = write("help"), write("me again", "alice-on-telegram", channel="telegram")
    with database.transaction() as tx:
        current = conversation_store.get(tx, waiting, lock=True)
        ticket = handover.hand_over(tx, current, Reason.ASKED, "m1", clock())
    for expected in (True, False):
        with database.transaction() as tx:
            other = conversation_store.get(tx, elsewhere, lock=True)
            locked = store.get(tx, ticket.id, lock=True)
            assert self_service.close(tx, locked, other, "It works again", "m9", clock()) is expected
    with database.snapshot() as tx:
        closed = store.get(tx, ticket.id)
        assert (closed.state, closed.resolution) == (State.CLOSED, "It works again")
        assert conversation_store.get(tx, waiting).closed


def test_a_customer_reopens_a_resolved_ticket_and_gets_a_successor_of_a_closed_one(
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    conversation = cases.write("help")
    ticket = cases.open(conversation, PRINTER)

    def reopen(cause: str) -> Ticket:
        with database.transaction() as tx:
            current = conversation_store.get(tx, conversation, lock=True)
            locked = store.get(tx, ticket.id, lock=True)
            return self_service.reopen(tx, locked, current, "Not solved", cause, clock())

    cases.edit(ticket, tess, state=State.RESOLVED, resolution="New toner.")
    assert (reopen("m2").id, reopen("m2").state) == (ticket.id, State.OPEN)
    cases.edit(ticket, tess, state=State.CLOSED)
    successor = reopen("m3")
    assert successor.id != ticket.id
    assert reopen("m3").id == successor.id
    with database.snapshot() as tx:
        assert conversation_store.get(tx, conversation).ticket == successor.id
