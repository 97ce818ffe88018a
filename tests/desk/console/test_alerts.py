"""The bell: each technician is shown what nobody has seen yet, and who has seen to the rest."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta

import httpx
from sqlalchemy import insert

from desk import alerts, answering
from desk.answering import Question
from desk.live import Live
from desk.model.conversation import Reason
from desk.store import tables, technicians
from desk.store.database import Database
from tests.desk.conftest import Clock
from tests.desk.console import demo
from tests.desk.console.conftest import HTMX
from tests.desk.console.test_events import events


def ask(database: Database, clock: Clock, write: Callable[..., int], who: str = "alice") -> int:
    conversation = write("my <b>printer</b> is dead", who)
    with database.transaction() as tx:
        question = answering.claim(tx, "w", clock(), timedelta(seconds=15))
        assert isinstance(question, Question)
        answering.give_up(tx, question, Reason.ENGINE_DOWN, clock(), "down")
    return conversation


async def bell(browser: httpx.AsyncClient, shown: str = "") -> httpx.Response:
    return await browser.get("alerts", params={"alerts": shown}, headers=HTMX)


def first(pattern: str, page: httpx.Response) -> str:
    found = re.search(pattern, page.text)
    assert found is not None, page.text
    return found[1]


async def test_what_one_technician_has_seen_is_gone_for_the_others_who_read_by_whom(
    tess_browser: httpx.AsyncClient,
    tom_browser: httpx.AsyncClient,
    database: Database,
    clock: Clock,
    write: Callable[..., int],
) -> None:
    conversation = ask(database, clock, write)
    page = await bell(tess_browser)
    assert 'data-count="1"' in page.text
    assert "my &lt;b&gt;printer&lt;/b&gt; is dead" in page.text
    assert f"/desk/conversations/{conversation}" in page.text
    # A page that shows it as it is gets nothing.
    assert (await bell(tess_browser, first(r'name="alerts" value="(\w+)"', page))).status_code == 204
    seen = await tom_browser.post(f"alerts/{first(r'data-alert="(\d+)"', page)}/seen", headers=HTMX)
    assert seen.headers["HX-Trigger"] == "desk:changed"
    page = await bell(tess_browser, first(r'name="alerts" value="(\w+)"', page))
    assert 'data-count="0"' in page.text
    assert "<span>Tom</span>" in page.text


async def test_taking_from_the_bell_opens_the_conversation_and_who_is_late_is_told_who_has_it(
    tess_browser: httpx.AsyncClient,
    tom_browser: httpx.AsyncClient,
    database: Database,
    clock: Clock,
    write: Callable[..., int],
) -> None:
    conversation = ask(database, clock, write)
    alert = first(r'data-alert="(\d+)"', await bell(tess_browser))
    taken = await tess_browser.post(f"alerts/{alert}/take", headers=HTMX)
    assert taken.headers["HX-Redirect"] == f"/desk/conversations/{conversation}"
    late = await tom_browser.post(f"alerts/{alert}/take", headers=HTMX)
    assert late.status_code == 409
    assert "Tess" in late.text
    assert 'data-count="0"' in (await bell(tom_browser)).text
    assert (await tom_browser.post("alerts/999/seen", headers=HTMX)).status_code == 404
    plain = await tom_browser.post(f"alerts/{alert}/seen")
    assert plain.headers["location"] == "/desk/"


async def test_a_name_reads_as_it_is_written_wherever_it_stands_in_a_sentence(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    story = demo.Story(database, "Mary O'Brien & <Co>", clock())
    story.says("Help!").hears("Of course", handover=Reason.ASKED)
    tess_browser.headers["HX-Request"] = "true"
    pages = (await bell(tess_browser)).text + (await tess_browser.get(f"conversations/{story.id}")).text
    assert "Conversation with Mary O&#39;Brien &amp; &lt;Co&gt;" in pages
    assert "&amp;#39;" not in pages
    assert "<Co>" not in pages


async def test_other_teams_alerts_are_not_shown(
    tess_browser: httpx.AsyncClient,
    tom_browser: httpx.AsyncClient,
    database: Database,
    clock: Clock,
    write: Callable[..., int],
) -> None:
    ask(database, clock, write)
    with database.transaction() as tx:
        found = technicians.by_email(tx, "tom@example.org")
        assert found is not None
        tx.connection.execute(insert(tables.team_members).values(team="network", technician_id=found[0].id))
    assert 'data-count="1"' in (await bell(tess_browser)).text
    assert 'data-count="0"' in (await bell(tom_browser)).text


async def test_open_pages_are_told_of_alerts(
    tess_browser: httpx.AsyncClient, database: Database, live: Live, clock: Clock, write: Callable[..., int]
) -> None:
    conversation = ask(database, clock, write)
    await asyncio.sleep(0)  # what was changed so far is announced before anybody watches
    token = tess_browser.cookies["firstline_session"]
    later = clock() + timedelta(minutes=2)

    def tell() -> None:
        with database.transaction() as tx:
            assert alerts.tell_due(tx, later) == 1

    async with aclosing(events(database, live, clock).stream(token)) as stream:
        await anext(stream)
        await asyncio.to_thread(tell)
        said = await anext(stream)
        while "event: look" in said:
            said = await anext(stream)
        assert said == "event: alerts\ndata: {}\n\n"
    assert f'data-conversation="{conversation}"' in (await bell(tess_browser)).text
