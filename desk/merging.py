"""Tickets that are about the same: making one of several, taking that back, relating them, and dividing one."""

from __future__ import annotations

from datetime import datetime

from desk import tickets as use
from desk.model.conversation import Reason
from desk.model.errors import Conflict, Invalid
from desk.model.technician import Technician
from desk.model.ticket import Details, Link, State, Ticket
from desk.store import cases, conversations, links, locks, merges, messages, tickets
from desk.store.database import Transaction
from desk.store.tickets import Column


def merge(tx: Transaction, number: str, into: str, technician: Technician, now: datetime) -> Ticket:
    """Make ticket `number` part of the ticket `into`; returns the one that is left.

    Its conversations go on in that ticket. When `into` is itself part of another, that one is meant.

    Raises:
        Conflict: it is part of another ticket already, or the other one is closed.
        Invalid: the other one is, or is part of, this ticket.
        NotFound: there is no such ticket.
    """
    first, second = tickets.by_number(tx, number), tickets.by_number(tx, into)
    locks.hold(tx, [first.id, second.id])
    source, target = tickets.get(tx, first.id), use.standing(tx, second)
    if source.id == target.id:
        raise Invalid("into", "cycle")
    if source.state is State.MERGED:
        raise Conflict("merge", source.state.value, source.merged_into)
    if target.state in {State.CLOSED, State.MERGED}:
        raise Conflict("merge", target.state.value)
    begins, pointing = cases.begins(tx, source.id), set(cases.pointing_at(tx, source.id))
    who = use.acting(technician)
    tickets.change(
        tx,
        source,
        {Column.STATE: State.MERGED, Column.MERGED_INTO: target.id},
        who,
        now,
        merged_from_state=source.state.value,
    )
    present = set(cases.conversations_of(tx, target.id))
    for conversation, from_seq in begins.items():
        if conversation not in present:
            cases.attach(tx, target.id, conversation, from_seq, now, via=source.id)
    for conversation in pointing:
        cases.point(tx, conversation, target.id)
    tickets.record(tx, target.id, who, "merged", None, source.number, now)
    tickets.touch(tx, target.id)
    return tickets.get(tx, target.id)


def unmerge(tx: Transaction, number: str, technician: Technician, now: datetime) -> Ticket:
    """Take a merge back: ticket `number` is what it was before, with the conversations it brought along.

    Raises:
        Conflict: it is not merged.
        NotFound: there is no such ticket.
    """
    source = use.lock(tx, number)
    if source.merged_into is None:
        raise Conflict("unmerge", source.state.value)
    # Along a chain the conversations went on to where it ended.
    places = merges.chain(tx, source.id)[1:]
    who, state = use.acting(technician), merges.state_before(tx, source.id)
    restored = tickets.change(
        tx, source, {Column.STATE: state, Column.MERGED_INTO: None}, who, now, merged_from_state=None
    )
    own, before = set(cases.conversations_of(tx, source.id)), source.id
    for place in places:
        for conversation in own & set(cases.pointing_at(tx, place)):
            cases.point(tx, conversation, restored.id)
        own &= set(cases.brought_by(tx, place, before))
        for conversation in own:
            cases.detach(tx, place, conversation, to=restored.id)
        before = place
    tickets.record(tx, places[0], who, "unmerged", source.number, None, now)
    tickets.touch(tx, places[0])
    return restored


def link(tx: Transaction, number: str, other: str, kind: Link, technician: Technician, now: datetime) -> None:
    """Relate two tickets; relating them again changes nothing.

    Raises:
        Invalid: it is the same ticket.
        NotFound: there is no such ticket.
    """
    one, two = tickets.by_number(tx, number), tickets.by_number(tx, other)
    if one.id == two.id:
        raise Invalid("other", "same")
    if links.add(tx, one.id, two.id, kind, now):
        _tell_both(tx, one, two, kind, technician, now, linked=True)


def unlink(tx: Transaction, number: str, other: str, kind: Link, technician: Technician, now: datetime) -> None:
    """Take a relation back; one that is not there is none.

    Raises:
        NotFound: there is no such ticket.
    """
    one, two = tickets.by_number(tx, number), tickets.by_number(tx, other)
    if links.remove(tx, one.id, two.id, kind):
        _tell_both(tx, one, two, kind, technician, now, linked=False)


def _tell_both(
    tx: Transaction, one: Ticket, two: Ticket, kind: Link, technician: Technician, now: datetime, *, linked: bool
) -> None:
    for ticket, other in ((one, two), (two, one)):
        said = f"{kind.value} {other.number}"
        old, new = (None, said) if linked else (said, None)
        tickets.record(tx, ticket.id, use.acting(technician), "link", old, new, now)
        tickets.touch(tx, ticket.id)


def split(
    tx: Transaction, number: str, conversation: int, from_seq: int, subject: str, technician: Technician, now: datetime
) -> Ticket:
    """A new ticket of what a conversation is about from message `from_seq` on; the conversation goes on in that one.

    Raises:
        Conflict: the ticket is merged.
        Invalid: the conversation is not this ticket's, the message does not exist, or the subject is not acceptable.
        NotFound: there is no such ticket or conversation.
    """
    ticket = use.lock(tx, number)
    if ticket.state is State.MERGED:
        raise Conflict("split", ticket.state.value, ticket.merged_into)
    subject = use.checked(subject, "subject", use.MAX_SUBJECT)
    current = conversations.get(tx, conversation)
    if conversation not in cases.conversations_of(tx, ticket.id):
        raise Invalid("conversation", "not_its_own")
    if not any(message.seq == from_seq for message in messages.after(tx, conversation, from_seq - 1)):
        raise Invalid("from_seq", "unknown")
    details = Details(
        Reason.FILED,
        category=ticket.category,
        team=ticket.team,
        impact=ticket.impact,
        urgency=ticket.urgency,
        subject=subject,
    )
    who, cause_key = use.acting(technician), f"split:{ticket.id}:{conversation}:{from_seq}"
    present = tickets.caused_by(tx, cause_key)
    if present is not None:
        return present
    made = use.create(tx, current, details, cause_key, now, who, from_seq=from_seq)
    links.add(tx, made.id, ticket.id, Link.SPLIT_FROM, now)
    tickets.record(tx, ticket.id, who, "split", None, made.number, now)
    tickets.touch(tx, ticket.id)
    return made
