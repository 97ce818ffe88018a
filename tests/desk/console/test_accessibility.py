"""The console's pages, checked by axe in light and dark, with a desk in the middle of a working day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from playwright.sync_api import Browser, Page

from channels.letter import Authentication, Automatic
from desk import conversations, migrations
from desk.store import technicians
from desk.store.database import Database
from tests.accessibility import violations
from tests.browser import PATIENCE_MS, chromium
from tests.desk.conftest import WORDS
from tests.desk.console import demo
from tests.desk.console.test_browser import running
from tests.desk.mails import BOB, MALLORY, Mails, people

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('desk') / 'desk.db'}")
    migrations.upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def day(database: Database) -> dict[str, int]:
    return demo.fill(database, datetime.now(UTC))


def correspondence(database: Database, now: datetime) -> tuple[int, int]:
    """A conversation by mail with all that mails bring along, and the case of a stranger who wrote in reply to it."""
    seconds = count()
    mails = Mails(database, lambda: now + timedelta(seconds=next(seconds)), WORDS)
    own = mails.write(
        "My printer is broken, see below.",
        id="first@example.org",
        full_text="My printer is broken, see below.\n\n-- \nAlice\n\n> Is it on?",
        html="<p>My printer is <b>broken</b>, see below.</p><ol><li>It hums</li><li>It stops</li></ol>",
        cc=people(BOB),
        authentication=Authentication("mx.desk.test", "pass", "none", "fail"),
        left_out=("film.mov",),
    )
    (sent,) = mails.answer()
    with database.transaction() as tx:
        conversations.take(tx, own, technicians.everybody(tx)[0], mails.now())
    mails.write("And my phone", subject="A new phone", answers="first@example.org")
    mails.automatic(Automatic.AUTO_REPLY, "I am away until Monday", answers=sent.message_id, subject="Out of office")
    with database.transaction() as tx:
        conversations.reply(tx, own, technicians.everybody(tx)[0], "I am on my way.", mails.now())
    (reply,) = mails.send()
    mails.bounce(reply)
    return own, mails.write("What did she say?", MALLORY, answers="first@example.org")


@pytest.fixture(scope="module")
def mails(database: Database, day: dict[str, int]) -> tuple[int, int]:
    return correspondence(database, datetime.now(UTC))


@pytest.fixture(scope="module")
def address(database: Database) -> Iterator[str]:
    with running(database) as found:
        yield found


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(params=["light", "dark"])
def page(chrome: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = chrome.new_context(viewport={"width": 1280, "height": 800}, color_scheme=request.param)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def logs_in(page: Page, address: str, password: str = demo.PASSWORD) -> None:
    page.goto(f"{address}/login")
    page.fill("#email", "tess@example.org")
    page.fill("#password", password)
    page.click("button.primary")


def test_login_and_what_it_says_when_refused(page: Page, address: str, day: dict[str, int]) -> None:
    page.goto(f"{address}/login")
    assert violations(page) == []
    logs_in(page, address, "wrong")
    page.get_by_role("alert").wait_for()
    assert violations(page) == []


def test_the_workspace_and_its_dialogs(page: Page, address: str, day: dict[str, int]) -> None:
    logs_in(page, address)
    page.wait_for_selector("#lists")
    assert violations(page) == []
    for story, conversation in day.items():
        page.goto(f"{address}/conversations/{conversation}")
        page.wait_for_selector("#messages")
        assert violations(page) == [], story
    page.goto(f"{address}/conversations/{day['printer']}")
    page.get_by_text("Internal note", exact=True).click()
    assert violations(page) == []
    page.click("#do-close")
    page.wait_for_selector("#close-dialog[open]")
    assert violations(page) == []
    page.get_by_role("button", name="Resolve and close").click()
    page.wait_for_selector("#close-notice .notice")
    assert violations(page) == []
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Menu for Tess").click()
    page.wait_for_selector("#menu:popover-open")
    assert violations(page) == []
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.wait_for_selector("#keys[open]")
    assert violations(page) == []


def test_the_pages_of_tickets_their_dialogs_and_the_palette(page: Page, address: str, day: dict[str, int]) -> None:
    logs_in(page, address)
    page.wait_for_selector("#lists")
    for path in ("tickets?state=&text=printer", "tickets?state=&text=nonsense", "tickets/new"):
        page.goto(f"{address}/{path}")
        page.wait_for_selector("main")
        assert violations(page) == [], path
    page.goto(f"{address}/conversations/{day['printer']}")
    page.locator("#history summary").click()
    assert violations(page) == []
    for dialog in ("transfer", "merge", "link", "split", "subject"):
        page.click(f"#do-{dialog}")
        page.wait_for_selector("#dialog[open]")
        assert violations(page) == [], dialog
        page.keyboard.press("Escape")
        page.wait_for_selector("#dialog", state="hidden")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette [aria-selected=true]")
    assert violations(page) == []
    page.keyboard.type("nothing like this")
    page.wait_for_selector("#palette .none:visible")
    assert violations(page) == []


def test_mails_seen_whole_and_what_is_decided_about_strangers(page: Page, address: str, mails: tuple[int, int]) -> None:
    own, stranger = mails
    logs_in(page, address)
    page.wait_for_selector("#lists")
    for path in (f"conversations/{stranger}", f"conversations/{own}/messages/1/mail", f"conversations/{own}"):
        page.goto(f"{address}/{path}")
        page.wait_for_selector("main")
        assert violations(page) == [], path
    page.locator(".bubble .whole summary").first.click()
    page.locator(".envelope").first.wait_for()
    page.locator(".layout summary").first.click()
    page.frame_locator(".layout iframe").get_by_text("It hums").wait_for()
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert violations(page) == []


def test_on_a_phone(page: Page, address: str, day: dict[str, int]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    logs_in(page, address)
    page.wait_for_selector("#lists")
    assert violations(page) == []
    page.click(f"#row-{day['printer']}")
    page.wait_for_selector("#messages")
    assert violations(page) == []
    page.click("#case-toggle")
    page.wait_for_selector(".case-shown")
    assert violations(page) == []
    page.goto(f"{address}/password")
    assert violations(page) == []
