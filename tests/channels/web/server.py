"""The web channel behind a real uvicorn, which can be stopped and started again on the same port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from channels.contract import Log
from channels.web.channel import WebChannel

SECRET = b"a secret for tests"


def application(log: Log, channel: WebChannel | None = None) -> Starlette:
    """The customer page at ``/`` and the channel where the product mounts it."""
    channel = channel or WebChannel(SECRET)
    return Starlette(routes=[Route("/", channel.page), Mount("/channels/web", channel.routes(log))])


class Server:
    """One address whose server comes and goes."""

    def __init__(self, log: Log, channel: WebChannel | None = None) -> None:
        self._app = application(log, channel)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Returns when connections are taken."""
        # As in the product: compressing frames of a hundred bytes costs more than it saves.
        config = uvicorn.Config(
            self._app, port=self.port, log_level="warning", timeout_graceful_shutdown=1, ws_per_message_deflate=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the test server did not start")
            self._thread.join(0.01)

    def stop(self) -> None:
        """Returns when the port is free."""
        self._server.should_exit = True
        self._thread.join(10)


@contextmanager
def running(log: Log, channel: WebChannel | None = None) -> Iterator[Server]:
    """A started server."""
    server = Server(log, channel)
    server.start()
    try:
        yield server
    finally:
        server.stop()
