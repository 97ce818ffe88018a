"""The pages for administrators in a real browser: axe finds nothing, and they work as they look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from desk import accounts, canned, logins, setup, teams, technicians, webhooks
from desk.model.canned import Draft
from desk.model.technician import OPERATOR, Role
from desk.store.database import Database
from desk.store.tables import metadata
from tests.accessibility import violations
from tests.browser import PATIENCE_MS, chromium
from tests.desk.console import demo
from tests.desk.console.test_browser import running

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PAGES = (
    "admin/technicians",
    "admin/technicians/1",
    "admin/teams",
    "admin/teams/network",
    "admin/categories",
    "admin/categories/email",
    "admin/priorities",
    "admin/canned",
    "admin/canned/1",
    "admin/channels",
    "admin/tokens",
    "admin/webhooks",
    "admin/webhooks/1",
    "account",
)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A desk with something on every page; Tess administers it."""
    database, now = Database(f"sqlite:///{tmp_path / 'desk.db'}"), datetime.now(UTC)
    metadata.create_all(database.engine)
    with database.transaction() as tx:
        setup.ensure(tx, now)
        tess = demo.technician(tx, "Tess", now)
        accounts.change(tx, OPERATOR, tess.id, role=Role.ADMIN)
        technicians.invite(tx, OPERATOR, "priya@example.org", "Priya", Role.LEAD, now)
        teams.close_on(tx, OPERATOR, "network", date(2026, 12, 24), "Christmas Eve")
        canned.create(tx, OPERATOR, Draft("hi", "Hi", "Dear {customer}", "Beste {customer}"), now)
        logins.add_token(tx, OPERATOR, tess.id, "Reports", now)
        webhooks.add(tx, "https://hooks.example.org/firstline", (), OPERATOR, now)
        webhooks.ping(tx, 1, OPERATOR, now)
    with running(database) as found:
        yield found
    database.close()


def test_administrators_can_use_every_page_whatever_they_see_and_wherever_they_are(address: str) -> None:
    with chromium() as chrome:
        page = chrome.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{address}/login")
        page.fill("#email", "tess@example.org")
        page.fill("#password", demo.PASSWORD)
        page.click("button.primary")
        page.wait_for_selector("#lists")
        for path in PAGES:
            page.goto(f"{address}/{path}")
            _is_usable(page, path)
        _works(page, address)


def _is_usable(page: Page, path: str) -> None:
    """By everybody: on a wide light screen, and on a phone in the dark."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")
    assert violations(page) == [], path
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    assert violations(page) == [], path
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def _works(page: Page, address: str) -> None:
    page.goto(f"{address}/admin/teams/network")
    page.fill("#hours-day-0", "9-12, 11-13")
    page.get_by_role("button", name="Monday to Friday alike").click()
    expect(page.locator("#hours-day-4")).to_have_value("9-12, 11-13")
    page.get_by_role("button", name="Save hours").click()
    expect(page.locator("#day-0-wrong")).to_contain_text("overlap")
    assert violations(page) == []
    page.goto(f"{address}/admin/technicians/1")
    page.get_by_text("Deactivate…").click()
    assert violations(page) == []
    page.get_by_role("button", name="Deactivate", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nobody would be left")
    page.goto(f"{address}/admin/canned/1")
    page.locator("#canned-text_en").press("End")
    page.get_by_role("button", name="{ticket}").click()
    expect(page.locator("#preview .bubble").first).to_have_text("Dear Alice JansenFL-1042")
    assert violations(page) == []
    page.goto(f"{address}/admin/technicians/2")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#link").input_value()
    assert violations(page) == []
    page.goto(link)
    expect(page.locator("#name")).to_have_value("Priya")
    assert violations(page) == []
