"""The widget's files over HTTP."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.channels.memory_log import MemoryLog
from tests.channels.web.server import application


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application(MemoryLog()))
    async with httpx.AsyncClient(transport=transport, base_url="http://support.example.org") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html"),
        ("/channels/web/widget.js", "text/javascript"),
        ("/channels/web/widget.css", "text/css"),
        ("/channels/web/locale/nl.json", "application/json"),
        ("/channels/web/embed-example.html", "text/html"),
    ],
)
async def test_a_file_comes_with_its_type_and_may_be_used_by_any_site(
    client: httpx.AsyncClient, path: str, media_type: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-cache"


async def test_a_browser_that_has_the_file_is_told_so(client: httpx.AsyncClient) -> None:
    etag = (await client.get("/channels/web/widget.js")).headers["etag"]
    again = await client.get("/channels/web/widget.js", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_file_is_compressed_only_for_who_can_read_that(client: httpx.AsyncClient) -> None:
    packed = await client.get("/channels/web/widget.css", headers={"Accept-Encoding": "gzip"})
    plain = await client.get("/channels/web/widget.css", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text


async def test_pages_allow_no_inline_code(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert not re.search(r"<style| style=| on\w+=|<script(?! type=\"module\" src=)", page.text)


@pytest.mark.parametrize("path", ["nothing.js", "../channel.py", "%2e%2e/channel.py", "locale/../../channel.py"])
async def test_nothing_else_can_be_fetched(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/channels/web/{path}")).status_code == 404
