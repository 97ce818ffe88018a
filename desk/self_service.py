"""What customers do with their own tickets, by way of the assistant: add to them, close them and open them again."""

from __future__ import annotations

from datetime import datetime

from channels.contract import Author, Owner
from desk import ownership, tickets
from desk.model.conversation import Conversation, Reason
from desk.model.errors import Conflict, NotFound
from desk.model.ticket import CUSTOMER, Details, Link, State, Ticket
from desk.store import cases, conversations, links, locks, messages
from desk.store import tickets as store
from desk.store.database import Transaction
from desk.store.tickets import Column


def find(tx: Transaction, conversation: Conversation, number: str) -> Ticket:
    """The customer's ticket of that number.

    Raises:
        NotFound: there is none, or it is somebody else's: the same for both, since nobody learns which numbers exist.
    """
    found = store.id_of(number)
    ticket = store.some(tx, [found]).get(found) if found is not None else None
    if ticket is None or ticket.customer != conversation.customer:
        raise NotFound("ticket", number)
    return ticket


def standing(tx: Transaction, ticket: Ticket) -> Ticket:
    """The ticket that it has become part of, as long as that is the same customer's; itself when it was not merged."""
    whole = tickets.standing(tx, ticket)
    return whole if whole.customer == ticket.customer else ticket


def lock(tx: Transaction, conversation: int, number: str) -> tuple[Ticket, Conversation]:
    """What stands for the customer's ticket of that number, and the conversation they speak in; both locked.

    The ticket's other conversations are locked with it; nothing may be locked before.

    Raises:
        NotFound: there is no such conversation, or as in `find`.
    """
    named = find(tx, conversations.get(tx, conversation), number)
    locks.hold(tx, [named.id], [conversation])
    return standing(tx, named), conversations.get(tx, conversation)


def add(tx: Transaction, ticket: Ticket, conversation: Conversation, text: str, cause: str, now: datetime) -> bool:
    """The customer adds `text` to their ticket, from `conversation`. False when `cause` has added it already.

    A ticket that waited for the customer is open again then. `ticket` must be locked.

    Raises:
        Conflict: it is closed or merged.
        Invalid: there is no text, or too much of it.
    """
    text = tickets.checked(text, "text")
    cause_key = f"add:{conversation.id}:{cause}"
    if store.happened(tx, cause_key):
        return False
    if ticket.state in {State.CLOSED, State.MERGED}:
        raise Conflict("add", ticket.state.value, ticket.assignee_name)
    store.record(tx, ticket.id, CUSTOMER, "added", None, text, now, cause_key=cause_key)
    _tell_elsewhere(tx, ticket, conversation, text, now)
    if ticket.state is State.WAITING_FOR_CUSTOMER:
        tickets.move(tx, ticket, State.OPEN, CUSTOMER, now)
    store.touch(tx, ticket.id)
    return True


def close(tx: Transaction, ticket: Ticket, conversation: Conversation, text: str, cause: str, now: datetime) -> bool:
    """The customer says that it is solved, `text` are their words. False when `cause` has closed it already.

    Whoever waited in the queue for it waits no longer. `ticket` must be locked.

    Raises:
        Conflict: it was closed or merged already.
    """
    cause_key = f"close:{conversation.id}:{cause}"
    if store.happened(tx, cause_key):
        return False
    if ticket.state in {State.CLOSED, State.MERGED}:
        raise Conflict("close", ticket.state.value)
    changes: dict[Column, object] = {} if ticket.resolution or not text.strip() else {Column.RESOLUTION: text.strip()}
    tickets.move(tx, ticket, State.CLOSED, CUSTOMER, now, changes)
    store.record(tx, ticket.id, CUSTOMER, "closed_by_customer", None, text or None, now, cause_key=cause_key)
    _tell_elsewhere(tx, ticket, conversation, text, now)
    for where in cases.pointing_at(tx, ticket.id):
        waiting = conversations.get(tx, where)
        if waiting.owner is Owner.QUEUE and not waiting.closed:
            ownership.close(tx, waiting, now)
    return True


def reopen(tx: Transaction, ticket: Ticket, conversation: Conversation, text: str, cause: str, now: datetime) -> Ticket:
    """The customer says that it is not solved: the ticket is open again, or, closed for good, gets a successor.

    Returns the ticket that is open then. Safe to repeat. `ticket` and `conversation` must be locked.
    """
    cause_key = f"reopen:{conversation.id}:{cause}"
    made = store.caused_by(tx, cause_key)
    if made is not None or store.happened(tx, cause_key):
        return made or ticket
    if ticket.unfinished:
        add(tx, ticket, conversation, text or "…", cause, now)
        reopened = ticket
    elif ticket.state is State.RESOLVED:
        reopened = tickets.move(tx, ticket, State.OPEN, CUSTOMER, now)
        store.record(tx, ticket.id, CUSTOMER, "reopened", None, text or None, now, cause_key=cause_key)
        _tell_elsewhere(tx, ticket, conversation, text, now)
    else:
        details = Details(Reason.REOPENED, ticket.procedure, ticket.category, ticket.team, subject=ticket.subject)
        reopened = tickets.create(tx, conversation, details, cause_key, now, CUSTOMER)
        links.add(tx, reopened.id, ticket.id, Link.FOLLOWS, now)
    cases.attach(tx, reopened.id, conversation.id, conversation.last_seq, now)
    return store.get(tx, reopened.id)


def _tell_elsewhere(tx: Transaction, ticket: Ticket, conversation: Conversation, text: str, now: datetime) -> None:
    """What the customer says about a ticket in `conversation` is a note in its other ones, for technicians."""
    for where in cases.conversations_of(tx, ticket.id):
        if where != conversation.id and text:
            messages.append(tx, where, Author.CUSTOMER, text, now, internal=True)
