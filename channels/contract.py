"""What a channel is: the words every pipe shares with the desk.

A channel turns what its network sends into `Incoming` and what the desk says into calls of its network. Converting
(`parse`, `render`) is pure; a channel's ``channel.py`` does the I/O. The desk is seen through two small protocols:
`Desk`, which every channel calls to hand in what arrived, and `Log`, which channels whose clients fetch their own
messages (the web chat) read from.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from channels.message import (
    MAX_FILES,
    MAX_LETTER_FILES,
    MAX_TEXT,
    Attachment,
    Author,
    Button,
    Choice,
    Command,
    Edit,
    File,
    Incoming,
    JSONObject,
    Language,
    Order,
    Outgoing,
    Press,
    Rejected,
    RejectReason,
)

__all__ = [
    "MAX_FILES",
    "MAX_LETTER_FILES",
    "MAX_TEXT",
    "Accepted",
    "Assistant",
    "Attachment",
    "Author",
    "Button",
    "Capabilities",
    "Channel",
    "Choice",
    "Command",
    "DeliveryFailed",
    "Desk",
    "Edit",
    "Elsewhere",
    "File",
    "Incoming",
    "Inviting",
    "JSONObject",
    "Language",
    "Listener",
    "Log",
    "News",
    "Order",
    "Outgoing",
    "Owner",
    "Press",
    "Receipt",
    "RejectReason",
    "Rejected",
    "Sender",
    "Situation",
    "Typist",
    "Way",
    "Webhook",
]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network took the message."""

    external_id: str | None = None


