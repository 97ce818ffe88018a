"""Mails as the desk keeps them: what becomes of one, by which rule it found its conversation, and who takes part."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from channels.letter import Authentication, Automatic, Letter, Person
from desk.model.ticket import PREFIX

QUIET = timedelta(hours=1)
"""What might be a machine is answered automatically at most once in this time."""
DAY = timedelta(hours=24)
MOST_AUTOMATIC = 20
"""So many automatic answers a conversation by mail gets in a `DAY`; then people are called."""


class Verdict(StrEnum):
    """What the desk does with a mail."""

    ACCEPT = "accept"
    """It is a customer's message, and is answered."""
    RECORD = "record"
    """A machine wrote it: it is kept where it belongs, and nothing else happens."""
    NOTE = "note"
    """A colleague sent it from one of our addresses: it is a note where it belongs, and is not kept elsewhere."""
    REJECT = "reject"
    """It is not kept."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, and by what it was reached: technical words, not for customers."""

    verdict: Verdict
    reason: str


class Rule(StrEnum):
    """By what a mail found its conversation: in this order, the first that holds."""

    MESSAGE_ID = "message_id"
    """It refers to a mail that we sent or got."""
    SIGNED_MESSAGE_ID = "signed_message_id"
    """It refers to a mail whose Message-ID has our signature."""
    SIGNED_ADDRESS = "signed_address"
    """It was sent to the conversation's signed address."""
    TICKET_NUMBER = "ticket_number"
    """The ticket's number is in the subject, and the sender takes part in it."""
    SENDER = "sender"
    """None holds, a machine wrote it: it is kept with what else that machine wrote."""
    NEW = "new"
    """None holds: it begins a conversation."""


class Standing(StrEnum):
    """Where a mail stands that somebody wrote in reply to a conversation they do not take part in."""

    WAITING = "waiting"
    """A technician has to say whether the sender may take part."""
    APPROVED = "approved"
    APART = "apart"
    """It is a case of its own."""


def decide(letter: Letter) -> Decision:
    """What becomes of `letter`, as far as it says so itself.

    What might be a machine is accepted here; the desk records only what it writes too often (`QUIET`).
    """
    to_itself = letter.sender is not None and letter.sender.address and letter.sender.address == letter.mailbox
    from_own_address = letter.from_own_address or to_itself
    if letter.ours or (from_own_address and letter.automatic is not None):
        return Decision(Verdict.REJECT, "our own mail")
    if from_own_address:
        return _by_hand(letter)
    if letter.automatic is not None:
        return Decision(Verdict.RECORD, f"{letter.automatic.value}: {letter.reason}".removesuffix(": "))
    if letter.unreadable is not None:
        return Decision(Verdict.ACCEPT, f"unreadable: {letter.unreadable}")
    if letter.encrypted is not None:
        return Decision(Verdict.ACCEPT, f"encrypted: {letter.encrypted}")
    if might_be_machine(letter.sender.address if letter.sender else ""):
        return Decision(Verdict.ACCEPT, "a person, or a machine that does not say so")
    return Decision(Verdict.ACCEPT, "a person")


def _by_hand(letter: Letter) -> Decision:
    """People do answer from the mailbox that we read; and anybody can write its address as their own."""
    if letter.authentication is not None and letter.authentication.spoofed:
        return Decision(Verdict.REJECT, "our own address, probably written by somebody else")
    return Decision(
        Verdict.NOTE, "from our own address, not by us: a note in the conversation it belongs to, else refused"
    )


_MACHINES = re.compile(
    r"((no|do[._-]?not|niet|nicht|geen|keine)[._-]?(reply|beantwoorden|antwoord(en)?|antwort(en)?)|ne[._-]?pas[._-]?repondre"
    r"|bounces?|notif(y|ications?))([._-].*)?|mailer[._-]?daemon|postmaster|root|daemon|cron|www-data|apache"
    r"|alerts?|auto(mail|reply|responder|mated)?|system|server|monitor(ing)?|nagios|zabbix"
    r"|scan(ner)?|copier|printer|fax|voice[._-]?mail"
)


def might_be_machine(address: str) -> bool:
    """Whether programs write from addresses that are called so."""
    local = address.rpartition("@")[0].partition("+")[0].casefold()
    return _MACHINES.fullmatch(local) is not None


