"""A mailbox being read, and mails to put there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from channels.contract import Desk
from channels.email.addresses import mailboxes
from channels.email.imap import Session
from channels.email.intake import Intake, Reading
from channels.email.pool import trusted
from channels.email.reading import Reader
from tests.background import running
from tests.channels.email.dovecot import PASSWORD, Dovecot
from tests.channels.email.letters import SECRET


def mail(text: str = "My printer jams.", *, sender: str = "alice@example.com", number: int = 1, to: str = "") -> bytes:
    """A mail as Alice writes it; another `number` is another mail."""
    return (
        f"From: Alice <{sender}>\r\nTo: {to or 'support@example.org'}\r\nSubject: Printer {number}\r\n"
        f"Date: Mon, 02 Mar 2026 09:30:00 +0000\r\nMessage-ID: <{number}@mail.example.com>\r\n\r\n{text}\r\n"
    ).encode()


def reading_of(*own: str) -> Reading:
    """What is known of us when mail is read."""
    return Reading(frozenset(own), SECRET, 1_000_000)


@asynccontextmanager
async def reading(
    server: Dovecot,
    box: str,
    desk: Desk | Intake,
    states: Path,
    options: str = "",
    *,
    password: str = PASSWORD,
    tls: bool = False,
    trust: bool = True,
    poll: float = 0.2,
    max_mail: int = 1_000_000,
) -> AsyncIterator[None]:
    """`box` is read until the block ends; what fails is tried again quickly."""
    [mailbox] = mailboxes(server.url(box, options, tls=tls, password=password))
    context = trusted(server.certificate.ca if trust else None)
    intake = desk if isinstance(desk, Intake) else Intake(desk, reading_of(mailbox.address))
    reader = Reader(mailbox, lambda: Session(mailbox, context, states, max_mail), intake, poll=poll, pauses=(0.02, 0.1))
    async with running(reader.run()):
        yield
