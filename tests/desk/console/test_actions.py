"""What technicians do in the console, and how refusals read."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from channels.contract import Owner
from desk import conversations
from desk.live import Live
from desk.store.database import Database
from tests.desk.conftest import Clock
from tests.desk.console import demo
from tests.desk.console.conftest import HTMX

Write = Callable[..., int]


def view(database: Database, conversation: int) -> conversations.View:
    with database.snapshot() as tx:
        return conversations.view(tx, conversation)


async def test_of_two_who_take_over_the_second_is_told_who_has_it(
    tess_browser: httpx.AsyncClient, tom_browser: httpx.AsyncClient, database: Database, write: Write
) -> None:
    conversation = write("help")
    won = await tess_browser.post(f"conversations/{conversation}/take", headers=HTMX)
    assert won.status_code == 200
    assert won.headers["hx-trigger"] == "desk:changed"
    lost = await tom_browser.post(f"conversations/{conversation}/take", headers=HTMX)
    assert lost.status_code == 409
    assert "Tess has this conversation now" in lost.text
    assert lost.headers["hx-trigger"] == "desk:changed"
    assert view(database, conversation).conversation.technician_name == "Tess"


async def test_without_scripts_the_same_refusal_is_a_page(
    tess_browser: httpx.AsyncClient, tom_browser: httpx.AsyncClient, write: Write
) -> None:
    conversation = write("help")
    taken = await tess_browser.post(f"conversations/{conversation}/take")
    assert taken.headers["location"] == f"/desk/conversations/{conversation}"
    tom_browser.headers["Accept-Language"] = "nl"
    data = {"kind": "reply", "text": "I typed <this>"}
    lost = await tom_browser.post(f"conversations/{conversation}/messages", data=data)
    assert lost.status_code == 409
    assert "Iemand was je voor" in lost.text
    assert "I typed &lt;this&gt;" in lost.text


async def test_a_reply_takes_over_by_itself(tess_browser: httpx.AsyncClient, database: Database, write: Write) -> None:
    conversation = write("help")
    data = {"kind": "reply", "text": "Tess here.\r\nHow can I help?"}
    answer = await tess_browser.post(f"conversations/{conversation}/messages", data=data, headers=HTMX)
    assert answer.headers["hx-trigger"] == "desk:changed, desk:sent"
    found = view(database, conversation)
    assert found.conversation.technician_name == "Tess"
    assert found.messages[-1].text == "Tess here.\nHow can I help?"
    assert not found.messages[-1].internal


async def test_a_note_stays_inside_and_takes_nothing_over(
    tess_browser: httpx.AsyncClient, database: Database, write: Write
) -> None:
    conversation = write("help")
    data = {"kind": "note", "text": "Seen this before."}
    await tess_browser.post(f"conversations/{conversation}/messages", data=data, headers=HTMX)
    found = view(database, conversation)
    assert found.messages[-1].internal
    assert found.conversation.owner is Owner.BOT


async def test_what_is_neither_reply_nor_note_is_never_guessed(
    tess_browser: httpx.AsyncClient, database: Database, write: Write
) -> None:
    conversation = write("help")
    answer = await tess_browser.post(f"conversations/{conversation}/messages", data={"text": "hm"}, headers=HTMX)
    assert answer.status_code == 400
    assert len(view(database, conversation).messages) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [("  ", "Write something first"), ("x" * 8_001, "at most 8000 characters"), ("a\x00b", "cannot be sent")],
)
async def test_unacceptable_text_is_explained_and_nothing_is_sent(
    tess_browser: httpx.AsyncClient, database: Database, write: Write, text: str, told: str
) -> None:
    conversation = write("help")
    data = {"kind": "reply", "text": text}
    answer = await tess_browser.post(f"conversations/{conversation}/messages", data=data, headers=HTMX)
    assert answer.status_code == 422
    assert told in answer.text
    assert "hx-trigger" not in answer.headers
    assert len(view(database, conversation).messages) == 1


async def test_closing_requires_a_resolution(tess_browser: httpx.AsyncClient, database: Database, write: Write) -> None:
    conversation = write("help")
    await tess_browser.post(f"conversations/{conversation}/take")
    close = f"conversations/{conversation}/close"
    refused = await tess_browser.post(close, data={"resolution": " "}, headers=HTMX)
    assert refused.status_code == 422
    assert "a resolution is required" in refused.text
    await tess_browser.post(close, data={"resolution": "Restarted it."}, headers=HTMX)
    found = view(database, conversation)
    assert found.conversation.closed
    assert found.tickets[0].resolution == "Restarted it."
    again = await tess_browser.post(close, data={"resolution": "Twice"}, headers=HTMX)
    assert again.status_code == 409
    assert "has been closed in the meantime" in again.text


@pytest.mark.parametrize(("path", "owner"), [("release", Owner.QUEUE), ("give-back", Owner.BOT)])
async def test_ones_own_conversation_can_be_passed_on_but_nobody_elses(
    tess_browser: httpx.AsyncClient,
    tom_browser: httpx.AsyncClient,
    database: Database,
    write: Write,
    path: str,
    owner: Owner,
) -> None:
    conversation = write("help")
    await tess_browser.post(f"conversations/{conversation}/take")
    assert (await tom_browser.post(f"conversations/{conversation}/{path}", headers=HTMX)).status_code == 409
    assert (await tess_browser.post(f"conversations/{conversation}/{path}", headers=HTMX)).status_code == 200
    assert view(database, conversation).conversation.owner is owner


async def test_a_message_that_failed_is_sent_again_and_one_that_did_not_is_not(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    story = demo.Story(database, "Alice", clock(), channel="email").says("help").hears("hello")
    await tess_browser.post(f"conversations/{story.id}/take")
    story.undeliverable("550 no such mailbox")
    again = f"conversations/{story.id}/messages/3/again"
    assert (await tess_browser.post(again, headers=HTMX)).status_code == 200
    assert view(database, story.id).messages[-1].delivery == "pending"
    assert (await tess_browser.post(again, headers=HTMX)).status_code == 409
    unknown = await tess_browser.post(f"conversations/{story.id}/messages/99/again", headers=HTMX)
    assert unknown.status_code == 404


async def test_the_customer_sees_the_technician_typing_who_has_the_conversation_and_nobody_else(
    tess_browser: httpx.AsyncClient, tom_browser: httpx.AsyncClient, live: Live, clock: Clock, write: Write
) -> None:
    conversation = write("help")
    await tess_browser.post(f"conversations/{conversation}/take")
    await tom_browser.post(f"conversations/{conversation}/typing")
    assert live.typing(conversation, clock()) == frozenset()
    await tess_browser.post(f"conversations/{conversation}/typing")
    assert live.typing(conversation, clock()) == {"Tess"}
    data = {"kind": "reply", "text": "Hello"}
    await tess_browser.post(f"conversations/{conversation}/messages", data=data, headers=HTMX)
    assert live.typing(conversation, clock()) == frozenset()


@pytest.mark.parametrize("path", ["take", "release", "give-back", "typing", "close", "messages"])
async def test_acting_on_an_unknown_conversation_is_said_clearly(tess_browser: httpx.AsyncClient, path: str) -> None:
    data = {"kind": "note", "text": "hm", "resolution": "hm"}
    answer = await tess_browser.post(f"conversations/999/{path}", data=data, headers=HTMX)
    assert answer.status_code == 404
    assert "There is no such conversation" in answer.text
