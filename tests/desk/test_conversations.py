"""What technicians do: each move is atomic, and every illegal one is refused with what is true now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from channels.contract import Author, Owner
from desk import conversations, tickets
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.technician import Role, Technician
from desk.model.ticket import State
from desk.store import messages
from desk.store.database import Database
from tests.desk.conftest import Clock


def view(database: Database, conversation: int) -> conversations.View:
    with database.snapshot() as tx:
        return conversations.view(tx, conversation)


def test_of_two_technicians_who_take_at_once_exactly_one_wins_and_the_other_is_told_who(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician, tom: Technician
) -> None:
    conversation = write("help")
    start = threading.Barrier(2)

    def take(technician: Technician) -> str | None:
        start.wait()
        try:
            with database.transaction() as tx:
                conversations.take(tx, conversation, technician, clock())
        except Conflict as conflict:
            return conflict.holder
        return None

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(take, (tess, tom)))
    holder = view(database, conversation).conversation.technician_name
    assert sorted(told, key=str) == sorted([holder, None], key=str)
    assert [m.author for m in view(database, conversation).messages].count(Author.DESK) == 1


def test_taking_what_one_has_changes_nothing(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("help")
    for _ in range(2):
        with database.transaction() as tx:
            conversations.take(tx, conversation, tess, clock())
    assert len(view(database, conversation).messages) == 2


def test_any_reply_takes_over_and_there_is_a_ticket_from_then_on(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("help")
    with database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "Tess here.", clock())
    seen = view(database, conversation)
    assert (seen.conversation.owner, seen.conversation.technician_name) == (Owner.TECHNICIAN, "Tess")
    assert [t.state for t in seen.tickets] == [State.WAITING_FOR_CUSTOMER]
    assert [(m.author, m.name) for m in seen.messages[-1:]] == [(Author.TECHNICIAN, "Tess")]
    assert seen.conversation.waiting_since is None


def test_a_reply_to_anothers_conversation_is_refused_and_nothing_is_stored(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician, tom: Technician
) -> None:
    conversation = write("help")
    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock())
    before = view(database, conversation)
    with pytest.raises(Conflict) as refused, database.transaction() as tx:
        conversations.reply(tx, conversation, tom, "Me too!", clock())
    assert refused.value.holder == "Tess"
    assert view(database, conversation) == before


def test_a_note_is_seen_by_technicians_only(
    database: Database, clock: Clock, write: Callable[..., int], tom: Technician
) -> None:
    conversation = write("help")
    with database.transaction() as tx:
        conversations.note(tx, conversation, tom, "Third time this week", clock())
    note = view(database, conversation).messages[-1]
    assert (note.internal, note.delivery) == (True, None)
    with database.snapshot() as tx:
        assert [m.text for m in messages.after(tx, conversation)] == ["help"]


def test_given_back_the_assistant_starts_afresh_and_is_told_what_was_said(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("help")
    with database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "I reset your account.", clock())
        conversations.give_back(tx, conversation, tess, clock())
    given = view(database, conversation).conversation
    assert (given.owner, given.episode, given.summary) == (Owner.BOT, 2, "Tess: I reset your account.")


def test_released_it_waits_in_the_queue_again(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician, tom: Technician
) -> None:
    conversation = write("help")
    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock())
        conversations.release(tx, conversation, tess, clock())
    with database.snapshot() as tx:
        assert [c.conversation.id for c in conversations.lists(tx, tom).waiting] == [conversation]


def test_the_queue_begins_with_what_matters_most_and_a_major_incident_is_in_everybodys(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    waiting = {}
    for who, wanted in (
        ("longest", tickets.Edit(team="onsite")),
        ("urgent", tickets.Edit(team="network", impact=1, urgency=1)),
        ("latest", tickets.Edit(team="onsite")),
        ("major", tickets.Edit(team="security", major=True)),
    ):
        waiting[who] = write("help", who)
        lead = replace(tess, role=Role.LEAD)
        with database.transaction() as tx:
            conversations.take(tx, waiting[who], tess, clock.tick())
            number = conversations.view(tx, waiting[who]).tickets[0].number
            conversations.release(tx, waiting[who], tess, clock())
            tickets.edit(tx, number, wanted, lead, None, clock())

    def queue(teams: set[str] | None) -> list[int]:
        with database.snapshot() as tx:
            return [listed.conversation.id for listed in conversations.lists(tx, tess, teams).waiting]

    assert queue(None) == [waiting[who] for who in ("major", "urgent", "longest", "latest")]
    assert queue({"onsite"}) == [waiting[who] for who in ("major", "longest", "latest")]
    assert queue({"network"}) == [waiting[who] for who in ("major", "urgent")]


def test_closing_needs_a_resolution_and_resolves_the_ticket_with_it(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("help")
    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock())
    with pytest.raises(Invalid) as refused, database.transaction() as tx:
        conversations.resolve(tx, conversation, tess, "  ", clock())
    assert (refused.value.field, refused.value.rule) == ("resolution", "empty")
    with database.transaction() as tx:
        conversations.resolve(tx, conversation, tess, "New cable.", clock())
    seen = view(database, conversation)
    assert seen.conversation.closed
    assert [(t.state, t.resolution) for t in seen.tickets] == [(State.RESOLVED, "New cable.")]


@pytest.mark.parametrize("move", [conversations.take, conversations.release, conversations.give_back])
def test_a_closed_conversation_allows_no_move(
    database: Database,
    clock: Clock,
    write: Callable[..., int],
    tess: Technician,
    move: Callable[..., None],
) -> None:
    conversation = write("help")
    with database.transaction() as tx:
        conversations.resolve(tx, conversation, tess, "Done.", clock())
    with pytest.raises(Conflict) as refused, database.transaction() as tx:
        move(tx, conversation, tess, clock())
    assert refused.value.state == "closed"


def test_an_unknown_conversation_is_named(database: Database, clock: Clock, tess: Technician) -> None:
    with pytest.raises(NotFound, match="conversation 404"), database.transaction() as tx:
        conversations.take(tx, 404, tess, clock())


@pytest.mark.parametrize(("text", "rule"), [("", "empty"), ("x" * 8001, "too_long"), ("a\x00b", "binary")])
def test_a_reply_that_cannot_be_sent_is_refused(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician, text: str, rule: str
) -> None:
    conversation = write("help")
    with pytest.raises(Invalid) as refused, database.transaction() as tx:
        conversations.reply(tx, conversation, tess, text, clock())
    assert refused.value.rule == rule
