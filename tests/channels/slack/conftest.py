"""Slack's end of the network, the desk's end, and the channel between them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import pytest

from channels.contract import Rejected, RejectReason
from channels.slack.app import SlackApp
from channels.slack.channel import SlackChannel
from tests.background import running
from tests.channels.memory_keep import MemoryKeep
from tests.channels.memory_log import MemoryLog
from tests.channels.slack.fake_slack import FakeSlack


class Desk(MemoryLog):
    """The desk, as far as Slack needs it."""

    def refuses(self) -> None:
        """It knows no button."""
        self.accepting_fails = Rejected(RejectReason.UNKNOWN_BUTTON)

    @property
    def texts(self) -> list[str]:
        """What was said, in order."""
        return [incoming.text for incoming in self.received]


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        fake.users["U1"] = {"real_name": "Alice", "locale": "en-GB"}
        fake.users["U2"] = {"real_name": "Bob", "locale": "nl-NL"}
        yield fake


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def keep() -> MemoryKeep:
    return MemoryKeep()


Make = Callable[[], SlackChannel]


@pytest.fixture
def make(slack: FakeSlack, keep: MemoryKeep) -> Make:
    """Makes a channel as a process has it. Two are like two processes, or one that was started again."""

    def made() -> SlackChannel:
        app = SlackApp(token=slack.token, app_token=slack.app_token, api_url=slack.api_url, ping=0.05)
        return SlackChannel(app, keep, max_file=1_000_000, now=lambda: datetime.now(UTC))

    return made


def listening(channel: SlackChannel, desk: MemoryLog) -> AbstractAsyncContextManager[None]:
    """The channel listens until the block ends; then its process is gone."""
    return running(channel.listen(desk))


@pytest.fixture
async def channel(make: Make, desk: Desk) -> AsyncIterator[SlackChannel]:
    """A channel that listens."""
    made = make()
    async with listening(made, desk):
        yield made
