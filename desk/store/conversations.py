"""Conversations: finding, locking and changing them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, and_, bindparam, delete, exists, func, or_, select, update

from channels.contract import Owner
from desk.model.conversation import Conversation, Reason, Route
from desk.model.errors import NotFound
from desk.model.page import Page
from desk.model.ticket import MAJOR
from desk.store import dialects, pages
from desk.store.database import Transaction
from desk.store.tables import conversations, customers, mail_threads, routes, technicians, tickets

_LAST = 9
"""In the queue: behind every priority."""

# Without what the assistant's procedures remember: it is long, and few need it.
_COLUMNS = [column for column in conversations.c if column is not conversations.c.procedure_state]
_QUERY: Select[Any] = (
    select(*_COLUMNS, technicians.c.name.label("technician_name"), customers.c.name.label("customer_name"))
    .join(customers, customers.c.id == conversations.c.customer_id)
    .outerjoin(technicians, technicians.c.id == conversations.c.technician_id)
)


def _read(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        customer=row.customer_id,
        channel=row.channel if row.answer_channel is None else row.answer_channel,
        address=row.address if row.answer_address is None else row.answer_address,
        thread=row.thread if row.answer_thread is None else row.answer_thread,
        owner=Owner(row.owner),
        technician=row.technician_id,
        technician_name=row.technician_name,
        closed=row.closed,
        episode=row.episode,
        revision=row.revision,
        last_seq=row.last_seq,
        last_public_seq=row.last_public_seq,
        language=row.language,
        reason=Reason(row.reason) if row.reason else None,
        waiting_since=row.waiting_since,
        created_at=row.created_at,
        updated_at=row.updated_at,
        customer_name=row.customer_name,
        summary=row.summary,
        ticket=row.ticket_id,
        origin=None if row.answer_channel is None else Route(row.channel, row.address, row.thread),
    )


_BY_ID = conversations.c.id == bindparam("id")


def _at(table: Table) -> ColumnElement[bool]:
    return and_(*(table.c[name] == bindparam(name) for name in ("channel", "address", "thread")))


# A route that was added later wins over the conversation that began there.
_BY_ADDRESS = conversations.c.id == func.coalesce(
    select(routes.c.conversation_id).where(_at(routes)).scalar_subquery(),
    select(conversations.c.id).where(_at(conversations)).correlate(None).scalar_subquery(),
)
# Built once: every turn asks several times, and building a statement takes longer than running it.
_GET, _LOCK = (
    {condition: statement.where(condition) for condition in (_BY_ID, _BY_ADDRESS)}
    for statement in (_QUERY, select(conversations.c.id).with_for_update())
)


def _one(tx: Transaction, where: ColumnElement[bool], lock: bool, **values: object) -> Conversation | None:
    # Apart from reading: PostgreSQL, having waited for the lock, would read this row anew but the rows joined to it as
    # they were before (who took it meanwhile would be missing). SQLite's write transactions are alone anyway.
    if lock and not tx.is_sqlite and tx.connection.execute(_LOCK[where], values).first() is None:
        # Nothing was locked: a row that appears between the two statements must not be taken for a locked one.
        return None
    row = tx.connection.execute(_GET[where], values).one_or_none()
    return _read(row) if row else None


def get(tx: Transaction, conversation: int, *, lock: bool = False) -> Conversation:
    """One conversation; with `lock`, nobody else changes it until this transaction ends.

    Raises:
        NotFound: there is no such conversation.
    """
    found = _one(tx, _BY_ID, lock, id=conversation)
    if found is None:
        raise NotFound("conversation", conversation)
    return found


def find(tx: Transaction, channel: str, address: str, thread: str = "", *, lock: bool = False) -> Conversation | None:
    """The conversation that what arrives from `address` on `channel` belongs to, if there is one."""
    return _one(tx, _BY_ADDRESS, lock, channel=channel, address=address, thread=thread)


def create(
    tx: Transaction, customer: int, channel: str, address: str, thread: str, language: str | None, now: datetime
) -> None:
    """Make the conversation unless another process has just made it: `find` it afterwards."""
    tx.connection.execute(
        dialects.insert(tx, conversations)
        .values(
            customer_id=customer,
            channel=channel,
            address=address,
            thread=thread,
            language=language,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing()
    )


def answered_at(tx: Transaction, channel: str, address: str) -> Sequence[Conversation]:
    """The open conversations whose answers go to `address`."""
    own = conversations.c
    moved = and_(own.answer_channel == channel, own.answer_address == address)
    there = and_(own.answer_channel.is_(None), own.channel == channel, own.address == address)
    query = _QUERY.where(or_(moved, there), own.closed.is_(False)).order_by(own.id)
    return [_read(row) for row in tx.connection.execute(query)]


def add_route(tx: Transaction, conversation: int, route: Route, now: datetime) -> None:
    """From now on, what arrives by `route` belongs to `conversation`, whatever it belonged to before."""
    values = {"channel": route.channel, "address": route.address, "thread": route.thread}
    added = dialects.insert(tx, routes).values(conversation_id=conversation, created_at=now, **values)
    set_ = {"conversation_id": conversation, "created_at": now}
    tx.connection.execute(added.on_conflict_do_update(index_elements=list(values), set_=set_))


def remove_routes(tx: Transaction, channel: str, address: str) -> None:
    """What arrives from `address` belongs again to what it began itself; answers of others no longer go there."""
    mine = routes.c.channel == channel, routes.c.address == address
    led = list(tx.connection.execute(delete(routes).where(*mine).returning(routes.c.conversation_id)).scalars())
    own = conversations.c
    tx.connection.execute(
        update(conversations)
        .where(own.id.in_(led), own.answer_channel == channel, own.answer_address == address)
        .values(answer_channel=None, answer_address=None, answer_thread=None)
    )


def answer_at(tx: Transaction, conversation: int, route: Route) -> None:
    """From now on answers go there."""
    change(
        tx,
        conversation,
        answer_channel=route.channel,
        answer_address=route.address,
        answer_thread=route.thread,
    )


def change(tx: Transaction, conversation: int, **values: object) -> None:
    """Set columns of a conversation this transaction has locked."""
    tx.connection.execute(update(conversations).where(conversations.c.id == conversation).values(**values))
    tx.touch(conversation)


def change_owner(tx: Transaction, conversation: Conversation, **values: object) -> bool:
    """Compare-and-set: true when the conversation was still as `conversation` shows it and is now changed."""
    done = tx.connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation.id, conversations.c.revision == conversation.revision)
        .values(revision=conversation.revision + 1, **values)
    )
    tx.touch(conversation.id)
    return done.rowcount == 1


def waiting(tx: Transaction, teams: Collection[str] | None = None, limit: int = 100) -> Sequence[Conversation]:
    """The queue: the most important first (by its ticket's priority), and of equals whoever waits longest.

    teams: only what is theirs or nobody's; None for everything. A major incident concerns everybody.
    """
    query = _QUERY.outerjoin(tickets, tickets.c.id == conversations.c.ticket_id)
    query = query.where(conversations.c.closed.is_(False), conversations.c.owner == Owner.QUEUE.value)
    if teams is not None:
        query = query.where(or_(tickets.c.team.is_(None), tickets.c.team.in_(list(teams)), tickets.c.priority == MAJOR))
    first = func.coalesce(tickets.c.priority, _LAST), conversations.c.waiting_since, conversations.c.id
    query = query.order_by(*first).limit(limit)
    return [_read(row) for row in tx.connection.execute(query)]


def held_by(tx: Transaction, technician: int, limit: int = 100) -> Sequence[Conversation]:
    """What `technician` owns, those who wait for a reply first."""
    query = _QUERY.where(conversations.c.closed.is_(False), conversations.c.technician_id == technician)
    query = query.order_by(
        conversations.c.waiting_since.is_(None), conversations.c.waiting_since, conversations.c.updated_at.desc()
    )
    return [_read(row) for row in tx.connection.execute(query.limit(limit))]


def recent(
    tx: Transaction, *, closed: bool, owner: Owner | None = None, automatic: bool = False, limit: int = 30
) -> Sequence[Conversation]:
    """Open or closed conversations (of one kind of owner), the latest change first.

    automatic: those in which only machines have written, by mail; else those are left out.
    """
    query = _QUERY.where(conversations.c.closed.is_(closed))
    if closed:
        own = mail_threads.c
        machines = exists().where(own.conversation_id == conversations.c.id, own.automatic.is_(True))
        query = query.where(machines if automatic else ~machines)
    if owner is not None:
        query = query.where(conversations.c.owner == owner.value)
    query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id.desc()).limit(limit)
    return [_read(row) for row in tx.connection.execute(query)]


def of_customer(tx: Transaction, customer: int, limit: int = 20) -> Sequence[Conversation]:
    """A customer's conversations, the latest change first."""
    query = _QUERY.where(conversations.c.customer_id == customer)
    query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id.desc()).limit(limit)
    return [_read(row) for row in tx.connection.execute(query)]


def some(tx: Transaction, ids: Collection[int]) -> Sequence[Conversation]:
    """The conversations with these ids, the earliest first."""
    query = _QUERY.where(conversations.c.id.in_(list(ids))).order_by(conversations.c.id)
    return [_read(row) for row in tx.connection.execute(query)]


def page(
    tx: Transaction,
    *,
    owner: Owner | None = None,
    technician: int | None = None,
    team: str | None = None,
    customer: int | None = None,
    closed: bool | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Page[Conversation]:
    """Conversations, the newest first, of which all that is given holds; `team` is that of the present case."""
    own = conversations.c
    query = _QUERY
    for column, value in (
        (own.owner, owner and owner.value),
        (own.technician_id, technician),
        (own.customer_id, customer),
    ):
        if value is not None:
            query = query.where(column == value)
    if team is not None:
        query = query.join(tickets, tickets.c.id == own.ticket_id).where(tickets.c.team == team)
    if closed is not None:
        query = query.where(own.closed.is_(closed))
    return pages.page(tx, query, own.id, _read, before, limit)
