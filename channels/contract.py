"""What a channel is: the words every pipe shares with the desk.

A channel turns what its network sends into `Incoming` and what the desk says into calls of its network. Converting
(`parse`, `render`) is pure; a channel's ``channel.py`` does the I/O. The desk is seen through two small protocols:
`Desk`, which every channel calls to hand in what arrived, and `Log`, which channels whose clients fetch their own
messages (the web chat) read from.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from channels.letter import Letter, OutgoingLetter

Language = str
"""A two-letter ISO 639-1 code; the product speaks ``en`` and ``nl``."""

JSONObject = dict[str, object]
"""A decoded JSON object, as networks send and take them."""


class Author(StrEnum):
    """Who said it."""

    CUSTOMER = "customer"
    BOT = "bot"
    TECHNICIAN = "technician"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Button:
    """A choice the customer may press.

    `payload` is opaque to channels: it comes back unchanged as `Choice.payload` when the button is pressed.
    """

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A pressed button. Kept apart from free text, so that typed text can never pose as a button."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button, on networks that have no room for its payload: which message it stood under, and where."""

    conversation: int
    """`Outgoing.conversation` of the message."""
    seq: int
    """`Outgoing.seq` of the message."""
    index: int
    """Of `Outgoing.buttons`, from 0."""


class Order(StrEnum):
    """What a customer may tell the desk itself, wherever the network has commands. The desk answers it, in order."""

    HELP = "help"
    STATUS = "status"
    """How my tickets are."""
    TICKET = "ticket"
    """How this ticket of mine is; the argument is its number."""
    PERSON = "person"
    """I want to talk to a person; the argument is why, if it is said."""
    LANGUAGE = "language"
    """Speak this language (the argument, a code) from now on; none: tell me which there are."""
    STOP = "stop"
    """End this conversation."""
    LINK = "link"
    """With a code as its argument: I am who was given it. Without: give me one."""
    UNLINK = "unlink"
    """I am not the one I linked myself to: undo it."""


@dataclass(frozen=True, slots=True)
class Command:
    """An order with its argument."""

    order: Order
    argument: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file with its content, as it arrived or is to be sent."""

    name: str
    type: str
    """A media type. Of what arrives it is the sender's claim; the desk decides by the content."""
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored file that goes, or is to go, with a message. Its content is asked for by `id`."""

    id: int
    name: str
    """Made safe: no path, no control characters, no tricks with the direction of writing."""
    type: str
    """A media type, as the desk found by looking at the content."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message from a customer, before it is stored.

    Raises `Rejected` when it cannot be a message at all, so that no channel has to check for itself.
    """

    channel: str
    """The channel's kind, such as ``web``."""
    address: str
    """What the network calls this customer: an identity, such as a mail address or a chat id."""
    external_id: str
    """The network's id of this message: the same id twice is the same message."""
    text: str
    received_at: datetime
    thread: str = ""
    """Which of this customer's conversations; empty on networks where a customer has one only."""
    choice: Choice | None = None
    language: Language | None = None
    """What the network says the customer speaks, if it says so; a hint only."""
    name: str | None = None
    """The display name the network gives; never used to tell who somebody is."""
    attachments: tuple[File, ...] = ()
    """Files that came with it. With files, a message needs no text."""
    uploads: tuple[int, ...] = ()
    """Ids of files that were handed in before with `Log.upload`, for channels whose clients do so."""
    press: Press | None = None
    """Instead of `choice`. A button that the customer was never shown is UNKNOWN_BUTTON."""
    command: Command | None = None
    """`text` is how the customer wrote it."""
    letter: Letter | None = None
    """It came by mail: `text` is what is new in it, and may be empty."""

    def __post_init__(self) -> None:
        if self.received_at.tzinfo is None:
            raise ValueError("received_at needs a time zone")
        if not self.text.strip() and not (self.choice or self.press or self.files or self.letter):
            raise Rejected(RejectReason.EMPTY)
        if self.files > (MAX_FILES if self.letter is None else MAX_LETTER_FILES):
            raise Rejected(RejectReason.TOO_MANY_FILES)
        for text in (self.text, *((self.choice.title, self.choice.payload) if self.choice else ())):
            if not _storable(text):
                raise Rejected(RejectReason.BINARY)
        if len(self.text) > MAX_TEXT:
            raise Rejected(RejectReason.TOO_LONG)

    @property
    def files(self) -> int:
        """How many files come with it, whichever way."""
        return len(self.attachments) + len(self.uploads)


def _storable(text: str) -> bool:
    """JSON can spell NUL characters and half surrogate pairs, and databases refuse both."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


MAX_TEXT = 8_000
"""Characters in one message, after decoding."""
MAX_FILES = 10
"""Files that may come with one message."""
MAX_LETTER_FILES = 100
"""Files that may come with one mail: its sender cannot be asked to send it again in parts."""


class RejectReason(StrEnum):
    """Why something that arrived is not a message. The channel words it for its customer."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    BINARY = "binary"
    MALFORMED = "malformed"
    UNKNOWN_TOKEN = "unknown_token"
    TOO_FAST = "too_fast"
    FILE_TOO_LARGE = "file_too_large"
    TOO_MANY_FILES = "too_many_files"
    UNKNOWN_FILE = "unknown_file"
    """A file it refers to was never uploaded by this sender, has been sent already, or was kept too long."""
    UNKNOWN_BUTTON = "unknown_button"
    """There is no such button, or it was never shown to this sender."""


class Rejected(Exception):
    """What arrived is not acceptable. Tell the sender `reason` in the sender's language; do not try again."""

    def __init__(self, reason: RejectReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Edit:
    """The sender changed, or took back, a message they had sent."""

    channel: str
    address: str
    external_id: str
    """Of the message, as `Incoming.external_id` had it."""
    edited_at: datetime
    text: str | None
    """How it reads now; None: it was deleted."""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message for a customer, as stored."""

    conversation: int
    seq: int
    """Position in the conversation, ascending. Numbers may be missing: technicians' internal notes have them."""
    channel: str
    address: str
    author: Author
    text: str
    sent_at: datetime
    language: Language
    thread: str = ""
    buttons: tuple[Button, ...] = ()
    name: str | None = None
    """The technician's display name, when a technician wrote it."""
    reply_to: str | None = None
    """The external id of the customer's message this answers."""
    external_id: str | None = None
    """For the customer's own messages in a log: the id the channel gave it."""
    attachments: tuple[Attachment, ...] = ()
    files: tuple[File, ...] = field(default=(), repr=False)
    """The same with their contents, for channels that push; clients that fetch ask for each when it is wanted."""
    letter: OutgoingLetter | None = None
    """What a mail needs, where `Capabilities.letters` says that messages are mails."""
    progress: int = 0
    """How many parts of it an earlier attempt has sent, on networks that take it in several; see `channels.parts`."""
    join_code: str | None = None
    """Lets its bearer go on with this conversation on another channel; see `Desk.join`. For networks with letters."""


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
    max_text: int = MAX_TEXT


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
