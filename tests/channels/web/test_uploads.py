"""Files to and from the customer's browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from channels.contract import File
from channels.web import token, uploads
from channels.web.channel import WebChannel
from tests.channels.memory_log import MemoryLog
from tests.channels.web.customer import customer
from tests.channels.web.server import SECRET, application, running

LIMIT = 1_000
ALICE = {"Authorization": f"Bearer {token.sign('alice', SECRET)}"}


class Visit:
    """A browser, the desk behind the server, and the server's clock."""

    def __init__(self, *origins: str) -> None:
        self.now = datetime(2030, 1, 1, 23, 50, tzinfo=UTC)
        self.log = MemoryLog()
        self.channel = WebChannel(SECRET, origins=origins or ("*",), max_file=LIMIT, now=lambda: self.now)
        transport = httpx.ASGITransport(application(self.log, self.channel))
        self.browser = httpx.AsyncClient(transport=transport, base_url="http://support.example.org/channels/web/")

    async def upload(self, content: Any = b"GIF89a", headers: dict[str, str] = ALICE, **query: str) -> httpx.Response:
        return await self.browser.post("files", content=content, headers=headers, params=query)


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    there = Visit()
    yield there
    await there.browser.aclose()


async def test_an_upload_is_the_visitors_and_can_be_fetched_by_its_link(visit: Visit) -> None:
    answer = await visit.upload(headers={**ALICE, "Content-Type": "image/gif"}, name="één.gif")
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["id"], shown["name"], shown["type"], shown["size"]) == (1, "één.gif", "image/gif", 6)
    assert visit.log.uploads[1] == ("alice", File("één.gif", "image/gif", b"GIF89a"))
    file = await visit.browser.get(shown["url"])
    assert (file.status_code, file.content, file.headers["content-type"]) == (200, b"GIF89a", "image/gif")
    named = "filename=\"__n.gif\"; filename*=UTF-8''%C3%A9%C3%A9n.gif"
    assert file.headers["content-disposition"] == f"inline; {named}"
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert file.headers["x-content-type-options"] == "nosniff"
    kept = await visit.browser.get(shown["url"] + "&download=1")
    assert kept.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", "application/xhtml+xml", "text/javascript"])
async def test_what_could_run_is_only_ever_downloaded(visit: Visit, kind: str) -> None:
    link = (await visit.upload(headers={**ALICE, "Content-Type": kind}, name="a.svg")).json()["url"]
    file = await visit.browser.get(link)
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment;")


async def test_a_file_that_is_too_large_is_not_read_further_than_the_limit(visit: Visit) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            assert given <= LIMIT, "somebody reads on"
            given += 300
            yield b"x" * 300

    answer = await visit.upload(endless(), language="nl")
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["status"]) == ("file_too_large", 413)
    assert "te groot" in answer.json()["detail"]
    assert visit.log.uploads == {}


async def test_a_size_that_is_announced_too_large_is_refused_unread(visit: Visit) -> None:
    async def unread() -> AsyncIterator[bytes]:
        for _ in range(1):
            raise AssertionError("somebody reads it")
        yield b""

    assert (await visit.upload(unread(), {**ALICE, "Content-Length": str(100_000_000)})).status_code == 413


async def test_a_file_of_exactly_the_limit_is_taken(visit: Visit) -> None:
    assert (await visit.upload(b"x" * LIMIT)).status_code == 201


@pytest.mark.parametrize("bearer", ["", "Bearer", "Bearer alice.made-up", "Bearer \xff.\xff"])
async def test_only_visitors_upload(visit: Visit, bearer: str) -> None:
    answer = await visit.browser.post("files", content=b"x", headers={b"Authorization": bearer.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_token")
    assert visit.log.uploads == {}


@pytest.mark.parametrize("number", [2**64, "9" * 5_000], ids=["64 bits", "5000 digits"])
async def test_no_file_has_a_number_that_is_larger_than_any(visit: Visit, number: object) -> None:
    assert (await visit.browser.get(f"files/{number}")).status_code == 404


async def test_a_link_ends_and_cannot_be_made_up_or_changed(visit: Visit) -> None:
    link = (await visit.upload()).json()["url"]
    await visit.upload()
    changed = [link.replace("files/1", "files/2"), link.replace("by=alice", "by=bob"), link[:-1], "files/1"]
    changed += [link.replace("until=1", "until=2"), link.replace("by=alice", "by=%C3%A9")]
    for wrong in changed:
        answer = await visit.browser.get(wrong, headers={"Accept-Language": "nl-NL"})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/plain; charset=utf-8"), wrong
        assert "verlopen" in answer.text
    visit.now += timedelta(hours=24)
    assert (await visit.browser.get(link)).status_code == 200
    visit.now += timedelta(minutes=10)
    assert (await visit.browser.get(link)).status_code == 404


async def test_pages_of_sites_that_may_embed_the_chat_may_upload_too() -> None:
    visit = Visit("https://intranet.example.org")
    for origin, allowed in (("https://intranet.example.org", True), ("https://evil.example.org", False)):
        asked = await visit.browser.request(
            "OPTIONS", "files", headers={"Origin": origin, "Access-Control-Request-Headers": "authorization"}
        )
        answer = await visit.upload(headers={**ALICE, "Origin": origin})
        for told in (asked, answer):
            assert (told.headers.get("access-control-allow-origin") == origin) is allowed
    await visit.browser.aclose()


async def test_no_more_files_are_received_at_once_than_memory_is_for(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_AT_ONCE", 1)
    codes = []

    async def slow() -> AsyncIterator[bytes]:
        codes.append((await visit.upload()).json()["code"])
        yield b"x"

    assert (await visit.upload(slow())).status_code == 201
    assert codes == ["busy"]
    assert (await visit.upload()).status_code == 201


async def test_an_upload_that_takes_for_ever_is_given_up(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_WITHIN", 0.01)

    async def stuck() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    answer = await visit.upload(stuck())
    assert (answer.status_code, answer.json()["code"]) == (408, "interrupted")


def test_uploads_are_sent_with_a_message_and_come_back_with_it() -> None:
    log = MemoryLog()
    with running(log) as server, customer(server) as alice, customer(server) as mallory:
        welcome = alice.hello()
        assert (welcome["max_files"], welcome["max_file"]) == (10, 20_000_000)
        shot = httpx.post(
            f"{server.url}channels/web/files?name=shot.png",
            content=b"png",
            headers={"Authorization": f"Bearer {alice.token}"},
        ).json()
        mallory.hello()
        mallory.send({"type": "message", "id": "m1", "attachments": [shot["id"]]})
        assert mallory.receive("accepted", "rejected")["code"] == "unknown_file"
        alice.send({"type": "message", "id": "m1", "attachments": [shot["id"]]})
        assert alice.receive("accepted", "rejected")["type"] == "accepted"
        assert alice.receive("message")["attachments"] == [shot]
        assert httpx.get(f"{server.url}channels/web/{shot['url']}").content == b"png"
