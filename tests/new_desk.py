"""Databases as a new desk has them, made once and then made so again: quicker than migrating for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg

from desk import migrations, setup
from desk.store.database import Database
from desk.store.tables import metadata

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When the desk was set up."""

# Deleting what a test has added takes a tenth of the time of truncating fifty tables, which makes new files of all.
_KEEP = """
CREATE SCHEMA kept;
CREATE TABLE kept.sequences AS
  SELECT sequencename, coalesce(last_value, start_value) AS value, last_value IS NOT NULL AS called
  FROM pg_sequences WHERE schemaname = 'public';
DO $$ DECLARE name text; BEGIN
  FOREACH name IN ARRAY ARRAY[{tables}] LOOP
    EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name);
  END LOOP;
END $$;
CREATE FUNCTION begin_again() RETURNS void LANGUAGE plpgsql AS $$ DECLARE name text; used boolean; BEGIN
  SET LOCAL session_replication_role = replica;  -- no checking of foreign keys: rows go and come in any order
  FOREACH name IN ARRAY ARRAY[{tables}] LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', name) INTO used;
    IF used THEN EXECUTE format('DELETE FROM public.%I', name); END IF;
    EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', name, name);
  END LOOP;
  PERFORM setval(format('public.%I', sequencename)::regclass, value, called) FROM kept.sequences;
END $$;
"""


def make(url: str) -> None:
    """Give the empty database at `url` its tables, and what a desk begins with."""
    database = Database(url)
    migrations.upgrade(database)
    with database.transaction() as tx:
        setup.ensure(tx, START)
    database.close()


@contextmanager
def made_again(url: str) -> Iterator[Callable[[], None]]:
    """Make a PostgreSQL database; calling what is yielded makes it as a new desk has it again."""
    make(url)
    # One connection for all: a new one plans fifty deletions anew, which takes five times as long as they do.
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(_KEEP.format(tables=", ".join(f"'{name}'" for name in metadata.tables)))

        def again() -> None:
            connection.execute("SELECT begin_again()")

        yield again
