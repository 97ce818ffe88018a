"""Which tickets somebody wants to see, and what is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk.model.ticket import State, Ticket


class Assignee(StrEnum):
    """Whose tickets, when it is not a certain colleague's."""

    ME = "me"
    """Those of whoever looks: what a view for everybody can say."""
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which tickets: those that fulfil all of it; None and empty ask for nothing.

    Without `states`, merged tickets are left out: they are part of others.
    """

    text: str = ""
    states: tuple[State, ...] = ()
    team: str | None = None
    assignee: int | Assignee | None = None
    """A technician's id, or `Assignee`."""
    category: str | None = None
    priority: int | None = None
    channel: str | None = None
    customer: int | None = None
    created_after: datetime | None = None
    """From this moment on; `…_before` is until, and without, it."""
    created_before: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None


class Source(StrEnum):
    """Where in a ticket something was found."""

    MESSAGE = "message"
    INTERNAL = "internal"
    """A note of a technician, or what else only technicians see."""
    NOTE = "note"
    """What the procedure says a technician needs to know."""
    CAUSE = "cause"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text, and whether it is what was searched for."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A short piece of the text in which something was found. Plain text: whoever shows it escapes it."""

    source: Source
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket that was found; its `subject` in segments, and an excerpt of where else the words stand."""

    ticket: Ticket
    subject: tuple[Segment, ...]
    excerpt: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of what was found, the newest change first."""

    hits: Sequence[Hit]
    next: str | None
    """Give it as `before` for what follows; None when nothing does."""
    total: int
    """How many there are altogether, counted no further than this."""
    more: bool
    """There are more than `total`."""
    named: Ticket | None = None
    """The ticket whose number is the text that was searched for, whatever the other filters say."""

    @property
    def tickets(self) -> list[Ticket]:
        """The tickets of the hits."""
        return [hit.ticket for hit in self.hits]
