"""Slack, for the tests that every channel has to pass."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.contract import Outgoing
from channels.slack.app import SlackApp
from channels.slack.channel import SlackChannel
from tests.channels.memory_keep import MemoryKeep
from tests.channels.memory_log import MemoryLog
from tests.channels.networks import ALICE, Network, Outcome, Seen, Trouble
from tests.channels.slack import events
from tests.channels.slack.conftest import listening
from tests.channels.slack.fake_slack import FakeSlack, Message, shown
from tests.waiting import eventually

_PEOPLE = {"alice": events.ALICE, "bob": events.BOB}


class SlackNetwork(Network):
    """An app with a socket, and two people who write to it directly."""

    def __init__(self, channel: SlackChannel, slack: FakeSlack, desk: MemoryLog) -> None:
        self.channel = channel
        self.desk = desk
        self._sender = channel
        self._slack = slack
        self._last: dict[str, Any] = {}
        self._retries = itertools.count(1)

    async def meet(self) -> None:
        """Both have looked at the app: it need not ask who they are."""
        for user in _PEOPLE.values():
            opened = {"type": "app_home_opened", "user": user, "channel": f"D{user[1:]}", "tab": "home"}
            await self._slack.push(events.event(opened))

        async def met() -> bool:
            return len(self._slack.calls("views.publish")) == len(_PEOPLE)

        await eventually(met)

    async def says(self, text: str, who: str = ALICE) -> Outcome:
        written = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        self._last = events.message(written, user=_PEOPLE[who])
        return await self._brings(self._last)

    async def says_again(self) -> Outcome:
        return await self._brings(self._last, retry=next(self._retries))

    async def presses(self, message: Outgoing, index: int) -> Outcome:
        shown_one = next(one for one in reversed(self._slack.said()) if _buttons(one))
        title = message.buttons[index].title
        button = next(one for one in _choices(shown_one) if one["text"]["text"] == title)
        under = {"ts": shown_one.ts, "text": shown_one.text, "blocks": shown_one.blocks}
        pressed = events.press(button, channel=shown_one.channel, message=under)
        return Outcome(await self._slack.push(pressed, "interactive") is not None)

    async def does_something_new(self) -> None:
        await self._slack.push(events.event({"type": "brain_wave", "alpha": 1}))

    async def shows(self, message: Outgoing) -> list[Seen]:
        before = len(self._slack.said())
        await self._sender.send(message)
        return [Seen(shown(one), tuple(_buttons(one))) for one in self._slack.said()[before:]]

    def trouble(self, trouble: Trouble) -> None:
        match trouble:
            case Trouble.GONE:
                self._slack.fails("chat.postMessage", "channel_not_found")
            case Trouble.REFUSED:
                self._slack.fails("chat.postMessage", "msg_too_long")
            case Trouble.TOO_FAST:
                self._slack.fails("chat.postMessage", status=429, retry_after=2)
            case Trouble.BROKEN:
                self._slack.fails("chat.postMessage", status=502)
            case Trouble.SILENT:
                self._slack.fails("chat.postMessage", after=True, cut=True)

    async def _brings(self, event: dict[str, Any], retry: int | None = None) -> Outcome:
        before, refused = len(self._slack.calls("chat.postEphemeral")), self.desk.accepting_fails
        seconds = 0.3 if isinstance(refused, ConnectionError) else 5
        acknowledged = await self._slack.push(event, retry=retry, seconds=seconds) is not None
        if not acknowledged or refused is None:
            return Outcome(acknowledged)

        async def told() -> bool:
            return len(self._slack.calls("chat.postEphemeral")) > before

        await eventually(told)
        return Outcome(acknowledged, self._slack.calls("chat.postEphemeral")[-1].args["text"])


def _choices(message: Message) -> list[dict[str, Any]]:
    """Buttons, and entries of menus."""
    elements = [one for block in message.blocks if block["type"] == "actions" for one in block["elements"]]
    return [entry for one in elements for entry in one.get("options", [one])]


def _buttons(message: Message) -> list[str]:
    return [choice["text"]["text"] for choice in _choices(message)]


@asynccontextmanager
async def slack_network(desk: MemoryLog) -> AsyncIterator[Network]:
    """An app with its Slack, in front of `desk`."""
    async with FakeSlack() as slack:
        for user in _PEOPLE.values():
            slack.users[user] = {"real_name": "Alex", "locale": "en-GB"}
        app = SlackApp(token=slack.token, app_token=slack.app_token, api_url=slack.api_url, ping=0.05)
        channel = SlackChannel(app, MemoryKeep())
        network = SlackNetwork(channel, slack, desk)
        async with listening(channel, desk):
            await network.meet()
            yield network
