"""The diagnosis in the console: what can be pressed, and what it does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import httpx
import pytest

from bot.procedures import commands as c
from bot.procedures.style import LETTER
from desk import answering, conversations
from desk.answering import Question
from desk.model.conversation import Reason
from desk.store.database import Database
from tests.desk.conftest import Clock
from tests.desk.console.conftest import HTMX
from tests.desk.kitchen import turn


@pytest.fixture
def kettle(database: Database, clock: Clock, write: Callable[..., int]) -> int:
    """Alice was told to plug the kettle in, and asked for a person."""
    conversation = write("my kettle stays cold")
    with database.transaction() as tx:
        question = answering.claim(tx, "w", clock(), timedelta(seconds=30))
    assert isinstance(question, Question)
    with database.transaction() as tx:
        asked = turn(c.Start("kettle"), c.Answer("no"), c.Human(), handover=Reason.ASKED)
        answering.finish(tx, question, asked, clock())
    return conversation


@pytest.fixture
def mailed(database: Database, clock: Clock, write: Callable[..., int]) -> int:
    """Alice was told by mail to switch the kettle off and on, and asked for a person."""
    conversation = write("my kettle stays cold")
    with database.transaction() as tx:
        question = answering.claim(tx, "w", clock(), timedelta(seconds=30))
    assert isinstance(question, Question)
    commands = (c.Start("kettle"), c.Answer("yes"), c.Answer("glass"), c.Human())
    with database.transaction() as tx:
        answering.finish(tx, question, turn(*commands, handover=Reason.ASKED, style=LETTER), clock())
    return conversation


class Case:
    """The case panel in Tess' browser."""

    def __init__(self, browser: httpx.AsyncClient, conversation: int) -> None:
        self.browser, self.conversation = browser, conversation

    async def shown(self) -> str:
        page = await self.browser.get(f"conversations/{self.conversation}", headers=HTMX)
        found = re.search(r'<section id="diagnosis".*?</section>', page.text, re.DOTALL)
        assert found
        return unescape(found[0])

    async def post(self, action: str, **form: str) -> httpx.Response:
        return await self.browser.post(f"conversations/{self.conversation}/diagnosis/{action}", data=form, headers=HTMX)

    async def at(self) -> str:
        found = re.search(r'name="at" value="([^"]+)"', await self.shown())
        assert found
        return found[1]


async def test_what_the_customer_was_told_at_once_is_shown_as_such(
    tess_browser: httpx.AsyncClient, mailed: int
) -> None:
    shown = await Case(tess_browser, mailed).shown()
    (told,) = re.findall(r"<li>(?:(?!</li>).)*Sent to the customer, no answer yet", shown, re.DOTALL)
    assert "Switch it on" in told
    assert "Switch it off" in shown, "the first of them is the pending one"


async def test_the_next_step_is_shown_with_its_answers_and_where_each_leads(
    tess_browser: httpx.AsyncClient, kettle: int
) -> None:
    shown = await Case(tess_browser, kettle).shown()
    assert "Plug it in." in shown
    assert "Next: Does it boil?" in shown
    assert "<button" not in shown  # whoever only reads along cannot mark
    assert "Take over to go on here." in shown
    await tess_browser.post(f"conversations/{kettle}/take")
    assert 'value="option:done"' in await Case(tess_browser, kettle).shown()


async def test_a_step_is_marked_and_taken_back(tess_browser: httpx.AsyncClient, kettle: int) -> None:
    await tess_browser.post(f"conversations/{kettle}/take")
    case = Case(tess_browser, kettle)
    marked = await case.post("mark", at=await case.at(), answer="option:done")
    assert (marked.status_code, marked.headers["hx-trigger"]) == (200, "desk:changed")
    shown = await case.shown()
    assert "Does it boil?" in shown
    assert "by Tess" in shown
    assert "Then it is solved" in shown
    assert (await case.post("take-back")).status_code == 200
    assert "Corrected" in await case.shown()


async def test_a_step_that_was_passed_meanwhile_is_a_notice(tess_browser: httpx.AsyncClient, kettle: int) -> None:
    await tess_browser.post(f"conversations/{kettle}/take")
    case = Case(tess_browser, kettle)
    at = await case.at()
    await case.post("mark", at=at, answer="option:done")
    late = await case.post("mark", at=at, answer="option:done")
    assert late.status_code == 409
    assert "no longer open" in late.text
    assert late.headers["hx-trigger"] == "desk:changed"


async def test_an_open_question_is_answered_with_text_and_an_empty_one_refused(
    tess_browser: httpx.AsyncClient, kettle: int
) -> None:
    await tess_browser.post(f"conversations/{kettle}/take")
    case = Case(tess_browser, kettle)
    await case.post("mark", at=await case.at(), answer="option:cannot")
    empty = await case.post("mark", at=await case.at(), answer="text:", text=" ")
    assert (empty.status_code, "Write something first." in empty.text) == (422, True)
    await case.post("mark", at=await case.at(), text="<the> kitchen")  # Enter in the field presses no button
    assert "It failed" in await case.shown()  # the next one is an action, done by hand
    page = await tess_browser.get(f"conversations/{kettle}")
    assert "&lt;the&gt; kitchen" in page.text


async def test_a_procedure_is_started_by_its_title_in_the_technicians_language(
    tess_browser: httpx.AsyncClient, kettle: int
) -> None:
    tess_browser.headers["Accept-Language"] = "nl"
    await tess_browser.post(f"conversations/{kettle}/take")
    case = Case(tess_browser, kettle)
    assert '<option value="Lamp is uit">' in await case.shown()
    assert (await case.post("start", procedure="lamp is uit ")).status_code == 200
    assert "Is er licht met een andere lamp?" in await case.shown()
    unknown = await case.post("start", procedure="Koffie")
    assert (unknown.status_code, "geen procedure met die naam" in unknown.text) == (422, True)
    await case.post("stop", at=await case.at())
    assert "Steek de stekker erin." in await case.shown()
    await case.post("pick", run="1", step="pause.on")
    assert "Zet hem aan." in await case.shown()


async def test_giving_back_has_the_assistant_propose_to_go_on(
    tess_browser: httpx.AsyncClient, kettle: int, database: Database
) -> None:
    await tess_browser.post(f"conversations/{kettle}/take")
    await tess_browser.post(f"conversations/{kettle}/give-back", headers=HTMX)
    with database.snapshot() as tx:
        assert "Shall we go on there?" in conversations.view(tx, kettle).messages[-1].text
