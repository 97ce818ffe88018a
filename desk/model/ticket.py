"""A ticket: the promise that a person looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk.model.conversation import Reason
from desk.model.errors import Conflict

PREFIX = "FL-"


class State(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"


LEGAL: dict[State, frozenset[State]] = {
    State.NEW: frozenset({State.OPEN, State.RESOLVED, State.CLOSED}),
    State.OPEN: frozenset({State.RESOLVED, State.CLOSED}),
    State.RESOLVED: frozenset({State.OPEN, State.CLOSED}),
    State.CLOSED: frozenset(),
}
"""Which state may follow which."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket. `number` is what people say: ``FL-1042``."""

    id: int
    number: str
    conversation: int
    customer: int
    subject: str
    state: State
    reason: Reason
    procedure: str | None
    category: str | None
    team: str | None
    impact: int | None
    urgency: int | None
    note: str | None
    """What a technician needs to know, as the procedure says it."""
    facts: dict[str, str]
    resolution: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Details:
    """What is known when a ticket is opened."""

    reason: Reason
    procedure: str | None = None
    category: str | None = None
    team: str | None = None
    impact: int | None = None
    urgency: int | None = None
    note: str | None = None
    facts: tuple[tuple[str, str], ...] = ()


def require(ticket: Ticket, state: State) -> None:
    """Raises `Conflict` when the ticket may not become `state` now."""
    if state is not ticket.state and state not in LEGAL[ticket.state]:
        raise Conflict(state.value, ticket.state.value)
