"""Customers, technicians and the teams they work in."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from desk.model.technician import Role
from desk.store.tables.columns import Id, Moment, metadata, one_of

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
    # Whose it was before its owner proved to be `customer_id`, for undoing that.
    Column("linked_from_id", ForeignKey("customers.id")),
    Column("linked_at", Moment),
    # Since when the network says that it takes no messages, and why.
    Column("unreachable_at", Moment),
    Column("unreachable_detail", Text),
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
    Column("language", String(8)),
    # Whether handovers are told by mail as well.
    Column("mailed", Boolean, nullable=False, default=True),
    Column("invitation_hash", String(64), unique=True),
    Column("invited_until", Moment),
    Column("created_at", Moment, nullable=False),
    one_of("role", Role),
)

logins = Table(
    "logins",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("technician_id", ForeignKey("technicians.id"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    # What a program's token is for; a person's login has none.
    Column("name", String(200)),
    Column("address", String(64)),
    Column("agent", String(300)),
)

teams = Table(
    "teams",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("name_en", String(200), nullable=False),
    Column("name_nl", String(200), nullable=False),
    Column("time_zone", String(64), nullable=False),
    # A country of the package `holidays`, with a subdivision after a hyphen: NL, DE-BY.
    Column("holidays", String(16)),
    # So many days after a ticket was resolved the same problem opens it again; later it becomes a new one.
    Column("reopen_days", Integer, nullable=False, default=7),
    # Gets what no team is named for.
    Column("fallback", Boolean, nullable=False, default=False),
    Column("active", Boolean, nullable=False, default=True),
    # Where its handovers appear: C0123ABC, or with the workspace T0123ABC/C0123ABC.
    Column("slack_channel", String(64)),
    Column("created_at", Moment, nullable=False),
)

team_members = Table(
    "team_members",
    metadata,
    Column("team", ForeignKey("teams.key"), primary_key=True),
    Column("technician_id", ForeignKey("technicians.id"), primary_key=True, index=True),
)

opening_hours = Table(
    "opening_hours",
    metadata,
    Column("id", Id, primary_key=True),
    Column("team", ForeignKey("teams.key"), nullable=False, index=True),
    # Monday is 0; minutes since midnight on the team's clock, the end not included.
    Column("weekday", Integer, nullable=False),
    Column("opens", Integer, nullable=False),
    Column("closes", Integer, nullable=False),
    CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name="interval"),
)

closed_days = Table(
    "closed_days",
    metadata,
    Column("team", ForeignKey("teams.key"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("name", String(200), nullable=False),
)

categories = Table(
    "categories",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("name_en", String(200), nullable=False),
    Column("name_nl", String(200), nullable=False),
    Column("team", ForeignKey("teams.key")),
    Column("impact", Integer),
    Column("active", Boolean, nullable=False, default=True),
)

priorities = Table(
    "priorities",
    metadata,
    Column("impact", Integer, primary_key=True, autoincrement=False),
    Column("urgency", Integer, primary_key=True, autoincrement=False),
    Column("priority", Integer, nullable=False),
    CheckConstraint("impact BETWEEN 1 AND 3 AND urgency BETWEEN 1 AND 3", name="levels"),
    CheckConstraint("priority BETWEEN 1 AND 5", name="priority"),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shortcut", String(50), nullable=False, unique=True),
    Column("title", String(200), nullable=False),
    Column("text_en", Text, nullable=False),
    Column("text_nl", Text, nullable=False),
    # None: for everybody.
    Column("team", ForeignKey("teams.key")),
    Column("updated_at", Moment, nullable=False),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", Id, primary_key=True),
    # None: everybody's.
    Column("technician_id", ForeignKey("technicians.id"), index=True),
    Column("name", String(100), nullable=False),
    Column("filters", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
)
