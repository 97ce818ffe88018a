"""Work to be done in order: what came in, what goes out."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
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
from sqlalchemy.schema import SchemaItem

from desk.model.work import WorkState
from desk.store.tables.columns import Id, Moment, metadata, one_of


def _work(name: str, lane: str, item: str, *own: SchemaItem) -> Table:
    """`lane` refers to what keeps rows in order (one at a time within it), `item` to what the work is about."""
    table = Table(
        name,
        metadata,
        Column("id", Id, primary_key=True),
        Column("lane", ForeignKey(lane), nullable=False),
        Column("item", ForeignKey(item), nullable=False),
        Column("seq", BigInteger, nullable=False),
        Column("state", String(16), nullable=False, default=WorkState.PENDING.value),
        Column("attempts", Integer, nullable=False, default=0),
        Column("available_at", Moment, nullable=False),
        Column("lease_until", Moment),
        Column("worker", String(64)),
        Column("error", Text),
        Column("created_at", Moment, nullable=False),
        Column("settled_at", Moment),
        *own,
        one_of("state", WorkState),
    )
    unsettled = text("state IN ('pending', 'claimed')")
    # Partial: the rows of years of settled work cost a claim nothing.
    Index(
        f"ix_{table.name}_unsettled",
        table.c.lane,
        table.c.seq,
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
    return table


inbox = _work("inbox", "conversations.id", "messages.id", UniqueConstraint("item"))
outbox = _work(
    "outbox",
    "conversations.id",
    "messages.id",
    Column("channel", String(32), nullable=False),
    # Where it goes. Empty in rows of the time when every conversation had one address only.
    Column("address", String(320)),
    Column("thread", String(320)),
    Column("external_id", String(200)),
    # How many parts of the message have arrived, where a network takes it in several.
    Column("progress", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("item"),
)

events = Table(
    "events",
    metadata,
    # What happened, as other programs are told.
    Column("id", Id, primary_key=True),
    Column("type", String(64), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", String(2000), nullable=False),
    Column("secret", String(200), nullable=False),
    # Types of events; an empty list means all.
    Column("events", JSON, nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Column("created_at", Moment, nullable=False),
    Column("failing_since", Moment),
)

webhook_deliveries = _work(
    "webhook_deliveries",
    "webhooks.id",
    "events.id",
    Column("delivery_id", String(36), nullable=False, unique=True),
    Column("status", Integer),
    UniqueConstraint("lane", "item"),
)

alerts = Table(
    "alerts",
    metadata,
    # What technicians are told, again and again until one of them says "seen".
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("team", ForeignKey("teams.key")),
    Column("times", Integer, nullable=False, default=0),
    Column("created_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", ForeignKey("technicians.id")),
    Index(
        "uq_alerts_open",
        "conversation_id",
        unique=True,
        sqlite_where=text("acknowledged_at IS NULL"),
        postgresql_where=text("acknowledged_at IS NULL"),
    ),
)

notices = _work("notices", "technicians.id", "alerts.id", UniqueConstraint("lane", "item", "seq"))

channel_states = Table(
    "channel_states",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("worked_at", Moment),
    Column("failed_at", Moment),
    Column("error", Text),
)
