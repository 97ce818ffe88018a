"""A Slack of our own, for the real SDKs: the Web API's methods that we call, files, response URLs and Socket Mode.

    async with FakeSlack() as slack:
        app = SlackApp(token=slack.token, app_token=slack.app_token, api_url=slack.api_url)
        ...
        acked = await slack.push(events.message("hello"))
        assert slack.calls("chat.postMessage")[0].args["text"] == "hi"

Failures are told in advance: ``slack.fails("chat.postMessage", status=429, retry_after=7)``.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import WSMsgType, web

TEAM, BOT_USER, BOT, APP = "T1", "UBOT", "B1", "A1"
SECRET = "the signing secret of the tests"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Web API."""

    method: str
    token: str
    args: Json
    """Decoded: what was sent as JSON inside a form is an object here."""


@dataclass(frozen=True, slots=True)
class Failure:
    status: int
    error: str
    retry_after: float | None
    after: bool
    """It happens after the call has had its effect: what the caller is told is wrong."""
    cut: bool
    """The connection is cut instead of answering."""


@dataclass
class Message:
    """What stands in a channel."""

    channel: str
    ts: str
    text: str
    blocks: list[Json]
    thread_ts: str | None
    files: list[str] = field(default_factory=list)
    """Names of files."""


def shown(message: Message) -> str:
    """The words of a message as people see them: those of its blocks, if it has any."""
    return "".join(shown_block(block) for block in message.blocks).rstrip("\n") if message.blocks else message.text


def shown_block(block: Json) -> str:
    """The words in a block; titles of buttons are none."""
    if block["type"] == "rich_text":
        return "\n".join("".join(run["text"] for run in part["elements"]) for part in block["elements"]) + "\n"
    if block["type"] == "context":
        return "".join(one["text"] for one in block["elements"]) + "\n"
    return str(block["text"]["text"]) + "\n" if "text" in block else ""


