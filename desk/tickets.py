"""Tickets: opened once for what caused them, moved only as the table of states allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from channels.contract import Author
from desk.model.conversation import Conversation
from desk.model.ticket import Details, State, Ticket, require
from desk.store import messages, runs, tickets
from desk.store.database import Transaction

_SUBJECT_LENGTH = 120


def open_ticket(
    tx: Transaction, conversation: Conversation, details: Details, cause: str, now: datetime
) -> tuple[Ticket, bool]:
    """The ticket of `conversation`, opened now unless there is an unfinished one; and whether it is new.

    `cause` (the id of the message that led to it) makes a repeated call harmless, even when the ticket was finished in
    between. `conversation` must be locked.
    """
    cause_key = f"{conversation.id}:{cause}"
    present = tickets.caused_by(tx, cause_key) or tickets.unfinished(tx, conversation.id)
    if present is not None:
        return present, False
    subject = _subject(tx, conversation, details)
    return tickets.create(tx, conversation.id, conversation.customer, subject, details, cause_key, now), True


def _subject(tx: Transaction, conversation: Conversation, details: Details) -> str:
    """What the ticket is about: the procedure's title, else the customer's first words of this episode."""
    for run in reversed(runs.of_conversation(tx, conversation.id)):
        if run.procedure == details.procedure:
            return run.title
    said = [m.text for m in messages.after(tx, conversation.id) if m.author is Author.CUSTOMER and m.choice is None]
    words = " ".join(max(said[-5:], key=len, default="").split())
    if len(words) <= _SUBJECT_LENGTH:
        return words or "…"
    return words[:_SUBJECT_LENGTH].rsplit(" ", 1)[0] + " …"


def move(tx: Transaction, ticket: Ticket, state: State, now: datetime, *, resolution: str | None = None) -> None:
    """Move a ticket to `state`.

    Raises:
        Conflict: the move is not legal from where the ticket stands.
    """
    require(ticket, state)
    tickets.change(tx, ticket, state, now, resolution=resolution)


def of_customer(tx: Transaction, customer: int) -> Sequence[Ticket]:
    """A customer's tickets, the newest first."""
    return tickets.of_customer(tx, customer)
