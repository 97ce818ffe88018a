"""A real SMTP server that has its moods, and one that goes away at the worst moment."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.channels.email.certificates import Certificate


@dataclass
class Sink:
    """Takes mails. `moods` are what it answers to DATA first, one a mail; `refuses` what it says to recipients."""

    moods: list[str] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    arrived: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    """The most connections that were open at the same time."""
    logins: list[tuple[str, object]] = field(default_factory=list)
    password: bytes | None = None
    """Who logs in must have it."""
    port: int = 0
    servers: set[SMTP] = field(default_factory=set)
    answer: asyncio.Event | None = None
    """Mails are answered only once this is set."""

    @property
    def ids(self) -> list[str]:
        """The Message-IDs of what arrived."""
        return [str(mail["Message-ID"]) for mail in self.arrived]

    def hang_up(self) -> None:
        """Close every connection, as servers do with idle ones."""
        for server in tuple(self.servers):
            if server.transport is not None:
                server.transport.close()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mood = self.moods.pop(0) if self.moods else "250 OK"
        if self.answer is not None:
            await self.answer.wait()
        if mood.startswith("2"):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.arrived.append(mail)
            self.recipients.append(envelope.rcpt_tos)
        return mood

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Let in whoever has the password."""
        self.logins.append((mechanism, data))
        return AuthResult(success=getattr(data, "password", data) == self.password, handled=False)

    async def auth_XOAUTH2(self, server: SMTP, arguments: list[str]) -> AuthResult:  # noqa: N802
        """As Google and Microsoft have it."""
        from base64 import b64decode

        said = b64decode(arguments[1])
        self.logins.append(("XOAUTH2", said))
        right = said.endswith(b"auth=Bearer " + (self.password or b"") + b"\x01\x01")
        return AuthResult(success=right, handled=False)


class _Counted(SMTP):
    def connection_made(self, transport: Any) -> None:
        sink = self.event_handler
        if self.transport is None or not self.transport.get_extra_info("peername"):
            sink.connections += 1
            sink.servers.add(self)
            sink.at_once = max(sink.at_once, len(sink.servers))
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.servers.discard(self)
        super().connection_lost(error)


@asynccontextmanager
async def sink(
    *moods: str, certificate: Certificate | None = None, password: str | None = None, utf8: bool = False, port: int = 0
) -> AsyncIterator[Sink]:
    """A server in this event loop."""
    taking = Sink(list(moods), password=password.encode() if password else None)
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.chain, certificate.key)
    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        return _Counted(
            taking,
            hostname="sink.example",
            enable_SMTPUTF8=utf8,
            tls_context=context,
            authenticator=taking.authenticate if password else None,
            auth_require_tls=False,
            loop=loop,
        )

    server = await loop.create_server(connection, "127.0.0.1", port)
    taking.port = server.sockets[0].getsockname()[1]
    try:
        yield taking
    finally:
        server.close()
        taking.hang_up()


@asynccontextmanager
async def deserter(*, after_data: bool) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Goes away in the middle of DATA, or after all of it and before the answer. Yields its port and what it got."""
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                got.append(await (reader.readuntil(b"\r\n.\r\n") if after_data else reader.readexactly(2_000)))
                break
            writer.write(b"250 fine\r\n")
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 24)
    try:
        yield server.sockets[0].getsockname()[1], got
    finally:
        server.close()
