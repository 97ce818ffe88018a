"""Whose time runs in a conversation: the four clocks that reports keep apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from channels.contract import Owner
from desk.model.conversation import Conversation


class Clock(StrEnum):
    """Whom a case is waiting for."""

    BOT = "bot"
    """The assistant guides the customer."""
    QUEUE = "queue"
    """Nobody has picked it up yet."""
    TECHNICIAN = "technician"
    """A technician has it and the customer waits for them."""
    CUSTOMER = "customer"
    """A technician has answered; it is the customer's turn."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time on one clock; `ended_at` is None while it runs."""

    clock: Clock
    started_at: datetime
    ended_at: datetime | None
    technician: int | None = None
    ticket: int | None = None

    def lasted(self, now: datetime) -> timedelta:
        """How long it took, or has been taking at `now`."""
        return (self.ended_at or now) - self.started_at


def running(conversation: Conversation) -> Clock | None:
    """The clock that runs while a conversation is as it is; None when it is closed."""
    if conversation.closed:
        return None
    match conversation.owner:
        case Owner.BOT:
            return Clock.BOT
        case Owner.QUEUE:
            return Clock.QUEUE
        case _:
            return Clock.CUSTOMER if conversation.waiting_since is None else Clock.TECHNICIAN


def totals(spans: list[Span], now: datetime) -> dict[Clock, timedelta]:
    """Time on each clock, all four of them."""
    return {clock: sum((s.lasted(now) for s in spans if s.clock is clock), timedelta()) for clock in Clock}
