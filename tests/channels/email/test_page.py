"""The local mailbox page: for a person who only tries it, on this machine and nowhere else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import cast

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Router

from channels.contract import Button, Log, Rejected, RejectReason
from channels.email import page
from channels.email.channel import EmailChannel, create
from tests.accessibility import violations
from tests.browser import chromium
from tests.channels.email.letters import SECRET, letter
from tests.channels.memory_log import MemoryLog
from tests.waiting import until

HERE = "http://127.0.0.1:8000"
ALICE = {"address": "alice@example.com", "name": "Alice", "subject": "Printer", "text": "It jams.", "answers": ""}


def email(folder: Path, **settings: str) -> EmailChannel:
    """The channel of an installation that was given these settings only."""
    return create(
        {
            "secret_key": SECRET.decode(),
            "data_dir": str(folder),
            "public_url": HERE,
            "mail_from": "support@example.org",
            "mail_plus_addresses": "1",
            "max_file": "1000000",
            **settings,
        }
    )


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers here, unless a test does: nobody waits for it either."""
    monkeypatch.setattr(page, "PATIENCE_SECONDS", 0)


@pytest.fixture
def desk() -> MemoryLog:
    """What the page writes to."""
    return MemoryLog()


@pytest.fixture
def channel(tmp_path: Path) -> EmailChannel:
    """Without any settings."""
    return email(tmp_path)


Open = Callable[..., httpx.AsyncClient]


@pytest.fixture
def opened(channel: EmailChannel, desk: MemoryLog) -> Open:
    """A browser: on this machine, unless it says otherwise."""

    def client(host: str = "127.0.0.1", base: str = HERE, **headers: str) -> httpx.AsyncClient:
        app = Starlette(routes=[Mount("/channels/email", cast(Router, channel.routes(cast(Log, desk))))])
        transport = httpx.ASGITransport(app, client=(host, 40_000))
        return httpx.AsyncClient(transport=transport, base_url=f"{base}/channels/email", headers=headers)

    return client


async def test_a_mail_to_a_customer_is_listed_and_shown_with_nothing_that_runs(
    channel: EmailChannel, opened: Open
) -> None:
    await channel.send(letter("Is it **on**? <script>alert(1)</script>", buttons=(Button("Yes", "/y"),)))
    async with opened() as browser:
        listed = await browser.get("/")
        [link] = re.findall(r'href="(/channels/email/mails/[^"]+)"', listed.text)
        shown = await browser.get(f"{HERE}{link}")
    assert "alice@example.com" in listed.text
    assert "Is it *on*? &lt;script&gt;" in shown.text
    assert "1. Yes" in shown.text
    assert "<script" not in shown.text
    assert re.search(r"<iframe sandbox [^>]*srcdoc=", shown.text)
    assert "default-src 'none'" in shown.headers["content-security-policy"]


async def test_a_person_writes_as_a_customer_and_answers_as_one(
    channel: EmailChannel, opened: Open, desk: MemoryLog
) -> None:
    await channel.send(letter())
    async with opened(origin=HERE) as browser:
        written = await browser.post("/write", data=ALICE)
        listed = await browser.get("/")
        [name] = re.findall(r"/mails/([^\"?]+)", listed.text)
        await browser.post("/write", data={**ALICE, "answers": name, "text": "It is on."})
    assert written.status_code == 303
    first, answer = desk.received
    assert first.letter is not None
    assert (first.address, first.name, first.text, first.letter.subject) == (
        "alice@example.com",
        "Alice",
        "It jams.",
        "Printer",
    )
    assert answer.letter is not None
    assert (answer.text, answer.letter.answers_own, answer.letter.signed_conversation) == ("It is on.", 42, 42)
    assert "> Is the printer on?" in answer.letter.full_text


