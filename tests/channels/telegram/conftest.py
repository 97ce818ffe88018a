"""Alice and Bob, their Telegram, and the channel between it and a desk in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from channels.telegram.channel import TelegramChannel
from channels.telegram.flood import Gate
from tests import background
from tests.channels.memory_log import MemoryLog
from tests.channels.telegram.fake_api import TOKEN, FakeTelegram, fake_telegram
from tests.waiting import until

SECRET = "a-secret-for-tests"


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    """Telegram's end of the network."""
    async with fake_telegram() as running:
        yield running


@pytest.fixture
def desk() -> MemoryLog:
    """The desk, which says nothing by itself."""
    return MemoryLog()


@pytest.fixture
async def channel(telegram: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    """The channel with the real SDK, and patience for tests only."""
    async with running(telegram) as made:
        yield made


@asynccontextmanager
async def running(
    telegram: FakeTelegram, *, webhook_url: str = "", gate: Gate | None = None, patience: float = 1
) -> AsyncIterator[TelegramChannel]:
    """A channel of the bot of `telegram`, as fast as it can."""
    gate = gate or Gate(rate=10_000, burst=10_000, chat_rate=10_000, chat_burst=10_000)
    made = TelegramChannel(TOKEN, api=telegram.url, secret=SECRET, webhook_url=webhook_url, gate=gate, timeout=patience)
    try:
        yield made
    finally:
        await made._bot.request.shutdown()  # in the product it lives as long as the process


def listening(channel: TelegramChannel, desk: MemoryLog) -> AbstractAsyncContextManager[None]:
    """The channel listens until the end of the block."""
    return background.running(channel.listen(desk))


async def confirmed(telegram: FakeTelegram) -> None:
    """Wait until the bot has confirmed all there is."""
    await until(lambda: telegram.confirmed > max(telegram.updates, default=-1))
