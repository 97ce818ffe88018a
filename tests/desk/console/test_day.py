"""A technician's day in a real browser, from the keyboard wherever that can be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from desk import canned, migrations, setup, technicians
from desk.filing import file_ticket
from desk.model.canned import Draft
from desk.model.conversation import Reason
from desk.model.technician import Role
from desk.model.ticket import Details, State
from desk.store import tickets as store
from desk.store.database import Database
from desk.tickets import acting
from tests.browser import PATIENCE_MS, chromium
from tests.desk.conftest import WORDS
from tests.desk.console import demo
from tests.desk.console.test_browser import running
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    migrations.upgrade(opened)
    now = datetime.now(UTC)
    with opened.transaction() as tx:
        setup.ensure(tx, now)
        tess = technicians.add(tx, "tess@example.org", "Tess", Role.LEAD, demo.PASSWORD, now, one_time=False)
        demo.technician(tx, "Tom", now)
        draft = Draft(
            "restart", "Restart", "Hello {customer}, please restart it. {me}, {ticket}", "Herstart, {customer}."
        )
        canned.create(tx, tess, draft, now)
        printing = Details(Reason.FILED, subject=f"Printer on the second floor {HOSTILE}", impact=1, urgency=1)
        file_ticket(
            tx, acting(tess), f"Dana {HOSTILE}", "", printing, "It jams.", "day:1", now - timedelta(minutes=9), WORDS
        )
    yield opened
    opened.close()


def logs_in(browser: Browser, address: str, name: str, complaints: list[str]) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{address}/login")
    page.fill("#email", f"{name.lower()}@example.org")
    page.fill("#password", demo.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#lists")
    return page


def commands(page: Page, words: str) -> None:
    """Do what the palette offers first for `words`."""
    page.keyboard.press("Control+k")
    page.keyboard.type(words)
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text(words, ignore_case=True)
    page.keyboard.press("Enter")


def test_a_whole_day(database: Database) -> None:
    story = demo.Story(database, "Alice", datetime.now(UTC) - timedelta(minutes=5)).says("The printer is dead")
    story.hears("A colleague will answer you here.", handover=Reason.ASKED)
    complaints: list[str] = []
    with running(database) as address, chromium() as browser:
        tess, tom = (logs_in(browser, address, name, complaints) for name in ("Tess", "Tom"))
        _takes_and_answers(tess, story)
        _collides(tess, tom, address, story)
        _edits(tess, tom, database)
        _merges_and_undoes(tess, database)
        _passes_on(tess, tom, story)
        _finds_and_resolves(tom, tess, database)
        for page in (tess, tom):
            assert page.title() != "owned"
            assert page.locator("img").count() == 0
    assert complaints == []


def _takes_and_answers(tess: Page, story: demo.Story) -> None:
    """The queue shows what matters most first; a canned reply is filled in; a note stays inside."""
    rows = tess.locator("[data-section=waiting] .row")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Dana")
    expect(rows.first).to_contain_text("Priority: Critical")
    tess.keyboard.press("j")
    tess.keyboard.press("j")
    tess.keyboard.press("Enter")
    expect(tess.locator("#part-head h1")).to_have_text("Alice")
    tess.keyboard.press("t")
    expect(tess.locator("#part-head")).to_contain_text("Yours")
    tess.keyboard.press("r")
    tess.keyboard.type("/")
    tess.locator("#replies [role=option]").first.wait_for()
    tess.keyboard.type("rest")
    tess.keyboard.press("Enter")
    expect(tess.locator("#text")).to_have_value("Hello Alice, please restart it. Tess, FL-1002")
    tess.keyboard.press("Control+Enter")
    expect(tess.locator(".message.technician")).to_contain_text("please restart it")
    expect(tess.locator("#ticket-state")).to_have_value("waiting_for_customer")
    tess.keyboard.press("Escape")
    tess.keyboard.press("n")
    tess.keyboard.type("The fuser, I think.")
    tess.keyboard.press("Control+Enter")
    expect(tess.locator(".message.note")).to_contain_text("The fuser, I think.")


def _collides(tess: Page, tom: Page, address: str, story: demo.Story) -> None:
    """Both see each other; what Tess writes past a message she has not seen is held up, kept, and sent on her word."""
    tom.goto(f"{address}/conversations/{story.id}")
    expect(tess.locator("#part-head")).to_contain_text("Tom is looking at this too")
    tess.route("**/news*", lambda route: route.abort())
    tom.locator("#text").fill("She is in room 214.")
    tom.locator("#text").press("Control+Enter")
    expect(tom.locator(".message.note")).to_have_count(2)
    tess.locator("#text").focus()
    tess.get_by_role("radio", name="Reply").check()
    tess.locator("#text").fill("Which room?")
    tess.keyboard.press("Control+Enter")
    expect(tess.locator("#notice")).to_contain_text("Something changed since you opened this")
    expect(tess.locator("#notice")).to_contain_text("She is in room 214.")
    expect(tess.locator("#text")).to_have_value("Which room?")
    tess.unroute("**/news*")
    tess.get_by_role("button", name="Send anyway").press("Enter")
    expect(tess.locator(".message.technician").last).to_contain_text("Which room?")
    expect(tess.locator("#text")).to_have_value("")


def _edits(tess: Page, tom: Page, database: Database) -> None:
    """Each change is there for the other at once; one made on what is no longer true is refused."""
    tess.keyboard.press("Escape")
    commands(tess, "Edit the subject")
    tess.locator("#dialog #subject").fill(f"Printer 214 {HOSTILE}")
    tess.keyboard.press("Enter")
    expect(tom.locator("#part-panel .subject")).to_contain_text("Printer 214 <img")
    tom.route("**/news*", lambda route: route.abort())
    tess.select_option("#ticket-impact", "1")
    expect(tess.locator("#part-panel .priority")).to_contain_text("P2")
    tom.select_option("#ticket-team", "network")
    expect(tom.locator("#notice")).to_contain_text("Somebody changed this ticket meanwhile")
    tom.unroute("**/news*")
    # At the latest when the page looks again by itself.
    expect(tom.locator("#ticket-impact")).to_have_value("1", timeout=10_000)
    expect(tom.locator("#ticket-team")).to_have_value("servicedesk")
    tess.get_by_label("Major incident").check()
    expect(tess.locator(".row.major")).to_contain_text("Major incident")
    with database.snapshot() as tx:
        assert store.by_number(tx, "FL-1002").priority == 0


def _merges_and_undoes(tess: Page, database: Database) -> None:
    commands(tess, "Merge this ticket")
    tess.locator("#into").fill("FL-4711")
    tess.keyboard.press("Enter")
    expect(tess.locator("#dialog-notice")).to_contain_text("There is no such ticket")
    tess.locator("#into").fill("FL-1001")
    tess.keyboard.press("Enter")
    expect(tess.locator("#notice")).to_contain_text("FL-1002 is part of FL-1001 now")
    expect(tess.locator("#part-panel .number")).to_have_text("FL-1001")
    tess.locator("#undo").press("Enter")
    expect(tess.locator("#part-panel .number")).to_have_text("FL-1002")
    with database.snapshot() as tx:
        assert store.by_number(tx, "FL-1002").state is not State.MERGED


def _passes_on(tess: Page, tom: Page, story: demo.Story) -> None:
    commands(tess, "Pass on")
    tess.locator("#to").select_option(label="Tom")
    tess.locator("#transfer-note").fill("You are next door.")
    tess.keyboard.press("Control+Enter")
    expect(tess.locator("#part-head")).to_contain_text("With Tom")
    expect(tom.locator("[data-section=mine]")).to_contain_text("Alice")
    expect(tom.locator(".message.note").last).to_contain_text("You are next door.")


def _finds_and_resolves(tom: Page, tess: Page, database: Database) -> None:
    """Tom resolves it; Tess finds it by what was done."""
    tom.locator("#part-head h1").focus()
    tom.keyboard.press("e")
    tom.locator("#cause").fill("Worn fuser")
    tom.locator("#resolution").fill("Changed the fuser.")
    tom.keyboard.press("Control+Enter")
    expect(tom.locator("#part-head")).to_contain_text("Closed")
    tess.locator("#part-head h1").focus()
    tess.keyboard.press("g")
    tess.keyboard.press("t")
    tess.wait_for_selector("#hits")
    tess.wait_for_load_state()  # before its scripts have run, a page hears no keys
    tess.keyboard.press("/")
    tess.keyboard.type("fuser")
    expect(tess.locator("#hits")).to_contain_text("No tickets here")
    tess.select_option("#filter-state", "")
    expect(tess.locator("#hits mark").first).to_contain_text("fuser", ignore_case=True)
    tess.locator("#search").press("ArrowDown")
    # Leaving the field asks once more: what has the focus keeps it.
    expect(tess.locator("[data-row]").first).to_be_focused()
    tess.keyboard.press("Enter")
    expect(tess.locator("#part-panel")).to_contain_text("Worn fuser")
    commands(tess, "FL-1001")
    expect(tess.locator("#part-panel .subject")).to_contain_text("Printer on the second floor <img")
    wait_until(lambda: "/tickets/FL-1001" in tess.url)
    with database.snapshot() as tx:
        found = store.by_number(tx, "FL-1002")
    assert (found.state, found.cause, found.resolution) == (State.RESOLVED, "Worn fuser", "Changed the fuser.")
