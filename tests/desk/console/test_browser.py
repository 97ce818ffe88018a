"""Two technicians in two real browsers."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.procedures import commands as c
from channels.contract import Author
from desk import alerts, answering, migrations
from desk.brake import Brake
from desk.console.app import console
from desk.live import Live
from desk.model.conversation import Reason
from desk.store import alerts as alert_store
from desk.store import messages
from desk.store.database import Database
from tests.accessibility import violations
from tests.browser import PATIENCE_MS, chromium
from tests.desk.console import demo
from tests.desk.console.conftest import Mailbox
from tests.desk.kitchen import kitchen, turn

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def running(database: Database) -> Iterator[str]:
    """The console on a free port, in a thread with an event loop of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    servers: list[uvicorn.Server] = []
    up = threading.Event()

    async def serve() -> None:
        live = Live()
        database.on_change(live.publish)
        mounted = console(
            database,
            live,
            _now,
            session=timedelta(hours=1),
            secure_cookie=False,
            catalogue=kitchen(),
            brake=Brake(),
            mailer=Mailbox(),
        )
        app = Starlette(routes=[Mount("/desk", mounted)])
        config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
        servers.append(uvicorn.Server(config))
        up.set()
        await servers[0].serve(sockets=[listening])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    up.wait()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/desk"
    finally:
        servers[0].should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('desk') / 'desk.db'}")
    migrations.upgrade(opened)
    with opened.transaction() as tx:
        for name in ("Tess", "Tom"):
            demo.technician(tx, name, _now())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def address(database: Database) -> Iterator[str]:
    with running(database) as found:
        yield found


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def desks(chrome: Browser, address: str) -> Iterator[tuple[Page, Page]]:
    """Tess's and Tom's desks; the browsers must not complain about anything but the refusals that we provoke."""
    complaints: list[str] = []
    pages = []
    for name in ("Tess", "Tom"):
        page = chrome.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{address}/login")
        page.fill("#email", f"{name.lower()}@example.org")
        page.fill("#password", demo.PASSWORD)
        page.click("button.primary")
        page.wait_for_selector("#lists")
        # Its scripts run last.
        page.wait_for_load_state()
        pages.append(page)
    yield pages[0], pages[1]
    for page in pages:
        page.context.close()
    assert [said for said in complaints if "409" not in said and "422" not in said] == []


def waiting(database: Database, who: str) -> demo.Story:
    story = demo.Story(database, who, _now()).says("My printer is dead")
    return story.hears("A colleague will answer you here.", handover=Reason.ASKED)


def test_both_press_take_over_and_the_one_who_loses_is_told(desks: tuple[Page, Page], database: Database) -> None:
    story = waiting(database, "Alice")
    for page in desks:
        # It appears in the queue by itself.
        page.click(f"#row-{story.id}")
        page.wait_for_selector("#do-take")
    tess, tom = desks
    # Tom's page is told "nothing new" once, as if Tess had been faster by a hair.
    tom.route("**/news*", lambda route: route.fulfill(status=204))
    with tom.expect_response("**/news*"):
        tess.click("#do-take")
        expect(tess.locator("#part-head")).to_contain_text("Yours")
    tom.unroute("**/news*")
    tom.click("#do-take")
    expect(tom.locator("#notice")).to_contain_text("Tess has this conversation now")
    expect(tom.locator("#part-head")).to_contain_text("With Tess")
    expect(tom.locator("#do-take")).to_have_count(0)


def test_a_reply_appears_at_the_colleagues_desk_by_itself_and_half_typed_text_stays(
    desks: tuple[Page, Page], database: Database
) -> None:
    story = waiting(database, "Bob")
    tess, tom = desks
    for page in desks:
        page.click(f"#row-{story.id}")
        page.wait_for_selector("#do-take")
    tom.click("#text")
    tom.keyboard.type("half a sent")
    tess.click("#text")
    tess.keyboard.type("Hello Bob, Tess here.")
    tess.keyboard.press("Control+Enter")
    expect(tess.locator("#text")).to_have_value("")
    expect(tom.locator("#messages")).to_contain_text("Hello Bob, Tess here.")
    expect(tom.locator("#part-hint")).to_contain_text("Tess has this conversation")
    story.says("Thank you!")
    for page in desks:
        expect(page.locator("#messages .message.customer")).to_have_count(2)
        expect(page.locator("#messages .message")).to_have_count(5)
    tom.keyboard.type("ence")
    expect(tom.locator("#text")).to_have_value("half a sentence")
    tom.keyboard.press("Control+Enter")
    expect(tom.locator("#notice")).to_contain_text("Tess has this conversation now")
    expect(tom.locator("#text")).to_have_value("half a sentence")
    tom.reload()
    expect(tom.locator("#text")).to_have_value("half a sentence")


