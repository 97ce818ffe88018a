"""The loop both workers share: claim, handle several at once, sleep until woken or until it is time to look again."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from desk.model.work import Claim, Stumbled

log = logging.getLogger(__name__)

_AFTER_ERROR = 1.0
"""Seconds to wait after the database refused a claim, so that a dead database is not asked in a tight loop."""


class Work[T](Protocol):
    """What a worker does with one queue."""

    async def claim(self) -> T | None:
        """The next piece of work, or None when there is nothing to do now."""
        ...

    async def handle(self, item: T) -> None:
        """Do it."""
        ...

    async def give_back(self, item: T) -> None:
        """The process was told to stop before `item` was begun: others may have it at once."""
        ...

    async def fail(self, item: T, error: Exception) -> None:
        """`handle` raised. When this raises too, the claim's lease runs out and the work is claimed again."""
        ...


class PassingOver(Protocol):
    """Work whose `claim` raises `Stumbled` when it is not even clear what there is to do."""

    async def pass_over(self, claim: Claim, error: str) -> None:
        """Have others go first; tried often enough, it is given up and people are told."""
        ...


class Worker[T]:
    """Claims work and handles up to `concurrency` pieces at once.

    queue: the name of what it works off, ``inbox`` or ``outbox``.
    poll: seconds after which an idle worker looks again by itself: for work that other processes put there, and for
        pauses and leases that have ended.
    stumbling: what is done with rows over which claims fail.
    """

    def __init__(
        self,
        queue: str,
        work: Work[T],
        *,
        concurrency: int,
        poll: float,
        stumbling: PassingOver | None = None,
    ) -> None:
        self.queue = queue
        self._work = work
        self._stumbling = stumbling
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
                    tasks.create_task(self._do(item), name=self.queue)

    async def _next(self) -> T | None:
        claiming = asyncio.ensure_future(self._work.claim())
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            # The database may be committing the claim at this moment: nobody would work on it until its lease ends.
            item = await claiming
            if item is not None:
                await self._work.give_back(item)
            raise
        except Exception as error:
            log.exception("%s: cannot claim work", self.queue)
            if not await self._passed_over(error):
                await asyncio.sleep(_AFTER_ERROR)
            return None

    async def _passed_over(self, error: Exception) -> bool:
        """Whether it was one row's fault, which others now go before: else it would be claimed, in vain, for ever."""
        if self._stumbling is None or not isinstance(error, Stumbled):
            return False
        try:
            await self._stumbling.pass_over(error.claim, type(error.__cause__).__name__)
        except Exception:
            log.exception("%s: row %s is not given up", self.queue, error.claim.id)
            return False
        self.wake()
        return True

    async def _idle(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), self._poll)
        except TimeoutError:
            return

    async def _do(self, item: T) -> None:
        try:
            await self._work.handle(item)
        except Exception as error:
            log.exception("%s: work failed", self.queue)
            await self._fail(item, error)
        finally:
            self._slots.release()
            # The next message of the same conversation is free now.
            self.wake()

    async def _fail(self, item: T, error: Exception) -> None:
        try:
            await self._work.fail(item, error)
        except Exception:
            log.exception("%s: it is tried again when its lease has run out", self.queue)
