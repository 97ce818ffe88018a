"""A problem that many have at once: the tickets it causes hear of it together, each on its own channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from channels.contract import Author
from desk import outbox
from desk import tickets as use
from desk.model.errors import Conflict
from desk.model.technician import Technician
from desk.model.ticket import Link, Linked, Ticket
from desk.store import cases, conversations, links, locks, tickets
from desk.store.database import Transaction


def affected(tx: Transaction, ticket: Ticket) -> Sequence[Ticket]:
    """The unfinished tickets that a ticket has caused, as their links say."""
    return caused(links.of(tx, ticket.id))


def caused(related: Sequence[Linked]) -> Sequence[Ticket]:
    """The same, of a ticket's links."""
    return [one.ticket for one in related if one.kind is Link.CAUSED_BY and one.incoming and one.ticket.unfinished]


def tell(tx: Transaction, number: str, technician: Technician, text: str, now: datetime) -> int:
    """Tell the customers of all affected tickets something; returns how many conversations that reached.

    Who has those conversations stays as it is: it is the desk that speaks, in the technician's words.

    Raises:
        Conflict: nobody is affected (``alone``).
        Invalid: the text is empty or too long.
        NotFound: there is no such ticket.
    """
    text = use.checked(text, "text")
    cause = tickets.by_number(tx, number)
    reached = 0
    locks.hold(tx, [ticket.id for ticket in affected(tx, cause)])
    for ticket in affected(tx, cause):
        for where in cases.pointing_at(tx, ticket.id):
            conversation = conversations.get(tx, where)
            if conversation.reachable and not conversation.closed:
                outbox.say(tx, conversation, Author.DESK, text, now)
                reached += 1
        tickets.record(tx, ticket.id, use.acting(technician), "told", None, text, now)
        tickets.touch(tx, ticket.id)
    if not reached:
        raise Conflict("tell", "alone")
    tickets.record(tx, cause.id, use.acting(technician), "told", None, text, now)
    tickets.touch(tx, cause.id)
    return reached
