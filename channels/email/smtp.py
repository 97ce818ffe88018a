"""Sending: by SMTP, over connections that are used again, or, where no server is set, into files."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import aiosmtplib

from channels.email.addresses import Server
from channels.email.login import NoTokenError
from channels.email.pool import Connection, Pool

logger = logging.getLogger(__name__)

_BEGIN_SECONDS = 12.0
"""For all that comes before the mail itself."""
_DATA_SECONDS = 35.0
"""For the mail itself. Together with the wait for its turn: less than the lease of whoever has it sent."""
_WAIT_SECONDS = 2.0
"""How long a mail waits for its turn under the limit per minute; for longer it is given back, and nobody sits on it."""
_NO_SUCH_ADDRESS = re.compile(r"5\.1\.(?:0|1|2|3|6|10)\b|5\.2\.1\b")
"""Enhanced status codes (RFC 3463) that speak of the address itself, not of this mail or of us."""
_OUR_FAULT = frozenset({530, 534, 535, 538})
"""Replies that mean "log in properly": all mails meet them until somebody corrects a setting."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail ready to be sent. `key` is the same for the same mail, however often it is tried."""

    key: str
    sender: str
    to: str
    content: bytes = field(repr=False)
    cc: tuple[str, ...] = ()


class NotSent(Exception):
    """The mail was not taken.

    permanent: it never will be, as it is. unreachable: the address takes no mail. retry_after: seconds to wait.
    cut: the connection was lost after the mail had been, or was being, handed over: it may have been taken.
    """

    def __init__(
        self,
        detail: str,
        *,
        permanent: bool = False,
        unreachable: bool = False,
        cut: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.permanent = permanent or unreachable
        self.unreachable = unreachable
        self.cut = cut
        self.retry_after = retry_after


class Transport(Protocol):
    """Whatever takes mails away."""

    @property
    def delivers(self) -> bool:
        """Whether what it takes reaches mailboxes."""
        ...

    async def send(self, envelope: Envelope) -> None:
        """Hand it over.

        Raises:
            NotSent: and what that means.
        """
        ...


class Files:
    """Writes each mail as a file that mail programs open; the same mail is the same file."""

    delivers = False

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def send(self, envelope: Envelope) -> None:
        """Write ``<key>.eml``."""
        try:
            await asyncio.to_thread(self._write, f"{envelope.key}.eml", envelope.content)
        except OSError as error:
            raise NotSent(str(error)) from error

    def _write(self, name: str, content: bytes) -> None:
        # What people write to a help desk, and links to log in with, are for their owner only.
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._directory / f"{name}.part"
        unfinished.write_bytes(content)
        unfinished.replace(self._directory / name)


class Smtp:
    """Hands each mail to a server.

    connections, per_connection: how many it may have at once, and how many mails may go through one.
    per_minute: how many mails it is asked to take in any minute; 0: no limit.
    ca_file: certificates that are trusted besides the system's.
    """

    delivers = True

    def __init__(
        self,
        server: Server,
        *,
        connections: int = 2,
        per_connection: int = 1,
        per_minute: int = 0,
        ca_file: Path | None = None,
    ) -> None:
        self._pool = Pool(server, connections, per_connection, ca_file)
        self._pace = _Pace(per_minute)

    async def send(self, envelope: Envelope) -> None:
        """Hand it over. Who is to get a copy and is refused is logged; the others get it."""
        await self._pace.turn()
        async with self._pool.slots:
            connection = await self._begun(envelope)
            try:
                async with asyncio.timeout(_DATA_SECONDS):
                    await connection.client.data(envelope.content, timeout=None)
            except (aiosmtplib.SMTPServerDisconnected, OSError) as error:
                raise NotSent(_words(error), cut=True) from error
            except aiosmtplib.SMTPException as error:
                raise _failure(error) from error
            else:
                await self._pool.keep_or_leave(connection)
            finally:
                self._pool.close_unless_kept(connection)

    async def _begun(self, envelope: Envelope) -> Connection:
        """A connection that has agreed to take this mail."""
        kept = self._pool.kept()
        try:
            async with asyncio.timeout(_BEGIN_SECONDS):
                if kept is not None:
                    try:
                        return await _begin(kept, envelope)
                    except (aiosmtplib.SMTPException, OSError) as error:
                        # Servers close what is idle, also at this moment. Nothing was handed over: that is no attempt.
                        if not _is_stale(error):
                            raise
                return await _begin(await self._pool.open(), envelope)
        except (aiosmtplib.SMTPException, OSError, NoTokenError) as error:
            raise _failure(error) from error


async def _begin(connection: Connection, envelope: Envelope) -> Connection:
    client = connection.client
    try:
        options, encoding = _international(client, envelope)
        await client.mail(envelope.sender, options=options, encoding=encoding)
        await client.rcpt(envelope.to, encoding=encoding)
        for address in envelope.cc:
            try:
                await client.rcpt(address, encoding=encoding)
            except aiosmtplib.SMTPRecipientRefused as error:
                logger.warning("mail %s: the copy for %s is refused: %s", envelope.key, address, _words(error))
    except BaseException:
        client.close()
        raise
    return connection


class _ForeignAddress(aiosmtplib.SMTPNotSupported):
    """It cannot be written to through this server."""


def _international(client: aiosmtplib.SMTP, envelope: Envelope) -> tuple[list[str], str]:
    """Options and encoding of the addresses (RFC 6531)."""
    if "".join((envelope.sender, envelope.to, *envelope.cc)).isascii():
        return [], "ascii"
    if not client.supports_extension("smtputf8"):
        raise _ForeignAddress("the server takes no addresses with letters outside ASCII")
    return ["SMTPUTF8", "BODY=8BITMIME"], "utf-8"


def _is_stale(error: Exception) -> bool:
    return isinstance(error, aiosmtplib.SMTPServerDisconnected | OSError) or getattr(error, "code", None) == 421


def _failure(error: Exception) -> NotSent:
    detail = _words(error)
    if isinstance(error, _ForeignAddress):
        return NotSent(detail, permanent=True)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return NotSent(f"login refused: {detail}")
    code = getattr(error, "code", 0)
    permanent = code >= 500 and code not in _OUR_FAULT and not isinstance(error, aiosmtplib.SMTPConnectError)
    refused = isinstance(error, aiosmtplib.SMTPRecipientRefused)
    return NotSent(detail, permanent=permanent, unreachable=permanent and refused and _is_about_the_address(detail))


def _is_about_the_address(detail: str) -> bool:
    return _NO_SUCH_ADDRESS.search(detail) is not None


def _words(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {' '.join(error.message.split())}"
    return f"{type(error).__name__}: {error}".removesuffix(": ")


class _Pace:
    """Lets no more than so many through in any minute."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._turns: deque[float] = deque(maxlen=per_minute or 1)

    async def turn(self) -> None:
        """Wait for the next turn.

        Raises:
            NotSent: it is too far away; with when to come back.
        """
        if not self._per_minute:
            return
        now = asyncio.get_running_loop().time()
        at = max(now, self._turns[0] + 60) if len(self._turns) == self._per_minute else now
        if at - now > _WAIT_SECONDS:
            raise NotSent("the limit of mails per minute is reached", retry_after=at - now)
        self._turns.append(at)
        await asyncio.sleep(at - now)