async def test_whoever_writes_is_led_to_the_answer(
    channel: EmailChannel, opened: Open, desk: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PATIENCE_SECONDS", 20)
    await channel.send(letter("An earlier one", seq=3))
    async with opened(origin=HERE) as browser:
        written = asyncio.create_task(browser.post("/write", data=ALICE))
        await until(lambda: bool(desk.received))
        await channel.send(letter("Not hers", seq=5, address="bob@example.com"))
        await channel.send(letter("Hers", seq=7))
        shown = await browser.get(f"{HERE}{(await written).headers['location']}")
    assert "<pre>Hers" in shown.text


async def test_files_go_along_with_what_is_written(opened: Open, desk: MemoryLog) -> None:
    picture = ("screen.png", b"\x89PNG\r\n\x1a\n", "image/png")
    odd = ("old.eml", b"Subject: x\n\ny", "message/rfc822")
    async with opened(origin=HERE) as browser:
        await browser.post("/write", data=ALICE, files=[("files", picture), ("files", odd)])
        await browser.post("/write", data=ALICE, files=[("files", ("", b"", "application/octet-stream"))])
    with_files, without = desk.received
    assert [(file.name, file.content) for file in with_files.attachments] == [picture[:2], odd[:2]]
    assert without.attachments == ()


@pytest.mark.parametrize("wrong", [{"address": "alice"}, {"address": 'a"b@c'}, {"text": "  "}, {"address": ""}])
async def test_what_is_no_mail_is_said_and_kept_in_the_form(
    opened: Open, desk: MemoryLog, wrong: dict[str, str]
) -> None:
    async with opened(origin=HERE) as browser:
        answer = await browser.post("/write", data={**ALICE, **wrong})
    assert 'role="alert"' in answer.text
    assert 'value="Printer"' in answer.text
    assert desk.received == []


async def test_what_the_desk_rejects_is_said(opened: Open, desk: MemoryLog) -> None:
    desk.accepting_fails = Rejected(RejectReason.TOO_FAST)
    async with opened(origin=HERE) as browser:
        answer = await browser.post("/write", data=ALICE)
    assert "too_fast" in answer.text


async def test_it_speaks_dutch(opened: Open) -> None:
    async with opened(**{"accept-language": "nl-BE,nl;q=0.9,en;q=0.8"}) as browser:
        answer = await browser.get("/")
    assert '<html lang="nl">' in answer.text
    assert "Schrijf een mail als klant" in answer.text


@pytest.mark.parametrize(
    ("host", "base", "headers"),
    [
        ("192.0.2.7", HERE, {}),
        ("127.0.0.1", "http://help.example.org", {}),
        ("127.0.0.1", HERE, {"x-forwarded-for": "192.0.2.7"}),
        ("127.0.0.1", HERE, {"via": "1.1 proxy"}),
    ],
)
async def test_from_elsewhere_there_is_no_such_page(
    opened: Open, host: str, base: str, headers: dict[str, str]
) -> None:
    async with opened(host, base, **headers) as browser:
        assert (await browser.get("/")).status_code == 404


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
async def test_no_other_site_writes_in_a_customers_name(opened: Open, desk: MemoryLog, origin: str | None) -> None:
    async with opened(**({"origin": origin} if origin else {})) as browser:
        assert (await browser.post("/write", data=ALICE)).status_code == 404
    assert desk.received == []


@pytest.mark.parametrize("name", ["../secrets.json", "..%2Fsecrets.json", "20260302T093000-42-8.eml", "notice-7.eml"])
async def test_nothing_else_can_be_opened(opened: Open, tmp_path: Path, name: str) -> None:
    (tmp_path / "secrets.json").write_text("{}")
    async with opened() as browser:
        assert (await browser.get(f"/mails/{name}")).status_code == 404


@pytest.mark.parametrize(
    "settings",
    [
        {"mailboxes": "imaps://a%40example.org:x@imap.example.org"},
        {"smtp_url": "smtp://relay.example.org"},
        {"mail_listen": "lmtp://127.0.0.1:2424"},
        {"public_url": "https://help.example.org"},
    ],
)
def test_with_a_mail_server_or_a_public_address_it_is_gone(
    tmp_path: Path, desk: MemoryLog, settings: dict[str, str]
) -> None:
    assert email(tmp_path, **settings).routes(cast(Log, desk)) is None


@pytest.mark.slow
@pytest.mark.browser
async def test_its_pages_pass_axe(channel: EmailChannel, opened: Open) -> None:
    async with opened(origin=HERE) as browser:
        pages = [(await browser.get("/")).text]
        await channel.send(letter())
        listed = (await browser.get("/?sent=1")).text
        [name] = re.findall(r"/mails/([^\"?]+)", listed)
        pages += [listed, (await browser.get(f"/mails/{name}")).text, (await browser.post("/write", data={})).text]
    assert await asyncio.to_thread(_found, pages) == [[]] * 4


def _found(pages: list[str]) -> list[list[str]]:
    found = []
    with chromium() as browser:
        for html in pages:
            page = browser.new_page()
            page.set_content(html)
            found.append(violations(page))
    return found
