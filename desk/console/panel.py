"""What stands beside a conversation: the case as a ticket, and everything around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk import customers, incidents, tickets
from desk.console import directory
from desk.console.directory import Directory
from desk.conversations import View
from desk.model.clock import Clock, Span
from desk.model.conversation import Conversation
from desk.model.customer import Identity
from desk.model.ticket import LEGAL, Change, Linked, State, Ticket
from desk.store import clocks, conversations, links
from desk.store import customers as customers_store
from desk.store import tickets as store
from desk.store.database import Transaction
from desk.wording import Texts

_MOVES = (
    State.OPEN,
    State.WAITING_FOR_CUSTOMER,
    State.WAITING_FOR_THIRD_PARTY,
    State.RESOLVED,
    State.CLOSED,
)
"""In the order they are offered. Merging is no state to choose: it asks into which ticket."""


@dataclass(frozen=True, slots=True)
class Time:
    """Time on one clock: what has been, and since when it runs."""

    spent: timedelta
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Panel:
    """One ticket with what belongs to it. `ticket` is None where there is no case yet."""

    directory: Directory
    ticket: Ticket | None
    earlier: Sequence[Ticket]
    """The conversation's other tickets."""
    links: Sequence[Linked]
    affected: int
    """How many unfinished tickets it has caused."""
    parts: Sequence[Ticket]
    """Tickets that became part of this one."""
    history: Sequence[Change]
    clocks: Mapping[Clock, Time]
    tickets: Sequence[Ticket]
    """The customer's tickets from elsewhere."""
    conversations: Sequence[Conversation]
    """The customer's other conversations."""
    identities: Sequence[Identity]
    """The addresses the customer is known by."""
    email: str | None
    """Where the customer can be mailed, as far as anybody knows."""

    @property
    def moves(self) -> list[State]:
        """The states the ticket may go to, its own first."""
        if self.ticket is None:
            return []
        return [self.ticket.state, *(state for state in _MOVES if state in LEGAL[self.ticket.state])]


def read(tx: Transaction, texts: Texts, view: View, number: str | None = None) -> Panel:
    """The panel beside a conversation: of ticket `number`, else of the case it is about now, else of its newest.

    Raises:
        NotFound: there is no ticket `number`.
    """
    conversation, own = view.conversation, view.tickets
    ticket = store.by_number(tx, number) if number else _shown(conversation, own)
    elsewhere = [one for one in tickets.of_customer(tx, conversation.customer) if one not in own and one != ticket]
    others = [one for one in conversations.of_customer(tx, conversation.customer) if one.id != conversation.id]
    related = links.of(tx, ticket.id) if ticket else ()
    return Panel(
        directory=directory.read(tx, texts),
        ticket=ticket,
        earlier=[one for one in own if ticket is None or one.id != ticket.id],
        links=related,
        affected=len(incidents.caused(related)),
        parts=links.merged_into(tx, ticket.id) if ticket else (),
        history=store.history(tx, ticket.id) if ticket else (),
        clocks=_times(clocks.of_ticket(tx, ticket.id)) if ticket else {},
        tickets=elsewhere,
        conversations=others,
        identities=customers.identities(tx, conversation.customer),
        email=customers_store.email(tx, conversation.customer),
    )


def _shown(conversation: Conversation, own: Sequence[Ticket]) -> Ticket | None:
    return next((one for one in own if one.id == conversation.ticket), own[0] if own else None)


def _times(spans: Sequence[Span]) -> Mapping[Clock, Time]:
    """In a form that does not change while time passes: a page that is shown stays as it is."""

    def time(clock: Clock) -> Time:
        own = [span for span in spans if span.clock is clock]
        ended = (span.ended_at - span.started_at for span in own if span.ended_at is not None)
        return Time(sum(ended, timedelta()), next((span.started_at for span in own if span.ended_at is None), None))

    return {clock: time(clock) for clock in Clock}
