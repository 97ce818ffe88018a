"""What technicians see, and that only what changed is sent again."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import event

from channels.contract import Author
from desk import conversations
from desk.live import Live
from desk.model.conversation import Reason
from desk.model.technician import Technician
from desk.store import customers, messages
from desk.store.database import Database
from tests.desk.conftest import Clock
from tests.desk.console import demo
from tests.desk.console.conftest import HTMX

Write = Callable[..., int]


def marks(page: str) -> dict[str, str]:
    """What a page's browser gives back to say what it shows."""
    form = page[page.index('<form id="marks"') :]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[: form.index("</form>")]))


def section(page: str, name: str) -> str:
    return page.split(f'data-section="{name}"')[1].split("</section>", 1)[0]


async def test_the_lists_show_who_waits_why_and_what_is_ones_own(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    story = demo.Story(database, "Alice", clock())
    story.says("I want a person").hears("Of course", handover=Reason.ASKED)
    page = (await tess_browser.get("")).text
    assert "Alice" in section(page, "waiting")
    assert "Asked for a person" in section(page, "waiting")
    assert "FL-1001" in section(page, "waiting")
    assert "<title>1 waiting · Firstline</title>" in page
    await tess_browser.post(f"conversations/{story.id}/take")
    story.says("Are you there?").seen_by_people()
    page = (await tess_browser.get("")).text
    assert "Alice" in section(page, "mine")
    assert "To answer" in section(page, "mine")
    assert "<title>1 to answer · Firstline</title>" in page


async def test_lists_that_have_not_changed_are_not_sent_again(tess_browser: httpx.AsyncClient, write: Write) -> None:
    first = (await tess_browser.get("lists", headers=HTMX)).text
    mark = re.findall(r'name="lists" value="(\w+)"', first)[0]
    assert (await tess_browser.get("lists", params={"lists": mark}, headers=HTMX)).status_code == 204
    write("help")
    assert (await tess_browser.get("lists", params={"lists": mark}, headers=HTMX)).status_code == 200


async def test_the_conversation_shows_everybody_apart_with_notes_delivery_and_days(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock, tom: Technician
) -> None:
    story = demo.Story(database, "Alice", clock()).says("My printer is dead").hears("Is it on?", buttons=["Yes", "No"])
    story.wait(24 * 60).taken(tom).noted(tom, "Known problem.").answered(tom, "I am coming.", shown=False)
    page = (await tess_browser.get(f"conversations/{story.id}")).text
    assert [re.findall(r'class="message (\w+)', part) for part in page.split('role="log"')[1:]] == [
        ["customer", "bot", "desk", "note", "technician"]
    ]
    assert page.count('class="day"') == 2
    assert "Internal note · Tom" in page
    assert "Waiting for delivery" in page
    assert "<li>Yes</li>" in page


async def test_of_somebody_in_the_web_chat_the_case_shows_the_mail_address_and_no_address_of_a_browser(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    story = demo.Story(database, "Alice", clock())
    story.says("I want a person").hears("Of course", handover=Reason.ASKED)
    with database.transaction() as tx:
        of_browser = conversations.view(tx, story.id).conversation
        customers.set_email(tx, of_browser.customer, "alice@example.org")
    page = (await tess_browser.get(f"conversations/{story.id}")).text
    assert '<dd class="address" title="alice@example.org">' in page
    assert f'title="{of_browser.address}"' not in page


async def test_the_case_shows_what_was_tried_answered_skipped_and_left_out(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    story = demo.Story(database, "Alice", clock()).says("printer!")
    story.hears("A colleague comes.", runs=[demo.printer("escalated")], handover=Reason.ESCALATED)
    case = (await tess_browser.get(f"conversations/{story.id}")).text.split('id="part-case"')[1]
    for shown in ("Is the printer switched on?", "PC load letter", "Does not know", "Skipped", "Not tried"):
        assert shown in case
    assert "Clear the print queue" in case
    assert "HP LaserJet M404" in case
    assert "Not solved" in case


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "w" * 8_000])
async def test_what_customers_write_is_text_and_nothing_else(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock, text: str
) -> None:
    story = demo.Story(database, text[:200], clock(), address="mallory").says(text)
    for path in ("", f"conversations/{story.id}"):
        page = (await tess_browser.get(path)).text
        assert "<script>alert" not in page
        assert "<img" not in page


async def test_news_are_the_new_messages_and_the_changed_parts_only(
    tess_browser: httpx.AsyncClient, write: Write
) -> None:
    conversation = write("first words")
    shown = marks((await tess_browser.get(f"conversations/{conversation}")).text)
    news = f"conversations/{conversation}/news"
    assert (await tess_browser.get(news, params=shown, headers=HTMX)).status_code == 204
    write("second words")
    fragment = (await tess_browser.get(news, params=shown, headers=HTMX)).text
    assert 'hx-swap-oob="beforeend:#messages"' in fragment
    assert "second words" in fragment
    assert "first words" not in fragment
    assert 'id="part-case"' not in fragment
    assert 'class="message customer continued"' in fragment
    assert (await tess_browser.get(news, params=marks(fragment), headers=HTMX)).status_code == 204


async def test_a_message_that_is_delivered_or_fails_later_changes_in_place(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock, tom: Technician
) -> None:
    story = demo.Story(database, "Alice", clock(), channel="email").says("help")
    story.answered(tom, "on my way", shown=False)
    shown = marks((await tess_browser.get(f"conversations/{story.id}")).text)
    assert shown["unsettled"] == "2:pending 3:pending"
    story.undeliverable("550 mailbox is full")
    fragment = (await tess_browser.get(f"conversations/{story.id}/news", params=shown, headers=HTMX)).text
    assert 'id="delivery-2"' in fragment
    assert "550 mailbox is full" in fragment
    assert "Send again" in fragment
    assert 'id="delivery-3"' not in fragment
    assert 'class="message' not in fragment


async def test_a_customer_who_types_is_seen_typing(
    tess_browser: httpx.AsyncClient, write: Write, live: Live, clock: Clock
) -> None:
    conversation = write("help")
    shown = marks((await tess_browser.get(f"conversations/{conversation}")).text)
    live.set_typing(conversation, "customer", clock())
    fragment = (await tess_browser.get(f"conversations/{conversation}/news", params=shown, headers=HTMX)).text
    assert "is typing…" in fragment


async def test_a_long_conversation_shows_its_end_and_the_rest_when_asked_for(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock, write: Write
) -> None:
    conversation = write("the very first")
    with database.transaction() as tx:
        for number in range(250):
            messages.append(tx, conversation, Author.CUSTOMER, f"message {number}", clock())
    page = (await tess_browser.get(f"conversations/{conversation}")).text
    assert "the very first" not in page
    assert "Show 51 earlier messages" in page
    piece = (await tess_browser.get(f"conversations/{conversation}/earlier", params={"before": 52}, headers=HTMX)).text
    assert "the very first" in piece
    assert "message 49" in piece
    assert "message 50" not in piece
    assert "earlier messages" not in piece
    assert "the very first" in (await tess_browser.get(f"conversations/{conversation}?before=1")).text


@pytest.mark.parametrize("path", ["conversations/999", f"conversations/{10**30}", "conversations/999/news", "nowhere"])
async def test_what_does_not_exist_is_said_on_a_clear_page(tess_browser: httpx.AsyncClient, path: str) -> None:
    answer = await tess_browser.get(path)
    assert answer.status_code == 404
    assert "Not found" in answer.text
    assert "Back to the desk" in answer.text


@pytest.mark.parametrize("after", ["-1", "x", "1" * 40, "²"])
async def test_a_malformed_position_is_refused(tess_browser: httpx.AsyncClient, write: Write, after: str) -> None:
    answer = await tess_browser.get(f"conversations/{write('help')}/news", params={"after": after}, headers=HTMX)
    assert answer.status_code == 400


async def test_times_are_those_of_the_technicians_own_zone(tess_browser: httpx.AsyncClient, write: Write) -> None:
    conversation = write("help")
    assert ">09:00<" in (await tess_browser.get(f"conversations/{conversation}")).text
    tess_browser.cookies.set("firstline_zone", "Europe/Amsterdam", domain="desk.test", path="/desk")
    assert ">10:00<" in (await tess_browser.get(f"conversations/{conversation}")).text
    tess_browser.cookies.set("firstline_zone", "../../etc/passwd", domain="desk.test", path="/desk")
    assert ">09:00<" in (await tess_browser.get(f"conversations/{conversation}")).text


async def test_a_fragment_for_an_open_page_is_the_conversation_without_the_lists(
    tess_browser: httpx.AsyncClient, write: Write
) -> None:
    answer = await tess_browser.get(f"conversations/{write('help')}", headers=HTMX)
    assert 'id="conversation"' in answer.text
    assert 'id="lists"' not in answer.text


def test_reading_a_conversation_from_a_position_leaves_out_what_was_before(database: Database, write: Write) -> None:
    conversation = write("one")
    write("two")
    with database.snapshot() as tx:
        assert [m.text for m in conversations.view(tx, conversation, 1).messages] == ["two"]


@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_a_mistake_of_ours_is_admitted_in_the_persons_language(
    tess_browser: httpx.AsyncClient, database: Database, headers: dict[str, str]
) -> None:
    database.close()
    tess_browser.headers["Accept-Language"] = "nl"
    answer = await tess_browser.post("conversations/1/take", headers=headers)
    assert answer.status_code == 500
    assert "Dat is onze fout" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_a_ticket_page_has_what_a_conversation_needs_wherever_it_is_shown(
    tess_browser: httpx.AsyncClient, write: Write
) -> None:
    conversation = write("help")
    await tess_browser.post(f"conversations/{conversation}/take")
    inbox = (await tess_browser.get(f"conversations/{conversation}")).text
    ticket = (await tess_browser.get("tickets/FL-1001")).text

    def assets(page: str) -> list[str]:
        return re.findall(r"/static/([\w./-]+)\?v=", page)

    assert 'id="diagnosis"' in ticket
    assert assets(ticket) == assets(inbox)


async def test_looking_whether_anything_is_new_asks_the_same_few_things_however_much_there_is(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock, write: Write
) -> None:
    conversation = write("help")
    await tess_browser.post(f"conversations/{conversation}/take")
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    async def look() -> int:
        shown = marks((await tess_browser.get(f"conversations/{conversation}")).text)
        asked.clear()
        answer = await tess_browser.get(f"conversations/{conversation}/news", params=shown, headers=HTMX)
        assert answer.status_code == 204
        return sum("SELECT" in statement for statement in asked)

    few = await look()
    for number in range(2, 5):
        other = write("me too", f"somebody {number}")
        await tess_browser.post(f"conversations/{other}/take")
        await tess_browser.post(f"tickets/FL-100{number}/link", data={"other": "FL-1001", "kind": "caused_by"})
        for _ in range(3):
            write("and another thing")
        await tess_browser.post("tickets/FL-1001/edit", data={"subject": f"Help {number}"})
    assert await look() == few
    assert few <= 21
