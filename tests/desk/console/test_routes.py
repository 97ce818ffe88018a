"""What holds for every address of the console: who may ask, and that nonsense is refused instead of breaking it."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from desk.store import technicians
from desk.store.database import Database
from tests.desk.console.conftest import HTMX, Browser


def addresses(app: Starlette, number: str = "1") -> list[tuple[str, str, str]]:
    """Name, method and path (relative to the console, with something in the place of its parameters) of every route."""
    (mount,) = app.routes
    assert isinstance(mount, Mount)
    found = []
    for route in mount.app._app.routes:  # type: ignore[attr-defined]
        if isinstance(route, Route):
            path = re.sub(r"{\w+}", "1", re.sub(r"{\w+:(id|seq)}", number, route.path)).lstrip("/")
            found += [(route.name, method, path) for method in sorted((route.methods or set()) - {"HEAD"})]
    return found


async def test_everything_but_logging_in_needs_a_login(app: Starlette, browser: Browser) -> None:
    stranger = await browser()
    asked = addresses(app)
    assert len(asked) > 90
    for name, method, path in asked:
        answer = await stranger.request(method, path, headers=HTMX)
        allowed = path.split("/")[0] in {"login", "preferences", "invitations"}
        assert allowed or (answer.status_code, "hx-redirect" in answer.headers) == (401, True), (name, method, path)


async def test_nothing_is_done_for_another_sites_page(app: Starlette, tess_browser: httpx.AsyncClient) -> None:
    for name, method, path in addresses(app):
        if method != "GET":
            answer = await tess_browser.request(method, path, headers={"Sec-Fetch-Site": "cross-site"})
            assert answer.status_code == 403, (name, path)


async def test_an_agent_gets_none_of_what_is_for_administrators(
    app: Starlette, tess_browser: httpx.AsyncClient
) -> None:
    asked = [(method, path) for _, method, path in addresses(app) if path.split("/")[0] == "admin"]
    assert len(asked) > 35
    for method, path in asked:
        assert (await tess_browser.request(method, path)).status_code == 403, path


@pytest.mark.parametrize("number", [2**63 - 1, 2**64, "9" * 5_000], ids=["64 bits", "more", "5000 digits"])
async def test_a_number_that_is_larger_than_any_is_not_found(
    app: Starlette, tess_browser: httpx.AsyncClient, number: object
) -> None:
    there = {path: name for name, _, path in addresses(app)}
    asked = [(name, method, path) for name, method, path in addresses(app, str(number)) if path not in there]
    assert len(asked) > 30
    for name, method, path in asked:
        answer = await tess_browser.request(method, path, headers=HTMX)
        assert answer.status_code == 404, (name, answer)


async def test_a_messages_number_that_fits_no_32_bits_is_not_found(tess_browser: httpx.AsyncClient) -> None:
    answer = await tess_browser.get(f"conversations/1/messages/{2**31}/versions", headers=HTMX)
    assert answer.status_code == 404


async def test_characters_that_cannot_be_stored_are_refused_wherever_they_are_sent(
    tess_browser: httpx.AsyncClient, write: Callable[..., int]
) -> None:
    conversation = write("help")
    await tess_browser.post(f"conversations/{conversation}/take")
    assert (await tess_browser.get("tickets/similar?subject=a&category=%00")).status_code == 400
    assert (await tess_browser.get("tickets/%00")).status_code in {400, 404}
    for path, data in (
        ("login", {"email": "\0", "password": "x"}),
        ("tickets/FL-1001/edit", {"team": "\0"}),
        ("tickets/FL-1001/edit", {"category": "\0"}),
        (f"conversations/{conversation}/transfer", {"to": "team:\0", "note": "Yours."}),
        ("tickets/new", {"once": "0" * 32, "requester_name": "A", "subject": "B", "category": "\0"}),
    ):
        assert (await tess_browser.post(path, data=data)).status_code == 422, path
        assert (await tess_browser.post(path, data=data, headers=HTMX)).status_code == 422, path


async def test_what_is_refused_is_explained_in_the_technicians_own_language(
    tess_browser: httpx.AsyncClient, database: Database
) -> None:
    with database.transaction() as tx:
        tess = technicians.by_email(tx, "tess@example.org")
        assert tess is not None
        technicians.change(tx, tess[0].id, language="nl")
    tess_browser.headers["Accept-Language"] = "en"
    assert "Dit gesprek bestaat niet" in (await tess_browser.post("conversations/99/take", headers=HTMX)).text
