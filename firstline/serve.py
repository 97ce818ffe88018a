"""Running the app process: the web application and the workers, in one event loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import uvicorn

from firstline.product import Part, Product
from firstline.settings import Settings
from firstline.web import web_app
from firstline.wiring import product

_CLOSE_WITHIN = 2
"""Seconds that open requests and sockets get to finish when the process is told to stop."""


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling, which ends the process with the signal before we have cleaned up."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings, parts: Iterable[Part] = Part) -> None:
    """Run `parts` until SIGINT or SIGTERM, then finish: open requests are served, claimed work is given back."""
    chosen = frozenset(parts)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with product(settings, chosen) as built:
        if Part.WEB in chosen:
            await _serve_web(built, stop)
        else:
            await stop.wait()


async def _serve_web(built: Product, stop: asyncio.Event) -> None:
    server = _Server(
        uvicorn.Config(
            web_app(built),
            host=built.settings.host,
            port=built.settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_CLOSE_WITHIN,
            ws="websockets-sansio",
            # Frames are tiny: compressing them costs more than it saves.
            ws_per_message_deflate=False,
            # Above what the web chat accepts: it wants to answer a frame that is too large, not to be cut off.
            ws_max_size=1 << 20,
            server_header=False,
        )
    )
    serving = asyncio.create_task(server.serve())
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopped.cancel()
    await serving
