"""What search looks in: the words of each ticket."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text
from sqlalchemy.dialects.postgresql import TSVECTOR

from desk.store.tables.columns import metadata

ticket_documents = Table(
    "ticket_documents",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True),
    # PostgreSQL: the vector itself. SQLite: the words as text; a migration keeps the FTS5 table `ticket_index` over it.
    Column("document", TSVECTOR().with_variant(Text, "sqlite"), nullable=False),
)
Index(None, ticket_documents.c.document, postgresql_using="gin").ddl_if(dialect="postgresql")
