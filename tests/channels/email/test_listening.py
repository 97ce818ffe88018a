"""Mail that servers hand over, by LMTP and by SMTP."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from channels.contract import Rejected, RejectReason
from channels.email import signing
from channels.email.addresses import Listen
from channels.email.intake import Intake
from channels.email.listening import Listener
from tests.channels.email.letters import SECRET
from tests.channels.email.reading import mail, reading_of
from tests.channels.memory_log import MemoryLog
from tests.ports import free_port
from tests.waiting import eventually

SUPPORT, FIELD = "support@example.org", "field@example.org"


@asynccontextmanager
async def listening(desk: MemoryLog, *, lmtp: bool = True, max_mail: int = 100_000) -> AsyncIterator[int]:
    """Mail is taken at the port that this yields."""
    port = free_port()
    ours = (SUPPORT, FIELD)
    listener = Listener(Listen("127.0.0.1", port, lmtp), Intake(desk, reading_of(*ours)), ours, max_mail)
    task = asyncio.create_task(listener.run())

    async def up() -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return True
        return False

    await eventually(up)
    try:
        yield port
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def handed_over(port: int, work: Callable[[smtplib.SMTP], object], *, lmtp: bool = True) -> object:
    """What `work` gets from a mail server's connection to us."""

    def talk() -> object:
        client = smtplib.LMTP("127.0.0.1", port) if lmtp else smtplib.SMTP("127.0.0.1", port)
        with client:
            return work(client)

    return await asyncio.to_thread(talk)


def status(*recipients: str, raw: bytes = b"") -> Callable[[smtplib.SMTP], object]:
    """Hands over one mail; gives the answer to all of it."""

    def work(client: smtplib.SMTP) -> object:
        client.ehlo_or_helo_if_needed()
        client.mail("alice@example.com")
        for recipient in recipients:
            code, said = client.rcpt(recipient)
            assert code == 250, said
        return client.data(raw or mail())

    return work


@pytest.mark.parametrize("lmtp", [True, False])
async def test_a_mail_is_acknowledged_when_it_is_in_the_record(lmtp: bool) -> None:
    desk = MemoryLog()
    async with listening(desk, lmtp=lmtp) as port:
        answer = await handed_over(port, status(SUPPORT), lmtp=lmtp)
    assert answer == (250, b"2.0.0 stored")
    [incoming] = desk.received
    assert incoming.letter is not None
    assert (incoming.address, incoming.letter.mailbox, incoming.text) == (
        "alice@example.com",
        SUPPORT,
        "My printer jams.",
    )


async def test_mail_to_others_is_refused_and_plus_addresses_are_ours() -> None:
    desk = MemoryLog()
    signed = signing.reply_address(SUPPORT, 42, SECRET)
    async with listening(desk) as port:

        def work(client: smtplib.SMTP) -> object:
            return client.sendmail("alice@example.com", ["eve@example.net", signed.upper()], mail(to=signed))

        refused = await handed_over(port, work)
    assert isinstance(refused, dict)
    assert list(refused) == ["eve@example.net"]
    assert refused["eve@example.net"][0] == 550
    [incoming] = desk.received
    assert incoming.letter is not None
    assert (incoming.letter.mailbox, incoming.letter.signed_conversation) == (SUPPORT, 42)


async def test_a_mail_to_two_of_our_mailboxes_is_one_and_each_is_answered_for() -> None:
    desk = MemoryLog()
    async with listening(desk) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for line in ("LHLO x", "MAIL FROM:<a@example.com>", f"RCPT TO:<{SUPPORT}>", f"RCPT TO:<{FIELD}>", "DATA"):
            writer.write(f"{line}\r\n".encode())
        writer.write(mail() + b"\r\n.\r\nQUIT\r\n")
        said = (await reader.read()).decode()
    assert said.count("2.0.0 stored") == 2
    assert len(desk.received) == 1


async def test_a_desk_that_is_down_asks_for_it_again_and_a_rejected_mail_is_not_wanted() -> None:
    desk = MemoryLog()
    async with listening(desk) as port:
        desk.accepting_fails = OSError("the disk is full")
        assert await handed_over(port, status(SUPPORT)) == (451, b"4.3.0 it cannot be stored now")
        desk.accepting_fails = Rejected(RejectReason.BINARY)
        assert await handed_over(port, status(SUPPORT)) == (554, b"5.6.0 not taken: binary")
        desk.accepting_fails = Rejected(RejectReason.TOO_FAST)
        assert await handed_over(port, status(SUPPORT)) == (451, b"4.7.1 too many mails at once")
        desk.accepting_fails = None
        assert await handed_over(port, status(SUPPORT)) == (250, b"2.0.0 stored")
    assert len(desk.received) == 1


async def test_what_is_too_large_is_refused_before_it_is_sent() -> None:
    desk = MemoryLog()
    async with listening(desk, max_mail=10_000) as port:

        def work(client: smtplib.SMTP) -> object:
            client.ehlo_or_helo_if_needed()
            return client.mail("alice@example.com", ["SIZE=10001"])[0]

        assert await handed_over(port, work) == 552
        answer = await handed_over(port, status(SUPPORT, raw=mail("x " * 6_000)))
    assert isinstance(answer, tuple)
    assert (answer[0], desk.received) == (552, [])


async def test_a_machines_mail_without_a_return_path_and_our_own_are_taken_and_not_sent_back() -> None:
    desk = MemoryLog()
    ours = f"{signing.HEADER}: {signing.token(42, 7, SECRET)}\r\n".encode() + mail(number=2)
    async with listening(desk) as port:

        def work(client: smtplib.SMTP) -> object:
            return client.sendmail("", [SUPPORT], b"Auto-Submitted: auto-replied\r\n" + mail())

        assert await handed_over(port, work) == {}
        assert await handed_over(port, status(SUPPORT, raw=ours)) == (250, b"2.0.0 stored")
    assert len(desk.received) == 2


async def test_mail_in_eight_bits_and_with_endless_lines_arrives_as_it_was() -> None:
    desk = MemoryLog()
    raw = mail() + b"caf\xe9 " + b"x" * 50_000 + b"\r\n"
    async with listening(desk) as port:
        assert await handed_over(port, status(SUPPORT, raw=raw)) == (250, b"2.0.0 stored")
    [incoming] = desk.received
    assert incoming.letter is not None
    assert incoming.letter.source == raw
