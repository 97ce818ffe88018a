"""The conversation as its customer's client follows it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from channels.contract import Incoming
from desk import clock
from firstline.wiring import Product
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


async def _answered(app: Product) -> bool:
    return len((await app.log.news("web", "alice", 0)).messages) == 2