class DeliveryFailed(Exception):
    """The network did not take the message.

    permanent: trying again is pointless (blocked, no such address): the technician is told.
    unreachable: the address itself takes no messages (blocked us, does not exist): it is marked as such.
    retry_after: seconds the network asks to wait; None leaves it to the back-off.
    unknown: it may have arrived (cut off before the answer): not repeated blindly, a person settles it.
    progress: how many of its parts have arrived for certain, for `Outgoing.progress` of the next attempt; None: no more
        than before.
    """

    def __init__(
        self,
        detail: str,
        *,
        permanent: bool = False,
        unreachable: bool = False,
        retry_after: float | None = None,
        unknown: bool = False,
        progress: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.permanent = permanent or unreachable
        self.unreachable = unreachable
        self.retry_after = retry_after
        self.unknown = unknown
        self.progress = progress


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a network can do, as data: the desk asks this, never the channel's name."""

    buttons: int = 0
    """How many buttons one message may carry; 0 means choices are written as numbered text."""
    fetches: bool = False
    """Clients fetch their messages from `Log` and acknowledge them; nothing is pushed by the deliver worker."""
    typing: bool = False
    """It can show that an answer is being prepared: it is a `Typist`."""
    letters: bool = False
    """Messages are mails: answers are hours apart, so one message says all there is to say; see `letter`."""
    files: int = 0
    """How many files one message may carry."""


class Owner(StrEnum):
    """Who answers in a conversation."""

    BOT = "bot"
    QUEUE = "queue"
    TECHNICIAN = "technician"


class Assistant(StrEnum):
    """How the assistant is, for customers who wait for it."""

    READY = "ready"
    WAKING = "waking"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message is committed; acknowledge it to the network now."""

    conversation: int
    seq: int
    duplicate: bool
    """It had been accepted before: acknowledge it all the same."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a customer's conversation stands, for channels that show it."""

    owner: Owner
    technician: str | None
    """Display name of the technician who owns it."""
    closed: bool
    assistant: Assistant
    typing: bool
    """Somebody (the bot or the technician) is preparing an answer."""
    last_seq: int
    """Number of the newest message the customer may see; 0 when there is none."""
    language: Language | None


@dataclass(frozen=True, slots=True)
class News:
    """What a customer's client does not know yet."""

    situation: Situation
    messages: tuple[Outgoing, ...]
    """What the customer may see above the number asked for, their own messages included, in order."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to go on with a conversation elsewhere: an address to open, or else words to send."""

    channel: str
    """The kind of the channel that it leads to."""
    link: str | None = None
    words: str | None = None
    """What to type there, exactly so, on networks where no address takes a code along."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How the customer goes on with a conversation on another channel, or another device, within the hour."""

    code: str
    """See `Desk.join`."""
    ways: tuple[Way, ...]


class Desk(Protocol):
    """What every channel may ask of the desk."""

    async def accept(self, incoming: Incoming) -> Accepted:
        """Store `incoming`. When this returns, it is committed.

        Raises:
            Rejected: tell the sender why.
        """
        ...

    async def edit(self, edit: Edit) -> None:
        """Keep a new version of a message; whoever answers it next reads that one. An unknown message is ignored."""
        ...

    async def join(self, channel: str, address: str, thread: str, code: str) -> Language | None:
        """From now on `address` goes on with the conversation that `code` is for, where it stands.

        Both are then known to be the same customer. Returns the conversation's language.

        Raises:
            Rejected: UNKNOWN_TOKEN, the code is not ours, or too old.
        """
        ...

    async def unreachable(self, channel: str, address: str, detail: str) -> None:
        """The network says that `address` takes no messages from us any more (`detail`: why). Whoever writes again is
        reachable again."""
        ...

    async def trouble(self, channel: str, detail: str) -> None:
        """Part of the channel does not work, such as a mailbox that does not let us in, while the rest goes on:
        administrators see why. Say it again as long as it is so; the next message that arrives ends it."""
        ...


class Log(Desk, Protocol):
    """For channels whose clients fetch: the conversation of one address, live."""

    async def news(self, channel: str, address: str, seq: int) -> News:
        """Where the conversation stands, and what the customer has not seen of it: everything above `seq`.

        An address that never wrote has nothing to see, and is the bot's.
        """
        ...

    async def acknowledge(self, channel: str, address: str, seq: int) -> None:
        """The client has shown everything up to `seq`: those messages are delivered."""
        ...

    def watch(self, channel: str, address: str) -> AsyncGenerator[None]:
        """Yields once it watches, whenever there may be something new, and at least every few seconds.

        A wake-up carries nothing: ask for the `news`. Several wake-ups may be merged into one.
        """
        ...

    async def upload(self, channel: str, address: str, file: File) -> Attachment:
        """Keep `file` until a message of the same address refers to it; what no message does is gone after a day.

        Raises:
            Rejected: FILE_TOO_LARGE.
        """
        ...

    async def file(self, channel: str, address: str, attachment: int) -> tuple[Attachment, bytes] | None:
        """One file with its content; None when it is not one that this customer may see."""
        ...

    async def elsewhere(self, channel: str, address: str) -> Elsewhere | None:
        """How this customer may go on with their conversation elsewhere; None while there is no conversation."""
        ...

    async def typing(self, channel: str, address: str) -> None:
        """The customer is typing; shown to the technician for a few seconds, never stored."""
        ...


@runtime_checkable
class Channel(Protocol):
    """A pipe to one network."""

    kind: str
    capabilities: Capabilities


@runtime_checkable
class Sender(Channel, Protocol):
    """A channel that pushes: called by the deliver worker, one message of a conversation at a time, in order."""

    async def send(self, message: Outgoing) -> Receipt:
        """Hand `message` to the network.

        Raises:
            DeliveryFailed: with whether, and when, to try again. Never retries by itself.
        """
        ...


@runtime_checkable
class Typist(Channel, Protocol):
    """A channel that can show that an answer is being prepared."""

    async def typing(self, address: str, thread: str) -> None:
        """Show it. Called every few seconds while it is so; a network that refuses is none of the caller's business.

        Raises:
            DeliveryFailed: it could not be shown.
        """
        ...


@runtime_checkable
class Inviting(Channel, Protocol):
    """A channel on which customers can go on with a conversation that they began on another one."""

    async def invitation(self, code: str) -> Way | None:
        """The way there that takes `code` along, for `Desk.join`; None when there is none just now. Does not raise."""
        ...


@runtime_checkable
class Listener(Channel, Protocol):
    """A channel that fetches from its network (polling, IMAP, a socket) instead of being called."""

    async def listen(self, desk: Desk) -> None:
        """Run until cancelled; acknowledge each event only after `Desk.accept` returned."""
        ...


@runtime_checkable
class Webhook(Channel, Protocol):
    """A channel that is called over HTTP."""

    def routes(self, desk: Log) -> object | None:
        """A Starlette-compatible ASGI router that the web app mounts at ``/channels/<kind>``; None: nobody calls."""
        ...
