"""Waking whoever watches."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from desk.live import Live


async def test_a_watcher_is_told_at_once_that_it_watches_and_misses_nothing_from_then_on() -> None:
    live = Live()
    async with aclosing(live.changes(1, every=3_600)) as changes, asyncio.timeout(5):
        assert await anext(changes) == frozenset()
        live.publish([1])
        live.publish([2])
        assert await anext(changes) == {1}


async def test_changes_that_come_while_the_watcher_is_busy_come_together() -> None:
    live = Live()
    async with aclosing(live.changes(every=3_600)) as changes, asyncio.timeout(5):
        await anext(changes)
        live.publish([1, 2])
        live.publish([3])
        assert await anext(changes) == {1, 2, 3}
