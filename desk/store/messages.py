"""Messages: appending to and reading from conversations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, insert, select, update

from channels.contract import Author, Button, Choice
from desk.model.conversation import Message
from desk.model.errors import NotFound
from desk.store.database import Transaction
from desk.store.tables import conversations, messages, outbox, technicians

_QUERY: Select[Any] = (
    select(
        messages,
        technicians.c.name.label("name"),
        outbox.c.state.label("delivery"),
        outbox.c.error.label("delivery_error"),
    )
    .outerjoin(technicians, technicians.c.id == messages.c.technician_id)
    .outerjoin(outbox, outbox.c.message_id == messages.c.id)
)


def _read(row: Row[Any]) -> Message:
    return Message(
        id=row.id,
        conversation=row.conversation_id,
        seq=row.seq,
        author=Author(row.author),
        technician=row.technician_id,
        name=row.name,
        text=row.text,
        internal=row.internal,
        buttons=tuple(Button(**button) for button in row.buttons or ()),
        choice=Choice(**row.choice) if row.choice else None,
        language=row.language,
        external_id=row.external_id,
        created_at=row.created_at,
        delivery=row.delivery,
        delivery_error=row.delivery_error,
    )


def append(
    tx: Transaction,
    conversation: int,
    author: Author,
    text: str,
    now: datetime,
    *,
    technician: int | None = None,
    internal: bool = False,
    buttons: Iterable[Button] = (),
    choice: Choice | None = None,
    language: str | None = None,
    external_id: str | None = None,
) -> tuple[int, int]:
    """Add a message at the end of `conversation`; returns its id and its sequence number.

    The update of the conversation comes first: on PostgreSQL its row lock keeps two appends apart.
    """
    following = conversations.c.last_seq + 1
    public = {} if internal else {"last_public_seq": following}
    seq = tx.connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation)
        .values(last_seq=following, updated_at=now, **public)
        .returning(conversations.c.last_seq)
    ).scalar_one()
    added = tx.connection.execute(
        insert(messages)
        .values(
            conversation_id=conversation,
            seq=seq,
            author=author.value,
            technician_id=technician,
            text=text,
            internal=internal,
            buttons=[{"title": b.title, "payload": b.payload} for b in buttons] or None,
            choice={"title": choice.title, "payload": choice.payload} if choice else None,
            language=language,
            external_id=external_id,
            created_at=now,
        )
        .returning(messages.c.id)
    ).scalar_one()
    tx.touch(conversation)
    return int(added), int(seq)


def with_external_id(tx: Transaction, conversation: int, external_id: str) -> int | None:
    """The sequence number of the message the channel calls `external_id`, if it is stored already."""
    query = select(messages.c.seq).where(
        messages.c.conversation_id == conversation, messages.c.external_id == external_id
    )
    return tx.connection.execute(query).scalar()


def get(tx: Transaction, message: int) -> Message:
    """The message with the id `message`.

    Raises:
        NotFound: there is no such message.
    """
    row = tx.connection.execute(_QUERY.where(messages.c.id == message)).one_or_none()
    if row is None:
        raise NotFound("message", message)
    return _read(row)


def after(
    tx: Transaction, conversation: int, seq: int = 0, *, internal: bool = False, limit: int | None = None
) -> Sequence[Message]:
    """Messages with a sequence number above `seq`, in order; `internal` ones only when asked for."""
    query = _QUERY.where(and_(messages.c.conversation_id == conversation, messages.c.seq > seq))
    if not internal:
        query = query.where(messages.c.internal.is_(False))
    query = query.order_by(messages.c.seq).limit(limit)
    return [_read(row) for row in tx.connection.execute(query)]


def last(tx: Transaction, conversation_ids: Sequence[int]) -> dict[int, Message]:
    """The newest message of each conversation, for lists."""
    newest = and_(conversations.c.id == messages.c.conversation_id, conversations.c.last_seq == messages.c.seq)
    query = _QUERY.join(conversations, newest).where(conversations.c.id.in_(conversation_ids))
    return {row.conversation_id: _read(row) for row in tx.connection.execute(query)}
