"""A mail as it may be stored: passwords masked, and what databases refuse left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from hashlib import sha256
from html import unescape

from bot.procedures.secrets import holds, mask
from bot.procedures.words import Words
from channels.contract import Incoming
from channels.letter import Letter, Person
from desk.model.letter import Decision, bare_subject, decide

_TAGS = re.compile(r"<[^>]*>")
_LONGEST_ADDRESS = 320


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is to be stored."""

    incoming: Incoming
    letter: Letter
    key: str
    """By which it is known that it came before."""
    fingerprint: str
    text: str
    held_secret: bool
    decision: Decision

    @property
    def address(self) -> str:
        """Where its sender can be written to; empty when nobody can be there (RFC 2606), as of a mail without one."""
        return "" if self.incoming.address.endswith(".invalid") else self.incoming.address

    @property
    def unreadable(self) -> str | None:
        """Why the assistant cannot read it."""
        encrypted = self.letter.encrypted
        return self.letter.unreadable if encrypted is None else f"encrypted: {encrypted}"

    @property
    def files(self) -> int:
        return len(self.incoming.attachments)

    def columns(self) -> dict[str, object]:
        """What is kept of it beside its message, by column, as far as it says so itself."""
        letter = self.letter
        sender = letter.sender or Person(self.address, self.incoming.name or "")
        return {
            "verdict": self.decision.verdict.value,
            "mail_id": letter.message_id,
            "subject": letter.subject,
            "mailbox": letter.mailbox[:_LONGEST_ADDRESS],
            "sender_address": sender.address,
            "sender_name": sender.name,
            "reply_to": letter.reply_to.address if letter.reply_to else None,
            "to": [_pair(one) for one in letter.to],
            "cc": [_pair(one) for one in letter.cc],
            "sent_at": letter.date,
            "forwarded_from": _pair(letter.forwarded_from),
            "automatic": letter.automatic.value if letter.automatic else None,
            "reason": self.decision.reason,
            "authentication": _words(letter),
            "signed_by": letter.signed_by,
            "unreadable": self.unreadable,
            "left_out": list(letter.left_out),
            "held_secret": self.held_secret,
            "longer": " ".join(letter.full_text.split()) != " ".join(self.text.split()),
            "full_text": letter.full_text,
            "html": letter.html,
            "fingerprint": self.fingerprint,
        }


def read(incoming: Incoming, words: Words) -> Mail:
    """The mail that `incoming` is. Passwords and the like (`words` tells how they are given) become a mark."""
    assert incoming.letter is not None
    letter = _storable(incoming.letter)
    full, subject, text = mask(letter.full_text, words), mask(letter.subject, words), mask(incoming.text, words)
    held_secret = (letter.full_text, letter.subject, incoming.text) != (full, subject, text)
    # It goes as a whole: that something is in it is enough to know.
    held_secret = held_secret or holds(unescape(_TAGS.sub(" ", letter.html or "")), words)
    masked = replace(letter, full_text=full, subject=subject)
    if held_secret:
        # Neither can be masked without taking it apart: in them a password is cut up by tags, or encoded.
        masked = replace(masked, html=None, source=b"")
    return Mail(
        incoming=incoming,
        letter=masked,
        key=letter.message_id or incoming.external_id,
        fingerprint=_fingerprint(incoming, masked, text),
        text=text.strip() or (bare_subject(subject) if letter.unreadable is None else ""),
        held_secret=held_secret,
        decision=decide(letter),
    )


def _fingerprint(incoming: Incoming, letter: Letter, text: str) -> str:
    """Of what is the same in every copy of a mail: relays change the rest of the header.

    Of what is masked already: of a PIN that is part of it, all there are could be tried.
    """
    files = [f"{file.name}:{len(file.content)}" for file in incoming.attachments]
    body = " ".join((letter.full_text or text).split())
    parts = (incoming.address, bare_subject(letter.subject), body, *files)
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _storable(letter: Letter) -> Letter:
    """Broken mails hold characters that databases refuse, and addresses that are none."""

    def people(those: Sequence[Person]) -> tuple[Person, ...]:
        return tuple(Person(clean(p.address), clean(p.name)) for p in those if len(p.address) <= _LONGEST_ADDRESS)

    def clean(text: str) -> str:
        return text.replace("\x00", "").encode("utf-8", "replace").decode()

    date = letter.date
    return replace(
        letter,
        subject=" ".join(clean(letter.subject).split()),
        message_id=clean(letter.message_id) if letter.message_id else None,
        references=tuple(clean(one) for one in letter.references),
        sender=next(iter(people([letter.sender])), None) if letter.sender else None,
        reply_to=next(iter(people([letter.reply_to])), None) if letter.reply_to else None,
        forwarded_from=next(iter(people([letter.forwarded_from])), None) if letter.forwarded_from else None,
        to=people(letter.to),
        cc=people(letter.cc),
        date=date.replace(tzinfo=UTC) if date is not None and date.tzinfo is None else date,
        full_text=clean(letter.full_text),
        html=clean(letter.html) if letter.html else None,
        reason=clean(letter.reason),
        signed_by=clean(letter.signed_by) if letter.signed_by else None,
        unreadable=clean(letter.unreadable) if letter.unreadable is not None else None,
        left_out=tuple(clean(name) for name in letter.left_out),
    )


def _pair(person: Person | None) -> list[str] | None:
    return None if person is None else [person.address, person.name]


def _words(letter: Letter) -> dict[str, str] | None:
    found = letter.authentication
    return None if found is None else {"by": found.by, "spf": found.spf, "dkim": found.dkim, "dmarc": found.dmarc}
