"""Files in the console: uploading, sending, seeing; and whose they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from channels.contract import File, Incoming
from desk import attachments, inbox
from desk.brake import Brake
from desk.console.app import console
from desk.live import Live
from desk.store import messages
from desk.store.database import Database
from tests.desk.conftest import WORDS, Clock
from tests.desk.console.conftest import HTMX, Mailbox
from tests.desk.kitchen import kitchen

LIMIT = 1_500_000
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def app(database: Database, clock: Clock, live: Live) -> Starlette:
    mounted = console(
        database,
        live,
        clock,
        session=timedelta(hours=12),
        secure_cookie=False,
        catalogue=kitchen(),
        brake=Brake(),
        mailer=Mailbox(),
        max_file=LIMIT,
    )
    return Starlette(routes=[Mount("/desk", mounted)])


async def upload(browser: httpx.AsyncClient, content: object = PDF, name: str = "Handleiding.pdf") -> httpx.Response:
    return await browser.post("files", params={"name": name}, content=content)  # type: ignore[arg-type]


def said(database: Database, conversation: int) -> list[tuple[str, bool, list[str]]]:
    with database.snapshot() as tx:
        found = messages.after(tx, conversation, internal=True)
    return [(m.text, m.internal, [a.name for a in m.attachments]) for m in found if m.technician]


@pytest.mark.parametrize("kind", ["reply", "note"])
async def test_a_file_goes_with_a_reply_or_a_note_and_needs_no_text(
    tess_browser: httpx.AsyncClient, database: Database, write: Callable[..., int], kind: str
) -> None:
    conversation = write("help")
    answer = await upload(tess_browser)
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["name"], shown["size"], shown["image"]) == ("Handleiding.pdf", "1 kB", False)
    data = {"kind": kind, "text": "", "attachments": str(shown["id"])}
    sent = await tess_browser.post(f"conversations/{conversation}/messages", data=data, headers=HTMX)
    assert sent.status_code == 200
    assert ("", kind == "note", ["Handleiding.pdf"]) in said(database, conversation)
    page = (await tess_browser.get(f"conversations/{conversation}")).text
    assert f'href="/desk/files/{shown["id"]}?download=1"' in page
    lists = (await tess_browser.get("lists")).text
    assert "Handleiding.pdf" in lists
    file = await tess_browser.get(f"files/{shown['id']}")
    assert (file.content, file.headers["content-type"]) == (PDF, "application/pdf")
    assert file.headers["content-disposition"].startswith("inline;")
    assert "default-src 'none'" in file.headers["content-security-policy"]


async def test_what_a_customer_sent_is_shown_by_a_safe_name_and_never_run(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    evil = File("<img src=x>.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    with database.transaction() as tx:
        incoming = Incoming("web", "alice", "m1", "", clock(), attachments=(evil,))
        conversation = inbox.accept(tx, incoming, clock(), WORDS).conversation
        (attachment,) = messages.after(tx, conversation)[0].attachments
    page = (await tess_browser.get(f"conversations/{conversation}")).text
    assert "<img src=x>" not in page
    assert "_img src=x_.svg" in page
    file = await tess_browser.get(f"files/{attachment.id}")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert file.headers["x-content-type-options"] == "nosniff"


async def test_a_file_that_is_too_large_is_refused_in_the_technicians_language_and_not_read_on(
    tess_browser: httpx.AsyncClient,
) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            assert given <= LIMIT, "somebody reads on"
            given += 400_000
            yield b"x" * 400_000

    tess_browser.headers["Accept-Language"] = "nl"
    answer = await upload(tess_browser, endless())
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["detail"] == "Het bestand is te groot: maximaal 1,5 MB."


async def test_what_others_have_uploaded_and_not_sent_is_nobodys_business(
    tess_browser: httpx.AsyncClient,
    tom_browser: httpx.AsyncClient,
    database: Database,
    clock: Clock,
    write: Callable[..., int],
) -> None:
    conversation = write("help")
    toms = (await upload(tom_browser)).json()["id"]
    with database.transaction() as tx:
        alices = attachments.store(tx, attachments.customer("web", "alice"), "a.txt", "", b"x", clock()).id
    for other in (toms, alices):
        assert (await tess_browser.get(f"files/{other}")).status_code == 404
        data = {"kind": "reply", "text": "Look", "attachments": str(other)}
        refused = await tess_browser.post(f"conversations/{conversation}/messages", data=data, headers=HTMX)
        assert refused.status_code == 422
        assert "no longer there" in refused.text
    assert said(database, conversation) == []
    assert (await tom_browser.get(f"files/{toms}")).status_code == 200
    assert (await tess_browser.get(f"files/{2**64}")).status_code == 404


async def test_only_technicians_on_the_desks_own_pages_upload_and_see(
    browser: Callable[[], object], tess_browser: httpx.AsyncClient
) -> None:
    number = (await upload(tess_browser)).json()["id"]
    stranger: httpx.AsyncClient = await browser()  # type: ignore[misc]
    assert (await upload(stranger)).status_code == 303
    assert (await stranger.get(f"files/{number}")).status_code == 303
    tess_browser.headers["Sec-Fetch-Site"] = "cross-site"
    assert (await upload(tess_browser)).status_code == 403
