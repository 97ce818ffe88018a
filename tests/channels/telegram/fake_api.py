"""Telegram's end of the network: the HTTP Bot API, as far as we use it, as strict as the real one where it matters.

Stories are told with `FakeTelegram.says` and its kin; what the bot did stands in `calls`, and what people see now in
`shown`. `answers` makes it fail in every way that Telegram, or the network, does.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from tests.channels.telegram.reading import length, read_html

TOKEN = "123456:a-token-for-tests-of-telegram"
USERNAME = "firstline_bot"
BOT = {"id": 123456, "is_bot": True, "first_name": "Firstline", "username": USERNAME}
ALICE, BOB = 1001, 1002
_NAMES = {ALICE: "Alice", BOB: "Bob"}
_MAX_TEXT = 4096

JSON = dict[str, Any]
Answer = Callable[[], "web.StreamResponse | None"]


class Cut(Exception):
    """Raised by an `Answer`: the connection ends without one."""


@dataclass(frozen=True)
class Call:
    """What the bot asked: a method, its parameters, and the files that came with it by the name of their field."""

    method: str
    parameters: JSON
    files: dict[str, tuple[str, bytes]]


@dataclass
class Shown:
    """A message of the bot, as it is on somebody's screen."""

    chat: int
    number: int
    text: str
    buttons: list[JSON] = field(default_factory=list)
    file: tuple[str, bytes] | None = None
    kind: str = "message"

    @property
    def titles(self) -> list[str]:
        return [button["text"] for button in self.buttons]


def error(code: int, description: str, **parameters: object) -> web.Response:
    """An answer that says no."""
    body: JSON = {"ok": False, "error_code": code, "description": description}
    return web.json_response(body | ({"parameters": parameters} if parameters else {}), status=code)


