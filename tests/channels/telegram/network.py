"""Telegram, for the tests that every channel has to pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from channels.contract import Outgoing
from channels.telegram.channel import TelegramChannel
from tests.channels.memory_log import MemoryLog
from tests.channels.networks import ALICE, Network, Outcome, Seen, Trouble
from tests.channels.telegram import fake_api
from tests.channels.telegram.conftest import running
from tests.channels.telegram.fake_api import FakeTelegram, fake_telegram
from tests.waiting import eventually

_PEOPLE = {"alice": fake_api.ALICE, "bob": fake_api.BOB}


class TelegramNetwork(Network):
    """A bot that polls."""

    def __init__(self, channel: TelegramChannel, telegram: FakeTelegram, desk: MemoryLog) -> None:
        self.channel = channel
        self.desk = desk
        self._sender = channel
        self._telegram = telegram
        self._failures = 0

    async def listen(self) -> None:
        """As the product has it: whatever ends it, it begins again."""
        while True:
            try:
                await self._sender.listen(self.desk)
            except ConnectionError:
                self._failures += 1
                while self.desk.accepting_fails:
                    await asyncio.sleep(0.001)

    async def says(self, text: str, who: str = ALICE) -> Outcome:
        sender = {"id": _PEOPLE[who], "is_bot": False, "first_name": "Alex", "language_code": "en"}
        message = self._telegram.message(_PEOPLE[who], text=text) | {"from": sender}
        return await self._happens(message=message)

    async def says_again(self) -> Outcome:
        last = self._telegram.updates[max(self._telegram.updates)]
        return await self._happens(**{kind: event for kind, event in last.items() if kind != "update_id"})

    async def presses(self, message: Outgoing, index: int) -> Outcome:
        before = max(self._telegram.updates)
        shown = next(shown for shown in reversed(self._telegram.shown) if shown.buttons)
        self._telegram.presses(shown, message.buttons[index].title)
        return await self._outcome(before + 1)

    async def does_something_new(self) -> None:
        # Telegram brings what was not asked for, too, for a while after that was changed.
        await self._happens(message={}, brain_wave={"alpha": 1})

    async def shows(self, message: Outgoing) -> list[Seen]:
        before = len(self._telegram.shown)
        await self._sender.send(message)
        return [Seen(shown.text, tuple(shown.titles)) for shown in self._telegram.shown[before:]]

    def trouble(self, trouble: Trouble) -> None:
        self._telegram.answers["sendMessage"].append(
            {
                Trouble.GONE: lambda: fake_api.error(403, "Forbidden: bot was blocked by the user"),
                Trouble.REFUSED: lambda: fake_api.error(400, "Bad Request: message is too long"),
                Trouble.TOO_FAST: lambda: fake_api.too_many(2),
                Trouble.BROKEN: lambda: fake_api.error(502, "Bad Gateway"),
                Trouble.SILENT: fake_api.cut,
            }[trouble]
        )

    async def _happens(self, **event: object) -> Outcome:
        return await self._outcome(self._telegram.happens(**event))

    async def _outcome(self, number: int) -> Outcome:
        said, failures = len(self._telegram.shown), self._failures

        async def known() -> bool:
            return self._telegram.confirmed > number or self._failures > failures

        await eventually(known)
        told = [shown.text for shown in self._telegram.shown[said:]]
        return Outcome(self._telegram.confirmed > number, told[0] if told else None)


@asynccontextmanager
async def telegram_network(desk: MemoryLog) -> AsyncIterator[Network]:
    """A bot with its Telegram, in front of `desk`."""
    async with fake_telegram() as telegram, running(telegram) as channel:
        network = TelegramNetwork(channel, telegram, desk)
        listening = asyncio.create_task(network.listen())
        yield network
        listening.cancel()
