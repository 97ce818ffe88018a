"""Telegram as a channel: the SDK's Bot, and what is asked of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from starlette.routing import Router
from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import Conflict, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from channels import texts
from channels.contract import MAX_FILES, Capabilities, DeliveryFailed, Desk, JSONObject, Log, Outgoing, Receipt, Way
from channels.files import MAX_FILE
from channels.inspection import RemoteFile
from channels.telegram import failures, parse, polling, render, webhook
from channels.telegram.events import KIND
from channels.telegram.flood import Gate
from channels.telegram.intake import FETCHED, Intake
from channels.telegram.sending import Sending

log = logging.getLogger(__name__)


def create(settings: Mapping[str, str]) -> TelegramChannel:
    """The channel as configured: ``telegram_token``, and, where Telegram shall call us, ``telegram_webhook_url``."""
    token = settings["telegram_token"]
    return TelegramChannel(
        token,
        api=settings.get("telegram_api_url") or "https://api.telegram.org",
        webhook_url=settings.get("telegram_webhook_url", ""),
        secret=webhook.secret(settings["secret_key"].encode(), token),
        max_file=int(settings.get("max_file", MAX_FILE)),
    )


class TelegramChannel:
    """A bot. Implements `channels.contract`'s Sender, Typist, Inviting, Listener and Webhook, and `intake.Network`."""

    kind = KIND
    capabilities = Capabilities(buttons=render.MAX_BUTTONS, typing=True, files=MAX_FILES)

    def __init__(
        self,
        token: str,
        *,
        api: str,
        secret: str,
        webhook_url: str = "",
        max_file: int = FETCHED,
        gate: Gate | None = None,
        timeout: float = 10.0,
    ) -> None:
        request = HTTPXRequest(read_timeout=timeout, write_timeout=timeout, connect_timeout=timeout)
        self._bot = Bot(token, f"{api}/bot", f"{api}/file/bot", request, request)
        self._secret = secret
        self._webhook_url = webhook_url
        self._texts = texts.load("channels.telegram")
        self._gate = gate or Gate()
        self._sending = Sending(partial(failures.deliver, self._make), self._gate)
        self._intake = Intake(self, self._texts, lambda: datetime.now(UTC), max_file=max_file)
        self._menus = list(render.commands(self._texts))
        self.ignored = self._intake.ignored
        self._username = ""  # of the bot, once we know it

    async def send(self, message: Outgoing) -> Receipt:
        """Hand `message` to Telegram, in as many parts as it takes."""
        return await self._sending.send(message, render.calls(message, self._texts))

    async def typing(self, address: str, thread: str) -> None:
        """Show "typing…" for five seconds. A chat that Telegram wants left alone is."""
        if wait := self._gate.closed(address, asyncio.get_running_loop().time()):
            raise DeliveryFailed("Telegram asks to wait", retry_after=wait)
        try:
            await self._bot.send_chat_action(address, ChatAction.TYPING)
        except TelegramError as error:
            raise failures.failure(error) from error

    def routes(self, desk: Log) -> Router | None:
        """Where Telegram calls, if it is to."""
        return webhook.router(self._intake.take, desk, self._secret) if self._webhook_url else None

    async def listen(self, desk: Desk) -> None:
        """Have Telegram call us, or ask it for what is new."""
        while self._menus:  # not each time that listening begins again
            await self.courtesy(self._menus.pop())
        if self._webhook_url:
            await self._bot.set_webhook(self._webhook_url, allowed_updates=parse.TYPES, secret_token=self._secret)
            await asyncio.Event().wait()
        await self._bot.delete_webhook()
        await polling.poll(self._updates, lambda update: self._intake.take(update, desk))

    async def _updates(self, offset: int | None) -> list[JSONObject]:
        """As JSON, not as the SDK's objects: one update that it cannot read would hold up all behind it, for ever.

        In lower case (Telegram does not mind) because the SDK warns of calling what it has a method for.
        """
        found: list[JSONObject] = []
        asked = {"offset": offset, "timeout": polling.HELD, "allowed_updates": parse.TYPES}
        try:
            found = await self._bot.do_api_request("getupdates", asked, read_timeout=polling.HELD + 10)
        except RetryAfter as error:
            await asyncio.sleep(failures.seconds(error))
        except Conflict as error:
            log.warning("another process listens for the same bot; listening again in %s s: %s", polling.AGAIN, error)
            await asyncio.sleep(polling.AGAIN)
        return found

    async def username(self) -> str:
        """Asked once."""
        if not self._username:
            self._username = (await self._bot.get_me()).username or ""
        return self._username

    async def invitation(self, code: str) -> Way | None:
        """A link that opens the bot, and starts it with `code`."""
        try:
            return Way(self.kind, render.join_link(await self.username(), code))
        except TelegramError as error:
            log.info("cannot invite to the bot without its name: %s", error)
            return None

    async def fetch(self, file: RemoteFile) -> bytes:
        """The content, unless Telegram says that it is larger than we may have."""
        return await failures.content(self._bot, file.id)

    async def courtesy(self, call: render.Call) -> None:
        """Make a call that nothing depends on; not while Telegram wants us to be silent."""
        chat = str(call.parameters.get("chat_id", call.method))
        try:
            if not self._gate.closed(chat, asyncio.get_running_loop().time()):
                await self._make(call)
        except RetryAfter as error:
            self._gate.refused(chat, failures.seconds(error), asyncio.get_running_loop().time())
        except TelegramError as error:
            log.info("%s: %s", call.method, error)

    async def _make(self, call: render.Call) -> Any:
        return await getattr(self._bot, call.method)(**call.parameters)
