"""Tickets: what was promised to customers, and everything that happened to them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from channels.contract import Author
from desk.model import ticket
from desk.store.tables.columns import Id, Moment, metadata, one_of

_FILTERED = ["state", "team", "assignee_id", "category", "priority", "channel", "customer_id", "created_at"]

tickets = Table(
    "tickets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False, index=True),
    Column("subject", String(300), nullable=False),
    Column("state", String(32), nullable=False),
    Column("reason", String(32), nullable=False),
    # Where it came in.
    Column("channel", String(32), nullable=False),
    Column("procedure", String(100)),
    Column("category", ForeignKey("categories.key")),
    Column("team", ForeignKey("teams.key")),
    Column("assignee_id", ForeignKey("technicians.id")),
    Column("impact", Integer, nullable=False),
    Column("urgency", Integer, nullable=False),
    # From impact and urgency by the matrix of its day; 0 for a major incident, which is outside the matrix.
    Column("priority", Integer, nullable=False),
    Column("note", Text),
    Column("facts", JSON, nullable=False),
    Column("cause", Text),
    Column("resolution", Text),
    Column("merged_into_id", ForeignKey("tickets.id"), index=True),
    # What a merged ticket was before, for undoing it.
    Column("merged_from_state", String(32)),
    Column("revision", Integer, nullable=False, default=1),
    Column("cause_key", String(100), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("resolved_at", Moment),
    one_of("state", ticket.State),
    CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
    CheckConstraint("impact BETWEEN 1 AND 3 AND urgency BETWEEN 1 AND 3", name="levels"),
    CheckConstraint("priority BETWEEN 0 AND 5", name="priority"),
    # Lists are walked in this order. PostgreSQL finds in the index itself what they are filtered by, whatever that is.
    Index(None, "updated_at", "id", postgresql_include=_FILTERED),
    Index(None, "state", "updated_at"),
    Index(None, "assignee_id", "updated_at", "id", postgresql_include=["state"]),
    Index(None, "team", "updated_at", "id", postgresql_include=["state"]),
    Index(None, "category", "updated_at"),
    Index(None, "created_at"),
)

ticket_conversations = Table(
    "ticket_conversations",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True, index=True),
    # The case begins with this message of the conversation.
    Column("from_seq", Integer, nullable=False),
    # The ticket it came with when that one was merged into this one.
    Column("via_id", ForeignKey("tickets.id")),
    Column("added_at", Moment, nullable=False),
)

ticket_history = Table(
    "ticket_history",
    metadata,
    # Rows are only ever added.
    Column("id", Id, primary_key=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("author", String(16), nullable=False),
    Column("technician_id", ForeignKey("technicians.id")),
    Column("field", String(32), nullable=False),
    Column("old", Text),
    Column("new", Text),
    # What led to it, where that may be reported twice.
    Column("cause_key", String(150), unique=True),
    one_of("author", Author),
)

ticket_links = Table(
    "ticket_links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False, index=True),
    Column("other_id", ForeignKey("tickets.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    one_of("kind", ticket.Link),
    UniqueConstraint("ticket_id", "other_id", "kind"),
)