# What clients put before a subject when they reply or forward: English, German, Dutch, French, Scandinavian and others.
_PREFIX = re.compile(
    r"\s*(?:(?:re|fwd?|aw|wg|antw|antwoord|beantw|doorst|doorgest|doorgestuurd|betr|tr|rép|réf|sv|vs|vb|vá|ang|rv|rif|res"
    r"|enc|i|r|ynt|odp|回复|答复|回覆|转发|轉寄)\.?\s*(?:\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]"
    r"|[\[{*(]{1,3}\s?(?:external|extern|ext|spam\??|verdacht|suspicious|caution)\s?[\]}*)]{1,3}:?|(?:external|extern):)",
    re.IGNORECASE,
)
_NUMBER = re.compile(rf"(?<![\w-]){re.escape(PREFIX)}(\d{{4,18}})(?![\w-])", re.IGNORECASE)
_TAG = re.compile(
    rf"[\[(]\s*#?{re.escape(PREFIX)}\d{{4,18}}\s*[\])]"
    rf"|\A[\s#]*{re.escape(PREFIX)}\d{{4,18}}\s*[:–-]|(?:\s[#–:-]+)+\s?{re.escape(PREFIX)}\d{{4,18}}\s*\Z",
    re.IGNORECASE,
)
_LONG = 20


def bare_subject(subject: str) -> str:
    """`subject` without what clients and we ourselves put before it: "Re:", "AW:", "[FL-1042]"."""
    bare = " ".join(_TAG.sub(" ", subject).split())
    while (found := _PREFIX.match(bare)) is not None:
        bare = _TAG.sub(" ", bare[found.end() :]).strip()
    return bare


def another_subject(subject: str, before: str) -> bool:
    """Whether `subject` says that a mail is about something else than the mails before it."""
    new, old = bare_subject(subject).casefold(), bare_subject(before).casefold()
    # Some systems cut long subjects off.
    cut = len(new) > _LONG and old.startswith(new)
    return bool(new) and new != old and not cut


_WORDS = re.compile(r"[^\W\d_]+")
_SHORT_NAME = 3


def unsigned(text: str, sender: Person) -> str:
    """`text` without the lines at its end in which its sender says no more than their own name, in full or in short."""
    names = [word.casefold() for word in _WORDS.findall(f"{sender.name} {sender.address.partition('@')[0]}")]

    def own(word: str) -> bool:
        return any(name == word or (name.startswith(word) and (len(word) >= _SHORT_NAME)) for name in names)

    lines = text.rstrip().split("\n")
    while len(lines) > 1:
        words = [word.casefold() for word in _WORDS.findall(lines[-1])]
        if not (all(own(word) for word in words) and not re.search(r"\d", lines[-1])):
            break
        lines.pop()
    return "\n".join(lines).rstrip() or text


def ticket_numbers(subject: str) -> list[str]:
    """The numbers of tickets in a subject, in order."""
    return [f"{PREFIX}{digits}" for digits in _NUMBER.findall(subject)]


def vouched(authentication: Authentication | None) -> bool:
    """Whether our own relay says that the sender is who the mail says."""
    if authentication is None or authentication.spoofed:
        return False
    if authentication.dmarc:
        return authentication.dmarc == "pass"
    return "pass" in {authentication.spf, authentication.dkim}


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail as it is kept beside its message, without its bodies."""

    message: int
    rule: Rule
    mail_id: str | None
    subject: str
    mailbox: str
    sender: Person
    reply_to: str | None
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    sent_at: datetime | None
    """What the sender's clock said."""
    forwarded_from: Person | None
    """Who wrote the mail that it passes on."""
    automatic: Automatic | None
    verdict: Verdict
    reason: str
    authentication: Authentication | None
    signed_by: str | None
    unreadable: str | None
    left_out: tuple[str, ...]
    new_subject: bool
    """Its subject is another one than that of its conversation."""
    held_secret: bool
    """A password was masked in it: neither its layout nor its source is kept."""
    has_html: bool
    source: str | None
    """SHA-256 of the mail as it arrived."""
    longer: bool
    """There is more text in it than the sender's own new words."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """What is in a mail besides the sender's own new words."""

    full_text: str
    html: str | None


@dataclass(frozen=True, slots=True)
class Thread:
    """What mails of a conversation have in common."""

    conversation: int
    channel: str
    address: str
    thread: str
    subject: str
    mailbox: str
    reply_to: str | None
    """Where the customer wants answers, when that is not `address`."""
    automatic: bool
    """Only machines have written in it."""


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who gets copies of what is said by mail, and whose mails belong to the conversation."""

    address: str
    name: str
    approved: bool
    """A technician let them in; else somebody who takes part had written to them."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A case that began with a mail in reply to a conversation whose sender does not take part in it."""

    conversation: int
    original: int
    address: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Bounced:
    """A mail of ours that did not arrive, or not yet."""

    message: int
    recipient: str
    detail: str
    given_up: bool
