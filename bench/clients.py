"""Customers: one writes to Rasa's REST channel, one to our engine, one to the web chat. Each waits for its answer."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Protocol, Self

import aiohttp
from aiohttp import web

_PATIENCE = 30


class Customer(Protocol):
    """Somebody in one conversation."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def ask(self, text: str) -> str:
        """Say `text`; returns the first thing that is answered."""
        ...


class _HttpCustomer:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._name = uuid.uuid4().hex

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


class RestCustomer(_HttpCustomer):
    """Talks to Rasa's REST channel."""

    async def ask(self, text: str) -> str:
        body = {"sender": self._name, "message": text}
        async with self._session.post(f"{self._url}/webhooks/rest/webhook", json=body) as answer:
            return str((await answer.json())[0]["text"])


class EngineCustomer(_HttpCustomer):
    """Talks to our engine as the desk does."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        super().__init__(session, url)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._number = 0

    async def ask(self, text: str) -> str:
        self._number += 1
        body = {
            "conversation": f"{self._name}.1",
            "message_id": f"{self._name}{self._number}",
            "text": text,
            "choice": None,
            "language": None,
            "channel": "web",
            "context": None,
        }
        url = f"{self._url}/webhooks/firstline/turn"
        async with self._session.post(url, json=body, headers=self._headers) as answer:
            return str((await answer.json())["messages"][0]["text"])


class WebCustomer:
    """Talks to the whole product, by the web chat's socket."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def __aenter__(self) -> Self:
        self._socket = await self._session.ws_connect(f"{self._url}/channels/web/socket")
        await self._socket.send_json({"type": "hello", "token": None, "after": 0, "language": "en"})
        await self._frame("welcome")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def ask(self, text: str) -> str:
        socket = self._socket
        assert socket is not None
        await socket.send_json({"type": "message", "id": str(uuid.uuid4()), "text": text, "choice": None})
        while True:
            frame = await self._frame("message", "rejected")
            if frame["type"] == "rejected":
                raise RuntimeError(f"rejected: {frame}")
            if frame["author"] != "customer":
                await socket.send_json({"type": "ack", "seq": frame["seq"]})
                return str(frame["text"])

    async def _frame(self, *kinds: str) -> dict[str, object]:
        assert self._socket is not None
        async with asyncio.timeout(_PATIENCE):
            while True:
                frame: dict[str, object] = json.loads(await self._socket.receive_str())
                if frame["type"] in kinds:
                    return frame


@asynccontextmanager
async def instant_desk(port: int) -> AsyncIterator[None]:
    """A desk whose internal API opens tickets at once: an action turn costs what the engine's side costs."""

    async def open_ticket(_: web.Request) -> web.Response:
        return web.json_response({"number": "FL-1001", "created": True, "people_available": True}, status=201)

    app = web.Application()
    app.router.add_post("/internal/conversations/{id}/tickets", open_ticket)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()
