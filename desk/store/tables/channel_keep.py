"""What channels keep for themselves: installations, and what they have promised to fetch."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from desk.store.tables.columns import Moment, metadata

channel_keep = Table(
    "channel_keep",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("key", String(200), primary_key=True),
    # Sealed: tokens and customers' words are among it.
    Column("sealed", Text, nullable=False),
    Column("kept_at", Moment, nullable=False),
)
