"""What is done with what arrives: hand it to the desk, and answer what Telegram itself wants answered.

Everything that is said from here is a courtesy (a press that is answered, a file that is refused): it is said once, and
a failure of it holds up nothing. What matters goes through the desk.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from channels.contract import Desk, Edit, File, Language, Rejected, RejectReason
from channels.inspection import Ignored, RemoteFile
from channels.telegram import parse, render
from channels.telegram.events import KIND, Blocked, Called, Joined, Pressed, Refused, Said
from channels.texts import Texts

log = logging.getLogger(__name__)

FETCHED = 20_000_000
"""Bytes in a file that Telegram lets a bot fetch."""
_FETCHING = 4
_GROUP_EVERY = 60.0
"""Seconds in which a group is answered once at most."""


class NotFetched(Exception):
    """A file could not be fetched; the text says why, for the log."""


class TooLarge(NotFetched):
    """It is larger than we may fetch, or want to."""


class Network(Protocol):
    """What is asked of Telegram while something is taken in. Only `fetch` and `username` raise."""

    async def username(self) -> str:
        """The bot's own name, without the @."""
        ...

    async def fetch(self, file: RemoteFile) -> bytes:
        """The content. Raises `NotFetched`."""
        ...

    async def courtesy(self, call: render.Call) -> None:
        """Make a call that nothing depends on."""
        ...


class Intake:
    """Takes in updates, one after the other within a chat.

    max_file: bytes in one file.
    """

    def __init__(self, network: Network, texts: Texts, now: Callable[[], datetime], *, max_file: int = FETCHED) -> None:
        self._network = network
        self._texts = texts
        self._now = now
        self._max_file = min(max_file, FETCHED)
        self._groups: dict[str, datetime] = {}
        # Contents are in memory until they are stored: a few large ones at a time.
        self._fetching = asyncio.Semaphore(_FETCHING)
        self.ignored: Counter[str] = Counter()
        """How often what was ignored, by reason."""

    async def take(self, update: object, desk: Desk) -> None:
        """When this returns, the desk has what concerns it, and `update` may be acknowledged."""
        context = parse.Context(self._texts, self._now(), await self._network.username())
        match parse.event(update, context):
            case Said() as said:
                await self._said(said, desk)
            case Pressed() as pressed:
                await self._pressed(pressed, desk)
            case Edit() as edit:
                await desk.edit(edit)
            case Joined(address, code, language):
                await self._joined(address, code, language, desk)
            case Blocked(address, detail):
                await desk.unreachable(KIND, address, detail)
            case Called() as called:
                await self._called(called, context)
            case Refused(address, reason, language, query):
                await self._refuse(address, reason, language, query)
            case Ignored(reason):
                self._ignore(reason)

    async def _said(self, said: Said, desk: Desk) -> None:
        files, missed = [], ""
        for file in said.files:
            try:
                files.append(await self._fetched(file, said))
            except NotFetched as error:
                log.warning("a file of chat %s was not fetched: %s", said.address, error)
                missed = self._texts.say("file_missed", said.language, name=file.name)
        if missed and not said.text:
            return  # nothing is left of it, and the customer knows
        if missed:
            said = replace(said, text=f"{said.text}\n{missed}")
        try:
            await desk.accept(said.incoming(tuple(files)))
        except Rejected as error:
            await self._refuse(said.address, error.reason, said.language)

    async def _fetched(self, file: RemoteFile, said: Said) -> File:
        """The file with its content. When that cannot be had the customer is told.

        Raises:
            NotFetched: it is too large, or did not arrive.
        """
        try:
            if file.size is not None and file.size > self._max_file:
                raise TooLarge(f"{file.size} bytes")
            async with self._fetching:
                content = await self._network.fetch(file)
            if len(content) > self._max_file:
                raise TooLarge(f"{len(content)} bytes")
        except NotFetched as error:
            key = "errors.file_too_large" if isinstance(error, TooLarge) else "errors.file_interrupted"
            limit = self._max_file // 1_000_000
            text = self._texts.say(key, said.language, name=file.name, limit=limit)
            await self._network.courtesy(render.told(said.address, text))
            raise
        return File(file.name, file.type, content)

    async def _pressed(self, pressed: Pressed, desk: Desk) -> None:
        language, chosen = pressed.incoming.language, False
        try:
            accepted = await desk.accept(pressed.incoming)
        except Rejected as error:
            await self._refuse(pressed.incoming.address, error.reason, language, pressed.query)
        else:
            # Of the same button, tapped twice, or of another one under the same message.
            chosen = not accepted.duplicate
            hint = "" if chosen else self._texts.say("errors.pressed_already", language)
            await self._network.courtesy(render.press_answered(pressed.query, hint))
        await self._network.courtesy(render.served(pressed, self._texts, chosen=chosen))

    async def _joined(self, address: str, code: str, language: Language | None, desk: Desk) -> None:
        """The desk says itself where the conversation stands."""
        try:
            await desk.join(KIND, address, "", code)
        except Rejected as error:
            await self._refuse(address, error.reason, language)

    async def _called(self, called: Called, context: parse.Context) -> None:
        """What is said in a group, the whole group reads: the way to a private chat is all that is said there."""
        lately = context.now - timedelta(seconds=_GROUP_EVERY)
        self._groups = {chat: at for chat, at in self._groups.items() if at > lately}
        if called.chat in self._groups:
            return
        self._groups[called.chat] = context.now
        text = self._texts.say("group", called.language, link=render.bot_link(context.username))
        await self._network.courtesy(render.told(called.chat, text, called.reply_to))

    async def _refuse(
        self, address: str, reason: RejectReason, language: Language | None, query: str | None = None
    ) -> None:
        words = {"name": self._texts.say("a_file", language), "limit": self._max_file // 1_000_000}
        text = self._texts.say(f"errors.{reason}", language, **words)
        told = render.told(address, text) if query is None else render.press_answered(query, text)
        await self._network.courtesy(told)

    def _ignore(self, reason: str) -> None:
        """Told the first time, the tenth, the hundredth: a busy group would fill the log."""
        self.ignored[reason] += 1
        count = self.ignored[reason]
        if count == 10 ** (len(str(count)) - 1):
            log.info("ignored, for the %s. time: %s", count, reason)
