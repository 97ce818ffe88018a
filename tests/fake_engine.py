"""An engine that says what a test tells it to: the network's end of `desk.engine`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Body = dict[str, Any]
Script = Callable[[Body], Awaitable[Body | web.Response]]


def say(text: str, **more: object) -> Body:
    """A turn that says one thing."""
    turn: Body = {"messages": [{"text": text, "buttons": []}], "language": "en", "procedures": [], "handover": None}
    return {**turn, "resolved": False, "replayed": False, **more}


async def echo(body: Body) -> Body:
    """Says back what the customer said."""
    return say(f"You said: {body['text'] or body['choice']}")


async def is_it_on(body: Body) -> Body:
    """Asks one question with two answers, and says which was chosen."""
    turn = say("Is it **on**?")
    turn["messages"][0]["buttons"] = [{"title": "Yes", "payload": "/yes"}, {"title": "No", "payload": "/no"}]
    return turn if body["choice"] is None else say(f"You chose {body['choice']}")


class FakeEngine:
    """Answers turns with `script`; `turns` keeps what it was sent."""

    def __init__(self) -> None:
        self.script: Script = echo
        self.turns: list[Body] = []
        self.tokens: list[str | None] = []
        self.ready = True
        self.busy = 0
        self.most_busy = 0
        self.port = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen: on a free port the first time, afterwards on the same again."""
        app = web.Application()
        app.router.add_post("/webhooks/firstline/turn", self._turn)
        app.router.add_get("/webhooks/firstline/ready", self._ready)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Refuse connections from now on."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _ready(self, _: web.Request) -> web.Response:
        return web.json_response({"ready": self.ready}, status=200 if self.ready else 503)

    async def _turn(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        self.turns.append(body)
        self.tokens.append(request.headers.get("Authorization"))
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            # Lets other turns begin, if anything wrongly sends them at the same time.
            await asyncio.sleep(0)
            answer = await self.script(body)
        finally:
            self.busy -= 1
        return answer if isinstance(answer, web.Response) else web.json_response(answer)


@asynccontextmanager
async def fake_engine() -> AsyncIterator[FakeEngine]:
    """A running fake engine."""
    engine = FakeEngine()
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()
