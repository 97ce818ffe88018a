"""Mail that servers hand over: LMTP, or SMTP for those that speak nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.contract import Rejected, RejectReason
from channels.email.addresses import Listen
from channels.email.intake import Intake
from channels.email.people import is_own, without_extension

logger = logging.getLogger(__name__)

_NAME = "Firstline"
_LONGEST_LINE = 10_000_000
"""Bytes. The standard says 998; what is broken in that way is mail all the same."""


class Listener:
    """Takes mail to our addresses; it is acknowledged when it is committed.

    Mail that a machine wrote, and our own that comes back, is taken like any other: the desk knows both, and a refusal
    would make the other server write a mail about it (RFC 3834).
    """

    def __init__(self, listen: Listen, intake: Intake, ours: Collection[str], max_mail: int) -> None:
        self._listen = listen
        self._handler = _Handler(intake, frozenset(ours))
        self._max_mail = max_mail

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            OSError: the port is taken, say.
        """
        loop = asyncio.get_running_loop()
        kind = _Lmtp if self._listen.lmtp else _Smtp

        def connection() -> SMTP:
            return kind(
                self._handler,
                data_size_limit=self._max_mail,
                enable_SMTPUTF8=True,
                hostname=_NAME,
                ident=_NAME,
                loop=loop,
            )

        server = await loop.create_server(connection, self._listen.host, self._listen.port)
        async with server:
            await server.serve_forever()


class _Lmtp(LMTP):
    line_length_limit = _LONGEST_LINE


class _Smtp(SMTP):
    line_length_limit = _LONGEST_LINE


class _Handler:
    """What aiosmtpd calls. Names and arguments are its own."""

    def __init__(self, intake: Intake, ours: frozenset[str]) -> None:
        self._intake = intake
        self._ours = ours

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not is_own(address, self._ours):
            return "550 5.1.1 not one of our mailboxes"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        status = await self._take(_bytes(envelope.content), envelope.rcpt_tos[0])
        # It is one mail, however many of our mailboxes it is for; LMTP wants a word for each.
        times = len(envelope.rcpt_tos) if isinstance(server, LMTP) else 1
        return "\r\n".join([status] * times)

    async def _take(self, raw: bytes, recipient: str) -> str:
        mailbox = recipient.lower() if recipient.lower() in self._ours else without_extension(recipient)
        try:
            await self._intake.hand_in(raw, mailbox)
        except Rejected as rejected:
            logger.warning("a mail to %s is not taken: %s", mailbox, rejected.reason.value)
            if rejected.reason is RejectReason.TOO_FAST:
                return "451 4.7.1 too many mails at once"
            return f"554 5.6.0 not taken: {rejected.reason.value}"
        except Exception:
            logger.exception("a mail to %s could not be stored", mailbox)
            return "451 4.3.0 it cannot be stored now"
        return "250 2.0.0 stored"


def _bytes(content: Any) -> bytes:
    assert isinstance(content, bytes)  # text only with decode_data, which mail in 8 bits would not survive
    return content
