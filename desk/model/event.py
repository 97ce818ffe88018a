"""What other programs are told: kinds of events, and how the things they are about look in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from channels.contract import Owner
from desk.model.clock import Clock, Span
from desk.model.conversation import Conversation, Message
from desk.model.customer import Customer
from desk.model.ticket import State, Ticket

Payload = dict[str, object]
"""Made of what JSON knows."""


class EventType(StrEnum):
    """What may happen. `docs/webhooks.md` shows the payload of each."""

    TICKET_CREATED = "ticket.created"
    TICKET_UPDATED = "ticket.updated"
    TICKET_MERGED = "ticket.merged"
    MESSAGE_CREATED = "message.created"
    CONVERSATION_HANDED_OVER = "conversation.handed_over"
    """It came into the queue: from the assistant, or from a technician who released or transferred it."""
    CONVERSATION_TAKEN = "conversation.taken"
    """A technician has it now."""
    CONVERSATION_GIVEN_BACK = "conversation.given_back"
    """It is the assistant's again."""
    CONVERSATION_CLOSED = "conversation.closed"
    CONVERSATION_REOPENED = "conversation.reopened"
    CUSTOMER_UPDATED = "customer.updated"
    PING = "ping"
    """Sent to one webhook when somebody tries it out."""


SUBSCRIBED = tuple(event_type for event_type in EventType if event_type is not EventType.PING)
"""What webhooks may ask to be told."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    id: int
    type: str
    payload: Mapping[str, object]
    created_at: datetime

    def body(self) -> bytes:
        """What is sent: the same bytes at every attempt, since they are signed."""
        told = {"id": self.id, "type": self.type, "created_at": moment(self.created_at), "data": self.payload}
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def moment(at: datetime | None) -> str | None:
    """A point in time as JSON has it: ISO 8601, in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _plain(value: object) -> object:
    match value:
        case datetime():
            return moment(value)
        case StrEnum():
            return value.value
        case Mapping():
            return dict(value)
        case _:
            return value


def _picked(thing: object, fields: Sequence[str]) -> Payload:
    return {field: _plain(getattr(thing, field)) for field in fields}


TICKET = (
    "number", "subject", "state", "reason", "channel", "customer", "customer_name", "procedure", "category", "team",
    "assignee", "assignee_name", "impact", "urgency", "priority", "note", "facts", "cause", "resolution", "merged_into",
    "revision", "created_at", "updated_at", "resolved_at",
)  # fmt: skip
"""What other programs see of a ticket."""

CONVERSATION = (
    "id", "channel", "customer", "customer_name", "owner", "technician", "technician_name", "closed", "language",
    "reason", "waiting_since", "last_seq", "created_at", "updated_at",
)  # fmt: skip
"""What other programs see of a conversation."""

CUSTOMER = ("id", "name", "email", "language", "created_at")
"""What other programs see of a customer."""


def about_ticket(ticket: Ticket) -> Payload:
    """``{"ticket": …}``."""
    return {"ticket": _picked(ticket, TICKET)}


def about_changes(ticket: Ticket, changes: Mapping[str, tuple[str | None, str | None]]) -> Payload:
    """``{"ticket": …, "changes": {field: {"old": …, "new": …}}}``."""
    return {
        **about_ticket(ticket),
        "changes": {field: {"old": old, "new": new} for field, (old, new) in changes.items()},
    }


def about_conversation(conversation: Conversation) -> Payload:
    """``{"conversation": …}``."""
    return {"conversation": _picked(conversation, CONVERSATION)}


def about_message(message: Message) -> Payload:
    """``{"conversation": id, "message": …}``."""
    fields = ("id", "seq", "author", "name", "text", "internal", "language", "created_at")
    return {"conversation": message.conversation, "message": _picked(message, fields)}


def about_customer(customer: Customer) -> Payload:
    """``{"customer": …}``."""
    return {"customer": _picked(customer, CUSTOMER)}


def ticket_event(before: Ticket, after: Ticket) -> EventType:
    """What a change of a ticket is called."""
    merged = after.state is State.MERGED and before.state is not State.MERGED
    return EventType.TICKET_MERGED if merged else EventType.TICKET_UPDATED


def conversation_event(before: Span | None, present: Conversation) -> EventType | None:
    """What it is called that `before` ended and a conversation is `present` now; None when it did not change hands."""
    if present.closed:
        return EventType.CONVERSATION_CLOSED
    if before is None and present.episode > 1:
        return EventType.CONVERSATION_REOPENED
    was = before.clock if before else Clock.BOT
    match present.owner:
        case Owner.QUEUE:
            return EventType.CONVERSATION_HANDED_OVER if was is not Clock.QUEUE else None
        case Owner.TECHNICIAN:
            had = before.technician if before else None
            return EventType.CONVERSATION_TAKEN if present.technician != had else None
        case _:
            return EventType.CONVERSATION_GIVEN_BACK if was is not Clock.BOT else None
