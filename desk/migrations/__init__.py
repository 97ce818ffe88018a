"""Building and upgrading the tables with Alembic, from within the program: there is no alembic.ini to find."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from desk.store.database import Database

_LOCK = 0x46_4C  # any number: only upgrades of Firstline's tables ask for it


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("version_path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database) -> None:
    """Bring the tables to the newest version; does nothing when they are. Safe when several processes start at once."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(_config(connection), "head")
        connection.commit()


def new_revision(database: Database, message: str) -> None:
    """Write a new migration from the difference between the tables and `database`, which must be up to date."""
    with database.engine.connect() as connection:
        command.revision(_config(connection), message, autogenerate=True)
