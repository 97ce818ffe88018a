"""A mail to what the desk takes: never refused, whatever its bytes. Pure."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from channels.contract import MAX_TEXT, Incoming
from channels.email import (
    authentication,
    automatic,
    bounces,
    charsets,
    contents,
    forwards,
    headers,
    ids,
    invitations,
    lists,
    markup,
    mime,
    people,
    replies,
    signing,
)
from channels.letter import Authentication, Automatic, Letter, Person

KIND = "email"
MAX_FULL_TEXT = 500_000
"""Characters of a mail's whole text that are kept; beyond there is the source."""
MAX_SUBJECT = 10_000
_MAX_SPLIT = 100_000
"""Characters in which new words are looked for: many times what a message may have."""
_RECIPIENTS = ("to", "cc", "bcc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "resent-to")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
"""Where words may be broken or not: editors and advertisers put them between letters, nobody can see or search them."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def parse(
    raw: bytes,
    *,
    mailbox: str,
    own: frozenset[str],
    received_at: datetime,
    max_file: int,
    trusted: frozenset[str] = frozenset(),
    secret: bytes = b"",
) -> Incoming:
    """The mail `raw`, as it came from a mailbox or a relay. Never fails: what cannot be read is `Letter.unreadable`.

    mailbox: which of our addresses brought it; own: all of them, lower case. max_file: bytes of the largest attachment
    that is kept apart. trusted: the names (authserv-id, lower case) of relays whose word about the sender counts.
    secret: what our own Message-IDs, addresses and headers are signed with.
    """
    try:
        return _incoming(mime.read(raw), raw, mailbox, own, received_at, max_file, trusted, secret)
    except mime.NoMail as error:
        bare = _unreadable(raw, received_at, Letter(mailbox=mailbox, unreadable=str(error)))
        # Most likely the body of a mail that has lost its header: what is new in it can be told all the same.
        return replace(bare, text=replies.split(bare.text).new or bare.text)
    except Exception as error:  # noqa: BLE001  strangers' bytes, many libraries: one mail shall not stop the next
        reason = f"{type(error).__name__}: {error}"[:500]
        return _unreadable(raw, received_at, _by_header(raw, mailbox, own, trusted, secret, reason))


def _incoming(
    message: EmailMessage,
    raw: bytes,
    mailbox: str,
    own: Set[str],
    received_at: datetime,
    max_file: int,
    trusted: Set[str],
    secret: bytes,
) -> Incoming:
    found = contents.gather(message, max_file)
    letter = _letter(message, raw, found, mailbox, own, trusted, secret)
    external_id = letter.message_id or ids.made(raw)
    return Incoming(
        channel=KIND,
        address=(letter.sender.address if letter.sender else "") or nobody(external_id),
        external_id=external_id,
        text=_new_text(found, letter)[:MAX_TEXT],
        received_at=received_at,
        language=_language(message),
        name=(letter.sender.name if letter.sender else "") or None,
        attachments=tuple(found.files),
        letter=letter,
    )


def _letter(
    message: EmailMessage,
    raw: bytes,
    found: contents.Contents,
    mailbox: str,
    own: Set[str],
    trusted: Set[str],
    secret: bytes,
) -> Letter:
    sender, subject = _sender(message, own, trusted), headers.field(message, "subject")[:MAX_SUBJECT]
    full_text = storable(_with_calendars(found.text, found))[:MAX_FULL_TEXT]
    references = ids.references(message)
    kind, reason = automatic.classify(message, full_text, own)
    signed = (signing.conversation_of_address(address, secret) for address in [mailbox, *_recipients(message)])
    answered = (signing.conversation_of_message_id(reference, secret) for reference in references)
    return Letter(
        subject=subject,
        message_id=ids.own(message),
        references=references,
        signed_conversation=next((number for number in signed if number is not None), None),
        answers_own=next((number for number in answered if number is not None), None),
        mailbox=mailbox,
        sender=sender,
        reply_to=_reply_to(message, sender, own),
        to=_others(message, "to", own),
        cc=_others(message, "cc", own),
        date=_date(headers.field(message, "date")),
        full_text=full_text,
        html=markup.safe(found.html, found.content_ids) if found.html else None,
        automatic=kind,
        reason=reason,
        bounces=bounces.bounces(message, full_text) if kind is Automatic.BOUNCE else (),
        authentication=_authentication(message, sender, trusted),
        signed_by=found.signed_by,
        encrypted=found.encrypted,
        forwarded_from=_forwarded_from(subject, full_text, found),
        ours=_is_ours(message, secret),
        from_own_address=_is_own(sender, own),
        left_out=tuple(found.left_out),
        source=raw,
    )


def nobody(external_id: str) -> str:
    """The address of whoever wrote a mail that names no sender: each such mail is a stranger's own."""
    from hashlib import sha256

    return f"nobody-{sha256(external_id.encode()).hexdigest()[:20]}@unknown.invalid"


def storable(text: str) -> str:
    """`text` with one kind of line ends, and without what nobody sees, databases refuse and terminals obey."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    return _CONTROL.sub("", lines).translate(_INVISIBLE).strip("\n")


def _new_text(found: contents.Contents, letter: Letter) -> str:
    """The sender's own new words; of a mail that has no text at all, its subject."""
    if not letter.full_text.strip():
        return letter.subject
    unquoted = replies.split_html(found.html) if 0 < len(found.html) <= markup.MAX_HTML else None
    text = found.text if unquoted is None else markup.text(unquoted)
    return storable(_with_calendars(replies.split(storable(text)[:_MAX_SPLIT]).new, found))


def _with_calendars(text: str, found: contents.Contents) -> str:
    told = dict.fromkeys(invitations.text(calendar, text) for calendar in found.calendars)
    return "\n\n".join(piece for piece in (text, *told) if piece.strip())


def _sender(message: EmailMessage, own: Set[str], trusted: Set[str]) -> Person | None:
    return lists.poster(message, own) or _form_filler(message, own, trusted) or people.sender(message)


def _form_filler(message: EmailMessage, own: Set[str], trusted: Set[str]) -> Person | None:
    """Who filled in a form on a website that sends mail to us in our own name, and says who that was in Reply-To."""
    if not _is_own(people.sender(message), own) or ids.references(message):
        return None
    if _others(message, "to", own) or _others(message, "cc", own):
        return None  # somebody here writes to somebody else
    checked = authentication.found(message, trusted)
    if checked is not None and checked.spoofed:
        return None
    return next((person for person in _others(message, "reply-to", own) if person.address), None)


def _authentication(message: EmailMessage, sender: Person | None, trusted: Set[str]) -> Authentication | None:
    """What our relay says of the sender. When a list has put itself in their place, nobody vouches for them."""
    found = authentication.found(message, trusted)
    if found is None or found.spoofed or sender == people.sender(message):
        return found
    return Authentication(by=found.by)


def _reply_to(message: EmailMessage, sender: Person | None, own: Set[str]) -> Person | None:
    wished = next((person for person in _others(message, "reply-to", own) if person.address), None)
    return wished if wished and (sender is None or wished.address != sender.address) else None


def _others(message: EmailMessage, name: str, own: Set[str]) -> tuple[Person, ...]:
    return tuple(person for person in people.named_in(message, name) if not people.is_own(person.address, own))


def _recipients(message: EmailMessage) -> list[str]:
    return [person.address for name in _RECIPIENTS for person in people.named_in(message, name)]


def _is_own(sender: Person | None, own: Set[str]) -> bool:
    return sender is not None and people.is_own(sender.address, own)


def _is_ours(message: EmailMessage, secret: bytes) -> bool:
    return signing.conversation_of_header(headers.field(message, signing.HEADER), secret) is not None


def _forwarded_from(subject: str, text: str, found: contents.Contents) -> Person | None:
    named = forwards.original_sender(subject, text)
    if named is not None or not found.enclosed:
        return named
    try:
        return people.sender(mime.read(found.enclosed[0]))
    except mime.NoMail:
        return None


def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return _iso_date(value)


def _iso_date(value: str) -> datetime | None:
    """What some programs write instead."""
    try:
        found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _language(message: EmailMessage) -> str | None:
    found = re.match(r"([a-z]{2})(?:[-_,;\s]|$)", headers.field(message, "content-language").lower())
    return found[1] if found else None


def _by_header(raw: bytes, mailbox: str, own: Set[str], trusted: Set[str], secret: bytes, reason: str) -> Letter:
    """What the header alone says, of a mail whose rest cannot be read: whose it is shall be known."""
    try:
        head = mime.head(raw)
        sender = _sender(head, own, trusted)
        return Letter(
            subject=headers.field(head, "subject")[:MAX_SUBJECT],
            message_id=ids.own(head),
            references=ids.references(head),
            mailbox=mailbox,
            sender=sender,
            date=_date(headers.field(head, "date")),
            authentication=_authentication(head, sender, trusted),
            ours=_is_ours(head, secret),
            from_own_address=_is_own(sender, own),
            unreadable=reason,
        )
    except Exception:  # noqa: BLE001  it is the header then
        return Letter(mailbox=mailbox, unreadable=reason)


def _unreadable(raw: bytes, received_at: datetime, letter: Letter) -> Incoming:
    external_id = letter.message_id or ids.made(raw)
    address = letter.sender.address if letter.sender else ""
    text = storable(charsets.decode(raw[:MAX_FULL_TEXT]))
    return Incoming(
        KIND,
        address or nobody(external_id),
        external_id,
        text[:MAX_TEXT],
        received_at,
        letter=replace(letter, full_text=text, source=raw),
    )
