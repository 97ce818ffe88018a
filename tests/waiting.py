"""Waiting for what happens elsewhere: a condition is looked at until it holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

_PAUSE = 0.005
_PATIENCE = 30
"""Seconds until what has not happened is taken not to happen. Where others keep the machine busy everything is late."""


def wait_until(condition: Callable[[], object], seconds: float = _PATIENCE) -> None:
    """Returns as soon as `condition` holds; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(_PAUSE)  # the one wait of the tests: for what tells nobody when it has happened


async def until[T](condition: Callable[[], T], seconds: float = _PATIENCE) -> T:
    """What `condition` returns, once it is something; fails after `seconds`."""

    async def check() -> T:
        return condition()

    return await eventually(check, seconds)


async def eventually[T](check: Callable[[], Awaitable[T]], seconds: float = _PATIENCE) -> T:
    """The first truthy result of `check`; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (result := await check()):
        assert time.monotonic() < deadline, f"it did not happen: {result!r}"
        await asyncio.sleep(_PAUSE)
    return result
