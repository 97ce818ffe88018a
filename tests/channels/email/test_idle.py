"""Waiting for mail, at a real IMAP server that tells of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from channels.email.addresses import mailboxes
from channels.email.imap import Session
from channels.email.pool import trusted
from tests.channels.email.dovecot import Dovecot, dovecot, needs_dovecot
from tests.channels.email.proxy import proxy
from tests.channels.email.reading import mail

pytestmark = needs_dovecot


@asynccontextmanager
async def opened(address: str, server: Dovecot, states: Path) -> AsyncIterator[Session]:
    [mailbox] = mailboxes(address)
    session = Session(mailbox, trusted(server.certificate.ca), states, 1_000_000)
    await asyncio.to_thread(session.open)
    yield session
    await asyncio.to_thread(session.leave)


async def test_mail_that_the_server_tells_of_before_we_wait_is_not_waited_for(
    imap_server: Dovecot, box: str, tmp_path: Path
) -> None:
    async with opened(imap_server.url(box), imap_server, tmp_path) as session:
        imap_server.append(box, mail("in between", number=1))
        # Its answer has "1 EXISTS" beside it, which is told once.
        assert await asyncio.to_thread(session.waiting, "1:*") == []
        assert await asyncio.wait_for(asyncio.to_thread(session.wait, 20), 10)
        await asyncio.to_thread(session.look)
        assert await asyncio.to_thread(session.waiting, "1:*") != []


async def test_mail_that_the_server_tells_of_together_with_its_consent_to_wait_is_not_waited_for(
    box: str, tmp_path: Path
) -> None:
    with dovecot(tls=False) as server:
        async with proxy(server.port) as wire:
            address = server.url(box).replace(f":{server.port}/", f":{wire.port}/")
            async with opened(address, server, tmp_path) as session:
                wire.together = (b"+ idling", b"EXISTS")
                waiting = asyncio.create_task(asyncio.to_thread(session.wait, 20))
                await asyncio.to_thread(server.append, box, mail("in between", number=1))
                assert await asyncio.wait_for(waiting, 10)
