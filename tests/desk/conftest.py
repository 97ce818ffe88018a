"""The record, and the fixed cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.procedures.loader import load_words
from channels.contract import Choice, Incoming
from desk import inbox
from desk.model.technician import Role, Technician
from desk.store import technicians as technician_store
from desk.store.database import Database
from tests.desk.cases import Cases
from tests.desk.mails import Mails
from tests.new_desk import START

WORDS = load_words(Path(__file__).parents[2] / "bot" / "texts")


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
