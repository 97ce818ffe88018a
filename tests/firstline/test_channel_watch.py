"""What administrators are told of channels, and what telling it costs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from channels.contract import DeliveryFailed
from channels.registry import Entry, missing
from desk import clock
from desk.model.channel import ChannelState
from desk.store import channel_states
from desk.store.database import Database
from desk.store.tables import metadata
from firstline.channel_watch import EVERY, ChannelWatch
from firstline.product import Part
from tests.firstline.conftest import Start
from tests.firstline.test_delivering import Pigeon, arrived, write
from tests.firstline.test_listening import Ear
from tests.waiting import eventually


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(f"sqlite:///{tmp_path / 'firstline.db'}")
    metadata.create_all(opened.engine)
    return opened


def state(database: Database, kind: str) -> ChannelState:
    with database.snapshot() as tx:
        return channel_states.everything(tx)[kind]


async def test_the_same_news_is_written_once_a_minute_and_a_change_at_once(database: Database) -> None:
    now = begin = clock.now()
    watch = ChannelWatch(database, lambda: now)
    for seconds in (0, 10, 59):
        now = begin + timedelta(seconds=seconds)
        await watch.worked("email")
    assert state(database, "email").worked_at == begin
    await watch.failed("email", "535 wrong password")
    assert state(database, "email").failing
    now = begin + timedelta(seconds=62)
    await watch.worked("email")
    found = state(database, "email")
    assert (found.worked_at, found.failing, found.error) == (now, False, "535 wrong password")
    now += EVERY
    await watch.worked("email")
    assert state(database, "email").worked_at == now


async def test_a_channel_that_takes_messages_works_and_one_that_does_not_says_why(start: Start) -> None:
    pigeon = Pigeon(DeliveryFailed("hawk in the air"))
    async with start(extra_channels=(pigeon,)) as app:
        await write(app, "coo", "alice")
        await arrived(pigeon, 1)

        async def recovered() -> bool:
            return not state(app.database, "pigeon").failing

        await eventually(recovered)
        assert state(app.database, "pigeon").error == "hawk in the air"


async def test_a_channel_that_is_cut_off_while_listening_says_why(start: Start) -> None:
    ear = Ear()
    async with start(Part.LISTEN, extra_channels=(ear,)) as app:

        async def heard() -> bool:
            return bool(ear.heard)

        await eventually(heard)
        found = state(app.database, "ear")
    assert (found.error, found.worked_at is not None) == ("cut off", True)


def test_a_channel_says_what_it_lacks() -> None:
    known = {"pigeon": Entry("x", needs=("loft", "ring")), "web": Entry("y", needs=())}
    assert missing({"loft": "roof"}, known) == {"pigeon": ("ring",), "web": ()}
