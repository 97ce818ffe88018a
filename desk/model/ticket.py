"""A ticket: the promise that a person looks at it. It may have several conversations, and a conversation several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from channels.contract import Author
from desk.model.conversation import Reason
from desk.model.errors import Conflict

PREFIX = "FL-"
FIRST = 1000
"""Added to the id, so that the first ticket is not called FL-1."""


class State(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    """Nobody has looked at it."""
    OPEN = "open"
    """It is our turn."""
    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    WAITING_FOR_THIRD_PARTY = "waiting_for_third_party"
    RESOLVED = "resolved"
    """Done as we see it; the customer may object, which opens it again."""
    CLOSED = "closed"
    """Done for good: what comes later is a new ticket, linked to this one."""
    MERGED = "merged"
    """It is part of another ticket."""


_BUSY = frozenset({State.OPEN, State.WAITING_FOR_CUSTOMER, State.WAITING_FOR_THIRD_PARTY})
_DONE = frozenset({State.RESOLVED, State.CLOSED})
UNFINISHED = _BUSY | {State.NEW}
"""States in which somebody still has to do something."""

LEGAL: dict[State, frozenset[State]] = {
    State.NEW: _BUSY | _DONE | {State.MERGED},
    State.OPEN: (_BUSY | _DONE | {State.MERGED}) - {State.OPEN},
    State.WAITING_FOR_CUSTOMER: (_BUSY | _DONE | {State.MERGED}) - {State.WAITING_FOR_CUSTOMER},
    State.WAITING_FOR_THIRD_PARTY: (_BUSY | _DONE | {State.MERGED}) - {State.WAITING_FOR_THIRD_PARTY},
    State.RESOLVED: frozenset({State.OPEN, State.CLOSED, State.MERGED}),
    State.CLOSED: frozenset({State.MERGED}),
    # Undoing a merge brings back what the ticket was before.
    State.MERGED: frozenset(set(State) - {State.MERGED}),
}
"""Which state may follow which: one table, which the documentation's diagram is drawn from."""


class Link(StrEnum):
    """How a ticket is related to another one. It is said from the first ticket's side."""

    DUPLICATE = "duplicate"
    RELATED = "related"
    CAUSED_BY = "caused_by"
    SPLIT_FROM = "split_from"
    FOLLOWS = "follows"
    """It is about what the other one, closed by then, had been about."""


HIGHEST, LOWEST = 1, 3
"""The ends of the scales of impact and urgency."""
MAJOR = 0
"""The priority of a major incident, above what the matrix gives."""

DEFAULT_PRIORITIES: Mapping[tuple[int, int], int] = {
    (impact, urgency): impact + urgency - 1 for impact in (1, 2, 3) for urgency in (1, 2, 3)
}
"""(impact, urgency) -> priority, 1 (critical) to 5 (planning), as ITIL shows it."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket. `number` is what people say: ``FL-1042``."""

    id: int
    number: str
    customer: int
    customer_name: str | None
    subject: str
    state: State
    reason: Reason
    channel: str
    """Where it came in."""
    procedure: str | None
    category: str | None
    team: str | None
    assignee: int | None
    assignee_name: str | None
    impact: int
    urgency: int
    priority: int
    """1 (first) to 5, from impact and urgency; `MAJOR` for a major incident."""
    note: str | None
    """What a technician needs to know, as the procedure says it."""
    facts: Mapping[str, str]
    cause: str | None
    resolution: str | None
    """What was done."""
    merged_into: str | None
    """The number of the ticket it is part of."""
    revision: int
    """Changes with every change: what compare-and-set compares."""
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None

    @property
    def unfinished(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in UNFINISHED

    def reopens(self, days: int, now: datetime) -> bool:
        """Whether the same problem, met again `now`, opens this ticket again (its team gives that `days`)."""
        since = self.resolved_at or self.updated_at
        return self.state is State.RESOLVED and now - since <= timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Details:
    """What is known when a ticket is opened. What is missing is taken from the category, else from the defaults."""

    reason: Reason
    procedure: str | None = None
    category: str | None = None
    team: str | None = None
    impact: int | None = None
    urgency: int | None = None
    note: str | None = None
    facts: tuple[tuple[str, str], ...] = ()
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """Who did something: a technician, the assistant, the customer, or the desk by itself."""

    author: Author
    technician: int | None = None
    name: str | None = None


BOT, CUSTOMER, DESK = Who(Author.BOT), Who(Author.CUSTOMER), Who(Author.DESK)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a ticket's history: `field` went from `old` to `new`, as text; None is nothing."""

    at: datetime
    who: Who
    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Linked:
    """A related ticket; `incoming` when the relation is said from the other one's side."""

    kind: Link
    incoming: bool
    ticket: Ticket


def require(ticket: Ticket, state: State) -> None:
    """Raises `Conflict` when the ticket may not become `state` now."""
    if state is not ticket.state and state not in LEGAL[ticket.state]:
        raise Conflict(state.value, ticket.state.value)
