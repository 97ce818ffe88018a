"""Mails beside their messages, and the Message-IDs that are known."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, text, update

from channels.contract import Author
from channels.letter import Authentication, Automatic, Person
from desk.model.errors import NotFound
from desk.model.letter import Bodies, Bounced, Kept, Rule, Verdict
from desk.model.work import WorkState
from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import bounces, conversations, files, letters, message_ids, messages, outbox

_LONGEST_ID = 250


@dataclass(frozen=True, slots=True)
class Known:
    """A Message-ID that we have met. `message` is None when only another mail refers to it so far."""

    conversation: int
    message: int | None
    fingerprint: str | None
    """None: the mail is ours."""


def key(mail_id: str) -> str:
    """How a Message-ID is kept."""
    return mail_id if len(mail_id) <= _LONGEST_ID else f"sha256:{sha256(mail_id.encode()).hexdigest()}"


def hold(tx: Transaction, names: Iterable[str]) -> None:
    """Let no other mail that has one of these names (Message-IDs, addresses) come in until this transaction ends.

    Two copies of one mail, or a mail and the answer to it, that come in at once find each other so. Nothing may be
    locked before.
    """
    if tx.is_sqlite:  # where a write transaction is the only one
        return
    for number in sorted({zlib.crc32(name.encode()) for name in names}):
        tx.connection.execute(text("SELECT pg_advisory_xact_lock(18252, :number)"), {"number": number - 2**31})


def known(tx: Transaction, mail_id: str) -> Known | None:
    """What is known of a Message-ID."""
    own = message_ids.c
    query = select(own.conversation_id, own.message_id, own.fingerprint).where(own.id == key(mail_id))
    row = tx.connection.execute(query).one_or_none()
    return Known(row.conversation_id, row.message_id, row.fingerprint) if row else None


def remember(
    tx: Transaction, mail_id: str, conversation: int, message: int | None, fingerprint: str | None, now: datetime
) -> None:
    """Keep a Message-ID; one that is known as another mail's stays that one's."""
    values = {"conversation_id": conversation, "message_id": message, "fingerprint": fingerprint, "created_at": now}
    statement = dialects.insert(tx, message_ids).values(id=key(mail_id), **values)
    if message is None:
        tx.connection.execute(statement.on_conflict_do_nothing())
        return
    only_referred_to = message_ids.c.message_id.is_(None)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values, where=only_referred_to))


def move_ids(tx: Transaction, conversation: int, to: int, moved: Mapping[int, int]) -> None:
    """What refers to a mail of `conversation` belongs to the conversation `to`; `moved`: messages and their copies."""
    for before, after in moved.items():
        these = message_ids.c.message_id == before
        tx.connection.execute(update(message_ids).where(these).values(conversation_id=to, message_id=after))
    rest = message_ids.c.conversation_id == conversation
    tx.connection.execute(update(message_ids).where(rest).values(conversation_id=to))


def references(tx: Transaction, conversation: int, before: int, limit: int) -> list[str]:
    """The Message-IDs of what people can see of a conversation up to message `before`, in order.

    The first, and the `limit` last; the mail of the customer's that came last is the last of all.
    """
    own = messages.c
    came = select(own.seq, letters.c.mail_id.label("mail_id"), own.author).join(letters, letters.c.message_id == own.id)
    came = came.where(letters.c.automatic.is_(None))
    went = select(own.seq, outbox.c.external_id.label("mail_id"), own.author).join(outbox, outbox.c.item == own.id)
    where = own.conversation_id == conversation, own.seq < before, own.internal.is_(False)
    rows = [
        row
        for query in (came, went)
        for row in tx.connection.execute(query.where(*where).order_by(own.seq.desc()).limit(limit))
        if row.mail_id and "@" in row.mail_id and len(row.mail_id) <= _LONGEST_ID
    ]
    rows.sort(key=lambda row: row.seq)
    ids = list(dict.fromkeys(row.mail_id for row in rows))[-limit:]
    first = tx.connection.execute(came.where(*where).order_by(own.seq).limit(1)).first()
    if first is not None and first.mail_id and first.mail_id not in ids and len(first.mail_id) <= _LONGEST_ID:
        ids.insert(0, first.mail_id)
    answered = next((row.mail_id for row in reversed(rows) if row.author == Author.CUSTOMER.value), None)
    return [one for one in ids if one != answered] + ([answered] if answered else [])


def add(tx: Transaction, message: int, **values: object) -> None:
    """Keep a mail beside its message."""
    tx.connection.execute(insert(letters).values(message_id=message, **values))


def copy(tx: Transaction, message: int, to: int) -> None:
    """The message `to` says the same as `message`: it has the same mail."""
    row = tx.connection.execute(select(letters).where(letters.c.message_id == message)).mappings().one_or_none()
    if row is not None:
        tx.connection.execute(insert(letters).values({**row, "message_id": to}))


def keep_source(tx: Transaction, source: bytes, now: datetime) -> str:
    """Keep a mail as it arrived; returns by which name."""
    name = sha256(source).hexdigest()
    known = dialects.insert(tx, files).values(sha256=name, size=len(source), content=source, created_at=now)
    # An update and not "do nothing": it locks the row, so that nobody removes it as an orphan.
    tx.connection.execute(known.on_conflict_do_update(index_elements=[files.c.sha256], set_={"created_at": now}))
    return name


_BODIES = (letters.c.full_text, letters.c.html)
_KEPT: Select[Any] = select(
    *(column for column in letters.c if column not in set(_BODIES)), letters.c.html.is_not(None).label("has_html")
)


def _people(stored: Sequence[Sequence[str]]) -> tuple[Person, ...]:
    return tuple(Person(address, name) for address, name in stored)


def _read(row: Row[Any]) -> Kept:
    return Kept(
        message=row.message_id,
        rule=Rule(row.rule),
        mail_id=row.mail_id,
        subject=row.subject,
        mailbox=row.mailbox,
        sender=Person(row.sender_address, row.sender_name),
        reply_to=row.reply_to,
        to=_people(row.to),
        cc=_people(row.cc),
        sent_at=row.sent_at,
        forwarded_from=Person(*row.forwarded_from) if row.forwarded_from else None,
        automatic=Automatic(row.automatic) if row.automatic else None,
        verdict=Verdict(row.verdict),
        reason=row.reason,
        authentication=Authentication(**row.authentication) if row.authentication else None,
        signed_by=row.signed_by,
        unreadable=row.unreadable,
        left_out=tuple(row.left_out),
        new_subject=row.new_subject,
        held_secret=row.held_secret,
        has_html=row.has_html,
        source=row.source_sha256,
        longer=row.longer,
    )


def of_messages(tx: Transaction, ids: Collection[int]) -> dict[int, Kept]:
    """The mails of those messages that came by mail, by message."""
    if not ids:
        return {}
    rows = tx.connection.execute(_KEPT.where(letters.c.message_id.in_(list(ids))))
    return {row.message_id: _read(row) for row in rows}


def get(tx: Transaction, conversation: int, seq: int) -> tuple[Kept, Bodies]:
    """The mail of message number `seq`, with its bodies.

    Raises:
        NotFound: there is no such message, or it did not come by mail.
    """
    query = _KEPT.add_columns(*_BODIES).join(messages, messages.c.id == letters.c.message_id)
    query = query.where(messages.c.conversation_id == conversation, messages.c.seq == seq)
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("message", seq)
    return _read(row), Bodies(row.full_text, row.html)


def source(tx: Transaction, name: str) -> bytes:
    """A mail as it arrived.

    Raises:
        NotFound: it is not kept.
    """
    content = tx.connection.execute(select(files.c.content).where(files.c.sha256 == name)).scalar()
    if content is None:
        raise NotFound("file", name)
    return bytes(content)


def subject_since(tx: Transaction, conversation: int, seq: int) -> str | None:
    """The first subject of a mail that a person wrote, from message `seq` on."""
    query = select(letters.c.subject).join(messages, messages.c.id == letters.c.message_id)
    query = query.where(messages.c.conversation_id == conversation, messages.c.seq >= seq, letters.c.subject != "")
    return tx.connection.execute(query.where(letters.c.automatic.is_(None)).order_by(messages.c.seq).limit(1)).scalar()


def texts(tx: Transaction, ids: Collection[int]) -> dict[int, str]:
    """What the mails of these messages say, for search."""
    query = select(letters.c.message_id, letters.c.subject, letters.c.full_text)
    rows = tx.connection.execute(query.where(letters.c.message_id.in_(list(ids))))
    return {row.message_id: f"{row.subject}\n{row.full_text}" for row in rows}


def wrote_since(
    tx: Transaction,
    address: str,
    moment: datetime,
    fingerprint: str | None = None,
    *,
    besides: int | None = None,
    began: bool = False,
) -> bool:
    """Whether a mail from `address` was accepted since then; with a fingerprint, whether that one was.

    besides: a message that does not count. began: only those do that began a conversation.
    """
    own = letters.c
    query = select(own.message_id).where(own.sender_address == address, own.received_at > moment)
    if began:
        query = query.where(own.rule == Rule.NEW.value)
    query = query.where(own.verdict == Verdict.ACCEPT.value)
    if fingerprint is not None:
        query = query.where(own.fingerprint == fingerprint)
    if besides is not None:
        query = query.where(own.message_id != besides)
    return tx.connection.execute(query.limit(1)).scalar() is not None


def automatic_answers(tx: Transaction, conversation: int, channel: str, since: datetime) -> int:
    """How many messages that no person wrote were put out to `channel` in a conversation since then."""
    query = select(func.count()).select_from(messages).join(outbox, outbox.c.item == messages.c.id)
    own = messages.c
    automatic = own.author.in_([Author.BOT.value, Author.DESK.value])
    query = query.where(own.conversation_id == conversation, automatic, outbox.c.channel == channel)
    return int(tx.connection.execute(query.where(own.created_at > since)).scalar_one())


def begun_since(tx: Transaction, address: str, moment: datetime) -> int:
    """How many conversations mails from `address` began since then."""
    own = letters.c
    query = select(func.count()).select_from(letters).where(own.sender_address == address, own.received_at > moment)
    query = query.where(own.verdict == Verdict.ACCEPT.value, own.rule == Rule.NEW.value)
    return int(tx.connection.execute(query).scalar_one())


def add_bounce(tx: Transaction, bounced: Bounced, notice: int, now: datetime) -> None:
    """Keep that a mail of ours did not arrive, as the message `notice` says."""
    values = {
        "message_id": bounced.message,
        "notice_id": notice,
        "recipient": bounced.recipient,
        "given_up": bounced.given_up,
        "detail": bounced.detail,
        "created_at": now,
    }
    tx.connection.execute(insert(bounces).values(values))


def bounces_of(tx: Transaction, ids: Collection[int]) -> dict[int, list[Bounced]]:
    """Which of these messages did not arrive, and where."""
    found: dict[int, list[Bounced]] = {}
    if ids:
        query = select(bounces).where(bounces.c.message_id.in_(list(ids))).order_by(bounces.c.id)
        for row in tx.connection.execute(query):
            bounced = Bounced(row.message_id, row.recipient, row.detail, row.given_up)
            found.setdefault(row.message_id, []).append(bounced)
    return found


def undelivered(tx: Transaction, message: int, detail: str, now: datetime) -> None:
    """A mail that its first server took did not arrive after all."""
    own = outbox.c
    taken = own.item == message, own.state.in_([WorkState.DONE.value, WorkState.UNKNOWN.value])
    values = {"state": WorkState.FAILED.value, "error": detail, "settled_at": now}
    tx.connection.execute(update(outbox).where(*taken).values(values))


def last_sent(tx: Transaction, conversation: int, channel: str) -> int | None:
    """The newest message of a conversation that went, or is about to go, out by `channel`."""
    query = select(messages.c.id).join(outbox, outbox.c.item == messages.c.id)
    query = query.where(messages.c.conversation_id == conversation, outbox.c.channel == channel)
    return tx.connection.execute(query.order_by(messages.c.seq.desc()).limit(1)).scalar()


def exists(tx: Transaction, conversation: int) -> bool:
    """Whether there is such a conversation."""
    query = select(conversations.c.id).where(conversations.c.id == conversation)
    return tx.connection.execute(query).scalar() is not None
