"""Looking at TCP ports and at what answers there, before and after the processes start."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PROC = Path("/proc")
LISTENING = "0A"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A port that a process of ours is going to listen on, and the setting that moves it."""

    host: str
    port: int
    setting: str


def complaint(wanted: Wanted) -> str | None:
    """Return why we cannot listen there, and what to do about it, in one line; None when we can."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            wanted.host, wanted.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            owner = _owner(wanted.port)
            by = f" by process {owner}" if owner else ""
            return f"Port {wanted.port} is in use{by}: stop that, or set {wanted.setting} to a free port."
        if error.errno == errno.EACCES:
            return f"Port {wanted.port} may not be opened by this user: set {wanted.setting} to a port above 1023."
        return f"Cannot listen on {wanted.host} ({error.strerror}): set FIRSTLINE_HOST to an address of this machine."
    return None


async def ask(url: str, timeout: float = 2) -> tuple[int, str] | None:  # noqa: ASYNC109  the limit is part of asking
    """GET an address on this machine; returns the status and the body, or None when nobody answers in time."""
    parts = urlsplit(url)
    writer = None
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            request = f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
            writer.write(request.encode())
            answer = (await reader.read()).decode(errors="replace")
    except (OSError, TimeoutError):
        return None
    finally:
        if writer:
            writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    status = head.split(" ", 2)[1:2]
    return (int(status[0]), body) if status and status[0].isdigit() else None


def _owner(port: int) -> str | None:
    """Return the process that listens on the port, as ``123 (its command)``; None where the system does not tell."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    if not sockets:
        return None
    for link in PROC.glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):  # other people's processes, and those that have just ended
            if str(link.readlink()) in sockets:
                process = link.parent.parent
                command = (process / "cmdline").read_text(errors="replace").replace("\0", " ").strip()
                return f"{process.name} ({command[:80]})"
    return None


def _listening(port: int) -> Iterator[str]:
    """Yield the inodes of the sockets that listen on the port."""
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                    yield columns[9]
