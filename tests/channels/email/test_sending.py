"""Mail that goes out, to a real SMTP server in all its moods."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from channels.contract import DeliveryFailed, Outgoing, Sender
from channels.email.addresses import smtp_server
from channels.email.channel import EmailChannel, Inbound
from channels.email.smtp import Envelope, Files, NotSent, Smtp
from channels.letter import OutgoingLetter, Person
from tests.channels.email.certificates import Certificate, certificate
from tests.channels.email.letters import LETTERHEAD, letter
from tests.channels.email.reading import reading_of
from tests.channels.email.sink import deserter, sink
from tests.ports import free_port
from tests.waiting import eventually

ALICE = "alice@example.com"


def channel(url: str, **options: Any) -> EmailChannel:
    """The email channel with a server at `url`."""
    transport = Smtp(smtp_server(url), **{"connections": 4, "per_connection": 100, **options})
    return with_transport(transport)


def with_transport(transport: Smtp | Files) -> EmailChannel:
    """The email channel, sending only."""
    inbound = Inbound((), None, reading_of(), frozenset(), Path("unused"))
    return EmailChannel(LETTERHEAD, transport, inbound)


async def refused(sender: EmailChannel, outgoing: Outgoing | None = None) -> DeliveryFailed:
    """How sending fails."""
    with pytest.raises(DeliveryFailed) as caught:
        await sender.send(outgoing or letter())
    return caught.value


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for this machine, of an authority that nobody else knows."""
    return certificate(tmp_path_factory.mktemp("authority"))


async def test_a_mail_arrives_and_its_id_is_the_receipt() -> None:
    async with sink() as server:
        sender = channel(f"smtp://127.0.0.1:{server.port}")
        receipt = await sender.send(letter(letter=OutgoingLetter("x", cc=(Person("bob@example.com"),))))
    assert isinstance(sender, Sender)
    assert server.ids == [f"<{receipt.external_id}>"]
    assert server.recipients == [[ALICE, "bob@example.com"]]


async def test_a_connection_is_used_again_and_not_for_ever() -> None:
    async with sink() as server:
        sender = channel(f"smtp://127.0.0.1:{server.port}", per_connection=3)
        for number in range(7):
            await sender.send(letter(seq=number))
    assert (len(set(server.ids)), server.connections) == (7, 3)


async def test_no_more_connections_are_open_at_once_than_allowed() -> None:
    async with sink() as server:
        server.answer = asyncio.Event()
        sender = channel(f"smtp://127.0.0.1:{server.port}", connections=2)
        sending = [asyncio.create_task(sender.send(letter(conversation=number))) for number in range(6)]

        async def two() -> bool:
            return server.at_once == 2

        await eventually(two)
        server.answer.set()
        await asyncio.gather(*sending)
    assert (len(server.arrived), server.at_once) == (6, 2)


async def test_a_connection_that_the_server_has_closed_meanwhile_costs_nothing() -> None:
    async with sink() as server:
        sender = channel(f"smtp://127.0.0.1:{server.port}")
        await sender.send(letter(seq=1))
        server.hang_up()
        await sender.send(letter(seq=2))
    assert (len(server.arrived), server.connections) == (2, 2)


async def test_above_the_limit_per_minute_mails_are_given_back_with_the_time_to_come_again() -> None:
    async with sink() as server:
        sender = channel(f"smtp://127.0.0.1:{server.port}", per_minute=2)
        await sender.send(letter(seq=1))
        await sender.send(letter(seq=2))
        failure = await refused(sender, letter(seq=3))
    assert failure.retry_after is not None
    assert 50 < failure.retry_after <= 60
    assert (failure.permanent, len(server.arrived)) == (False, 2)


async def test_later_means_the_same_mail_again() -> None:
    async with sink("451 4.7.1 greylisted", "421 busy") as server:
        sender = channel(f"smtp://127.0.0.1:{server.port}")
        for _ in range(2):
            failure = await refused(sender)
            assert (failure.permanent, failure.unknown) == (False, False)
        receipt = await sender.send(letter())
    assert server.ids == [f"<{receipt.external_id}>"]


@pytest.mark.parametrize(
    ("answer", "permanent", "unreachable"),
    [
        ("550 5.1.1 no such user", True, True),
        ("550 5.1.10 recipient not found", True, True),
        ("553 5.1.3 bad address", True, True),
        ("550 5.2.1 mailbox disabled", True, True),
        ("550 no such user here", True, False),
        ("550 5.7.1 we do not like you", True, False),
        ("552 5.2.2 mailbox full", True, False),
        ("450 4.2.1 try later", False, False),
        ("450 4.1.1 not yet", False, False),
    ],
)
async def test_a_refused_address_is_told_from_a_refused_mail(answer: str, permanent: bool, unreachable: bool) -> None:
    async with sink() as server:
        server.refuses[ALICE] = answer
        failure = await refused(channel(f"smtp://127.0.0.1:{server.port}"))
    assert (failure.permanent, failure.unreachable) == (permanent, unreachable)
    assert failure.detail == answer
    assert server.arrived == []


