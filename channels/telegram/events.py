"""What an update of Telegram can mean to us. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from channels.contract import Command, Edit, File, Incoming, Language, RejectReason
from channels.inspection import Ignored, RemoteFile

KIND = "telegram"


@dataclass(frozen=True, slots=True)
class Said:
    """A message in a private chat."""

    address: str
    external_id: str
    text: str
    received_at: datetime
    language: Language | None = None
    name: str | None = None
    command: Command | None = None
    files: tuple[RemoteFile, ...] = ()

    def incoming(self, files: tuple[File, ...]) -> Incoming:
        """As the desk takes it, with what was fetched of its files.

        Raises:
            Rejected: it cannot be a message.
        """
        return Incoming(
            channel=KIND,
            address=self.address,
            external_id=self.external_id,
            text=self.text,
            received_at=self.received_at,
            language=self.language,
            name=self.name,
            attachments=files,
            command=self.command,
        )


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button under a message of ours was pressed."""

    query: str
    """By which the press is answered."""
    message: int
    """The message it stands under; in Telegram's numbers, as are all messages here."""
    incoming: Incoming
    title: str
    """What stands on the button, if the keyboard was still there; else empty."""
    text: str
    """The message above the buttons; empty when it is too old for Telegram to tell, or is no text."""
    entities: tuple[dict[str, object], ...] = ()
    """How `text` is laid out, as Telegram spells it."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody came by a link that leads on with a conversation."""

    address: str
    code: str
    language: Language | None


@dataclass(frozen=True, slots=True)
class Blocked:
    """The customer wants to hear nothing from us any more."""

    address: str
    detail: str


@dataclass(frozen=True, slots=True)
class Called:
    """We were brought into a group, or spoken to in one: what is said there is no support case."""

    chat: str
    language: Language | None
    reply_to: int | None
    """What to answer; None: we are new here."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something in a private chat that cannot be a message. The customer is told."""

    address: str
    reason: RejectReason
    language: Language | None
    query: str | None = None
    """A press, which wants an answer of its own kind."""


Event = Said | Pressed | Edit | Joined | Blocked | Called | Refused | Ignored