def test_the_whole_work_can_be_done_from_the_keyboard(desks: tuple[Page, Page], database: Database) -> None:
    story = waiting(database, "Charlie")
    tess, _ = desks
    tess.wait_for_selector(f"#row-{story.id}")
    while tess.evaluate("document.activeElement.dataset.conversation") != str(story.id):
        tess.keyboard.press("j")
    tess.keyboard.press("Enter")
    tess.wait_for_selector("#do-take")
    tess.keyboard.press("t")
    expect(tess.locator("#part-head")).to_contain_text("Yours")
    tess.keyboard.press("n")
    tess.keyboard.type("The old printer again.")
    tess.keyboard.press("Control+Enter")
    expect(tess.locator(".message.note")).to_contain_text("The old printer again.")
    tess.keyboard.press("Escape")
    tess.keyboard.press("e")
    tess.locator("#resolution").focus()
    tess.keyboard.press("Control+Enter")
    expect(tess.locator("#close-notice")).to_contain_text("a resolution is required")
    tess.keyboard.type("Replaced the cable.")
    tess.keyboard.press("Control+Enter")
    expect(tess.locator("#part-head")).to_contain_text("Closed")
    expect(tess.locator("#close-dialog")).to_be_hidden()
    expect(tess.locator("#part-panel")).to_contain_text("Replaced the cable.")
    tess.keyboard.press("?")
    expect(tess.locator("#keys")).to_be_visible()


def test_a_button_that_vanishes_does_not_lose_the_focus(desks: tuple[Page, Page], database: Database) -> None:
    story = waiting(database, "Dana")
    tess, _ = desks
    tess.click(f"#row-{story.id}")
    tess.locator("#do-take").press("Enter")
    expect(tess.locator("#text")).to_be_focused()
    tess.locator("#do-close").press("Enter")
    tess.locator("#resolution").focus()
    tess.keyboard.type("Replaced the cable.")
    tess.keyboard.press("Control+Enter")
    expect(tess.locator("#part-head h1")).to_be_focused()


def test_where_no_reply_is_possible_an_empty_field_takes_a_note(
    desks: tuple[Page, Page], database: Database, address: str
) -> None:
    story = waiting(database, "Femke")
    tess, tom = desks
    for page in desks:
        page.goto(f"{address}/conversations/{story.id}")
    tess.click("#do-take")
    expect(tess.get_by_role("radio", name="Reply")).to_be_checked()
    expect(tom.get_by_role("radio", name="Internal note")).to_be_checked()
    expect(tom.get_by_role("textbox", name="Note for your colleagues")).to_be_visible()


