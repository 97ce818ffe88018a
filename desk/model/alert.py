"""What technicians are told, again and again until one of them has seen it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from channels.contract import Owner


class Kind(StrEnum):
    """What an alert is about."""

    HANDOVER = "handover"
    """A conversation has come to the queue."""
    TRANSFER = "transfer"
    """A technician passed it on to a team."""
    WAITING = "waiting"
    """A customer waits for a technician who is not there."""
    UNDELIVERED = "undelivered"
    """Something that was said did not reach the customer."""


URGENT = 2
"""The lowest priority for which people are told out of hours, and also when they are at the desk."""
WAITS = timedelta(minutes=10)
"""So long a customer waits for a technician who is not there before others are told."""
_PAUSES = (timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=10))
_LONGEST = timedelta(minutes=15)


def pause(times: int) -> timedelta:
    """How long to wait before telling it again, when it has been told so many `times` (from 1)."""
    return _PAUSES[times - 1] if times <= len(_PAUSES) else _LONGEST


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert, with what a technician wants to know of the conversation as it is now."""

    id: int
    conversation: int
    kind: Kind
    team: str | None
    """Of the ticket, as it is now; None where no team is named for it."""
    times: int
    """How often it has been told."""
    created_at: datetime
    next_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: int | None
    acknowledged_name: str | None
    owner: Owner
    reason: str | None
    waiting_since: datetime | None
    customer: int
    customer_name: str | None
    language: str | None
    ticket: str | None
    """The ticket's number."""
    subject: str | None
    priority: int | None

    @property
    def urgent(self) -> bool:
        """Whether it cannot wait for the morning."""
        return self.priority is not None and self.priority <= URGENT
