"""Through a real mail server, both ways."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from channels.email.channel import EmailChannel, create
from tests.channels.email.letters import SECRET, letter
from tests.channels.email.postfix import Postfix, postfix, unusable
from tests.channels.email.reading import mail
from tests.channels.email.sink import Sink, sink
from tests.channels.memory_log import MemoryLog
from tests.ports import free_port
from tests.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.skipif(unusable() is not None, reason=str(unusable()))]


class Place:
    """A help desk behind its relay, and Alice's mail server."""

    def __init__(self, relay: Postfix, desk: MemoryLog, channel: EmailChannel, world: Sink) -> None:
        self.relay, self.desk, self.channel, self.world = relay, desk, channel, world

    async def writes(self, raw: bytes, to: str = "support@example.org") -> None:
        """Alice's server hands a mail to the relay."""

        def send() -> None:
            with smtplib.SMTP("127.0.0.1", self.relay.port) as client:
                client.sendmail("alice@example.com", [to], raw)

        await asyncio.to_thread(send)

    async def received(self, count: int) -> None:
        """Wait until the desk has as many mails."""

        async def there() -> bool:
            return len(self.desk.received) >= count

        await eventually(there, 20)
        assert len(self.desk.received) == count


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Mail for example.org goes to us by LMTP, for example.com to Alice's server."""
    port, desk = free_port(), MemoryLog()
    async with sink() as world:
        transports = {"example.org": f"lmtp:inet:127.0.0.1:{port}", "example.com": f"smtp:[127.0.0.1]:{world.port}"}
        with postfix(transports) as relay:
            channel = create(
                {
                    "secret_key": SECRET.decode(),
                    "data_dir": str(tmp_path),
                    "public_url": "https://help.example.org",
                    "mail_from": "support@example.org",
                    "mail_addresses": "support@example.org",
                    "mail_listen": f"lmtp://127.0.0.1:{port}",
                    "mail_plus_addresses": "1",
                    "smtp_url": f"smtp://127.0.0.1:{relay.port}",
                    "max_file": "1000000",
                }
            )
            listening = asyncio.create_task(channel.listen(desk))
            yield Place(relay, desk, channel, world)
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening


async def test_a_question_and_its_answer_go_through_the_relay(place: Place) -> None:
    await place.writes(mail())
    await place.received(1)
    receipt = await place.channel.send(letter())

    async def answered() -> bool:
        return bool(place.world.arrived)

    await eventually(answered)
    [answer] = place.world.arrived
    assert place.world.ids == [f"<{receipt.external_id}>"]
    back = str(answer["Reply-To"].addresses[0].addr_spec)
    await place.writes(mail("It is on.", number=2, to=back), to=back)
    await place.received(2)
    assert place.desk.received[1].letter is not None
    assert place.desk.received[1].letter.signed_conversation == 42

    # The desk is down for a moment: the relay keeps the mail and comes again.
    place.desk.accepting_fails = OSError("the disk is full")
    await place.writes(mail("Hello?", number=3))

    async def deferred() -> bool:
        return "status=deferred (host 127.0.0.1" in place.relay.log()

    await eventually(deferred)
    place.desk.accepting_fails = None
    await place.received(3)
    assert place.desk.received[2].text == "Hello?"

    # An address that does not exist: the relay's report comes back to us, and says which mail of ours it is about.
    place.world.refuses["gone@example.com"] = "550 5.1.1 no such user"
    sent = await place.channel.send(letter(address="gone@example.com", seq=9))
    await place.received(4)
    report = place.desk.received[3].letter
    assert report is not None
    assert [(bounce.recipient, bounce.permanent, bounce.status, bounce.message_id) for bounce in report.bounces] == [
        ("gone@example.com", True, "5.1.1", sent.external_id)
    ]
