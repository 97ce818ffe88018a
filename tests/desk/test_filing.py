"""Tickets filed by hand or by other programs."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.procedures.secrets import MARK
from channels.contract import Author, Owner
from desk import clocks, conversations, filing, search, tickets
from desk.model.clock import Clock as FourClocks
from desk.model.conversation import Reason
from desk.model.errors import Conflict, Invalid
from desk.model.search import Filters
from desk.model.technician import Technician
from desk.model.ticket import Details, State, Ticket
from desk.store import cases
from desk.store import tickets as store
from desk.store.database import Database, Transaction
from tests.desk.conftest import WORDS, Clock


def filed(
    tx: Transaction,
    by: Technician,
    now: datetime,
    *,
    key: str = "form:1",
    name: str = "Alice",
    email: str = "Alice@Example.org",
    description: str = "It beeps.",
    details: Details | None = None,
) -> Ticket:
    wanted = details or Details(
        Reason.ASKED, subject=" The server room beeps ", category="hardware", impact=1, urgency=1
    )
    return filing.file_ticket(tx, tickets.acting(by), name, email, wanted, description, key, now, WORDS)


def test_it_waits_in_the_queue_with_what_the_requester_said(database: Database, clock: Clock, tess: Technician) -> None:
    with database.transaction() as tx:
        ticket = filed(tx, tess, clock())
        assert (ticket.subject, ticket.state, ticket.reason) == ("The server room beeps", State.NEW, Reason.FILED)
        assert (ticket.team, ticket.priority, ticket.channel) == ("onsite", 1, "desk")
        (where,) = cases.conversations_of(tx, ticket.id)
        view = conversations.view(tx, where)
        assert (view.conversation.owner, view.conversation.reachable) == (Owner.QUEUE, False)
        assert view.conversation.customer_name == "Alice"
        assert [(m.author, m.text) for m in view.messages] == [(Author.CUSTOMER, "It beeps.")]
        assert store.history(tx, ticket.id)[0].who.name == "Tess"
    clock.tick(60)
    with database.snapshot() as tx:
        assert clocks.of_ticket(tx, ticket.id, clock())[FourClocks.QUEUE].total_seconds() == 60


def test_a_password_among_the_requesters_words_is_never_stored(
    database: Database, clock: Clock, tess: Technician
) -> None:
    with database.transaction() as tx:
        wanted = Details(Reason.FILED, subject="Cannot log in, my password is Zomer2024!")
        ticket = filed(tx, tess, clock(), details=wanted, description="Mijn wachtwoord is Zomer2024!")
        (where,) = cases.conversations_of(tx, ticket.id)
        assert ticket.subject == f"Cannot log in, my password is {MARK}"
        assert [m.text for m in conversations.view(tx, where).messages] == [f"Mijn wachtwoord is {MARK}"]


def test_it_can_be_worked_on_and_resolved_but_not_answered(database: Database, clock: Clock, tess: Technician) -> None:
    with database.transaction() as tx:
        ticket = filed(tx, tess, clock())
        (where,) = cases.conversations_of(tx, ticket.id)
        conversations.take(tx, where, tess, clock())
    with pytest.raises(Conflict) as refused, database.transaction() as tx:
        conversations.reply(tx, where, tess, "Hello?", clock())
    assert refused.value.state == "unreachable"
    with database.transaction() as tx:
        conversations.resolve(tx, where, tess, "Fan replaced.", clock(), cause="Worn fan")
        assert store.get(tx, ticket.id).state is State.RESOLVED


def test_filing_again_changes_nothing_and_the_same_requester_is_the_same_customer(
    database: Database, clock: Clock, tess: Technician
) -> None:
    with database.transaction() as tx:
        first = filed(tx, tess, clock())
        assert filed(tx, tess, clock()).number == first.number
        again = filed(tx, tess, clock(), key="form:2", email="alice@example.org", name="A. Moreau")
        assert (again.customer, again.customer_name) == (first.customer, "Alice")
        assert filed(tx, tess, clock(), key="form:3", email="").customer != first.customer


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "requester_name"),
        ({"email": "not an address"}, "requester_email"),
        ({"description": "x" * 8_001}, "description"),
        ({"details": Details(Reason.FILED, subject="")}, "subject"),
        ({"details": Details(Reason.FILED, subject="s", category="nonsense")}, "category"),
        ({"details": Details(Reason.FILED, subject="s", team="nonsense")}, "team"),
        ({"details": Details(Reason.FILED, subject="s", impact=4)}, "impact"),
    ],
)
def test_what_is_not_acceptable_is_named_and_nothing_is_filed(
    database: Database, clock: Clock, tess: Technician, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused, database.transaction() as tx:
        filed(tx, tess, clock(), **changed)  # type: ignore[arg-type]
    assert refused.value.field == field
    with database.snapshot() as tx:
        assert not search.find(tx, Filters()).tickets
