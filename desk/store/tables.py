"""The tables. Migrations in `desk.migrations` build them; a test proves both agree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from channels.contract import Author, Owner
from desk.model import ticket
from desk.model.technician import Role
from desk.model.work import WorkState


class Moment(TypeDecorator[datetime]):
    """A point in time: aware datetimes in and out. SQLite, which has no time zones, stores it as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Called by SQLAlchemy with what is to be stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Called by SQLAlchemy with what was stored."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite gives out row ids by itself only to columns that are exactly INTEGER."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, values: Any) -> CheckConstraint:
    allowed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


customers = Table(
    "customers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200)),
    Column("email", String(320)),
    Column("language", String(8)),
    Column("created_at", Moment, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False, index=True),
    Column("channel", String(32), nullable=False),
    Column("address", String(320), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("channel", "address"),
)

technicians = Table(
    "technicians",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Column("must_change_password", Boolean, nullable=False, default=False),
    Column("created_at", Moment, nullable=False),
    _one_of("role", Role),
)

logins = Table(
    "logins",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("technician_id", ForeignKey("technicians.id"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False, index=True),
    Column("channel", String(32), nullable=False),
    Column("address", String(320), nullable=False),
    Column("thread", String(320), nullable=False, default=""),
    Column("owner", String(16), nullable=False, default=Owner.BOT.value),
    Column("technician_id", ForeignKey("technicians.id"), index=True),
    Column("closed", Boolean, nullable=False, default=False),
    Column("episode", Integer, nullable=False, default=1),
    Column("revision", Integer, nullable=False, default=1),
    Column("last_seq", Integer, nullable=False, default=0),
    # The newest message that is not an internal note: what the customer's client has to reach.
    Column("last_public_seq", Integer, nullable=False, default=0),
    Column("language", String(8)),
    Column("reason", String(32)),
    Column("waiting_since", Moment),
    Column("summary", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    _one_of("owner", Owner),
    CheckConstraint("(owner = 'technician') = (technician_id IS NOT NULL)", name="technician"),
    UniqueConstraint("channel", "address", "thread"),
    Index(None, "closed", "owner", "waiting_since"),
    Index(None, "closed", "owner", "updated_at"),
    Index(None, "closed", "updated_at"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("author", String(16), nullable=False),
    Column("technician_id", ForeignKey("technicians.id")),
    Column("text", Text, nullable=False),
    Column("internal", Boolean, nullable=False, default=False),
    Column("buttons", JSON),
    Column("choice", JSON),
    Column("language", String(8)),
    Column("external_id", String(200)),
    Column("created_at", Moment, nullable=False),
    _one_of("author", Author),
    UniqueConstraint("conversation_id", "seq"),
    # What makes a redelivery harmless. The address belongs to it: ids are unique within a customer's thread at most.
    UniqueConstraint("conversation_id", "external_id"),
)


def _work(name: str, *own: Column[Any]) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Id, primary_key=True),
        Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
        Column("message_id", ForeignKey("messages.id"), nullable=False, unique=True),
        Column("seq", Integer, nullable=False),
        Column("state", String(16), nullable=False, default=WorkState.PENDING.value),
        Column("attempts", Integer, nullable=False, default=0),
        Column("available_at", Moment, nullable=False),
        Column("lease_until", Moment),
        Column("worker", String(64)),
        Column("error", Text),
        Column("created_at", Moment, nullable=False),
        Column("settled_at", Moment),
        *own,
        _one_of("state", WorkState),
    )


def _open_work(table: Table) -> Index:
    unsettled = text("state IN ('pending', 'claimed')")
    # Partial: the rows of years of settled work cost a claim nothing.
    return Index(
        f"ix_{table.name}_unsettled",
        table.c.conversation_id,
        table.c.seq,
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )


inbox = _work("inbox")
outbox = _work("outbox", Column("channel", String(32), nullable=False), Column("external_id", String(200)))
_open_work(inbox)
_open_work(outbox)

procedure_runs = Table(
    "procedure_runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("key", String(64), nullable=False),
    Column("procedure", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", String(300), nullable=False),
    Column("state", String(32), nullable=False),
    Column("pending", String(100)),
    Column("untried", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("conversation_id", "episode", "key"),
)

procedure_steps = Table(
    "procedure_steps",
    metadata,
    Column("run_id", ForeignKey("procedure_runs.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("step", String(100), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text),
    Column("answer_text", Text),
    Column("result", String(32), nullable=False),
    Column("message_id", String(64)),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False, index=True),
    Column("subject", String(300), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("procedure", String(100)),
    Column("category", String(100)),
    Column("team", String(100)),
    Column("impact", Integer),
    Column("urgency", Integer),
    Column("note", Text),
    Column("facts", JSON, nullable=False),
    Column("resolution", Text),
    Column("cause_key", String(100), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    _one_of("state", ticket.State),
)
