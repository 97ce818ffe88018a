"""Tickets: how they begin, move, are edited and end."""

from __future__ import annotations

from typing import Any

import pytest

from desk import tickets
from desk.model.conversation import Reason
from desk.model.errors import Conflict, Invalid, NotAllowed, NotFound
from desk.model.technician import Role, Technician
from desk.model.ticket import BOT, LEGAL, MAJOR, Details, Link, State
from desk.store import links
from desk.store import technicians as technician_store
from desk.store import tickets as store
from desk.store.database import Database
from tests.desk.cases import Cases
from tests.desk.conftest import Clock

DAY = 86_400
PRINTER = Details(Reason.ESCALATED, procedure="printer_offline", category="printing")


@pytest.fixture
def lea(database: Database, clock: Clock) -> Technician:
    """A lead."""
    with database.transaction() as tx:
        return technician_store.create(tx, "lea@example.org", "Lea", Role.LEAD, "-", False, clock())


def test_what_the_procedure_does_not_say_comes_from_the_category(cases: Cases) -> None:
    ticket = cases.open(cases.write("It does not print"), PRINTER)
    assert (ticket.team, ticket.impact, ticket.urgency, ticket.priority) == ("onsite", 3, 2, 4)
    assert (ticket.state, ticket.subject, ticket.channel) == (State.NEW, "It does not print", "web")


def test_a_team_or_category_nobody_knows_becomes_the_fallback_teams(cases: Cases) -> None:
    ticket = cases.open(cases.write("help"), Details(Reason.ASKED, category="plumbing", team="plumbers"))
    assert (ticket.category, ticket.team) == (None, "servicedesk")


def test_the_same_cause_opens_one_ticket_even_after_it_was_finished(
    database: Database, cases: Cases, tess: Technician
) -> None:
    conversation = cases.write("help")
    first = cases.open(conversation, PRINTER)
    cases.edit(first, tess, state=State.RESOLVED, resolution="New toner.")
    assert cases.open(conversation, PRINTER).id == first.id
    with database.snapshot() as tx:
        assert [t.state for t in store.of_conversation(tx, conversation)] == [State.RESOLVED]


def test_the_same_problem_within_the_teams_days_opens_the_ticket_again(
    cases: Cases, clock: Clock, tess: Technician
) -> None:
    conversation = cases.write("help")
    first = cases.open(conversation, PRINTER)
    cases.edit(first, tess, state=State.RESOLVED, resolution="New toner.")
    clock.tick(6 * DAY)
    again = cases.open(conversation, PRINTER, "m2")
    assert (again.id, again.state, again.resolved_at) == (first.id, State.OPEN, None)


@pytest.mark.parametrize("closed", [False, True])
def test_the_same_problem_later_becomes_a_new_ticket_linked_to_the_old_one(
    database: Database, cases: Cases, clock: Clock, tess: Technician, closed: bool
) -> None:
    conversation = cases.write("help")
    first = cases.open(conversation, PRINTER)
    cases.edit(first, tess, state=State.RESOLVED, resolution="New toner.")
    if closed:
        cases.edit(first, tess, state=State.CLOSED)
    else:
        clock.tick(8 * DAY)
    second = cases.open(conversation, PRINTER, "m2")
    assert second.id != first.id
    with database.snapshot() as tx:
        assert [(link.kind, link.ticket.id) for link in links.of(tx, second.id)] == [(Link.FOLLOWS, first.id)]


def test_another_problem_becomes_a_ticket_of_its_own(database: Database, cases: Cases, tess: Technician) -> None:
    conversation = cases.write("help")
    first = cases.open(conversation, PRINTER)
    cases.edit(first, tess, state=State.RESOLVED, resolution="New toner.")
    second = cases.open(conversation, Details(Reason.ESCALATED, procedure="vpn_drops"), "m2")
    assert second.id != first.id
    with database.snapshot() as tx:
        assert links.of(tx, second.id) == []


def test_every_move_of_the_table_is_possible_and_no_other(database: Database, cases: Cases, clock: Clock) -> None:
    ticket = cases.open(cases.write("help"), PRINTER)
    for start, allowed in LEGAL.items():
        for end in State:
            if State.MERGED in {start, end}:
                continue  # needs a ticket to become part of: see the tests of merging
            with database.transaction() as tx:
                here = store.change(tx, store.get(tx, ticket.id), {store.Column.STATE: start}, BOT, clock())
                if end in allowed | {start}:
                    assert tickets.move(tx, here, end, BOT, clock()).state is end
                else:
                    with pytest.raises(Conflict):
                        tickets.move(tx, here, end, BOT, clock())


