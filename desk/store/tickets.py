"""Tickets: reading them, and changing them with a line of history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, exists, insert, select, update

from channels.contract import Author
from desk.model import event
from desk.model.conversation import Reason
from desk.model.errors import NotFound
from desk.model.ticket import FIRST, PREFIX, Change, Details, State, Ticket, Who
from desk.store import cases, documents, events
from desk.store.database import Transaction
from desk.store.tables import (
    customers,
    technicians,
    ticket_conversations,
    ticket_history,
    tickets,
)

QUERY: Select[Any] = (
    select(tickets, customers.c.name.label("customer_name"), technicians.c.name.label("assignee_name"))
    .join(customers, customers.c.id == tickets.c.customer_id)
    .outerjoin(technicians, technicians.c.id == tickets.c.assignee_id)
)
"""What `read` makes a ticket of."""


def number_of(ticket: int) -> str:
    """What people call the ticket with this id."""
    return f"{PREFIX}{FIRST + ticket}"


def read(row: Row[Any]) -> Ticket:
    """A row of `QUERY` as a ticket."""
    return Ticket(
        id=row.id,
        number=number_of(row.id),
        customer=row.customer_id,
        customer_name=row.customer_name,
        subject=row.subject,
        state=State(row.state),
        reason=Reason(row.reason),
        channel=row.channel,
        procedure=row.procedure,
        category=row.category,
        team=row.team,
        assignee=row.assignee_id,
        assignee_name=row.assignee_name,
        impact=row.impact,
        urgency=row.urgency,
        priority=row.priority,
        note=row.note,
        facts=row.facts,
        cause=row.cause,
        resolution=row.resolution,
        merged_into=number_of(row.merged_into_id) if row.merged_into_id else None,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
        resolved_at=row.resolved_at,
    )


@dataclass(frozen=True, slots=True)
class New:
    """A ticket to be added. `cause_key` is unique: what causes a ticket causes one."""

    customer: int
    subject: str
    channel: str
    details: Details
    category: str | None
    team: str | None
    impact: int
    urgency: int
    priority: int
    cause_key: str


def create(tx: Transaction, new: New, now: datetime) -> Ticket:
    """Add a ticket in state new, without a conversation."""
    details = new.details
    added = tx.connection.execute(
        insert(tickets)
        .values(
            customer_id=new.customer,
            subject=new.subject,
            state=State.NEW.value,
            reason=details.reason.value,
            channel=new.channel,
            procedure=details.procedure,
            category=new.category,
            team=new.team,
            impact=new.impact,
            urgency=new.urgency,
            priority=new.priority,
            note=details.note,
            facts=dict(details.facts),
            cause_key=new.cause_key,
            created_at=now,
            updated_at=now,
        )
        .returning(tickets.c.id)
    ).scalar_one()
    documents.rewrite(tx, added)
    return get(tx, int(added))


def get(tx: Transaction, ticket: int, *, lock: bool = False) -> Ticket:
    """The ticket with this id; with `lock`, nobody else changes it until this transaction ends.

    Raises:
        NotFound: there is no such ticket.
    """
    if lock and not tx.is_sqlite:
        # Apart from reading, as for conversations: joined rows would be read as they were before the wait.
        # Not against references: a message that is added to the case need not wait.
        tx.connection.execute(select(tickets.c.id).where(tickets.c.id == ticket).with_for_update(key_share=True))
    row = tx.connection.execute(QUERY.where(tickets.c.id == ticket)).one_or_none()
    if row is None:
        raise NotFound("ticket", number_of(ticket))
    return read(row)


def id_of(number: str) -> int | None:
    """The id of the ticket people call `number`, in whatever case; None when nothing can be called so."""
    digits = number.strip().upper().removeprefix(PREFIX)
    # At most 18 digits: what does not fit the column's 64 bits is no ticket either.
    if digits.isascii() and digits.isdigit() and len(digits) <= 18 and int(digits) > FIRST:
        return int(digits) - FIRST
    return None


def by_number(tx: Transaction, number: str, *, lock: bool = False) -> Ticket:
    """The ticket people call `number`; upper and lower case are the same.

    Raises:
        NotFound: there is no such ticket.
    """
    found = id_of(number)
    if found is None:
        raise NotFound("ticket", number)
    return get(tx, found, lock=lock)


def caused_by(tx: Transaction, cause_key: str) -> Ticket | None:
    """The ticket made for `cause_key`, if it was."""
    row = tx.connection.execute(QUERY.where(tickets.c.cause_key == cause_key)).one_or_none()
    return read(row) if row else None


def some(tx: Transaction, ids: Iterable[int]) -> dict[int, Ticket]:
    """The tickets with these ids, by id."""
    rows = tx.connection.execute(QUERY.where(tickets.c.id.in_(list(ids))))
    return {row.id: read(row) for row in rows}


def of_conversation(tx: Transaction, conversation: int) -> Sequence[Ticket]:
    """Tickets of a conversation, the newest first."""
    query = QUERY.join(ticket_conversations, ticket_conversations.c.ticket_id == tickets.c.id)
    query = query.where(ticket_conversations.c.conversation_id == conversation).order_by(tickets.c.id.desc())
    return [read(row) for row in tx.connection.execute(query)]


def of_customer(tx: Transaction, customer: int, limit: int = 20) -> Sequence[Ticket]:
    """Tickets of a customer, the newest first."""
    query = QUERY.where(tickets.c.customer_id == customer).order_by(tickets.c.id.desc()).limit(limit)
    return [read(row) for row in tx.connection.execute(query)]


class Column(StrEnum):
    """What `change` can change, and how the history calls it."""

    SUBJECT = "subject"
    STATE = "state"
    CATEGORY = "category"
    TEAM = "team"
    ASSIGNEE = "assignee"
    IMPACT = "impact"
    URGENCY = "urgency"
    PRIORITY = "priority"
    CAUSE = "cause"
    RESOLUTION = "resolution"
    MERGED_INTO = "merged_into"


_SEARCHED = frozenset({Column.SUBJECT, Column.CAUSE, Column.RESOLUTION, Column.MERGED_INTO})
_COLUMN = {Column.ASSIGNEE: "assignee_id", Column.MERGED_INTO: "merged_into_id"}


def change(
    tx: Transaction, ticket: Ticket, values: Mapping[Column, object], who: Who, now: datetime, **silent: object
) -> Ticket:
    """Set what differs, with a line of history for each; the ticket as it is then.

    `silent` are columns that the history does not tell about. `ticket` must be locked.
    """
    before = {column: getattr(ticket, column.value) for column in Column}
    before[Column.MERGED_INTO] = ticket.merged_into and id_of(ticket.merged_into)
    differing = {column: value for column, value in values.items() if before[column] != value}
    if not differing and not silent:
        return ticket
    columns = {_COLUMN.get(column, column.value): _plain(value) for column, value in differing.items()}
    tx.connection.execute(
        update(tickets)
        .where(tickets.c.id == ticket.id)
        .values(revision=ticket.revision + 1, updated_at=now, **columns, **silent)
    )
    changed = get(tx, ticket.id)
    spoken = {column.value: (_spoken(ticket, column), _spoken(changed, column)) for column in differing}
    for field, (old, new) in spoken.items():
        record(tx, ticket.id, who, field, old, new, now)
    if not _SEARCHED.isdisjoint(differing):
        for searched in (ticket.id, before[Column.MERGED_INTO]):
            if isinstance(searched, int):
                documents.rewrite(tx, searched)
    if spoken:
        events.emit(tx, event.ticket_event(ticket, changed), lambda: event.about_changes(changed, spoken), now)
    touch(tx, ticket.id)
    return changed


def _plain(value: object) -> object:
    return value.value if isinstance(value, StrEnum) else value


def _spoken(ticket: Ticket, column: Column) -> str | None:
    """A value as the history tells it: names, since ids mean nothing to readers."""
    value = ticket.assignee_name if column is Column.ASSIGNEE else getattr(ticket, column.value)
    return None if value is None else str(_plain(value))


def touch(tx: Transaction, ticket: int) -> None:
    """Announce that a ticket changed, to whoever looks at it or at one of its conversations."""
    tx.changed.add(("ticket", ticket))
    for conversation in cases.conversations_of(tx, ticket):
        tx.touch(conversation)


def record(
    tx: Transaction,
    ticket: int,
    who: Who,
    field: str,
    old: str | None,
    new: str | None,
    now: datetime,
    *,
    cause_key: str | None = None,
) -> None:
    """Add a line to a ticket's history. `cause_key` is unique: `happened` tells whether it led to one already."""
    tx.connection.execute(
        insert(ticket_history).values(
            ticket_id=ticket,
            at=now,
            author=who.author.value,
            technician_id=who.technician,
            field=field,
            old=old,
            new=new,
            cause_key=cause_key,
        )
    )


def happened(tx: Transaction, cause_key: str) -> bool:
    """Whether `cause_key` has led to a line of history already."""
    return bool(tx.connection.execute(select(exists().where(ticket_history.c.cause_key == cause_key))).scalar())


def history(tx: Transaction, ticket: int) -> Sequence[Change]:
    """Everything that happened to a ticket, in order."""
    query = (
        select(ticket_history, technicians.c.name)
        .outerjoin(technicians, technicians.c.id == ticket_history.c.technician_id)
        .where(ticket_history.c.ticket_id == ticket)
        .order_by(ticket_history.c.id)
    )
    return [
        Change(row.at, Who(Author(row.author), row.technician_id, row.name), row.field, row.old, row.new)
        for row in tx.connection.execute(query)
    ]


def resolved_before(tx: Transaction, moment: datetime, team: str | None, limit: int = 200) -> Sequence[Ticket]:
    """Resolved tickets of a team that nobody objected to since `moment`, the oldest first."""
    query = QUERY.where(
        tickets.c.state == State.RESOLVED.value,
        tickets.c.resolved_at < moment,
        tickets.c.team.is_not_distinct_from(team),
    )
    return [read(row) for row in tx.connection.execute(query.order_by(tickets.c.id).limit(limit))]
