"""The record on both databases, and the fixed cast."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from bot.procedures.loader import load_words
from channels.contract import Choice, Incoming
from desk import inbox, migrations, setup
from desk.model.technician import Role, Technician
from desk.store import technicians as technician_store
from desk.store.database import Database
from desk.store.tables import metadata
from tests import postgres
from tests.desk.cases import Cases
from tests.desk.mails import Mails

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
WORDS = load_words(Path(__file__).parents[2] / "bot" / "texts")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file as a new desk has it: copying it is quicker than migrating for each test."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _begin(f"sqlite:///{path}")
    return path


def _begin(url: str) -> None:
    database = Database(url)
    migrations.upgrade(database)
    with database.transaction() as tx:
        setup.ensure(tx, START)
    database.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database as a new desk has it."""
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL's server is not installed")
    # Not below pytest's own directory, which is for its owner only: the server runs as another user.
    with TemporaryDirectory(prefix="firstline-postgres-") as directory, postgres.server(Path(directory)) as url:
        _begin(url)
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(_KEEP.format(tables=", ".join(f"'{name}'" for name in metadata.tables)))
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database as a new desk has it, on each of the two systems."""
    if request.param == "sqlite":
        path = tmp_path / "firstline.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url: str = request.getfixturevalue("postgres_url")
    yield url
    empty(url)


def empty(url: str) -> None:
    """Make a PostgreSQL database as a new desk has it again."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SELECT begin_again()")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The record, empty."""
    opened = Database(database_url)
    yield opened
    opened.close()


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def tick(self, seconds: float = 1) -> datetime:
        """Let time pass; returns the new time."""
        self.time += timedelta(seconds=seconds)
        return self.time


@pytest.fixture
def clock() -> Clock:
    """A clock at 09:00 UTC."""
    return Clock()


@pytest.fixture
def write(database: Database, clock: Clock) -> Callable[..., int]:
    """Have a customer write: ``write("Hello", "alice")`` returns the conversation's id."""
    written = 0

    def do(
        text: str,
        who: str = "alice",
        *,
        external_id: str | None = None,
        choice: Choice | None = None,
        channel: str = "web",
    ) -> int:
        nonlocal written
        written += 1
        incoming = Incoming(channel, who, external_id or f"m{written}", text, clock(), choice=choice)
        with database.transaction() as tx:
            return inbox.accept(tx, incoming, clock(), WORDS).conversation

    return do


@pytest.fixture
def cases(database: Database, clock: Clock, write: Callable[..., int]) -> Cases:
    """What people do with tickets."""
    return Cases(database, clock.tick, write)


@pytest.fixture
def mails(database: Database, clock: Clock) -> Mails:
    """Mail that comes and goes."""
    return Mails(database, clock.tick, WORDS)


def _technician(database: Database, clock: Clock, name: str, role: Role) -> Technician:
    with database.transaction() as tx:
        # No real password: hashing one would take longer than most tests.
        return technician_store.create(tx, f"{name.lower()}@example.org", name, role, "-", False, clock())


@pytest.fixture
def tess(database: Database, clock: Clock) -> Technician:
    """A technician."""
    return _technician(database, clock, "Tess", Role.AGENT)


@pytest.fixture
def tom(database: Database, clock: Clock) -> Technician:
    """Another technician."""
    return _technician(database, clock, "Tom", Role.AGENT)
