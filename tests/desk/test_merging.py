"""Tickets that are about the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk import merging, tickets
from desk.model.conversation import Reason
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.technician import Technician
from desk.model.ticket import Details, Link, State, Ticket
from desk.store import cases as case_store
from desk.store import conversations as conversation_store
from desk.store import links
from desk.store import tickets as store
from desk.store.database import Database
from tests.desk.cases import Cases
from tests.desk.conftest import Clock


@pytest.fixture
def merge(database: Database, clock: Clock, tess: Technician) -> Callable[[Ticket, Ticket], Ticket]:
    """Merge one ticket into another."""

    def do(ticket: Ticket, into: Ticket) -> Ticket:
        with database.transaction() as tx:
            return merging.merge(tx, ticket.number, into.number, tess, clock())

    return do


@pytest.fixture
def unmerge(database: Database, clock: Clock, tess: Technician) -> Callable[[Ticket], Ticket]:
    """Take a merge back."""

    def do(ticket: Ticket) -> Ticket:
        with database.transaction() as tx:
            return merging.unmerge(tx, ticket.number, tess, clock())

    return do


def standing(database: Database, *those: Ticket) -> list[tuple[State, list[int], list[int]]]:
    """State, conversations, and conversations whose present case it is, of each."""
    with database.snapshot() as tx:
        return [
            (
                store.get(tx, ticket.id).state,
                sorted(case_store.conversations_of(tx, ticket.id)),
                sorted(case_store.pointing_at(tx, ticket.id)),
            )
            for ticket in those
        ]


def test_a_merged_ticket_brings_its_conversation_along_and_undoing_takes_it_back(
    database: Database, cases: Cases, merge: Callable[[Ticket, Ticket], Ticket], unmerge: Callable[[Ticket], Ticket]
) -> None:
    a, b = cases.begin("alice"), cases.begin("bob")
    before = standing(database, a, b)
    assert merge(a, b).id == b.id
    assert standing(database, a, b) == [(State.MERGED, [1], []), (State.NEW, [1, 2], [1, 2])]
    assert unmerge(a).state is State.NEW
    assert standing(database, a, b) == before
    with database.snapshot() as tx:
        assert [c.field for c in store.history(tx, a.id)] == ["created", "state", "merged_into", "state", "merged_into"]
        assert [c.field for c in store.history(tx, b.id)] == ["created", "merged", "unmerged"]


def test_a_merge_follows_a_chain_to_its_end(cases: Cases, merge: Callable[[Ticket, Ticket], Ticket]) -> None:
    a, b, c = cases.begin("alice"), cases.begin("bob"), cases.begin("carol")
    merge(b, c)
    assert merge(a, b).id == c.id


def test_undoing_the_first_merge_of_a_chain_takes_back_only_what_came_with_it(
    database: Database, cases: Cases, merge: Callable[[Ticket, Ticket], Ticket], unmerge: Callable[[Ticket], Ticket]
) -> None:
    a, b, c = cases.begin("alice"), cases.begin("bob"), cases.begin("carol")
    merge(a, b)
    merge(b, c)
    assert standing(database, c) == [(State.NEW, [1, 2, 3], [1, 2, 3])]
    unmerge(a)
    assert standing(database, a, b, c) == [
        (State.NEW, [1], [1]),
        (State.MERGED, [2], []),
        (State.NEW, [2, 3], [2, 3]),
    ]


def test_a_circle_is_refused_however_long(cases: Cases, merge: Callable[[Ticket, Ticket], Ticket]) -> None:
    a, b, c = cases.begin("alice"), cases.begin("bob"), cases.begin("carol")
    merge(a, b)
    merge(b, c)
    for into in (a, b, c):
        with pytest.raises(Invalid) as refused:
            merge(c, into)
        assert refused.value.rule == "cycle"


def test_what_is_merged_already_or_into_what_is_closed_is_refused(
    database: Database,
    cases: Cases,
    merge: Callable[[Ticket, Ticket], Ticket],
    unmerge: Callable[[Ticket], Ticket],
    clock: Clock,
    tess: Technician,
) -> None:
    a, b, c = cases.begin("alice"), cases.begin("bob"), cases.begin("carol")
    merge(a, b)
    with pytest.raises(Conflict):
        merge(a, c)
    with pytest.raises(Conflict):
        unmerge(c)
    with database.transaction() as tx:
        tickets.edit(tx, c.number, tickets.Edit(state=State.CLOSED), tess, None, clock())
    with pytest.raises(Conflict):
        merge(b, c)
    with pytest.raises(NotFound), database.transaction() as tx:
        merging.merge(tx, b.number, "FL-99999", tess, clock())


def test_a_handover_of_a_merged_tickets_conversation_finds_the_ticket_that_is_left(
    database: Database, cases: Cases, merge: Callable[[Ticket, Ticket], Ticket], clock: Clock
) -> None:
    a, b = cases.begin("alice"), cases.begin("bob")
    merge(a, b)
    with database.transaction() as tx:
        current = conversation_store.get(tx, 1, lock=True)
        for cause in ("m", "another"):
            assert tickets.open_ticket(tx, current, Details(Reason.ASKED), cause, clock())[0].id == b.id


def test_relations_are_said_from_both_sides_and_taken_back_from_either(
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    a, b = cases.begin("alice"), cases.begin("bob")
    with database.transaction() as tx:
        for _ in range(2):
            merging.link(tx, a.number, b.number.lower(), Link.CAUSED_BY, tess, clock())
        assert [(one.kind, one.incoming, one.ticket.id) for one in links.of(tx, a.id)] == [
            (Link.CAUSED_BY, False, b.id)
        ]
        assert [(one.kind, one.incoming, one.ticket.id) for one in links.of(tx, b.id)] == [(Link.CAUSED_BY, True, a.id)]
        merging.unlink(tx, b.number, a.number, Link.CAUSED_BY, tess, clock())
        assert links.of(tx, a.id) == []
        assert [(c.field, c.old, c.new) for c in store.history(tx, b.id)][1:] == [
            ("link", None, f"caused_by {a.number}"),
            ("link", f"caused_by {a.number}", None),
        ]
    with pytest.raises(Invalid), database.transaction() as tx:
        merging.link(tx, a.number, a.number, Link.RELATED, tess, clock())


def test_a_conversation_that_turns_to_something_else_is_split_there(
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    a = cases.begin("alice")
    cases.write("By the way, the wifi is slow", "alice")
    for _ in range(2):
        with database.transaction() as tx:
            made = merging.split(tx, a.number, 1, 2, "Slow wifi", tess, clock())
    with database.snapshot() as tx:
        assert case_store.begins(tx, made.id) == {1: 2}
        assert conversation_store.get(tx, 1).ticket == made.id
        assert [(one.kind, one.ticket.id) for one in links.of(tx, made.id)] == [(Link.SPLIT_FROM, a.id)]
    assert (made.subject, made.state) == ("Slow wifi", State.NEW)


@pytest.mark.parametrize(
    ("conversation", "seq", "subject", "field"),
    [(2, 1, "Slow", "conversation"), (1, 9, "Slow", "from_seq"), (1, 1, "  ", "subject")],
)
def test_a_bad_split_is_refused(
    database: Database,
    cases: Cases,
    clock: Clock,
    tess: Technician,
    conversation: int,
    seq: int,
    subject: str,
    field: str,
) -> None:
    a, _ = cases.begin("alice"), cases.begin("bob")
    with pytest.raises(Invalid) as refused, database.transaction() as tx:
        merging.split(tx, a.number, conversation, seq, subject, tess, clock())
    assert refused.value.field == field
