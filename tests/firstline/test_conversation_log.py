"""The conversation as its customer's client follows it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from channels.contract import File, Incoming, Rejected
from desk import clock
from firstline.product import Product
from tests.waiting import eventually

AT_ONCE = 3
"""Seconds: less than the time after which a watcher looks again by itself."""


def incoming(text: str) -> Incoming:
    return Incoming("web", "alice", text, text, clock.now())


async def test_a_first_message_wakes_who_watched_before_there_was_a_conversation(app: Product) -> None:
    async with aclosing(app.log.watch("web", "alice")) as wakes, asyncio.timeout(AT_ONCE):
        await anext(wakes)
        assert (await app.log.news("web", "alice", 0)).messages == ()
        await app.log.accept(incoming("hello"))
        await anext(wakes)
        assert (await app.log.news("web", "alice", 0)).messages[0].text == "hello"


async def test_what_is_said_while_the_client_is_being_sent_something_wakes_it_again(app: Product) -> None:
    await app.log.accept(incoming("hello"))
    async with aclosing(app.log.watch("web", "alice")) as wakes, asyncio.timeout(AT_ONCE):
        await anext(wakes)
        # As long as it does not come back for the next wake-up, it is still sending.
        await eventually(lambda: _answered(app))
        await anext(wakes)


async def test_a_file_comes_back_with_its_message_and_only_to_its_sender(app: Product) -> None:
    stored = await app.log.upload("web", "alice", File("log.txt", "text/plain", b"no route to host"))
    sent = Incoming("web", "alice", "m1", "", clock.now(), uploads=(stored.id,))
    await app.log.accept(sent)
    (message, *_) = (await app.log.news("web", "alice", 0)).messages
    assert message.attachments == (stored,)
    assert await app.log.file("web", "alice", stored.id) == (stored, b"no route to host")
    assert await app.log.file("web", "bob", stored.id) is None


async def test_a_file_larger_than_the_setting_allows_is_refused_whichever_way_it_comes(app: Product) -> None:
    film = File("film.mp4", "video/mp4", bytes(app.settings.max_file + 1))
    with pytest.raises(Rejected, match="file_too_large"):
        await app.log.upload("web", "alice", film)
    with pytest.raises(Rejected, match="file_too_large"):
        await app.log.accept(Incoming("mail", "alice", "m1", "Look", clock.now(), attachments=(film,)))


async def _answered(app: Product) -> bool:
    return len((await app.log.news("web", "alice", 0)).messages) == 2
