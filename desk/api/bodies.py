"""Bodies of requests: bounded before anybody reads them, and JSON."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.api.problems import problem

MAX_BODY = 1_000_000
"""Bytes. Files go another way."""


class Bodies:
    """ASGI middleware for the paths below `prefixes`: answers 413 and 415, and passes on what is left, read."""

    def __init__(self, app: ASGIApp, prefixes: tuple[str, ...]) -> None:
        self._app = app
        self._prefixes = prefixes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Called by the server for each request."""
        if scope["type"] != "http" or not scope["path"].startswith(self._prefixes):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        said = headers.get("content-length", "0")
        body = await _read(receive) if said.isdigit() and int(said[:20]) <= MAX_BODY else None
        if body is None:
            await problem(413, f"a body may have {MAX_BODY} bytes")(scope, receive, send)
        elif body and not _is_json(headers.get("content-type", "")):
            await problem(415, "send JSON, as application/json")(scope, receive, send)
        else:
            await self._app(scope, _given(body, receive), send)


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None as soon as it is too large. A client that goes away sent what it sent."""
    chunks, size = [], 0
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return b"".join(chunks)


def _given(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body first."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return first.pop() if first else await receive()

    return again


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))
