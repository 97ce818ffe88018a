"""Attachments and the contents they refer to.

A content is stored once, however often it is sent. Whoever refers to one, or removes one, locks its row first: so no
content goes while somebody else is just beginning to refer to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, exists, insert, literal, or_, select, update

from channels.contract import Attachment
from desk.model.errors import NotFound
from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import attachments, files, letters, messages

_COLUMNS = (attachments.c.id, attachments.c.name, attachments.c.type, attachments.c.size)
_OF_MESSAGES = (
    select(attachments.c.message_id, *_COLUMNS)
    .where(attachments.c.message_id.in_(bindparam("messages", expanding=True)))
    .order_by(attachments.c.id)
)


@dataclass(frozen=True, slots=True)
class Stored:
    """An attachment with its content, and where it belongs."""

    attachment: Attachment
    content: bytes
    uploader: str
    conversation: int | None
    """None: it is not sent yet."""
    internal: bool
    """For technicians only."""


def _read(row: Any) -> Attachment:
    return Attachment(id=row.id, name=row.name, type=row.type, size=row.size)


def create(
    tx: Transaction, uploader: str, name: str, media_type: str, sha256: str, content: bytes, now: datetime
) -> Attachment:
    """Add an attachment that no message has yet, and its content unless that is there already."""
    known = dialects.insert(tx, files).values(sha256=sha256, size=len(content), content=content, created_at=now)
    # An update and not "do nothing": it locks the row.
    tx.connection.execute(known.on_conflict_do_update(index_elements=[files.c.sha256], set_={"created_at": now}))
    values = {
        "uploader": uploader,
        "name": name,
        "type": media_type,
        "size": len(content),
        "sha256": sha256,
        "created_at": now,
    }
    number = tx.connection.execute(insert(attachments).values(values).returning(attachments.c.id)).scalar_one()
    return Attachment(id=number, name=name, type=media_type, size=len(content))


def bind(tx: Transaction, message: int, ids: Collection[int], uploader: str) -> int:
    """Make those of `ids` part of `message` that `uploader` uploaded and no message has. Returns how many those are."""
    if not ids:
        return 0
    free = and_(attachments.c.id.in_(ids), attachments.c.uploader == uploader, attachments.c.message_id.is_(None))
    return tx.connection.execute(update(attachments).where(free).values(message_id=message)).rowcount


def copy(tx: Transaction, message: int, to: int) -> None:
    """The message `to` says the same as `message`: it has the same files."""
    own = attachments.c
    columns = (own.uploader, own.name, own.type, own.size, own.sha256, own.created_at)
    same = select(literal(to), *columns).where(own.message_id == message).order_by(own.id)
    tx.connection.execute(insert(attachments).from_select(["message_id", *(column.name for column in columns)], same))


def of_messages(tx: Transaction, message_ids: Sequence[int]) -> dict[int, tuple[Attachment, ...]]:
    """The attachments of each message that has some, in the order of uploading. One query, without contents."""
    found: dict[int, list[Attachment]] = defaultdict(list)
    if message_ids:
        for row in tx.connection.execute(_OF_MESSAGES, {"messages": message_ids}):
            found[row.message_id].append(_read(row))
    return {message: tuple(those) for message, those in found.items()}


def get(tx: Transaction, attachment: int) -> Stored:
    """One attachment with its content.

    Raises:
        NotFound: there is no such attachment.
    """
    query: Select[Any] = (
        select(*_COLUMNS, attachments.c.uploader, files.c.content, messages.c.conversation_id, messages.c.internal)
        .join(files, files.c.sha256 == attachments.c.sha256)
        .outerjoin(messages, messages.c.id == attachments.c.message_id)
        .where(attachments.c.id == attachment)
    )
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("attachment", attachment)
    return Stored(_read(row), row.content, row.uploader, row.conversation_id, bool(row.internal))


def visible(tx: Transaction, attachment: int, conversation: int | None, uploader: str) -> bool:
    """Whether a customer may see it: it is in their `conversation`, or they have just uploaded it."""
    public = and_(messages.c.internal.is_(False), messages.c.conversation_id == conversation)
    own = and_(attachments.c.message_id.is_(None), attachments.c.uploader == uploader)
    query = (
        select(attachments.c.id)
        .outerjoin(messages, messages.c.id == attachments.c.message_id)
        .where(attachments.c.id == attachment, or_(public, own))
    )
    return tx.connection.execute(query).one_or_none() is not None


def unsent(tx: Transaction, uploader: str, keep: int) -> list[int]:
    """What `uploader` uploaded and never sent, except the newest `keep`."""
    query = (
        select(attachments.c.id)
        .where(attachments.c.uploader == uploader, attachments.c.message_id.is_(None))
        .order_by(attachments.c.id.desc())
        .offset(keep)
    )
    return list(tx.connection.execute(query).scalars())


def stale(tx: Transaction, before: datetime, limit: int) -> list[int]:
    """Up to `limit` attachments that were uploaded before `before` and never sent."""
    query = (
        select(attachments.c.id)
        .where(attachments.c.message_id.is_(None), attachments.c.created_at < before)
        .order_by(attachments.c.id)
        .limit(limit)
    )
    return list(tx.connection.execute(query).scalars())


def remove(tx: Transaction, ids: Collection[int]) -> int:
    """Delete those of `ids` that no message has, and the contents that nobody refers to any more."""
    if not ids:
        return 0
    unbound = and_(attachments.c.id.in_(ids), attachments.c.message_id.is_(None))
    gone = list(tx.connection.execute(delete(attachments).where(unbound).returning(attachments.c.sha256)).scalars())
    _remove_contents(tx, set(gone))
    return len(gone)


def remove_orphans(tx: Transaction, limit: int) -> int:
    """Delete up to `limit` contents that nobody refers to. Returns how many."""
    orphans = tx.connection.execute(select(files.c.sha256).where(~_referred()).limit(limit)).scalars()
    return _remove_contents(tx, set(orphans))


def _remove_contents(tx: Transaction, hashes: Collection[str]) -> int:
    if not hashes:
        return 0
    among = files.c.sha256.in_(hashes)
    if not tx.is_sqlite:
        # Having the rows, a statement of its own sees what others have begun to refer to meanwhile. In order: two that
        # remove the same contents do not wait for each other in a circle.
        tx.connection.execute(select(files.c.sha256).where(among).order_by(files.c.sha256).with_for_update())
    return tx.connection.execute(delete(files).where(among, ~_referred())).rowcount


def _referred() -> ColumnElement[bool]:
    """A content is an attachment's, or a mail as it arrived."""
    return or_(
        exists().where(attachments.c.sha256 == files.c.sha256),
        exists().where(letters.c.source_sha256 == files.c.sha256),
    )
