"""The product's story, played on both sides in a real browser against the real Rasa, as `make run` starts it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import chromium
from tests.end_to_end.people import CustomerPage, TechnicianPage, page_of
from tests.product_process import ProductProcess, running_product
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.rasa, pytest.mark.browser]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProductProcess]:
    """Everything, as a newcomer starts it."""
    with running_product(tmp_path_factory.mktemp("product")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for both sides."""
    with chromium() as running:
        yield running


def test_a_customer_is_guided_asks_for_a_person_and_a_technician_takes_over(
    product: ProductProcess, browser: Browser
) -> None:
    with page_of(browser, locale="en-GB") as alice_page, page_of(browser, locale="en-GB") as tess_page:
        alice = CustomerPage(alice_page, product.url)
        alice.writes("Hi, my printer does not print anything")
        alice.reads("Is the printer switched on?")
        alice.presses("Yes")
        alice.reads("Does the printer itself show a message")
        alice.writes("it just says ready")
        alice.reads("How do you reach this printer")
        alice.writes("can I please talk to a real person?")
        alice.reads(re.compile("FL-1001"))

        email, password = product.administrator()
        tess = TechnicianPage(tess_page, product.url)
        tess.logs_in(email, password)
        tess.chooses_a_password(password)
        tess.opens(re.compile("Visitor"))
        tess.reads("Is the printer switched on?")
        case = tess_page.locator("#case")
        expect(case.get_by_text("Printer does not print").first).to_be_visible()
        expect(case.get_by_text("No message", exact=True)).to_be_visible()
        expect(case.get_by_text("Not tried")).to_be_visible()
        tess_page.get_by_role("button", name="Take over").click()
        alice.reads(re.compile("has joined"))
        tess.replies("Hello, I am looking at your printer right now.")
        alice.reads("Hello, I am looking at your printer right now.")

        alice.writes("my printer does not print, are you still there?")
        tess.reads("my printer does not print, are you still there?")
        tess.replies("Still here. I have restarted the print server.")
        alice.reads("I have restarted the print server.")
        assert alice.log.get_by_text("Is the printer switched on?").count() == 1, "the assistant talked over a person"

        case.get_by_role("button", name="Network or Wi-Fi").click()
        expect(case.locator("#next-title + .said")).to_have_text(re.compile("^Can colleagues print"))
        tess_page.get_by_role("button", name="Give back").click()
        alice.reads("Shall we go on there?")
        alice.presses("Yes")
        alice.reads("Can colleagues print on this printer at the moment?")
        tess_page.get_by_role("button", name="Take over").click()
        expect(tess_page.get_by_role("button", name="Give back")).to_be_visible()

        tess.closes("Print server restarted.")
        alice.reads(re.compile("has closed this conversation"))
        expect(case.get_by_text("Resolved").first).to_be_visible()


def test_a_dutch_customer_solves_it_with_the_assistant_alone(product: ProductProcess, browser: Browser) -> None:
    with page_of(browser, locale="nl-NL") as page:
        bob = CustomerPage(page, product.url)
        bob.writes("Mijn printer doet het niet")
        bob.reads("Staat de printer aan?")
        bob.writes("nee")
        bob.reads("Controleer of de stekker")
        bob.writes("gedaan")
        bob.reads("Print hij nu wel?")
        bob.writes("ja, hij doet het weer!")
        expect(bob.log).to_contain_text(re.compile("fijn|mooi|graag gedaan|opgelost", re.IGNORECASE))


def test_a_reload_and_a_killed_app_lose_nothing(product: ProductProcess, browser: Browser) -> None:
    with page_of(browser, locale="en-GB") as page:
        charlie = CustomerPage(page, product.url)
        charlie.writes("I cannot connect to the wifi")
        expect(charlie.log.get_by_text("wifi").first).to_be_visible()
        page.get_by_role("log").get_by_role("button").first.wait_for()
        page.reload()
        charlie.reads("I cannot connect to the wifi")
        before = charlie.log.inner_text()

        dead = product.pid_of("app")
        os.kill(dead, signal.SIGKILL)
        charlie.writes("written while the server was dead")
        wait_until(lambda: "app" in product.text and _alive(product) not in (None, dead), 30)
        charlie.reads("written while the server was dead")
        expect(charlie.log.get_by_text("Will be sent once connected")).to_have_count(0)
        expect(charlie.log.get_by_text("written while the server was dead")).to_have_count(1)
        assert before.splitlines()[1] in charlie.log.inner_text()


def _alive(product: ProductProcess) -> int | None:
    try:
        return product.pid_of("app")
    except AssertionError:
        return None


def test_while_the_engine_is_gone_the_customer_reaches_a_person(product: ProductProcess, browser: Browser) -> None:
    # Stopped, not killed: it accepts the turn and never answers it.
    engine = product.pid_of("engine")
    os.kill(engine, signal.SIGSTOP)
    try:
        with page_of(browser, locale="en-GB") as page:
            dana = CustomerPage(page, product.url)
            dana.writes("my account is locked")
            expect(dana.log.get_by_text(re.compile("taking too long|cannot be reached"))).to_be_visible(timeout=30_000)
            dana.reads(re.compile(r"FL-\d+"))
    finally:
        os.kill(engine, signal.SIGCONT)
