"""What mail says besides its words: a mail as it arrived, and what a mail that goes out needs. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Automatic(StrEnum):
    """What kind of machine wrote a mail. None of these is answered by a machine."""

    BOUNCE = "bounce"
    """A delivery status notification: a mail of ours did not arrive, or not yet."""
    AUTO_REPLY = "auto_reply"
    """Out of office, "we have received your message"."""
    AUTO_GENERATED = "auto_generated"
    """A notice of a program to whoever reads it."""
    MAILING_LIST = "mailing_list"
    FEEDBACK_REPORT = "feedback_report"
    """Somebody called a mail of ours spam (RFC 5965)."""


@dataclass(frozen=True, slots=True)
class Person:
    """An address with the name its owner, or whoever wrote to them, gives it."""

    address: str
    """Lower case; empty when the header held a name only."""
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery status notification says of one recipient."""

    recipient: str
    permanent: bool
    """Something is wrong for good, such as the address."""
    status: str = ""
    """An enhanced status code (RFC 3463), such as ``5.1.1``."""
    detail: str = ""
    """What the other side said."""
    message_id: str | None = None
    """Which mail did not arrive, without angle brackets."""
    expired: bool = False
    """Nothing was wrong for good, but the mail server has tried for long enough."""

    @property
    def given_up(self) -> bool:
        """The mail is lost; else the mail server is still trying."""
        return self.permanent or self.expired


@dataclass(frozen=True, slots=True)
class Authentication:
    """What our own relay found out about the sender (RFC 8601): words such as ``pass``, ``fail`` and ``none``."""

    by: str
    """The relay that says so (authserv-id)."""
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""

    @property
    def spoofed(self) -> bool:
        """Whether the sender is probably not who the mail says."""
        return self.dmarc == "fail" or (not self.dmarc and {self.spf, self.dkim} == {"fail"})


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, besides the sender's own new words, which are `Incoming.text`."""

    subject: str = ""
    message_id: str | None = None
    """Without angle brackets; None when the mail had none, and one was made from its content."""
    references: tuple[str, ...] = ()
    """Message-IDs of what it answers, the nearest first, without angle brackets."""
    signed_conversation: int | None = None
    """The conversation whose signed address it was sent to."""
    answers_own: int | None = None
    """The conversation of the mail of ours that it refers to, by the signature in that mail's Message-ID."""
    mailbox: str = ""
    """Which of our addresses brought it."""
    sender: Person | None = None
    reply_to: Person | None = None
    """Where its sender wants answers, when that is another address than `sender`."""
    to: tuple[Person, ...] = ()
    """Without our own addresses, like `cc`."""
    cc: tuple[Person, ...] = ()
    date: datetime | None = None
    """What the sender's clock said."""
    full_text: str = ""
    """The whole text: with quoted mails and the signature."""
    html: str | None = None
    """The body as the sender laid it out, made safe to show (nothing runs, nothing is loaded)."""
    automatic: Automatic | None = None
    reason: str = ""
    """By what it was told that a machine wrote it, such as ``header auto-submitted: auto-replied``."""
    bounces: tuple[Bounce, ...] = ()
    authentication: Authentication | None = None
    signed_by: str | None = None
    """Whose S/MIME signature it bears; whether it holds is not checked."""
    encrypted: str | None = None
    """By what its content is encrypted, ``smime`` or ``pgp``: we have no key, and there is no text."""
    forwarded_from: Person | None = None
    """Who wrote the mail that it passes on."""
    ours: bool = False
    """We wrote it ourselves: it has our signed header."""
    from_own_address: bool = False
    """It comes from one of our addresses; unless it is `ours`, somebody sent it from a mail program."""
    unreadable: str | None = None
    """Why it could not be read as a mail; `source` is all there is then."""
    left_out: tuple[str, ...] = ()
    """Names of attachments that were too large, or too many, to be kept apart; `source` has them, unless it is cut."""
    source: bytes = field(default=b"", repr=False)
    """The mail as it arrived."""


@dataclass(frozen=True, slots=True)
class OutgoingLetter:
    """What a mail to a customer needs besides its words."""

    subject: str
    """Of the conversation, without "Re:" and without the ticket's number."""
    ticket: str | None = None
    """The ticket's number, for the subject."""
    references: tuple[str, ...] = ()
    """Message-IDs of the conversation, the oldest first, the mail that is answered last; without angle brackets."""
    cc: tuple[Person, ...] = ()
    automatic: bool = False
    """No person wrote it: programs shall not answer it."""
    with_people: bool = False
    """What the customer answers is read by a person, and not by the assistant."""
    mailbox: str = ""
    """Which of our addresses it comes from: the one the customer wrote to; empty: the first."""
