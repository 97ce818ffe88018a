"""A customer's end of the web chat's socket, without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.channels.web.server import Server

Frame = dict[str, Any]


class Customer:
    """Says things and reads answers; every read gives up after a few seconds."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = count(1)
        self.token: str | None = None

    def send(self, frame: Frame | str | bytes) -> None:
        """A frame as JSON, or anything else as it is."""
        self._connection.send(json.dumps(frame) if isinstance(frame, dict) else frame)

    def receive(self, *kinds: str) -> Frame:
        """The next frame; of `kinds`, if given, passing over others."""
        while True:
            frame: Frame = json.loads(self._connection.recv(timeout=30))
            if not kinds or frame["type"] in kinds:
                return frame

    def hello(self, token: str | None = None, after: int = 0, language: str = "en", code: str | None = None) -> Frame:
        """Introduce oneself; returns the welcome or the error."""
        frame: Frame = {"type": "hello", "token": token, "after": after, "language": language}
        self.send(frame if code is None else {**frame, "continue": code})
        answer = self.receive("welcome", "error")
        self.token = answer.get("token")
        return answer

    def say(self, text: str, message_id: str | None = None) -> Frame:
        """Send a message; returns what became of it."""
        self.send({"type": "message", "id": message_id or f"m{next(self._numbers)}", "text": text})
        return self.receive("accepted", "rejected")

    @property
    def address(self) -> str:
        """What the desk calls this customer."""
        assert self.token is not None
        return self.token.split(".", 1)[0]


@contextmanager
def customer(server: Server, *, origin: str | None = None) -> Iterator[Customer]:
    """Somebody who has connected, and not yet said hello."""
    address = server.url.replace("http", "ws", 1) + "channels/web/socket"
    headers = {"Origin": origin} if origin else None
    with connect(address, additional_headers=headers, max_size=None, close_timeout=0.5) as connection:
        yield Customer(connection)
