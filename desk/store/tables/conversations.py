"""Conversations, their messages and files, and what the assistant tried in them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from channels.contract import Author, Owner
from desk.model.clock import Clock
from desk.store.tables.columns import Id, Moment, metadata, one_of

conversations = Table(
    "conversations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False, index=True),
    Column("channel", String(32), nullable=False),
    Column("address", String(320), nullable=False),
    Column("thread", String(320), nullable=False, default=""),
    # Where answers go, when that is not where it began: the customer went on somewhere else (`routes`).
    Column("answer_channel", String(32)),
    Column("answer_address", String(320)),
    Column("answer_thread", String(320)),
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
    # The case it is about now; `ticket_conversations` knows the earlier ones too.
    Column("ticket_id", ForeignKey("tickets.id"), index=True),
    # Where the assistant's procedures stand, as `bot.procedures.state` writes it: people go on from there.
    Column("procedure_state", JSON),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    one_of("owner", Owner),
    CheckConstraint("(owner = 'technician') = (technician_id IS NOT NULL)", name="technician"),
    UniqueConstraint("channel", "address", "thread"),
    Index(None, "closed", "owner", "waiting_since"),
    Index(None, "closed", "owner", "updated_at"),
    Index(None, "closed", "updated_at"),
)

routes = Table(
    "routes",
    metadata,
    # Where else a conversation is gone on with than where it began. What arrives there belongs to it.
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("channel", String(32), nullable=False),
    Column("address", String(320), nullable=False),
    Column("thread", String(320), nullable=False, default=""),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("channel", "address", "thread"),
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
    # An order to the desk itself, with its argument.
    Column("command", JSON),
    Column("language", String(8)),
    Column("external_id", String(200)),
    # Where a customer sent it from, if that is not where its conversation began.
    Column("from_channel", String(32)),
    Column("from_address", String(320)),
    Column("from_thread", String(320)),
    # The case it belongs to: the one its conversation was about then, unless a case was found to begin earlier.
    Column("ticket_id", ForeignKey("tickets.id")),
    # How many files came with it, so that nobody has to look for those of messages that have none.
    Column("attachments", SmallInteger, nullable=False, default=0),
    # When its sender last changed it, or took it back.
    Column("edited_at", Moment),
    Column("deleted", Boolean, nullable=False, default=False, server_default=false()),
    Column("created_at", Moment, nullable=False),
    one_of("author", Author),
    UniqueConstraint("conversation_id", "seq"),
    # What makes a redelivery harmless. The address belongs to it: ids are unique within a customer's thread at most.
    UniqueConstraint("conversation_id", "external_id"),
)

message_versions = Table(
    "message_versions",
    metadata,
    # How a message read before its sender changed it.
    Column("id", Id, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("replaced_at", Moment, nullable=False),
)

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

clock_spans = Table(
    "clock_spans",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("ticket_id", ForeignKey("tickets.id"), index=True),
    Column("technician_id", ForeignKey("technicians.id")),
    Column("clock", String(16), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    one_of("clock", Clock),
    # One clock at a time.
    Index(
        "uq_clock_spans_running",
        "conversation_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

files = Table(
    "files",
    metadata,
    # Apart from what refers to it: nobody reads contents by listing, and what is sent twice is stored once.
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", Id, primary_key=True),
    # None until the message is sent that it was uploaded for.
    Column("message_id", ForeignKey("messages.id"), index=True),
    # Who uploaded it, and may send it: `<channel>:<address>` or `technician:<id>`.
    Column("uploader", String(400), nullable=False),
    Column("name", String(255), nullable=False),
    Column("type", String(127), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", ForeignKey("files.sha256"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
)
