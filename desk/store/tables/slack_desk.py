"""The technicians' console in Slack: who is who there, and the cards with what their threads show."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from desk.store.tables.columns import Id, Moment, metadata

slack_technicians = Table(
    "slack_technicians",
    metadata,
    Column("workspace", String(32), primary_key=True),
    Column("slack_user", String(32), primary_key=True),
    Column("technician_id", ForeignKey("technicians.id"), nullable=False, index=True),
    Column("linked_at", Moment, nullable=False),
    # When they last did something in Slack: there is no other way to know that they are there.
    Column("seen_at", Moment, nullable=False, index=True),
)

slack_codes = Table(
    "slack_codes",
    metadata,
    # One for each technician: a new code ends the earlier one.
    Column("technician_id", ForeignKey("technicians.id"), primary_key=True),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("expires_at", Moment, nullable=False),
)

slack_cards = Table(
    "slack_cards",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("workspace", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("ts", String(32)),
    Column("open", Boolean, nullable=False, default=True),
    Column("began", Integer, nullable=False),
    Column("seq", Integer, nullable=False, default=0),
    Column("shown", String(64), nullable=False, default=""),
    Column("state", String(120), nullable=False, default=""),
    # As the conversation and its ticket were when the card was last brought in step: what differs is to be shown.
    Column("revision", Integer),
    Column("ticket_id", ForeignKey("tickets.id")),
    Column("ticket_revision", Integer),
    Column("waiting_since", Moment),
    Column("updated_at", Moment),
    # A lease, as rows of work have; the row stays when the work is done.
    Column("attempts", Integer, nullable=False, default=0),
    Column("available_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("worker", String(64)),
    Column("unsure", Boolean, nullable=False, default=False),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("channel", "ts"),
    Index(
        "uq_slack_cards_open",
        "conversation_id",
        unique=True,
        sqlite_where=text("open = 1"),
        postgresql_where=text("open"),
    ),
)

slack_posts = Table(
    "slack_posts",
    metadata,
    Column("card_id", ForeignKey("slack_cards.id"), primary_key=True, autoincrement=False),
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("ts", String(32)),
    Column("source", String(64)),
    Column("delivery", String(16)),
    # The version of the message that stands there, by when its sender changed it.
    Column("edited_at", Moment),
    # What makes Slack's repeated deliveries harmless.
    UniqueConstraint("card_id", "source"),
    Index(
        "ix_slack_posts_unsettled",
        "card_id",
        sqlite_where=text("delivery IN ('pending', 'failed', 'unknown')"),
        postgresql_where=text("delivery IN ('pending', 'failed', 'unknown')"),
    ),
)