def test_an_edit_is_whole_and_leaves_a_line_for_each_change(cases: Cases, tess: Technician, tom: Technician) -> None:
    ticket = cases.open(cases.write("help"), PRINTER)
    changed = cases.edit(
        ticket, tess, subject="Toner", category="network", team="network", assignee=tom.id, impact=1, urgency=1
    )
    assert (changed.subject, changed.category, changed.team, changed.assignee_name) == (
        "Toner",
        "network",
        "network",
        "Tom",
    )
    assert (changed.priority, changed.revision) == (1, ticket.revision + 1)
    assert cases.changes(ticket)[1:] == [
        ("subject", "help", "Toner", "Tess"),
        ("category", "printing", "network", "Tess"),
        ("team", "onsite", "network", "Tess"),
        ("assignee", None, "Tom", "Tess"),
        ("impact", "3", "1", "Tess"),
        ("urgency", "2", "1", "Tess"),
        ("priority", "4", "1", "Tess"),
    ]


def test_an_edit_of_what_has_changed_meanwhile_is_refused(cases: Cases, tess: Technician, tom: Technician) -> None:
    ticket = cases.open(cases.write("help"), PRINTER)
    cases.edit(ticket, tom, subject="Toner")
    with pytest.raises(Conflict) as refused:
        cases.edit(ticket, tess, subject="Paper", revision=ticket.revision)
    assert refused.value.state == "changed"


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"subject": " "}, Invalid),
        ({"subject": "x" * 301}, Invalid),
        ({"impact": 4}, Invalid),
        ({"urgency": 0}, Invalid),
        ({"category": "plumbing"}, Invalid),
        ({"team": "plumbers"}, NotFound),
        ({"assignee": 99}, NotFound),
        ({"state": State.MERGED}, Invalid),
        ({"state": State.RESOLVED}, Invalid),
        ({"state": State.NEW, "subject": "half"}, None),
    ],
)
def test_a_bad_edit_is_refused_and_nothing_is_half_done(
    cases: Cases, tess: Technician, wanted: dict[str, Any], error: type[Exception] | None
) -> None:
    ticket = cases.open(cases.write("help"), PRINTER)
    if error is None:
        cases.edit(ticket, tess, state=State.OPEN)
        error = Conflict
    before = cases.changes(ticket)
    with pytest.raises(error):
        cases.edit(ticket, tess, **wanted)
    assert cases.changes(ticket) == before


def test_only_leads_declare_a_major_incident(cases: Cases, tess: Technician, lea: Technician) -> None:
    ticket = cases.open(cases.write("help"), PRINTER)
    with pytest.raises(NotAllowed):
        cases.edit(ticket, tess, major=True)
    assert cases.edit(ticket, lea, major=True).priority == MAJOR
    assert cases.edit(ticket, tess, impact=1).priority == MAJOR
    with pytest.raises(NotAllowed):
        cases.edit(ticket, tess, major=False)
    assert cases.edit(ticket, lea, major=False).priority == 2


def test_what_was_resolved_long_ago_is_closed_by_the_desk(
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    old, young = cases.open(cases.write("one"), PRINTER), cases.open(cases.write("two", "bob"), PRINTER)
    cases.edit(old, tess, state=State.RESOLVED, resolution="Done.")
    clock.tick(5 * DAY)
    cases.edit(young, tess, state=State.RESOLVED, resolution="Done.")
    clock.tick(3 * DAY)
    with database.transaction() as tx:
        assert tickets.close_old(tx, clock()) == 1
    with database.snapshot() as tx:
        assert [store.get(tx, t.id).state for t in (old, young)] == [State.CLOSED, State.RESOLVED]
    assert cases.changes(old)[-1] == ("state", "resolved", "closed", "desk")


def test_a_second_case_is_named_after_what_was_said_in_it(cases: Cases, clock: Clock, tess: Technician) -> None:
    conversation = cases.write("It does not print at all, not even a test page, whatever I try")
    first = cases.open(conversation, Details(Reason.ASKED))
    clock.tick()
    cases.edit(first, tess, state=State.CLOSED)
    clock.tick()
    cases.write("The wifi is slow")
    assert cases.open(conversation, Details(Reason.ASKED), "m2").subject == "The wifi is slow"


def test_nobody_who_has_left_is_assigned_a_ticket(
    database: Database, cases: Cases, tess: Technician, tom: Technician
) -> None:
    ticket = cases.open(cases.write("help"), PRINTER)
    with database.transaction() as tx:
        technician_store.change(tx, tom.id, active=False)
    with pytest.raises(Invalid) as refused:
        cases.edit(ticket, tess, assignee=tom.id)
    assert refused.value.rule == "inactive"
