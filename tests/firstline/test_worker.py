"""The loop both workers share, when things go wrong around a claim."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from firstline.worker import Worker


class Work:
    """Hands out one piece of work; remembers what became of it."""

    def __init__(self) -> None:
        self.pieces = ["a letter"]
        self.claimed = asyncio.Event()
        self.committed = asyncio.Event()
        self.put_back: list[str] = []
        self.failed: list[tuple[str, Exception]] = []
        self.trouble = RuntimeError("the disk is full")

    async def claim(self) -> str | None:
        if not self.pieces:
            return None
        self.claimed.set()
        await self.committed.wait()
        return self.pieces.pop()

    async def handle(self, _: str) -> None:
        raise self.trouble

    async def give_back(self, piece: str) -> None:
        self.put_back.append(piece)

    async def fail(self, piece: str, error: Exception) -> None:
        self.failed.append((piece, error))

    def worker(self) -> Worker[str]:
        return Worker("letters", self, concurrency=1, poll=3_600)


async def test_what_is_claimed_in_the_moment_of_stopping_is_given_back() -> None:
    work = Work()
    running = asyncio.create_task(work.worker().run())
    await asyncio.wait_for(work.claimed.wait(), 30)
    running.cancel()
    await asyncio.sleep(0)
    work.committed.set()  # the database was just committing the claim
    with suppress(asyncio.CancelledError):
        await asyncio.wait_for(running, 30)
    assert work.put_back == ["a letter"]


async def test_work_that_failed_is_settled_at_once_and_the_worker_goes_on() -> None:
    work = Work()
    work.committed.set()
    worker = work.worker()
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(30):
        while not work.failed:
            await asyncio.sleep(0)
        work.pieces.append("another")
        worker.wake()
        while len(work.failed) < 2:
            await asyncio.sleep(0)
    assert work.failed == [("a letter", work.trouble), ("another", work.trouble)]
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
