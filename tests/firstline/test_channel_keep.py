"""What channels keep in the record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from channels.keeping import Keep
from desk.store.database import Database
from firstline.channel_keep import ChannelKeep
from tests.desk.conftest import Clock

SECRET = b"the secret key of the tests"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keep(database: Database, clock: Clock) -> Keep:
    return ChannelKeep(database, "slack", SECRET, clock)


async def test_what_is_kept_is_found_again_and_replaced_by_what_is_put_in_its_place(keep: Keep) -> None:
    await keep.put("workspace", "T1", "one")
    await keep.put("workspace", "T1", "two")
    assert await keep.get("workspace", "T1") == "two"
    assert await keep.get("workspace", "T2") is None


async def test_what_is_taken_is_gone(keep: Keep) -> None:
    await keep.put("state", "s", "x")
    assert [await keep.take("state", "s"), await keep.take("state", "s")] == ["x", None]


async def test_the_oldest_comes_first_and_what_is_newer_than_asked_for_does_not(keep: Keep, clock: Clock) -> None:
    await keep.put("event", "b", "1")
    clock.tick()
    await keep.put("event", "a", "2")
    until = clock.tick()
    await keep.put("event", "c", "3")
    await keep.put("other", "d", "4")
    assert list(await keep.kept("event", until=until)) == ["b", "a"]


async def test_channels_do_not_see_each_others(keep: Keep, database: Database, clock: Clock) -> None:
    await keep.put("workspace", "T1", "one")
    assert await ChannelKeep(database, "pigeon", SECRET, clock).get("workspace", "T1") is None


async def test_it_is_sealed_in_the_database_and_not_opened_with_another_key(
    keep: Keep, database: Database, clock: Clock
) -> None:
    await keep.put("workspace", "T1", "xoxb-secret")
    with database.snapshot() as tx:
        stored = tx.connection.exec_driver_sql("SELECT sealed FROM channel_keep").scalar()
    assert "xoxb-secret" not in str(stored)
    other = ChannelKeep(database, "slack", b"another secret key", clock)
    assert await other.get("workspace", "T1") is None
    assert await other.kept("workspace", until=clock.tick()) == {}