def too_many(seconds: float) -> web.Response:
    """Flood control."""
    return error(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def cut() -> web.Response:
    """The connection ends without an answer."""
    raise Cut


class FakeTelegram:
    """One bot's Telegram."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.shown: list[Shown] = []
        self.files: dict[str, bytes] = {}
        self.answers: dict[str, deque[Answer]] = defaultdict(deque)
        """By method: what the next calls are answered with, instead of what they ask for; None: with that."""
        self.blocked: set[int] = set()
        self.webhook: JSON = {}
        """Polls that are open now."""
        self.confirmed = 0
        """Updates below this number are forgotten."""
        self.updates: dict[int, JSON] = {}
        self.dripping = False
        """Files come byte by byte, and never to an end."""
        self.held: dict[str, asyncio.Event] = {}
        """By method: calls wait until it is set."""
        self._numbers = count(1)
        self._messages = count(100)
        self._new = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen: on a free port the first time, afterwards on the same again."""
        app = web.Application(client_max_size=100_000_000)
        app.router.add_post(f"/bot{TOKEN}/{{method}}", self._called)
        app.router.add_get(f"/file/bot{TOKEN}/{{name}}", self._file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Refuse connections from now on."""
        if self._runner is not None:
            await self._runner.cleanup()

    # What people do

    def message(self, who: int = ALICE, **content: Any) -> JSON:
        """A message of somebody in their private chat, not sent yet."""
        sender = {"id": who, "is_bot": False, "first_name": _NAMES[who], "language_code": "en"}
        chat = {"id": who, "type": "private", "first_name": _NAMES[who]}
        return {"message_id": next(self._messages), "date": 1_790_000_000, "from": sender, "chat": chat, **content}

    def says(self, text: str, who: int = ALICE, **more: Any) -> JSON:
        """Somebody writes to the bot; returns the message."""
        message = self.message(who, text=text, **more)
        self.happens(message=message)
        return message

    def sends_file(self, content: bytes, who: int = ALICE, **more: Any) -> JSON:
        """Somebody sends a document; returns the message."""
        file_id = f"file-{len(self.files)}"
        self.files[file_id] = content
        document = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(content), "file_name": "log.txt"}
        message = self.message(who, document={**document, "mime_type": "text/plain"}, **more)
        self.happens(message=message)
        return message

    def presses(self, shown: Shown, title: str) -> None:
        """Somebody presses a button, or did before it was gone."""
        data = next(button["callback_data"] for button in self._original(shown) if button["text"] == title)
        keyboard = {"inline_keyboard": [[button] for button in shown.buttons]}
        sender = {"id": shown.chat, "is_bot": False, "first_name": _NAMES[shown.chat], "language_code": "en"}
        message = {
            "message_id": shown.number,
            "date": 1_790_000_000,
            "from": BOT,
            "chat": {"id": shown.chat, "type": "private"},
            "text": shown.text,
            "reply_markup": keyboard,
        }
        query = f"query-{next(self._messages)}"
        self.happens(callback_query={"id": query, "from": sender, "message": message, "data": data})

    def happens(self, **event: Any) -> int:
        """Any update; returns its number."""
        number = next(self._numbers)
        self.updates[number] = {"update_id": number, **event}
        self._new.set()
        return number

    def again(self) -> None:
        """Every update comes once more, under a new number, the newest first: as if Telegram had lost its mind."""
        for update in reversed(list(self.updates.values())):
            self.happens(**{kind: event for kind, event in update.items() if kind != "update_id"})

    # What the bot did

    def made(self, method: str) -> list[JSON]:
        """The parameters of all calls of a method, in the spelling of the documentation."""
        return [call.parameters for call in self.calls if call.method == method]

    def texts(self, who: int = ALICE) -> list[str]:
        """What the bot has said to somebody, as it reads now."""
        return [message.text for message in self.shown if message.chat == who]

    def _original(self, shown: Shown) -> list[JSON]:
        """The buttons that stood under a message when it was sent."""
        sent = next(c for c in self.calls if c.parameters.get("_number") == shown.number)
        return [button for row in sent.parameters["reply_markup"]["inline_keyboard"] for button in row]

    # The API

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if not self.dripping:
            return web.Response(body=self.files[request.match_info["name"]])
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:  # until whoever asked has had enough
            await answer.write(b".")
            await asyncio.sleep(0.02)

    async def _called(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        canonical = "getUpdates" if method.lower() == "getupdates" else method
        call = await _read(request, canonical)
        self.calls.append(call)
        if held := self.held.get(canonical):
            await held.wait()
        try:
            if self.answers[canonical] and (scripted := self.answers[canonical].popleft()()) is not None:
                return scripted
        except Cut:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        handler = getattr(self, f"_{canonical}", None)
        if handler is None:
            return error(404, "Not Found: method not found")
        answer: web.Response = await handler(call) if method.lower() == "getupdates" else handler(call)
        return answer

    async def _getUpdates(self, call: Call) -> web.Response:  # noqa: N802
        if self.webhook:
            return error(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(call.parameters.get("offset", 0))
        self.confirmed = max(self.confirmed, offset)
        try:
            async with asyncio.timeout(float(call.parameters.get("timeout", 0))):
                while not (found := self._waiting(call)):
                    self._new.clear()
                    await self._new.wait()
        except TimeoutError:
            found = []
        return _ok(found)

    def _waiting(self, call: Call) -> list[JSON]:
        wanted = set(call.parameters.get("allowed_updates", []))
        return [
            update
            for number, update in self.updates.items()
            if number >= self.confirmed and (not wanted or wanted & update.keys())
        ][:100]

    def _getMe(self, call: Call) -> web.Response:  # noqa: N802
        return _ok({**BOT, "can_join_groups": True, "can_read_all_group_messages": False})

    def _setMyCommands(self, call: Call) -> web.Response:  # noqa: N802
        for command in call.parameters["commands"]:
            assert re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]), command
            assert 1 <= len(command["description"]) <= 256, command
        return _ok(True)

    def _setWebhook(self, call: Call) -> web.Response:  # noqa: N802
        self.webhook = call.parameters
        return _ok(True)

    def _deleteWebhook(self, call: Call) -> web.Response:  # noqa: N802
        self.webhook = {}
        return _ok(True)

    def _getFile(self, call: Call) -> web.Response:  # noqa: N802
        file_id = call.parameters["file_id"]
        if file_id not in self.files:
            return error(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        size = len(self.files[file_id])
        if size > 20_000_000:
            return error(400, "Bad Request: file is too big")
        return _ok({"file_id": file_id, "file_unique_id": file_id, "file_size": size, "file_path": file_id})

    def _sendChatAction(self, call: Call) -> web.Response:  # noqa: N802
        return self._refused(call) or _ok(True)

    def _answerCallbackQuery(self, call: Call) -> web.Response:  # noqa: N802
        return _ok(True)

    def _sendMessage(self, call: Call) -> web.Response:  # noqa: N802
        return self._show(call, "text", _MAX_TEXT)

    def _sendPhoto(self, call: Call) -> web.Response:  # noqa: N802
        return self._show(call, "caption", 1024)

    def _sendDocument(self, call: Call) -> web.Response:  # noqa: N802
        return self._show(call, "caption", 1024)

    def _refused(self, call: Call) -> web.Response | None:
        chat = int(call.parameters["chat_id"])
        if chat in self.blocked:
            return error(403, "Forbidden: bot was blocked by the user")
        if chat not in _NAMES and chat > 0:
            return error(400, "Bad Request: chat not found")
        return None

    def _show(self, call: Call, key: str, limit: int) -> web.Response:
        if refused := self._refused(call):
            return refused
        given = call.parameters.get(key, "")
        text = read_html(given) if call.parameters.get("parse_mode") == "HTML" else given
        if text is None:
            return error(400, "Bad Request: can't parse entities")
        if length(text) > limit:
            return error(400, f"Bad Request: {'message' if key == 'text' else 'message caption'} is too long")
        if key == "text" and not text.strip():
            return error(400, "Bad Request: message text is empty")
        rows = call.parameters.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        if any(not 1 <= len(button["callback_data"].encode()) <= 64 for button in buttons):
            return error(400, "Bad Request: BUTTON_DATA_INVALID")
        file = next(iter(call.files.values()), None)
        number, chat = next(self._messages), int(call.parameters["chat_id"])
        call.parameters["_number"] = number
        kind = call.method.removeprefix("send").lower()
        self.shown.append(Shown(chat, number, text, buttons, file, kind))
        return _ok({"message_id": number, "date": 1_790_000_001, "chat": {"id": chat, "type": "private"}, key: text})

    def _editMessageText(self, call: Call) -> web.Response:  # noqa: N802
        found = self._found(call)
        if length(call.parameters["text"]) > _MAX_TEXT:
            return error(400, "Bad Request: MESSAGE_TOO_LONG")
        found.text, found.buttons = call.parameters["text"], []
        return _ok(True)

    def _editMessageReplyMarkup(self, call: Call) -> web.Response:  # noqa: N802
        found = self._found(call)
        if not found.buttons:
            return error(400, "Bad Request: message is not modified")
        found.buttons = []
        return _ok(True)

    def _found(self, call: Call) -> Shown:
        where = int(call.parameters["chat_id"]), int(call.parameters["message_id"])
        return next(shown for shown in self.shown if (shown.chat, shown.number) == where)


async def _read(request: web.Request, method: str) -> Call:
    parameters: JSON = {}
    files: dict[str, tuple[str, bytes]] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = (value.filename, value.file.read())
        else:
            assert isinstance(value, str)
            parameters[name] = json.loads(value) if value[:1] in "[{" and name not in {"text", "caption"} else value
    return Call(method, parameters, files)


def _ok(result: object) -> web.Response:
    return web.json_response({"ok": True, "result": result})


@asynccontextmanager
async def fake_telegram() -> AsyncIterator[FakeTelegram]:
    """A started one."""
    telegram = FakeTelegram()
    await telegram.start()
    try:
        yield telegram
    finally:
        await telegram.stop()
