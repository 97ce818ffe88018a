"""A conversation, who owns it, and how ownership may move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from channels.contract import Attachment, Author, Button, Choice, Command, Language, Owner
from desk.model.errors import Conflict


class Reason(StrEnum):
    """Why a conversation went to the queue."""

    ASKED = "asked"
    """The customer asked for a person."""
    ESCALATED = "escalated"
    """A procedure ended without a solution."""
    NOT_UNDERSTOOD = "not_understood"
    SECURITY = "security"
    ENGINE_DOWN = "engine_down"
    """The assistant could not be reached."""
    ENGINE_LATE = "engine_late"
    """The assistant took longer than it may."""
    ENGINE_FAILED = "engine_failed"
    """The assistant answered with an error, or with nothing."""
    TAKEN = "taken"
    """A technician stepped in by themselves."""
    RELEASED = "released"
    """A technician put it back into the queue."""
    TRANSFERRED = "transferred"
    """A technician passed it on to a team."""
    REOPENED = "reopened"
    """The customer says that it is not solved."""
    FILED = "filed"
    """A technician or another program opened the ticket."""
    UNKNOWN_SENDER = "unknown_sender"
    """Somebody who does not take part in a conversation wrote in reply to it."""
    UNREADABLE = "unreadable"
    """A mail could not be read, or its sender has no address."""
    MAIL_LOOP = "mail_loop"
    """So many mails were answered automatically that machines may be writing to each other."""


@dataclass(frozen=True, slots=True)
class Route:
    """A way to a customer: their address on a channel, and which of their threads there."""

    channel: str
    address: str
    thread: str = ""


class Move(StrEnum):
    """What may happen to the ownership of a conversation."""

    HAND_OVER = "hand over"
    TAKE = "take over"
    TRANSFER = "transfer"
    RELEASE = "release"
    GIVE_BACK = "give back"
    CLOSE = "close"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One customer's conversation.

    `channel`, `address` and `thread` are where answers go: where its customer wrote last.
    `revision` changes with every change of owner: it is what compare-and-set compares. `episode` counts the
    assistant's sessions in it, from 1: a new one begins after a case ended or a technician gave the conversation back.
    """

    id: int
    customer: int
    channel: str
    address: str
    thread: str
    owner: Owner
    technician: int | None
    technician_name: str | None
    closed: bool
    episode: int
    revision: int
    last_seq: int
    last_public_seq: int
    """The newest message the customer may see."""
    language: Language | None
    reason: Reason | None
    """Why it is, or was last, with people."""
    waiting_since: datetime | None
    """Since when a customer waits for a technician (in the queue, or for a reply)."""
    created_at: datetime
    updated_at: datetime
    customer_name: str | None = None
    summary: str | None = None
    """What the assistant is told when it gets the conversation back."""
    ticket: int | None = None
    """The id of the ticket it is about now."""
    origin: Route | None = None
    """Where it began; None: where it is answered."""

    @property
    def engine_id(self) -> str:
        """How the assistant's engine calls this conversation: a new episode is a fresh memory."""
        return f"{self.id}.{self.episode}"

    @property
    def route(self) -> Route:
        """Where answers go."""
        return Route(self.channel, self.address, self.thread)

    @property
    def reachable(self) -> bool:
        """Whether a reply has a way to the customer; a case that was filed by hand has none."""
        return bool(self.address)

    @property
    def state(self) -> str:
        """One word for people: ``closed``, or whose it is."""
        return "closed" if self.closed else self.owner.value


LEGAL: dict[Move, frozenset[str]] = {
    Move.HAND_OVER: frozenset({Owner.BOT}),
    Move.TAKE: frozenset({Owner.BOT, Owner.QUEUE}),
    Move.TRANSFER: frozenset({Owner.QUEUE, Owner.TECHNICIAN}),
    Move.RELEASE: frozenset({Owner.TECHNICIAN}),
    Move.GIVE_BACK: frozenset({Owner.TECHNICIAN, Owner.QUEUE}),
    Move.CLOSE: frozenset({Owner.BOT, Owner.QUEUE, Owner.TECHNICIAN}),
    Move.REOPEN: frozenset({"closed"}),
}
"""From which states each move may start: one table, which the documentation's diagram is checked against."""


def require(conversation: Conversation, move: Move) -> None:
    """Raises `Conflict` when `move` is not legal now."""
    if conversation.state not in LEGAL[move]:
        raise Conflict(move.value, conversation.state, conversation.technician_name)


@dataclass(frozen=True, slots=True)
class Message:
    """One stored message. `seq` counts from 1 within its conversation."""

    id: int
    conversation: int
    seq: int
    author: Author
    technician: int | None
    name: str | None
    text: str
    internal: bool
    """For technicians only."""
    buttons: tuple[Button, ...]
    choice: Choice | None
    language: Language | None
    external_id: str | None
    created_at: datetime
    delivery: str | None = None
    """State of its outbox row, for messages to the customer."""
    delivery_error: str | None = None
    progress: int = 0
    """How many parts of it have arrived, while its delivery is interrupted; see `Outgoing.progress`."""
    attachments: tuple[Attachment, ...] = ()
    command: Command | None = None
    """What the customer told the desk itself to do."""
    edited_at: datetime | None = None
    """When its sender last changed it, or took it back."""
    deleted: bool = False
    """Its sender took it back; earlier versions are kept."""
    came_by: Route | None = None
    """Where a customer sent it from; None: where its conversation began."""
    to: Route | None = None
    """Where it goes, of a message to the customer; None: where its conversation is answered."""

    @property
    def gist(self) -> str:
        """The message in a line of a list: its text, or the names of its files when it has none."""
        return self.text or ", ".join(attachment.name for attachment in self.attachments)
