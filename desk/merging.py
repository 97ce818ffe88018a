"""Tickets that are about the same: making one of several, taking that back, relating them, and dividing one."""

from __future__ import annotations

from datetime import datetime

from desk import tickets as use
from desk.model.conversation import Reason
from desk.model.errors import Conflict, Invalid
from desk.model.technician import Technician
from desk.model.ticket import Details, Link, State, Ticket
from desk.store import conversations, messages, tickets
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
    first, second = tickets.by_number(tx, number), _end_of_chain(tx, into)
    if first.id == second.id:
        raise Invalid("into", "cycle")
    # Always in the same order, so that two merges cannot wait for each other.
    locked = {ticket: tickets.get(tx, ticket, lock=True) for ticket in sorted((first.id, second.id))}
    source, target = locked[first.id], locked[second.id]
    if source.state is State.MERGED:
        raise Conflict("merge", source.state.value, source.merged_into)
    if target.state in {State.CLOSED, State.MERGED}:
        raise Conflict("merge", target.state.value)
    begins, pointing = tickets.begins(tx, source.id), set(tickets.pointing_at(tx, source.id))
    who = use.acting(technician)
    tickets.change(
        tx,
        source,
        {Column.STATE: State.MERGED, Column.MERGED_INTO: target.id},
        who,
        now,
        merged_from_state=source.state.value,
    )
    present = set(tickets.conversations_of(tx, target.id))
    for conversation, from_seq in begins.items():
        if conversation not in present:
            tickets.attach(tx, target.id, conversation, from_seq, now, via=source.id)
    for conversation in pointing:
        tickets.point(tx, conversation, target.id)
    tickets.record(tx, target.id, who, "merged", None, source.number, now)
    tickets.touch(tx, target.id)
    return tickets.get(tx, target.id)


def _end_of_chain(tx: Transaction, number: str) -> Ticket:
    ticket = tickets.by_number(tx, number)
    while ticket.merged_into is not None:
        ticket = tickets.by_number(tx, ticket.merged_into)
    return ticket


def unmerge(tx: Transaction, number: str, technician: Technician, now: datetime) -> Ticket:
    """Take a merge back: ticket `number` is what it was before, with the conversations it brought along.

    Raises:
        Conflict: it is not merged.
        NotFound: there is no such ticket.
    """
    source = tickets.by_number(tx, number, lock=True)
    if source.merged_into is None:
        raise Conflict("unmerge", source.state.value)
    target = tickets.by_number(tx, source.merged_into, lock=True)
    who, state = use.acting(technician), tickets.merged_from_state(tx, source.id)
    restored = tickets.change(
        tx, source, {Column.STATE: state, Column.MERGED_INTO: None}, who, now, merged_from_state=None
    )
    own, before = set(tickets.conversations_of(tx, source.id)), source
    # Along a chain the conversations went on to where it ended.
    for place in _chain(tx, target):
        for conversation in own & set(tickets.pointing_at(tx, place.id)):
            tickets.point(tx, conversation, restored.id)
        own &= set(tickets.brought_by(tx, place.id, before.id))
        for conversation in own:
            tickets.detach(tx, place.id, conversation, to=restored.id)
        before = place
    tickets.record(tx, target.id, who, "unmerged", source.number, None, now)
    tickets.touch(tx, target.id)
    return restored


def _chain(tx: Transaction, ticket: Ticket) -> list[Ticket]:
    found = [ticket]
    while found[-1].merged_into is not None:
        found.append(tickets.by_number(tx, found[-1].merged_into))
    return found


def link(tx: Transaction, number: str, other: str, kind: Link, technician: Technician, now: datetime) -> None:
    """Relate two tickets; relating them again changes nothing.

    Raises:
        Invalid: it is the same ticket.
        NotFound: there is no such ticket.
    """
    one, two = tickets.by_number(tx, number), tickets.by_number(tx, other)
    if one.id == two.id:
        raise Invalid("other", "same")
    if tickets.link(tx, one.id, two.id, kind, now):
        _tell_both(tx, one, two, kind, technician, now, linked=True)


def unlink(tx: Transaction, number: str, other: str, kind: Link, technician: Technician, now: datetime) -> None:
    """Take a relation back; one that is not there is none.

    Raises:
        NotFound: there is no such ticket.
    """
    one, two = tickets.by_number(tx, number), tickets.by_number(tx, other)
    if tickets.unlink(tx, one.id, two.id, kind):
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
    ticket = tickets.by_number(tx, number, lock=True)
    if ticket.state is State.MERGED:
        raise Conflict("split", ticket.state.value, ticket.merged_into)
    subject = use.checked(subject, "subject", use.MAX_SUBJECT)
    current = conversations.get(tx, conversation, lock=True)
    if conversation not in tickets.conversations_of(tx, ticket.id):
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
    tickets.link(tx, made.id, ticket.id, Link.SPLIT_FROM, now)
    tickets.record(tx, ticket.id, who, "split", None, made.number, now)
    tickets.touch(tx, ticket.id)
    return made
