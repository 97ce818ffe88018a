"""The words of tickets are found where they belong, whatever becomes of the ticket."""

from __future__ import annotations

import pytest

from channels.contract import Author
from desk import conversations, merging, self_service
from desk.model.technician import Technician
from desk.model.ticket import State
from desk.store import conversations as conversation_store
from desk.store import documents, messages
from desk.store import tickets as ticket_store
from desk.store.database import Database
from tests.desk.cases import Cases
from tests.desk.conftest import Clock


def test_words_are_found_wherever_they_stand(database: Database, cases: Cases, clock: Clock, tess: Technician) -> None:
    ticket = cases.begin(
        "alice", "no paper", subject="The tray is open", note="Look at the toner", facts=(("code", "0xBAD"),)
    )
    other = cases.begin("bob", "my mouse")
    with database.transaction() as tx:
        conversations.note(tx, 1, tess, "The fuser is worn", clock.tick())
        conversations.take(tx, 1, tess, clock.tick())
        conversations.resolve(tx, 1, tess, "Replaced the drum", clock.tick(), cause="A gremlin")
    for text in ("paper", "tray", "toner", "fuser", "gremlin", "drum", "0xBAD"):
        assert cases.find(text) == [ticket.number], text
    assert cases.find("mouse") == [other.number]


def test_an_edit_is_found_and_what_it_replaced_is_not(cases: Cases, tess: Technician) -> None:
    ticket = cases.begin("alice", subject="Mouse")
    cases.edit(ticket, tess, subject="Keyboard", resolution="Replaced")
    assert cases.find("mouse") == []
    assert cases.find("keyboard replaced") == [ticket.number]
    cases.edit(ticket, tess, resolution="")
    assert cases.find("replaced") == []
    assert cases.find("help") == [ticket.number]


def test_a_merged_ticket_is_found_in_the_one_it_became_part_of(
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    a, b = cases.begin("alice", "kettle", subject="Teapot"), cases.begin("bob", "saucer")
    with database.transaction() as tx:
        merging.merge(tx, a.number, b.number, tess, clock.tick())
    cases.write("spoon", "alice")
    for text in ("kettle", "teapot", "spoon", "saucer kettle"):
        assert cases.find(text) == [b.number]
    assert cases.find("kettle", states=(State.MERGED,)) == [a.number]
    with database.transaction() as tx:
        merging.unmerge(tx, a.number, tess, clock.tick())
    for text in ("kettle", "teapot", "spoon"):
        assert cases.find(text) == [a.number]
    assert cases.find("saucer") == [b.number]


def test_a_chain_of_merges_is_found_at_its_end(
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    a, b, c = cases.begin("alice", "kettle"), cases.begin("bob", "saucer"), cases.begin("carol", "spoon")
    with database.transaction() as tx:
        merging.merge(tx, a.number, b.number, tess, clock.tick())
        merging.merge(tx, b.number, c.number, tess, clock.tick())
    assert cases.find("kettle saucer spoon") == [c.number]
    cases.edit(a, tess, subject="Teapot")
    assert cases.find("teapot") == [c.number]
    with database.transaction() as tx:
        merging.unmerge(tx, b.number, tess, clock.tick())
    assert cases.find("kettle saucer teapot") == [b.number]
    assert cases.find("spoon") == [c.number]


def test_what_is_split_off_is_found_in_the_new_ticket_only(
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    ticket = cases.begin("alice", "kettle")
    cases.write("and my mouse", "alice")
    with database.transaction() as tx:
        made = merging.split(tx, ticket.number, 1, 2, "A creature", tess, clock.tick())
    cases.write("it squeaks", "alice")
    assert cases.find("kettle") == [ticket.number]
    for text in ("mouse", "creature", "squeaks"):
        assert cases.find(text) == [made.number]


def test_what_was_said_since_the_earlier_case_belongs_to_the_new_one(
    cases: Cases, clock: Clock, tess: Technician
) -> None:
    first = cases.begin("alice", "kettle")
    cases.edit(first, tess, state=State.CLOSED)
    clock.tick()
    second = cases.begin("alice", "mouse", cause="m2", subject="A creature")
    assert second.id != first.id
    assert (cases.find("kettle"), cases.find("mouse")) == ([first.number], [second.number])


def test_a_case_opened_again_takes_up_where_it_was(
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    first = cases.begin("alice", "kettle", procedure="a", subject="A kettle")
    cases.edit(first, tess, state=State.RESOLVED, resolution="done")
    clock.tick()
    second = cases.begin("alice", "mouse", cause="m2", procedure="b", subject="A creature")
    cases.edit(second, tess, state=State.RESOLVED, resolution="gone")
    clock.tick()
    cases.write("still squeaks", "alice")
    with database.transaction() as tx:
        current = conversation_store.get(tx, 1, lock=True)
        resolved = ticket_store.get(tx, first.id, lock=True)
        again = self_service.reopen(tx, resolved, current, "it does", "m3", clock.tick())
    assert again.state is State.OPEN
    cases.write("and whistles", "alice")
    cases.edit(first, tess, subject="Teapot")
    assert cases.find("squeaks") == cases.find("whistles") == cases.find("kettle teapot") == [first.number]
    cases.begin("alice", "spoon", cause="m4")
    assert cases.find("mouse") == [second.number]


def test_a_message_without_a_ticket_is_in_no_document_until_there_is_one(cases: Cases) -> None:
    cases.write("kettle", "alice")
    assert cases.find("kettle") == []
    ticket = cases.begin("alice", "spout")
    assert cases.find("kettle spout") == [ticket.number]


def test_a_very_long_ticket_is_still_written_to(
    database: Database, cases: Cases, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "_MAX_LEXEMES", 2_000)
    monkeypatch.setattr(documents, "_MAX_LETTERS", 30_000)
    ticket = cases.begin("alice", "kettle")
    for part in range(4):
        said = " ".join(f"{part}{number:05}{'ж' * 20}" for number in range(1_500))
        with database.transaction() as tx:
            messages.append(tx, 1, Author.CUSTOMER, said, clock.tick())
    with database.transaction() as tx:
        self_service.add(tx, ticket, conversation_store.get(tx, 1, lock=True), "spout", "m9", clock.tick())
        documents.rewrite(tx, ticket.id)
    assert cases.find("kettle") == [ticket.number]
    assert cases.find("000001") == [ticket.number]
