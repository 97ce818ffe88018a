"""Running the app process: the web application and the workers, in one event loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable

import uvicorn

from firstline.settings import Settings
from firstline.web import web_app
from firstline.wiring import Part, product

_CLOSE_WITHIN = 2
"""Seconds that open requests and sockets get to finish when the process is told to stop."""


async def serve(settings: Settings, parts: Iterable[Part] = Part) -> None:
    """Run `parts` until SIGINT or SIGTERM."""
    chosen = frozenset(parts)
    async with product(settings, chosen) as built:
        if Part.WEB in chosen:
            config = uvicorn.Config(
                web_app(built),
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=_CLOSE_WITHIN,
                ws="websockets-sansio",
                # Frames are tiny: compressing them costs more than it saves.
                ws_per_message_deflate=False,
                # Above what the web chat accepts: it wants to answer a frame that is too large, not to be cut off.
                ws_max_size=1 << 20,
                # No Date and Server headers: nobody reads them, and each costs.
                server_header=False,
            )
            await uvicorn.Server(config).serve()
        else:
            await _until_stopped()


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
