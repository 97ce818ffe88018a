"""Cases: which conversations are about which tickets, from which message on, and about which one now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from desk.store import dialects, documents
from desk.store.database import Transaction
from desk.store.tables import conversations, ticket_conversations


def attach(
    tx: Transaction, ticket: int, conversation: int, from_seq: int, now: datetime, *, via: int | None = None
) -> None:
    """A conversation is about a ticket, from its message `from_seq` on; and now about this one."""
    tx.connection.execute(
        dialects.insert(tx, ticket_conversations)
        .values(ticket_id=ticket, conversation_id=conversation, from_seq=from_seq, via_id=via, added_at=now)
        .on_conflict_do_nothing()
    )
    if via is None:
        documents.assign(tx, conversation, ticket, from_seq)
    point(tx, conversation, ticket)


def point(tx: Transaction, conversation: int, ticket: int | None) -> None:
    """Say which case a conversation is about now."""
    tx.connection.execute(update(conversations).where(conversations.c.id == conversation).values(ticket_id=ticket))
    tx.touch(conversation)


def conversations_of(tx: Transaction, ticket: int) -> Sequence[int]:
    """The ids of a ticket's conversations, the earliest first."""
    query = select(ticket_conversations.c.conversation_id).where(ticket_conversations.c.ticket_id == ticket)
    query = query.order_by(ticket_conversations.c.added_at, ticket_conversations.c.conversation_id)
    return list(tx.connection.execute(query).scalars())


def begins(tx: Transaction, ticket: int) -> dict[int, int]:
    """Per conversation of a ticket: the number of the message its case begins with."""
    query = select(ticket_conversations.c.conversation_id, ticket_conversations.c.from_seq)
    rows = tx.connection.execute(query.where(ticket_conversations.c.ticket_id == ticket))
    return {row.conversation_id: row.from_seq for row in rows}


def beginnings(tx: Transaction, conversation: int) -> Sequence[int]:
    """The numbers of the messages with which the cases of a conversation begin."""
    query = select(ticket_conversations.c.from_seq).where(ticket_conversations.c.conversation_id == conversation)
    return list(tx.connection.execute(query).scalars())


def pointing_at(tx: Transaction, ticket: int) -> Sequence[int]:
    """The conversations whose present case a ticket is."""
    query = select(conversations.c.id).where(conversations.c.ticket_id == ticket).order_by(conversations.c.id)
    return list(tx.connection.execute(query).scalars())


def brought_by(tx: Transaction, ticket: int, merged: int) -> Sequence[int]:
    """The conversations that `ticket` has because `merged` became part of it."""
    query = select(ticket_conversations.c.conversation_id).where(
        ticket_conversations.c.ticket_id == ticket, ticket_conversations.c.via_id == merged
    )
    return list(tx.connection.execute(query).scalars())


def detach(tx: Transaction, ticket: int, conversation: int, to: int) -> None:
    """A conversation is no longer about a ticket; what was said meanwhile belongs to the ticket `to`."""
    documents.reassign(tx, conversation, ticket, to)
    tx.connection.execute(
        delete(ticket_conversations).where(
            ticket_conversations.c.ticket_id == ticket, ticket_conversations.c.conversation_id == conversation
        )
    )
    tx.touch(conversation)
