"""What is said, in either direction: the values that pass between channels and the desk. Pure.

Channels and the desk import them from `channels.contract`, which says what becomes of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

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
