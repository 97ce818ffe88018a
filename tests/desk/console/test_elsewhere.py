"""Customers who go on elsewhere, change what they wrote, or cannot be reached: what technicians see of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import httpx

from channels.contract import Edit
from desk import customers, editing, linking
from desk.model.conversation import Route
from desk.store import conversations
from desk.store.database import Database
from tests.desk.conftest import WORDS, Clock
from tests.desk.console.conftest import HTMX
from tests.desk.console.test_workspace import marks

TELEGRAM = Route("telegram", "4711")


def _edit(database: Database, text: str | None, now: datetime) -> None:
    with database.transaction() as tx:
        editing.edit(tx, Edit("web", "alice", "m1", now, text), now, WORDS)


def _join(database: Database, conversation: int, now: datetime) -> None:
    with database.transaction() as tx:
        linking.join(tx, conversation, TELEGRAM, now, catch_up=False)


async def test_a_changed_message_is_shown_as_it_reads_now_in_the_page_that_is_open(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    begun = write("My pinter jams")
    page = (await tess_browser.get(f"conversations/{begun}")).text
    assert (await tess_browser.get(f"conversations/{begun}/news", params=marks(page), headers=HTMX)).status_code == 204
    _edit(database, "My printer jams", clock.tick())
    news = (await tess_browser.get(f"conversations/{begun}/news", params=marks(page), headers=HTMX)).text
    assert 'id="text-1" class="said" hx-swap-oob="true"' in news
    assert "My printer jams" in news
    assert "Edited" in news
    earlier = (await tess_browser.get(f"conversations/{begun}/messages/1/versions", headers=HTMX)).text
    assert "My pinter jams" in earlier


async def test_a_message_that_was_taken_back_says_so_and_keeps_what_it_said(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    begun = write("Wrong window")
    _edit(database, None, clock.tick())
    page = (await tess_browser.get(f"conversations/{begun}")).text
    assert "The sender took this message back." in page
    assert "Wrong window" in (await tess_browser.get(f"conversations/{begun}/messages/1/versions", headers=HTMX)).text


async def test_addresses_are_shown_with_where_each_message_came_from_and_can_be_unlinked(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    begun = write("My printer jams")
    _join(database, begun, clock.tick())
    write("Still jammed", "4711", channel="telegram")
    page = (await tess_browser.get(f"conversations/{begun}")).text
    assert "· Telegram" in page
    assert "· Web chat" in page
    assert "Undo linking" in page
    undo = {"channel": "telegram", "address": "4711"}
    await tess_browser.post(f"conversations/{begun}/unlink", data=undo)
    with database.snapshot() as tx:
        assert conversations.find(tx, "telegram", "4711") is None
        assert conversations.get(tx, begun).route == Route("web", "alice")
    again = await tess_browser.post(f"conversations/{begun}/unlink", data=undo, headers=HTMX)
    assert again.status_code == 409


async def test_an_address_that_takes_no_messages_is_marked(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    begun = write("My printer jams", "4711", channel="telegram")
    with database.transaction() as tx:
        customers.unreachable(tx, "telegram", "4711", "bot was blocked by the user", clock())
    page = (await tess_browser.get(f"conversations/{begun}")).text
    assert "Takes no messages: bot was blocked by the user" in page
