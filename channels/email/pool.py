"""Connections to a mail server that are used for several mails."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiosmtplib

from channels.email.addresses import Server, Tls

_STEP_SECONDS = 12.0
_FAREWELL_SECONDS = 2.0
_IDLE_SECONDS = 15.0
"""How long an unused connection is kept: less than servers wait for us."""


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    """Which servers are believed: those with a certificate of the system's authorities, or of `ca_file`'s."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


@dataclass(slots=True, eq=False)
class Connection:
    """A connection that is logged in."""

    client: aiosmtplib.SMTP
    mails: int = 0
    """Taken so far."""
    kept: asyncio.TimerHandle | None = None
    """It waits for its next mail; closes it when none comes."""


class Pool:
    """Connections to `server`; whoever uses one holds one of `slots`.

    A secret is never sent without TLS, except to this machine. Without one, TLS is used where it is offered.
    """

    def __init__(self, server: Server, connections: int, per_connection: int, ca_file: Path | None) -> None:
        self.slots = asyncio.Semaphore(connections)
        self._server = server
        self._per_connection = per_connection
        self._ca_file = ca_file
        self._context: ssl.SSLContext | None = None
        self._kept: list[Connection] = []

    async def open(self) -> Connection:
        """A new one.

        Raises:
            aiosmtplib.SMTPException, OSError, NoTokenError: no connection, or no login.
        """
        server, login = self._server, self._server.login
        if self._context is None:
            self._context = await asyncio.to_thread(trusted, self._ca_file)
        from_the_start = server.tls is Tls.FROM_THE_START
        must = login is not None and not server.here
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=login.user if login else None,
            password=login.password if login and not login.oauth else None,
            oauth_token_generator=self._token if login and login.oauth else None,
            use_tls=from_the_start,
            start_tls=False if from_the_start else must or None,
            tls_context=self._context,
            timeout=_STEP_SECONDS,
        )
        await client.connect()
        return Connection(client)

    async def _token(self) -> str:
        assert self._server.login is not None
        return await asyncio.to_thread(self._server.login.token)

    def kept(self) -> Connection | None:
        """One that was used before and is still open, if there is any."""
        while self._kept:
            connection = self._kept.pop()
            assert connection.kept is not None
            connection.kept.cancel()
            connection.kept = None
            if connection.client.is_connected:
                return connection
        return None

    async def keep_or_leave(self, connection: Connection) -> None:
        """It took a mail. It may take another, unless it has taken as many as one connection may."""
        connection.mails += 1
        if connection.mails < self._per_connection:
            connection.kept = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._drop, connection)
            self._kept.append(connection)
            return
        # The mail is taken, whatever becomes of the farewell.
        with suppress(aiosmtplib.SMTPException, OSError):
            await connection.client.quit(timeout=_FAREWELL_SECONDS)

    def close_unless_kept(self, connection: Connection) -> None:
        """It is of no more use, unless it is kept."""
        if connection.kept is None:
            connection.client.close()

    def _drop(self, connection: Connection) -> None:
        self._kept.remove(connection)
        connection.client.close()
