"""Building and upgrading the tables with Alembic, from within the program: there is no alembic.ini to find."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from desk.store.database import Database

_FTS5 = frozenset({"ticket_index", *(f"ticket_index_{part}" for part in ("config", "data", "docsize", "idx"))})
_LOCK = 0x46_4C  # any number: only upgrades of Firstline's tables ask for it


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("version_path_separator", "os")
    config.attributes["connection"] = connection
    return config


def compared(connection: Connection) -> Callable[..., bool]:
    """What says to Alembic, as its ``include_object``, whether an item is compared: everything on PostgreSQL.

    On SQLite another index over the words of tickets stands for PostgreSQL's: a virtual table, and those it keeps its
    data in. Both sides leave theirs out.
    """
    left_out = {*_FTS5, "ix_ticket_documents_document"} if connection.dialect.name == "sqlite" else frozenset()

    def included(_: object, name: str | None, *_more: object) -> bool:
        return name not in left_out

    return included


@cache
def _newest() -> str | None:
    """The version of the tables that this program knows. All migrations are loaded to learn it: once will do."""
    return ScriptDirectory(Path(__file__).parent).get_current_head()


def upgrade(database: Database) -> None:
    """Bring the tables to the newest version; does nothing when they are. Safe when several processes start at once."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if MigrationContext.configure(connection).get_current_revision() != _newest():
            command.upgrade(_config(connection), "head")
        connection.commit()


def new_revision(database: Database, message: str) -> None:
    """Write a new migration from the difference between the tables and `database`, which must be up to date."""
    with database.engine.connect() as connection:
        command.revision(_config(connection), message, autogenerate=True)
