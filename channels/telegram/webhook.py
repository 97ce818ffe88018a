"""Being called by Telegram: the secret is checked, and 200 is said when the desk has the message."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from hashlib import sha256
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from channels.contract import Desk, Rejected
from channels.files import read
from channels.telegram.polling import chat_of

_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_MAX_BODY = 1 << 20
"""Bytes; an update is a few thousand."""
_PURPOSE = b"firstline telegram webhook\x00"  # keeps it apart from what else is made of the same key

Take = Callable[[object, Desk], Awaitable[None]]


def secret(key: bytes, token: str) -> str:
    """By which Telegram shows that it is Telegram; another one for each bot."""
    return hmac.new(key, _PURPOSE + token.encode(), sha256).hexdigest()


def router(take: Take, desk: Desk, secret: str) -> Router:
    """The address that Telegram calls, ``/webhook`` below where it is mounted.

    It calls several times at once, for one chat as well: what was written first is taken in first.
    """
    lines: WeakValueDictionary[int | None, asyncio.Lock] = WeakValueDictionary()

    async def called(request: Request) -> Response:
        given = request.headers.get(_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        try:
            update = json.loads(await read(request.stream(), _MAX_BODY))
        except (Rejected, ValueError, RecursionError):
            return Response(status_code=400)
        line = lines.setdefault(chat_of(update), asyncio.Lock())
        async with line:
            await take(update, desk)  # an error becomes a 500, and Telegram comes again
        return Response(status_code=200)

    return Router([Route("/webhook", called, methods=["POST"])])
