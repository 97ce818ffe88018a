"""Tickets: how they begin, move, are edited, and what customers may do with theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from channels.contract import Author, Owner
from desk import answering, conversations, handover, self_service, tickets
from desk.model.conversation import Reason
from desk.model.errors import Conflict, Invalid, NotAllowed, NotFound
from desk.model.technician import Role, Technician
from desk.model.ticket import BOT, LEGAL, MAJOR, Details, Link, State, Ticket
from desk.store import cases, links
from desk.store import conversations as conversation_store
from desk.store import technicians as technician_store
from desk.store import tickets as store
from desk.store.database import Database
from desk.tickets import Edit
from tests.desk.conftest import Clock

DAY = 86_400
PRINTER = Details(Reason.ESCALATED, procedure="printer_offline", category="printing")


@pytest.fixture
def lea(database: Database, clock: Clock) -> Technician:
    """A lead."""
    with database.transaction() as tx:
        return technician_store.create(tx, "lea@example.org", "Lea", Role.LEAD, "-", False, clock())


@pytest.fixture
def opened(database: Database, clock: Clock) -> Callable[..., Ticket]:
    """Open a ticket for a conversation."""

    def do(conversation: int, details: Details = PRINTER, cause: str = "m1") -> Ticket:
        with database.transaction() as tx:
            current = conversation_store.get(tx, conversation, lock=True)
            return tickets.open_ticket(tx, current, details, cause, clock())[0]

    return do


@pytest.fixture
def edit(database: Database, clock: Clock) -> Callable[..., Ticket]:
    """Edit a ticket as a technician."""

    def do(ticket: Ticket, technician: Technician, *, revision: int | None = None, **wanted: object) -> Ticket:
        with database.transaction() as tx:
            return tickets.edit(tx, ticket.number, Edit(**wanted), technician, revision, clock())  # type: ignore[arg-type]

    return do


def changes(database: Database, ticket: Ticket) -> list[tuple[str, str | None, str | None, str | None]]:
    with database.snapshot() as tx:
        return [(c.field, c.old, c.new, c.who.name or c.who.author.value) for c in tickets.history(tx, ticket)]


def test_what_the_procedure_does_not_say_comes_from_the_category(
    write: Callable[..., int], opened: Callable[..., Ticket]
) -> None:
    ticket = opened(write("It does not print"))
    assert (ticket.team, ticket.impact, ticket.urgency, ticket.priority) == ("onsite", 3, 2, 4)
    assert (ticket.state, ticket.subject, ticket.channel) == (State.NEW, "It does not print", "web")


def test_a_team_or_category_nobody_knows_becomes_the_fallback_teams(
    write: Callable[..., int], opened: Callable[..., Ticket]
) -> None:
    ticket = opened(write("help"), Details(Reason.ASKED, category="plumbing", team="plumbers"))
    assert (ticket.category, ticket.team) == (None, "servicedesk")


def test_the_same_cause_opens_one_ticket_even_after_it_was_finished(
    database: Database,
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    tess: Technician,
) -> None:
    conversation = write("help")
    first = opened(conversation)
    edit(first, tess, state=State.RESOLVED, resolution="New toner.")
    assert opened(conversation).id == first.id
    with database.snapshot() as tx:
        assert [t.state for t in store.of_conversation(tx, conversation)] == [State.RESOLVED]


def test_the_same_problem_within_the_teams_days_opens_the_ticket_again(
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    clock: Clock,
    tess: Technician,
) -> None:
    conversation = write("help")
    first = opened(conversation)
    edit(first, tess, state=State.RESOLVED, resolution="New toner.")
    clock.tick(6 * DAY)
    again = opened(conversation, cause="m2")
    assert (again.id, again.state, again.resolved_at) == (first.id, State.OPEN, None)


@pytest.mark.parametrize("closed", [False, True])
def test_the_same_problem_later_becomes_a_new_ticket_linked_to_the_old_one(
    database: Database,
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    clock: Clock,
    tess: Technician,
    closed: bool,
) -> None:
    conversation = write("help")
    first = opened(conversation)
    edit(first, tess, state=State.RESOLVED, resolution="New toner.")
    if closed:
        edit(first, tess, state=State.CLOSED)
    else:
        clock.tick(8 * DAY)
    second = opened(conversation, cause="m2")
    assert second.id != first.id
    with database.snapshot() as tx:
        assert [(link.kind, link.ticket.id) for link in links.of(tx, second.id)] == [(Link.FOLLOWS, first.id)]


def test_another_problem_becomes_a_ticket_of_its_own(
    database: Database,
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    tess: Technician,
) -> None:
    conversation = write("help")
    first = opened(conversation)
    edit(first, tess, state=State.RESOLVED, resolution="New toner.")
    second = opened(conversation, Details(Reason.ESCALATED, procedure="vpn_drops"), "m2")
    assert second.id != first.id
    with database.snapshot() as tx:
        assert links.of(tx, second.id) == []


def test_every_move_of_the_table_is_possible_and_no_other(
    database: Database, write: Callable[..., int], opened: Callable[..., Ticket], clock: Clock
) -> None:
    ticket = opened(write("help"))
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


def test_an_edit_is_whole_and_leaves_a_line_for_each_change(
    database: Database,
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    tess: Technician,
    tom: Technician,
) -> None:
    ticket = opened(write("help"))
    changed = edit(
        ticket, tess, subject="Toner", category="network", team="network", assignee=tom.id, impact=1, urgency=1
    )
    assert (changed.subject, changed.category, changed.team, changed.assignee_name) == (
        "Toner",
        "network",
        "network",
        "Tom",
    )
    assert (changed.priority, changed.revision) == (1, ticket.revision + 1)
    assert changes(database, ticket)[1:] == [
        ("subject", "help", "Toner", "Tess"),
        ("category", "printing", "network", "Tess"),
        ("team", "onsite", "network", "Tess"),
        ("assignee", None, "Tom", "Tess"),
        ("impact", "3", "1", "Tess"),
        ("urgency", "2", "1", "Tess"),
        ("priority", "4", "1", "Tess"),
    ]


def test_an_edit_of_what_has_changed_meanwhile_is_refused(
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    tess: Technician,
    tom: Technician,
) -> None:
    ticket = opened(write("help"))
    edit(ticket, tom, subject="Toner")
    with pytest.raises(Conflict) as refused:
        edit(ticket, tess, subject="Paper", revision=ticket.revision)
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
    database: Database,
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    tess: Technician,
    wanted: dict[str, object],
    error: type[Exception] | None,
) -> None:
    ticket = opened(write("help"))
    if error is None:
        edit(ticket, tess, state=State.OPEN)
        error = Conflict
    before = changes(database, ticket)
    with pytest.raises(error):
        edit(ticket, tess, **wanted)
    assert changes(database, ticket) == before


def test_only_leads_declare_a_major_incident(
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    tess: Technician,
    lea: Technician,
) -> None:
    ticket = opened(write("help"))
    with pytest.raises(NotAllowed):
        edit(ticket, tess, major=True)
    assert edit(ticket, lea, major=True).priority == MAJOR
    assert edit(ticket, tess, impact=1).priority == MAJOR
    with pytest.raises(NotAllowed):
        edit(ticket, tess, major=False)
    assert edit(ticket, lea, major=False).priority == 2


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


def test_a_customer_adds_to_a_ticket_once_and_it_is_our_turn_again(
    database: Database,
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    clock: Clock,
    tess: Technician,
) -> None:
    first, second = write("help"), write("me again", "alice-on-telegram", channel="telegram")
    ticket = edit(opened(first), tess, state=State.WAITING_FOR_CUSTOMER)
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
    database: Database,
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    clock: Clock,
    tess: Technician,
) -> None:
    conversation = write("help")
    ticket = opened(conversation)

    def reopen(cause: str) -> Ticket:
        with database.transaction() as tx:
            current = conversation_store.get(tx, conversation, lock=True)
            locked = store.get(tx, ticket.id, lock=True)
            return self_service.reopen(tx, locked, current, "Not solved", cause, clock())

    edit(ticket, tess, state=State.RESOLVED, resolution="New toner.")
    assert (reopen("m2").id, reopen("m2").state) == (ticket.id, State.OPEN)
    edit(ticket, tess, state=State.CLOSED)
    successor = reopen("m3")
    assert successor.id != ticket.id
    assert reopen("m3").id == successor.id
    with database.snapshot() as tx:
        assert conversation_store.get(tx, conversation).ticket == successor.id


def test_what_was_resolved_long_ago_is_closed_by_the_desk(
    database: Database,
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    clock: Clock,
    tess: Technician,
) -> None:
    old, young = opened(write("one")), opened(write("two", "bob"))
    edit(old, tess, state=State.RESOLVED, resolution="Done.")
    clock.tick(5 * DAY)
    edit(young, tess, state=State.RESOLVED, resolution="Done.")
    clock.tick(3 * DAY)
    with database.transaction() as tx:
        assert tickets.close_old(tx, clock()) == 1
    with database.snapshot() as tx:
        assert [store.get(tx, t.id).state for t in (old, young)] == [State.CLOSED, State.RESOLVED]
    assert changes(database, old)[-1] == ("state", "resolved", "closed", "desk")


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


def held(database: Database, ticket: Ticket) -> tuple[str, str | None]:
    """How its conversation stands, and who has it."""
    with database.snapshot() as tx:
        conversation = conversation_store.get(tx, cases.conversations_of(tx, ticket.id)[0])
        return conversation.state, conversation.technician_name


def test_whoever_is_assigned_a_ticket_has_its_conversation(
    database: Database, handed_over: Ticket, edit: Callable[..., Ticket], tess: Technician, tom: Technician
) -> None:
    assert held(database, handed_over) == ("queue", None)
    edit(handed_over, tess, assignee=tom.id)
    assert held(database, handed_over) == ("technician", "Tom")
    edit(handed_over, tess, assignee=tess.id)
    assert held(database, handed_over) == ("technician", "Tess")
    edit(handed_over, tess, subject="Something else")
    assert held(database, handed_over) == ("technician", "Tess")
    edit(handed_over, tess, unassign=True)
    assert held(database, handed_over) == ("queue", None)


def test_who_resolves_a_ticket_ends_its_conversation_and_who_opens_it_again_has_it(
    database: Database, handed_over: Ticket, edit: Callable[..., Ticket], tess: Technician
) -> None:
    edit(handed_over, tess, state=State.RESOLVED, resolution="New toner.")
    assert held(database, handed_over) == ("closed", None)
    edit(handed_over, tess, state=State.OPEN)
    assert held(database, handed_over) == ("technician", "Tess")


def test_a_ticket_is_not_finished_while_a_colleague_is_answering(
    database: Database, handed_over: Ticket, edit: Callable[..., Ticket], tess: Technician, tom: Technician
) -> None:
    edit(handed_over, tom, assignee=tom.id)
    with pytest.raises(Conflict) as refused:
        edit(handed_over, tess, state=State.RESOLVED, resolution="New toner.")
    assert refused.value.holder == "Tom"
    assert held(database, handed_over) == ("technician", "Tom")


def test_a_closed_conversation_is_taken_up_again_with_its_ticket(
    database: Database,
    handed_over: Ticket,
    edit: Callable[..., Ticket],
    clock: Clock,
    tess: Technician,
    tom: Technician,
) -> None:
    edit(handed_over, tess, state=State.RESOLVED, resolution="New toner.")
    with database.transaction() as tx:
        conversations.reopen(tx, 1, tom, clock())
    assert held(database, handed_over) == ("technician", "Tom")
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


def test_a_second_case_is_named_after_what_was_said_in_it(
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    clock: Clock,
    tess: Technician,
) -> None:
    conversation = write("It does not print at all, not even a test page, whatever I try")
    first = opened(conversation, Details(Reason.ASKED))
    clock.tick()
    edit(first, tess, state=State.CLOSED)
    clock.tick()
    write("The wifi is slow")
    assert opened(conversation, Details(Reason.ASKED), "m2").subject == "The wifi is slow"


def test_nobody_who_has_left_is_assigned_a_ticket(
    database: Database,
    write: Callable[..., int],
    opened: Callable[..., Ticket],
    edit: Callable[..., Ticket],
    tess: Technician,
    tom: Technician,
) -> None:
    ticket = opened(write("help"))
    with database.transaction() as tx:
        technician_store.change(tx, tom.id, active=False)
    with pytest.raises(Invalid) as refused:
        edit(ticket, tess, assignee=tom.id)
    assert refused.value.rule == "inactive"
