"""Keeping the four clocks: called whenever a conversation may have come to wait for somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from desk.model.clock import Clock, running, totals
from desk.model.event import about_conversation, conversation_event
from desk.store import clocks, conversations, events
from desk.store.database import Transaction


def follow(tx: Transaction, conversation: int, now: datetime) -> None:
    """Let the clock run that belongs to how the (locked) conversation is by now."""
    present = conversations.get(tx, conversation)
    wanted, span = running(present), clocks.current(tx, conversation)
    if span is not None:
        same = (span.clock, span.technician, span.ticket) == (wanted, present.technician, present.ticket)
        if same:
            return
        clocks.stop(tx, conversation, now)
    happened = conversation_event(span, present)
    if happened is not None:
        events.emit(tx, happened, lambda: about_conversation(present), now)
    if wanted is not None:
        clocks.start(tx, conversation, wanted, now, ticket=present.ticket, technician=present.technician)


def of_ticket(tx: Transaction, ticket: int, now: datetime) -> Mapping[Clock, timedelta]:
    """How long a ticket was on each of the four clocks, what runs included."""
    return totals(list(clocks.of_ticket(tx, ticket)), now)


def of_conversation(tx: Transaction, conversation: int, now: datetime) -> Mapping[Clock, timedelta]:
    """How long a conversation was on each of the four clocks, what runs included."""
    return totals(list(clocks.of_conversation(tx, conversation)), now)