@pytest.mark.parametrize(
    ("mood", "permanent"), [("554 5.7.1 spam 5.1.1", True), ("552 too large", True), ("530 5.7.0 log in", False)]
)
async def test_a_refused_mail_says_nothing_about_the_address(mood: str, permanent: bool) -> None:
    async with sink(mood) as server:
        failure = await refused(channel(f"smtp://127.0.0.1:{server.port}"))
    assert (failure.permanent, failure.unreachable) == (permanent, False)


async def test_who_is_in_copy_and_refused_does_not_keep_the_customer_waiting() -> None:
    async with sink() as server:
        server.refuses["bob@example.com"] = "550 5.1.1 gone"
        sender = channel(f"smtp://127.0.0.1:{server.port}")
        await sender.send(letter(letter=OutgoingLetter("x", cc=(Person("bob@example.com"),))))
    assert server.recipients == [[ALICE]]


async def test_a_refused_login_waits_for_somebody_to_correct_it() -> None:
    async with sink(password="right") as server:
        failure = await refused(channel(f"smtp://desk:wrong@127.0.0.1:{server.port}"))
        assert (failure.permanent, failure.detail[:19]) == (False, "login refused: 535 ")
        await channel(f"smtp://desk:right@127.0.0.1:{server.port}").send(letter())
    assert len(server.arrived) == 1


async def test_a_server_that_is_down_is_tried_again() -> None:
    failure = await refused(channel(f"smtp://127.0.0.1:{free_port()}"))
    assert (failure.permanent, failure.unknown) == (False, False)


@pytest.mark.parametrize("after_data", [False, True])
async def test_cut_off_while_it_is_handed_over_a_mail_is_sent_once_more_and_then_a_person_settles_it(
    after_data: bool,
) -> None:
    text = "long " * 1_000
    async with deserter(after_data=after_data) as (port, got):
        sender = channel(f"smtp://127.0.0.1:{port}")
        first, second = await refused(sender, letter(text)), await refused(sender, letter(text))
        other = await refused(sender, letter(text, seq=8))
    assert [(failure.permanent, failure.unknown) for failure in (first, second, other)] == [
        (False, False),
        (False, True),
        (False, False),
    ]
    ids = {line for mail in got for line in mail.split(b"\r\n") if line.startswith(b"Message-ID")}
    assert len(ids) == 2


async def test_tls_is_used_and_the_server_must_be_who_it_says(authority: Certificate) -> None:
    async with sink(certificate=authority, password="right") as server:
        url = f"smtp://desk:right@localhost:{server.port}"
        await channel(url, ca_file=authority.ca).send(letter())
        assert server.arrived
        failure = await refused(channel(url), letter(seq=8))
    assert "CERTIFICATE_VERIFY_FAILED" in failure.detail
    assert not failure.permanent
    assert (len(server.arrived), len(server.logins)) == (1, 1)


async def test_an_access_token_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    async with sink(password="fresh") as server:
        sender = channel(f"smtp://desk%40example.org@127.0.0.1:{server.port}?auth=xoauth2&token_file={file}")
        assert "token" in (await refused(sender)).detail
        file.write_text("stale")
        assert (await refused(sender)).detail.startswith("login refused")
        file.write_text("fresh\n")
        await sender.send(letter())
    assert server.logins[-1][1] == b"user=desk@example.org\x01auth=Bearer fresh\x01\x01"


@pytest.mark.parametrize("utf8", [True, False])
async def test_an_address_with_foreign_letters_needs_a_server_that_takes_them(utf8: bool) -> None:
    async with sink(utf8=utf8) as server:
        sender = channel(f"smtp://127.0.0.1:{server.port}")
        jurgen = letter(address="jürgen@example.com")
        if utf8:
            await sender.send(jurgen)
            assert server.recipients == [["jürgen@example.com"]]
        else:
            assert (await refused(sender, jurgen)).permanent


async def test_what_is_no_address_is_not_tried() -> None:
    assert (await refused(channel("smtp://127.0.0.1:1"), letter(address="nobody"))).permanent


async def test_without_a_server_a_mail_is_a_file_for_its_owner_only(tmp_path: Path) -> None:
    sender = with_transport(Files(tmp_path / "mail"))
    await sender.send(letter())
    await sender.send(letter())
    [file] = (tmp_path / "mail").iterdir()
    assert b"Subject: Printer jams" in file.read_bytes()
    assert (tmp_path / "mail").stat().st_mode & 0o077 == 0


async def test_a_full_disk_is_no_reason_to_throw_a_mail_away(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(NotSent) as caught:
        await Files(tmp_path / "mail").send(Envelope("key", "a@x", "b@x", b""))
    assert not caught.value.permanent
