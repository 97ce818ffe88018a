"""Customers' side of the Bolt app: what is done with each event, pressed button and command."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncBoltContext

from channels.contract import Edit
from channels.inspection import Ignored
from channels.keeping import Keep
from channels.slack import parse
from channels.slack.app import SlackApp
from channels.slack.events import HomeOpened, Removed, Said, ThreadStarted
from channels.slack.intake import Intake
from channels.slack.replies import Replies
from channels.slack.sending import Sending
from channels.texts import Texts

log = logging.getLogger(__name__)

_ANYTHING = re.compile(r"")
_ASSISTANT = "assistant"
"""Kept for each workspace whose direct messages are threads with the assistant."""
_SPEAKS = "speaks"
"""Kept for each customer and thread of a channel in which they mentioned us."""
_REMEMBERED = 10_000


class Reception:
    """Listens on the Bolt app, behind whoever listens there already."""

    def __init__(
        self,
        app: SlackApp,
        intake: Intake,
        keep: Keep,
        sending: Sending,
        replies: Replies,
        texts: Texts,
        now: Callable[[], datetime],
    ) -> None:
        self.intake = intake
        self._app = app
        self._keep = keep
        self._sending = sending
        self._replies = replies
        self._texts = texts
        self._orders = parse.orders(texts)
        self._now = now
        self._flags: dict[tuple[str, str], None] = {}
        self._courtesies: set[asyncio.Task[None]] = set()
        self.ignored: Counter[str] = Counter()
        """How often what was ignored, by reason."""
        self._register()

    def _register(self) -> None:
        bolt = self._app.bolt
        bolt.use(self._limited)
        bolt.event(_ANYTHING)(self._event)
        bolt.block_action(_ANYTHING)(self._action)
        bolt.command(_ANYTHING)(self._command)
        # What is not ours is acknowledged too: Slack would send it again, or show its sender an error.
        for register in (bolt.view_submission, bolt.view_closed, bolt.shortcut, bolt.options, bolt.attachment_action):
            register(_ANYTHING)(self._nothing)

    # Listeners; Bolt tells by the names what they want

    async def _event(self, body: dict[str, Any], context: AsyncBoltContext) -> None:
        workspace = parse.workspace(body)
        threads = await self._flag(_ASSISTANT, workspace)
        match parse.event(body, threads=threads, bot_user=context.bot_user_id or ""):
            case Said() as said:
                await self._said(said, body)
            case Edit() as edit:
                await self.intake.take(edit, body)
            case HomeOpened() as opened:
                self._courtesy(self._replies.home(opened))
            case ThreadStarted() as started:
                await self._raise_flag(_ASSISTANT, workspace)
                self._courtesy(self._replies.started(started))
            case Removed(workspaces):
                await self._app.workspaces.remove(*workspaces)
            case Ignored(reason):
                self._ignore(reason)

    async def _action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        threads = await self._flag(_ASSISTANT, parse.workspace(body))
        match parse.action(body, threads=threads, now=self._now()):
            case Said() as said:
                await self.intake.take(said, body)
            case Ignored(reason):
                self._ignore(reason)
        await ack()

    async def _command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        match parse.command(body, self._orders, now=self._now()):
            case Said() as said:
                await self.intake.take(said, body)
                language = self._replies.language_of(said)
                await ack(text=self._texts.say("noted" if said.command is None else "ordered", language))
            case Ignored(reason):
                self._ignore(reason)
                await ack()

    async def _limited(self, body: dict[str, Any], next: Callable[[], Awaitable[Any]]) -> Any:  # noqa: A002  Bolt's
        """A notice which is no event, and so has no listener: customers may not have been heard."""
        if parse.is_limited(body):
            await self.intake.trouble(f"app_rate_limited: {parse.workspace(body)}")
        return await next()

    async def _nothing(self, ack: AsyncAck) -> None:
        self._ignore("not of this channel")
        await ack()

    async def _said(self, said: Said, body: dict[str, Any]) -> None:
        key = f"{said.address}|{said.thread}"
        if said.follows and not await self._flag(_SPEAKS, key):
            self._ignore("in a thread in which its author does not speak to us")
            return
        # Private channels from before 2021 are "G…".
        if said.thread.startswith(("C", "G")) and not said.follows:
            await self._raise_flag(_SPEAKS, key)
        if not said.thread:
            self._sending.met(said.address, said.channel)
        await self.intake.take(said, body)

    # What is remembered

    async def _flag(self, kind: str, key: str) -> bool:
        """Another process may have raised it: only a raised one is remembered here."""
        if (kind, key) not in self._flags and await self._keep.get(kind, key) is not None:
            self._remember(kind, key)
        return (kind, key) in self._flags

    async def _raise_flag(self, kind: str, key: str) -> None:
        if not await self._flag(kind, key):
            await self._keep.put(kind, key, "")
            self._remember(kind, key)

    def _remember(self, kind: str, key: str) -> None:
        self._flags[kind, key] = None
        if len(self._flags) > _REMEMBERED:
            del self._flags[next(iter(self._flags))]

    def _courtesy(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)

    def _ignore(self, reason: str) -> None:
        """Told the first time, the tenth, the hundredth: a busy channel would fill the log."""
        self.ignored[reason] += 1
        count = self.ignored[reason]
        if count == 10 ** (len(str(count)) - 1):
            log.info("ignored, for the %s. time: %s", count, reason)