class FakeSlack:
    """Listens on a free port of this machine, in the loop of the test."""

    token = "xoxb-of-the-tests"
    app_token = "xapp-of-the-tests"

    def __init__(self) -> None:
        self.all_calls: list[Call] = []
        self.messages: list[Message] = []
        self.users: dict[str, Json] = {}
        """What `users.info` says beyond the id: ``{"real_name": "Alice", "locale": "nl-NL"}``."""
        self.tokens: dict[str, Json] = {self.token: {"team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT}}
        """What `auth.test` says of each bot token."""
        self.codes: dict[str, Json] = {}
        """What `oauth.v2.access` answers to each code and each refresh token."""
        self.files: dict[str, bytes] = {}
        """Contents of `url_private`, by the last part of the URL."""
        self.uploaded: dict[str, tuple[str, bytes]] = {}
        """Name and content, by file id."""
        self.responses: list[tuple[str, Json]] = []
        """What was sent to response URLs: the last part of the URL, and the body."""
        self.socket_refused: str | None = None
        """The error of `apps.connections.open`."""
        self.files_blocked: asyncio.Event | None = None
        """Downloads wait for it."""
        self.users_blocked: asyncio.Event | None = None
        """`users.info` waits for it."""
        self.known_files: dict[str, Json] = {}
        """What `files.info` says of a file, by its id."""
        self._failures: dict[str, deque[Failure]] = defaultdict(deque)
        self._sockets: list[web.WebSocketResponse] = []
        self._connected = asyncio.Event()
        self._envelopes: dict[str, asyncio.Future[Json]] = {}
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self.url = ""

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=100_000_000)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/socket", self._socket)
        app.router.add_get("/files/{name}", self._file)
        app.router.add_post("/upload/{id}", self._upload)
        app.router.add_post("/response/{name}", self._response)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.drop_sockets()
        assert self._runner is not None
        await self._runner.cleanup()

    # What tests tell and ask

    def calls(self, method: str) -> list[Call]:
        """Calls of a method, the oldest first; those that failed too."""
        return [call for call in self.all_calls if call.method == method]

    def said(self, channel: str | None = None) -> list[Message]:
        """What was posted, in one channel or everywhere."""
        return [message for message in self.messages if channel in (None, message.channel)]

    def fails(
        self,
        method: str,
        error: str = "internal_error",
        *,
        status: int = 200,
        retry_after: float | None = None,
        times: int = 1,
        after: bool = False,
        cut: bool = False,
    ) -> None:
        """The next calls of `method` (``*``: any) fail; a status other than 200 and 429 has no JSON, as at Slack."""
        failure = Failure(status, "ratelimited" if status == 429 else error, retry_after, after, cut)
        self._failures[method].extend([failure] * times)

    def direct_channel(self, user: str) -> str:
        """The direct messages between `user` and the bot."""
        return f"D{user[1:]}"

    def file(self, name: str, content: bytes, *, type: str = "image/png", **more: Any) -> Json:  # noqa: A002
        """A file as events have it; its content can be fetched with a bot's token."""
        self.files[name] = content
        url = f"{self.url}/files/{name}"
        return {
            "id": f"F{next(self._numbers)}",
            "name": name,
            "mimetype": type,
            "size": len(content),
            "mode": "hosted",
            "url_private": url,
            "url_private_download": url,
            **more,
        }

    async def connected(self, count: int = 1, seconds: float = 10) -> None:
        """Wait until `count` sockets are open."""
        async with asyncio.timeout(seconds):
            while len([one for one in self._sockets if not one.closed]) < count:
                self._connected.clear()
                await self._connected.wait()

    async def push(
        self, payload: Json, kind: str = "events_api", *, retry: int | None = None, seconds: float = 5
    ) -> Json | None:
        """Send something through the socket; the acknowledgement, or None when there is none within `seconds`.

        kind: ``events_api``, ``interactive`` or ``slash_commands``.
        """
        envelope = f"envelope-{next(self._numbers)}"
        answered: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._envelopes[envelope] = answered
        body = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True}
        if retry is not None:
            body |= {"retry_attempt": retry, "retry_reason": "timeout"}
        await self.connected(seconds=max(seconds, 10))
        open_ones = [one for one in self._sockets if not one.closed]
        await open_ones[-1].send_json(body)
        try:
            async with asyncio.timeout(seconds):
                return await answered
        except TimeoutError:
            return None

    async def drop_sockets(self) -> None:
        """Close every socket, as Slack does every few hours."""
        for one in self._sockets:
            await one.close()
        self._sockets.clear()

    @staticmethod
    def signed(body: str | bytes, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
        """The headers that prove an HTTP request to be Slack's."""
        stamp = str(int(time.time() if at is None else at))
        text = body.encode() if isinstance(body, str) else body
        digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + text, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    # The Web API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args = await _arguments(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(args.pop("token", ""))
        self.all_calls.append(Call(method, token, args))
        if method == "users.info" and self.users_blocked is not None:
            await self.users_blocked.wait()
        waiting = self._failures[method] or self._failures["*"]
        failure = waiting.popleft() if waiting else None
        if failure is None or failure.after:
            answer = self._answer(method, token, args)
        if failure is None:
            return web.json_response(answer)
        if failure.cut:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        headers = {} if failure.retry_after is None else {"Retry-After": str(failure.retry_after)}
        if failure.status in (200, 429):
            body = {"ok": False, "error": failure.error}
            return web.json_response(body, status=failure.status, headers=headers)
        return web.Response(text="upstream trouble", status=failure.status, headers=headers)

    def _answer(self, method: str, token: str, args: Json) -> Json:
        if method == "apps.connections.open":
            if self.socket_refused or token != self.app_token:
                return {"ok": False, "error": self.socket_refused or "invalid_auth"}
            return {"ok": True, "url": f"ws{self.url.removeprefix('http')}/socket"}
        if method == "oauth.v2.access":
            known = self.codes.pop(args.get("code") or args.get("refresh_token", ""), None)
            return {"ok": True, **known} if known else {"ok": False, "error": "invalid_code"}
        if token not in self.tokens:
            return {"ok": False, "error": "invalid_auth"}
        answer = getattr(self, "_" + method.replace(".", "_"), None)
        return {"ok": True, **(answer(token, args) if answer else {})}

    def _auth_test(self, token: str, args: Json) -> Json:
        return {"team": "Example", "url": "https://example.slack.com/", **self.tokens[token]}

    def _users_info(self, token: str, args: Json) -> Json:
        user = args["user"]
        return {"user": {"id": user, "name": user.lower(), **self.users.get(user, {})}}

    def _files_info(self, token: str, args: Json) -> Json:
        return {"file": self.known_files[args["file"]]}

    def _conversations_open(self, token: str, args: Json) -> Json:
        users = args["users"]
        return {"channel": {"id": self.direct_channel(users if isinstance(users, str) else users[0])}}

    def _chat_postMessage(self, token: str, args: Json) -> Json:  # noqa: N802  as Slack spells it
        channel = args["channel"]
        if channel.startswith("U"):
            channel = self.direct_channel(channel)
        ts = f"{1_700_000_000 + next(self._numbers)}.000100"
        self.messages.append(
            Message(channel, ts, args.get("text", ""), args.get("blocks") or [], args.get("thread_ts"))
        )
        return {"channel": channel, "ts": ts, "message": {"ts": ts, "text": args.get("text", "")}}

    def _chat_update(self, token: str, args: Json) -> Json:
        for message in self.messages:
            if (message.channel, message.ts) == (args["channel"], args["ts"]):
                message.text, message.blocks = args.get("text", ""), args.get("blocks") or []
        return {"channel": args["channel"], "ts": args["ts"], "text": args.get("text", "")}

    def _chat_postEphemeral(self, token: str, args: Json) -> Json:  # noqa: N802
        return {"message_ts": f"{1_700_000_000 + next(self._numbers)}.000200"}

    def _chat_getPermalink(self, token: str, args: Json) -> Json:  # noqa: N802
        return {"permalink": f"https://example.slack.com/archives/{args['channel']}/p{args['message_ts']}"}

    def _views_open(self, token: str, args: Json) -> Json:
        return {"view": {"id": f"V{next(self._numbers)}", **args["view"]}}

    def _files_getUploadURLExternal(self, token: str, args: Json) -> Json:  # noqa: N802
        number = f"F{next(self._numbers)}"
        self.uploaded[number] = (args["filename"], b"")
        return {"file_id": number, "upload_url": f"{self.url}/upload/{number}"}

    def _files_completeUploadExternal(self, token: str, args: Json) -> Json:  # noqa: N802
        names = [self.uploaded[file["id"]][0] for file in args["files"]]
        ts = f"{1_700_000_000 + next(self._numbers)}.000300"
        comment = args.get("initial_comment") or ""
        self.messages.append(Message(args["channel_id"], ts, comment, [], args.get("thread_ts"), names))
        return {"files": [{"id": file["id"], "title": file.get("title")} for file in args["files"]]}

    # Files, response URLs, the socket

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if self.files_blocked is not None:
            await self.files_blocked.wait()
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:  # as Slack does: a page to log in, and 200
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        content = self.files.get(request.match_info["name"])
        if content is None:
            return web.Response(status=404)
        return web.Response(body=content, content_type="application/octet-stream")

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        number = request.match_info["id"]
        content = await request.read()
        if request.content_type.startswith("multipart/"):
            content = content.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0]
        self.uploaded[number] = (self.uploaded[number][0], content)
        return web.Response(text=f"OK - {len(content)}")

    async def _response(self, request: web.Request) -> web.StreamResponse:
        self.responses.append((request.match_info["name"], await request.json()))
        return web.Response(text="ok")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP}})
        self._sockets.append(socket)
        self._connected.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                answer = json.loads(message.data)
                waiting = self._envelopes.pop(answer["envelope_id"], None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
        return socket


async def _arguments(request: web.Request) -> Json:
    """The arguments, however they were sent: in the address, as a form, or as JSON."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        args |= await request.json()
    elif request.method == "POST":
        args |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    for name in ("blocks", "view", "files", "metadata", "prompts", "attachments"):
        if isinstance(args.get(name), str):
            args[name] = json.loads(args[name])
    return args
