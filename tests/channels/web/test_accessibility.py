"""The customer's pages, checked by axe in light and dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from channels.contract import Author, Button, Incoming, Owner, Way
from channels.web.channel import WebChannel
from channels.web.limits import Limits
from tests.accessibility import violations
from tests.browser import PATIENCE_MS
from tests.channels.memory_log import MemoryLog
from tests.channels.web.server import SECRET, Server, running

pytestmark = [pytest.mark.slow, pytest.mark.browser]

POWER = (Button("Yes", "answer:printer:power:yes"), Button("No", "answer:printer:power:no"))


def bot(log: MemoryLog, incoming: Incoming) -> None:
    log.say(incoming.address, "Is the printer **switched on**? See https://example.org/printers", buttons=POWER)


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    return MemoryLog(bot)


@pytest.fixture(scope="module")
def server(log: MemoryLog) -> Iterator[Server]:
    with running(log, WebChannel(SECRET, limits=Limits(acknowledge_every=0))) as server:
        yield server


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", color_scheme=request.param)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def talk(page: Page) -> None:
    """One answered question above one that is open."""
    for _ in range(2):
        page.get_by_role("textbox").fill("my printer is dead")
        page.keyboard.press("Enter")
    expect(page.get_by_role("log").locator(".bubble")).to_have_count(4)


def test_the_customer_page_in_every_state_of_a_conversation(page: Page, log: MemoryLog, server: Server) -> None:
    page.goto(server.url)
    page.get_by_text("How can we help").wait_for()
    assert violations(page) == []
    talk(page)
    page.get_by_role("button", name="Yes").last.click()
    expect(page.get_by_role("log").locator(".bubble")).to_have_count(6)
    assert violations(page) == []
    page.get_by_role("button", name="More options").click()
    page.get_by_role("menuitem").first.wait_for()
    assert violations(page) == []
    page.get_by_role("menuitem", name="New conversation").click()
    page.get_by_role("alertdialog").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Cancel").click()
    log.ways = (Way("web", "https://help.example.org/?continue=c0de"), Way("slack", words="/support link c0de"))
    page.get_by_role("button", name="More options").click()
    page.get_by_role("menuitem", name="Continue on your phone").click()
    page.get_by_role("dialog").get_by_role("listitem").first.wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    here = log.addresses[-1]
    log.becomes(here, owner=Owner.QUEUE)
    page.get_by_text("waiting for a technician").wait_for()
    assert violations(page) == []
    log.becomes(here, owner=Owner.TECHNICIAN, technician="Tess", typing=True)
    log.say(here, "Tess has joined.", author=Author.DESK)
    log.say(here, "Hello, Tess here.", author=Author.TECHNICIAN, name="Tess")
    page.locator(".typing").wait_for()
    assert violations(page) == []


def test_the_open_panel_on_any_site(page: Page, server: Server) -> None:
    page.goto(f"{server.url}channels/web/embed-example.html")
    launcher = page.get_by_role("button", name="Open the support chat")
    launcher.wait_for()
    assert violations(page) == []
    launcher.click()
    talk(page)
    assert violations(page) == []
