"""Waking whoever watches."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from desk.live import LOOKING_LASTS, Live


async def test_a_watcher_is_told_at_once_that_it_watches_and_misses_nothing_from_then_on() -> None:
    live = Live()
    async with aclosing(live.changes(1, every=3_600)) as changes, asyncio.timeout(30):
        assert await anext(changes) == frozenset()
        live.publish([1])
        live.publish([2])
        assert await anext(changes) == {1}


async def test_changes_that_come_while_the_watcher_is_busy_come_together() -> None:
    live = Live()
    async with aclosing(live.changes(every=3_600)) as changes, asyncio.timeout(30):
        await anext(changes)
        live.publish([1, 2])
        live.publish([3])
        assert await anext(changes) == {1, 2, 3}


async def test_who_looks_and_who_writes_is_told_until_they_stop_or_are_not_heard_of() -> None:
    live, now = Live(), datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    async with aclosing(live.changes(7)) as changes:
        await anext(changes)
        live.set_looking(7, 1, "Tess", now)
        assert await anext(changes) == {7}
        live.set_looking(7, 2, "Tom", now, writing=True)
        assert await anext(changes) == {7}
        assert [(one.name, one.writing) for one in live.looking(7, now)] == [("Tess", False), ("Tom", True)]
        live.stop_writing(7, 2)
        assert await anext(changes) == {7}
        live.stop_looking(7, 1)
        assert await anext(changes) == {7}
    assert [(one.name, one.writing) for one in live.looking(7, now)] == [("Tom", False)]
    live.set_looking(7, 2, "Tom", now, writing=True)
    assert [one.writing for one in live.looking(7, now + timedelta(seconds=7))] == [False]
    assert live.looking(7, now + LOOKING_LASTS) == []
