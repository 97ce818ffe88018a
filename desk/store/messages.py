"""Messages: appending to and reading from conversations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, insert, select, update

from channels.contract import Author, Button, Choice, Command, Order
from desk.model.conversation import Message, Route
from desk.model.errors import NotFound
from desk.model.event import EventType, about_message
from desk.store import attachments as attachment_store
from desk.store import documents, events
from desk.store.database import Transaction
from desk.store.tables import Moment, conversations, message_versions, messages, outbox, technicians

_QUERY: Select[Any] = (
    select(
        messages,
        technicians.c.name.label("name"),
        outbox.c.state.label("delivery"),
        outbox.c.error.label("delivery_error"),
        outbox.c.progress,
        outbox.c.channel.label("to_channel"),
        outbox.c.address.label("to_address"),
        outbox.c.thread.label("to_thread"),
    )
    .outerjoin(technicians, technicians.c.id == messages.c.technician_id)
    .outerjoin(outbox, outbox.c.item == messages.c.id)
)


# Statements of every turn are built once: building one takes longer than running it.
_BY_ID = _QUERY.where(messages.c.id == bindparam("id"))
_BY_NUMBER = _QUERY.where(messages.c.conversation_id == bindparam("conversation"), messages.c.seq == bindparam("seq"))
_AFTER = _QUERY.where(
    messages.c.conversation_id == bindparam("conversation"), messages.c.seq > bindparam("seq")
).order_by(messages.c.seq)
_AFTER_PUBLIC = _AFTER.where(messages.c.internal.is_(False))
_WITH_EXTERNAL_ID = select(messages.c.seq).where(
    messages.c.conversation_id == bindparam("conversation"), messages.c.external_id == bindparam("external_id")
)
_FOLLOWING = conversations.c.last_seq + 1
_NUMBER_INTERNAL = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values(last_seq=_FOLLOWING, updated_at=bindparam("now", type_=Moment))
    .returning(conversations.c.last_seq, conversations.c.ticket_id)
)
_NUMBER = _NUMBER_INTERNAL.values(last_public_seq=_FOLLOWING)
_ADD = insert(messages).returning(messages.c.id)


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
        progress=row.progress or 0,
        command=Command(Order(row.command["order"]), row.command["argument"]) if row.command else None,
        edited_at=row.edited_at,
        deleted=row.deleted,
        came_by=None if row.from_channel is None else Route(row.from_channel, row.from_address, row.from_thread),
        to=None if row.to_address is None else Route(row.to_channel, row.to_address, row.to_thread),
    )


def _read_all(tx: Transaction, rows: Iterable[Row[Any]]) -> list[Message]:
    """The messages in `rows` with their attachments: one query more for all of them, and none when nobody sent any."""
    read, having = [], []
    for row in rows:
        read.append(_read(row))
        if row.attachments:
            having.append(row.id)
    if not having:
        return read
    found = attachment_store.of_messages(tx, having)
    return [replace(message, attachments=found[message.id]) if message.id in found else message for message in read]


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
    command: Command | None = None,
    came_by: Route | None = None,
    language: str | None = None,
    external_id: str | None = None,
    attachments: int = 0,
) -> tuple[int, int]:
    """Add a message at the end of `conversation`; returns its id and its sequence number.

    attachments: how many files go with it; they are bound to it next, in the same transaction.

    The update of the conversation comes first: on PostgreSQL its row lock keeps two appends apart.
    """
    number = _NUMBER_INTERNAL if internal else _NUMBER
    seq, ticket = tx.connection.execute(number, {"conversation": conversation, "now": now}).one()
    added = tx.connection.execute(
        _ADD,
        {
            "conversation_id": conversation,
            "seq": seq,
            "author": author.value,
            "technician_id": technician,
            "text": text,
            "internal": internal,
            "buttons": [{"title": b.title, "payload": b.payload} for b in buttons] or None,
            "choice": {"title": choice.title, "payload": choice.payload} if choice else None,
            "command": {"order": command.order.value, "argument": command.argument} if command else None,
            "language": language,
            "external_id": external_id,
            "from_channel": came_by.channel if came_by else None,
            "from_address": came_by.address if came_by else None,
            "from_thread": came_by.thread if came_by else None,
            "ticket_id": ticket,
            "attachments": attachments,
            "created_at": now,
        },
    ).scalar_one()
    if ticket is not None:
        documents.append(tx, ticket, text)
    events.emit(tx, EventType.MESSAGE_CREATED, lambda: about_message(get(tx, added)), now)
    tx.touch(conversation)
    return int(added), int(seq)


def with_external_id(tx: Transaction, conversation: int, external_id: str) -> int | None:
    """The sequence number of the message the channel calls `external_id`, if it is stored already."""
    values = {"conversation": conversation, "external_id": external_id}
    return tx.connection.execute(_WITH_EXTERNAL_ID, values).scalar()


def in_conversation(tx: Transaction, conversation: int, seq: int) -> Message | None:
    """The message with that number, if there is one."""
    row = tx.connection.execute(_BY_NUMBER, {"conversation": conversation, "seq": seq}).one_or_none()
    return _read_all(tx, [row])[0] if row else None


def replace_text(tx: Transaction, message: Message, text: str, now: datetime, *, deleted: bool = False) -> None:
    """Its sender changed it, or took it back; how it read is kept."""
    kept = {"message_id": message.id, "text": message.text, "replaced_at": now}
    tx.connection.execute(insert(message_versions).values(kept))
    changed = update(messages).where(messages.c.id == message.id)
    tx.connection.execute(changed.values(text=text, edited_at=now, deleted=deleted))
    present = update(conversations).where(conversations.c.id == message.conversation)
    tx.connection.execute(present.values(updated_at=now))
    tx.touch(message.conversation)


def edited(tx: Transaction, conversation: int, since: datetime | None = None) -> Sequence[Message]:
    """The messages of a conversation that their sender changed (after `since`), in order of their numbers."""
    own = messages.c
    query = _QUERY.where(own.conversation_id == conversation, own.edited_at.is_not(None)).order_by(own.seq)
    if since is not None:
        query = query.where(own.edited_at > since)
    return _read_all(tx, tx.connection.execute(query))


def versions(tx: Transaction, message: int) -> Sequence[tuple[str, datetime]]:
    """How a message read before, and until when; the oldest first."""
    own = message_versions.c
    query = select(own.text, own.replaced_at).where(own.message_id == message).order_by(own.id)
    return [(row.text, row.replaced_at) for row in tx.connection.execute(query)]


def get(tx: Transaction, message: int) -> Message:
    """The message with the id `message`.

    Raises:
        NotFound: there is no such message.
    """
    row = tx.connection.execute(_BY_ID, {"id": message}).one_or_none()
    if row is None:
        raise NotFound("message", message)
    return _read_all(tx, [row])[0]


def after(tx: Transaction, conversation: int, seq: int = 0, *, internal: bool = False) -> Sequence[Message]:
    """Messages with a sequence number above `seq`, in order; `internal` ones only when asked for."""
    query = _AFTER if internal else _AFTER_PUBLIC
    return _read_all(tx, tx.connection.execute(query, {"conversation": conversation, "seq": seq}))


def first_since(tx: Transaction, conversation: int, moment: datetime) -> int:
    """The number of the first message after `moment`; one more than the last when there is none."""
    query = select(func.min(messages.c.seq)).where(
        messages.c.conversation_id == conversation, messages.c.created_at > moment
    )
    found = tx.connection.execute(query).scalar()
    if found is None:
        last = select(conversations.c.last_seq).where(conversations.c.id == conversation)
        found = tx.connection.execute(last).scalar_one() + 1
    return int(found)


def last(tx: Transaction, conversation_ids: Sequence[int]) -> dict[int, Message]:
    """The newest message of each conversation, for lists."""
    newest = and_(conversations.c.id == messages.c.conversation_id, conversations.c.last_seq == messages.c.seq)
    query = _QUERY.join(conversations, newest).where(conversations.c.id.in_(conversation_ids))
    return {message.conversation: message for message in _read_all(tx, tx.connection.execute(query))}
