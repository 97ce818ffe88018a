"""The loop both workers share: claim, handle several at once, sleep until woken or until it is time to look again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

_AFTER_ERROR = 1.0
"""Seconds to wait after the database refused a claim, so that a dead database is not asked in a tight loop."""


class Worker[T]:
    """Claims work and handles up to `concurrency` pieces at once.

    queue: the name of what it works off, ``inbox`` or ``outbox``.
    claim: returns the next piece of work, or None when there is nothing to do now.
    handle: does it. An exception is logged; the claim's lease runs out and the work is claimed again.
    poll: seconds after which an idle worker looks again by itself: for work that other processes put there, and for
        pauses and leases that have ended.
    """

    def __init__(
        self,
        queue: str,
        claim: Callable[[], Awaitable[T | None]],
        handle: Callable[[T], Awaitable[None]],
        *,
        concurrency: int,
        poll: float,
    ) -> None:
        self.queue = queue
        self._claim = claim
        self._handle = handle
        self._slots = asyncio.Semaphore(concurrency)
        self._poll = poll
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be work. Call it in the worker's event loop."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled; what is being handled then is cancelled too."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._slots.acquire()
                # Cleared before looking: work that arrives while we look wakes us again.
                self._woken.clear()
                item = await self._next()
                if item is None:
                    self._slots.release()
                    await self._idle()
                else:
                    tasks.create_task(self._work(item), name=self.queue)

    async def _next(self) -> T | None:
        try:
            return await self._claim()
        except Exception:
            log.exception("%s: cannot claim work", self.queue)
            await asyncio.sleep(_AFTER_ERROR)
            return None

    async def _idle(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), self._poll)
        except TimeoutError:
            return

    async def _work(self, item: T) -> None:
        try:
            await self._handle(item)
        except Exception:
            log.exception("%s: work failed, it is tried again when its lease has run out", self.queue)
        finally:
            self._slots.release()
            # The next message of the same conversation is free now.
            self.wake()
