"""The queues of work (inbox: to be answered; outbox: to be delivered; webhooks; notices): states, leases, back-off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class WorkState(StrEnum):
    """Where a row of work stands."""

    PENDING = "pending"
    CLAIMED = "claimed"
    DONE = "done"
    """Inbox: handled. Outbox: the network, or the customer's client, has it."""
    FAILED = "failed"
    """Given up; a technician sees why."""
    UNKNOWN = "unknown"
    """Outbox only: it may have arrived. Not repeated blindly: a technician decides."""


OPEN = (WorkState.PENDING, WorkState.CLAIMED)


@dataclass(frozen=True, slots=True)
class Claim:
    """A row this worker may work on until `lease_until`; after that another worker may take it."""

    id: int
    lane: int
    """Within which rows are handled in order: the conversation, for inbox and outbox."""
    item: int
    """What the work is about: the message, for inbox and outbox."""
    attempts: int
    """How often it has been claimed, this time included."""
    lease_until: datetime
    worker: str
    available_since: datetime


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait before trying again, and when to give up.

    Doubles from `first` to `longest`. No randomness: rows of different conversations are spread by when they failed.
    """

    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(minutes=5)
    attempts: int = 8

    def after(self, attempts: int) -> timedelta | None:
        """The pause after `attempts` failed ones (from 1), or None when it is time to give up."""
        if attempts >= self.attempts:
            return None
        # The exponent is capped: doubling a timedelta without end overflows.
        pause: timedelta = min(self.first * 2 ** min(attempts - 1, 30), self.longest)
        return pause


STUMBLES = BackOff(first=timedelta(seconds=1), longest=timedelta(minutes=5), attempts=6)
"""For a row over which claims fail: half a minute until people are told."""


class Stumbled(Exception):
    """What was looked up for a claimed row could not be, so that the transaction, and the claim with it, is undone.

    Let others go first (`desk.store.work.pass_over`): this row is the next that would be claimed, again and again.
    Raised from what is wrong; `claim` is what it would have been.
    """

    def __init__(self, claim: Claim) -> None:
        super().__init__(f"row {claim.id} cannot be worked on")
        self.claim = claim
