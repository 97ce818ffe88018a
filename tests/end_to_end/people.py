"""Both sides of a conversation, each in a browser of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import PATIENCE_MS

NEW_PASSWORD = "correct horse battery staple"


@contextmanager
def page_of(browser: Browser, **context: object) -> Iterator[Page]:
    """A page in a browser profile of its own."""
    opened = browser.new_context(**context)  # type: ignore[arg-type]
    page = opened.new_page()
    page.set_default_timeout(PATIENCE_MS)
    try:
        yield page
    finally:
        opened.close()


class CustomerPage:
    """Somebody with the customer page open."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(url)
        self.log: Locator = page.get_by_role("log")

    def writes(self, text: str) -> None:
        """Type and send."""
        self.page.locator("textarea").fill(text)
        self.page.keyboard.press("Enter")

    def presses(self, choice: str) -> None:
        """Press one of the offered answers; the newest, where older ones read alike."""
        self.page.get_by_role("button", name=choice, exact=True).last.click()

    def reads(self, text: str | re.Pattern[str]) -> None:
        """Wait until this is in the conversation."""
        expect(self.log.get_by_text(text).last).to_be_visible()


class TechnicianPage:
    """Somebody with the console open."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(f"{url}/desk")

    def logs_in(self, email: str, password: str) -> None:
        """Fill in the form."""
        self.page.get_by_label("Email address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in").click()

    def chooses_a_password(self, one_time_password: str) -> None:
        """What a one-time password asks for."""
        self.page.get_by_label("One-time password").fill(one_time_password)
        self.page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
        self.page.get_by_label("New password once more").fill(NEW_PASSWORD)
        self.page.get_by_role("button", name="Change password").click()

    def opens(self, name: str | re.Pattern[str]) -> None:
        """Open a conversation of the lists."""
        self.page.get_by_role("link", name=name).first.click()
        expect(self.page.locator("#messages")).to_be_visible()

    def reads(self, text: str | re.Pattern[str]) -> None:
        """Wait until this is in the transcript."""
        expect(self.page.locator("#messages").get_by_text(text).last).to_be_visible()

    def replies(self, text: str) -> None:
        """Answer the customer."""
        self.page.locator("#text").fill(text)
        self.page.get_by_role("button", name="Send reply").click()

    def closes(self, resolution: str) -> None:
        """Close the conversation with what solved it."""
        self.page.get_by_role("button", name="Resolve…").click()
        self.page.locator("#resolution").fill(resolution)
        self.page.get_by_role("button", name="Resolve and close").click()
