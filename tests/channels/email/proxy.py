"""Somebody on the wire: sees what goes by, and can hold it up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Between a client and a server.

    hold: what a client must not say: that, and what follows, never arrives.
    together: what the server says from the first of these on arrives only with the second.
    overhear: called whenever the server has said something, before the client hears it.
    """

    port: int = 0
    hold: bytes | None = None
    together: tuple[bytes, bytes] | None = None
    overhear: Callable[[], None] = lambda: None
    held: asyncio.Event = field(default_factory=asyncio.Event)
    answered: bytearray = field(default_factory=bytearray, repr=False)
    """All that the server said."""


@asynccontextmanager
async def proxy(port: int) -> AsyncIterator[Proxy]:
    """In front of the server at `port`."""
    between = Proxy()
    tasks: set[asyncio.Task[None]] = set()

    async def together(data: bytes, reader: asyncio.StreamReader) -> bytes:
        first, second = between.together or (b"", b"")
        while first in data and second not in data and (more := await reader.read(65_536)):
            data += more
        return data

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_server: bool) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                if to_server and between.hold is not None and between.hold in data:
                    between.held.set()
                if to_server and between.held.is_set():
                    continue
                if not to_server:
                    data = await together(data, reader)
                    between.answered += data
                    between.overhear()
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
        for task in (
            asyncio.create_task(forward(reader, upstream_writer, to_server=True)),
            asyncio.create_task(forward(upstream_reader, writer, to_server=False)),
        ):
            tasks.add(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    between.port = server.sockets[0].getsockname()[1]
    try:
        yield between
    finally:
        server.close()
        for task in tasks:
            task.cancel()