def test_escape_leaves_the_case_on_a_small_screen(desks: tuple[Page, Page], database: Database, address: str) -> None:
    story = waiting(database, "Priya")
    tess, _ = desks
    tess.set_viewport_size({"width": 1000, "height": 800})
    tess.goto(f"{address}/conversations/{story.id}")
    tess.click("#case-toggle")
    expect(tess.locator("#case")).to_be_visible()
    tess.keyboard.press("Escape")
    expect(tess.locator("#case")).to_be_hidden()
    expect(tess.locator("#case-toggle")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_a_customer_writes_breaks_the_layout(
    desks: tuple[Page, Page], database: Database, address: str, width: int, tmp_path: Path
) -> None:
    tess, _ = desks
    story = demo.Story(database, "W" * 150, _now(), address=f"mallory{width}")
    story.says("w" * 4_000 + "<img src=x onerror=document.title='owned'>").hears("line\n" * 40, buttons=["b" * 300])
    tess.set_viewport_size({"width": width, "height": 800})
    tess.goto(f"{address}/conversations/{story.id}")
    tess.wait_for_selector(".message.bot")
    assert tess.evaluate("document.documentElement.scrollWidth") <= width
    assert tess.evaluate(
        "document.getElementById('scroll').scrollWidth <= document.getElementById('scroll').clientWidth"
    )
    assert "owned" not in tess.title()


def test_a_step_is_marked_by_keyboard_and_the_next_one_read(desks: tuple[Page, Page], database: Database) -> None:
    story = demo.Story(database, "Kees", _now()).says("My kettle stays cold")
    with database.transaction() as tx:
        question = answering.claim(tx, "browser", _now(), timedelta(seconds=30))
        assert isinstance(question, answering.Question)
        asked = turn(c.Start("kettle"), c.Answer("no"), c.Human(), handover=Reason.ASKED)
        answering.finish(tx, question, asked, _now())
    tess, _ = desks
    tess.click(f"#row-{story.id}")
    tess.click("#do-take")
    tess.locator("button.way", has_text="Done").focus()
    tess.keyboard.press("Enter")
    expect(tess.locator("#next-title + .said")).to_have_text("Does it boil?")
    expect(tess.locator("#next-title")).to_be_focused()
    assert violations(tess) == []
    tess.fill("#start-procedure", "Lamp is dark")
    tess.keyboard.press("Enter")
    expect(tess.locator("#next-title + .said")).to_have_text("Is there light with another bulb?")
    expect(tess.locator("#diagnosis")).to_contain_text("by Tess")


_TONES = """() => {
  const counted = document.documentElement.dataset, start = OscillatorNode.prototype.start;
  counted.tones = 0;
  OscillatorNode.prototype.start = function (when) {
    counted.tones = Number(counted.tones) + 1;
    return start.call(this, when);
  };
  window.AudioContext = class extends AudioContext {
    constructor() {
      super();
      const tell = () => { counted.audio = this.state; };
      tell();
      this.addEventListener("statechange", tell);
    }
  };
}"""


def test_the_bell_rings_until_one_technician_has_seen_it_and_then_is_silent_for_all(
    database: Database, desks: tuple[Page, Page]
) -> None:
    tess, tom = desks
    with database.transaction() as tx:
        for alert in alert_store.all_open(tx):
            alert_store.acknowledge(tx, alert.id, None, _now())
    for page in desks:
        page.evaluate(_TONES)
        # Browsers are silent until somebody has pressed something.
        page.locator("body").press("Shift")
        expect(page.locator("html")).to_have_attribute("data-audio", "running")
        expect(page.locator("#alerts-count")).to_be_hidden()
    waiting(database, "Bella Ring")
    for page in desks:
        expect(page.locator("#alerts-count")).to_have_text("1")
        expect(page).to_have_title(re.compile(r"^\(1\) "))
        expect(page.locator("html")).to_have_attribute("data-tones", "2")
        expect(page.locator('link[rel="icon"]')).to_have_attribute("href", re.compile("icon-alert"))
    # Two minutes later nobody has seen it: it is told again.
    with database.transaction() as tx:
        assert alerts.tell_due(tx, _now() + timedelta(minutes=4)) == 1
    expect(tess.locator("html")).to_have_attribute("data-tones", "4")
    tess.click("#bell")
    expect(tess.locator("#alerts-panel")).to_contain_text("told 2 times")
    tess.get_by_role("button", name="Seen: Bella Ring").click()
    for page in desks:
        expect(page.locator("#alerts-count")).to_be_hidden()
        expect(page).not_to_have_title(re.compile(r"^\("))
    expect(tess.locator("#alerts-title")).to_be_focused()
    tom.click("#bell")
    expect(tom.locator(".alerts-seen")).to_contain_text("Tess Bella Ring")
    # Silence stays chosen.
    tom.uncheck("#alerts-sound")
    tom.reload()
    expect(tom.locator("#alerts-sound")).not_to_be_checked()


def test_earlier_messages_come_in_pieces_and_what_is_read_stays_where_it_is(
    desks: tuple[Page, Page], database: Database, address: str
) -> None:
    tess, _ = desks
    story = demo.Story(database, "Long", _now()).says("the very first")
    with database.transaction() as tx:
        for number in range(500):
            messages.append(tx, story.id, Author.CUSTOMER, f"message {number} " + "word " * (number % 40), _now())
    tess.goto(f"{address}/conversations/{story.id}")
    shown = tess.locator(".message")
    place = "id => document.getElementById(id).getBoundingClientRect().top"
    for before, after in ((200, 400), (400, 501)):
        expect(shown).to_have_count(before)
        tess.evaluate("document.getElementById('scroll').scrollTop = 0")
        expect(tess.locator("#scroll")).to_have_class("scroll reading")
        first = shown.first.get_attribute("id")
        top = tess.evaluate(place, first)
        tess.locator("#earlier a").press("Enter")
        expect(shown).to_have_count(after)
        # It has settled when it stays anchored by the browser again.
        expect(tess.locator("#scroll")).to_have_class("scroll reading")
        assert abs(tess.evaluate(place, first) - top) <= 2
    expect(tess.locator("#earlier a")).to_have_count(0)
    expect(shown.first).to_contain_text("the very first")
