"""The migrations build what the tables say."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from desk import migrations
from desk.store.database import Database
from desk.store.tables import metadata


def test_the_migrations_build_exactly_the_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": migrations.compared(connection)})
        assert compare_metadata(context, metadata) == []


def test_what_is_not_compared_is_the_index_over_words_on_sqlite(database: Database) -> None:
    with database.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    names = {difference[1].name for difference in found}
    parts = {f"ticket_index{part}" for part in ("", "_config", "_data", "_docsize", "_idx")}
    assert names == ({*parts, "ix_ticket_documents_document"} if database.is_sqlite else set())


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    migrations.upgrade(database)
    with database.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() is not None
