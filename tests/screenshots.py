"""``python -m tests.screenshots``: the pictures of the README, taken of the real product while two people use it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from desk import migrations, setup
from desk.store.database import Database
from tests.browser import chromium
from tests.desk.console import demo
from tests.end_to_end.people import CustomerPage, TechnicianPage, page_of
from tests.engine_process import ROOT
from tests.product_process import running_product

IMAGES = ROOT / "docs" / "images"
WIDE = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1.5, "locale": "en-GB"}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "locale": "nl-NL", "has_touch": True}


def _take(page: Page, name: str) -> None:
    """Write docs/images/<name>.png with 256 colours: the pages have few, and a repository keeps every byte for ever."""
    page.wait_for_load_state("networkidle" if "/desk" not in page.url else "load")
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path.relative_to(ROOT), path.stat().st_size // 1024, "KiB")


def _story(alice_page: Page, tess_page: Page, url: str) -> None:
    tess = TechnicianPage(tess_page, url)
    tess.logs_in("tess@example.org", demo.PASSWORD)
    alice = CustomerPage(alice_page, url)
    alice.writes("Hi, my printer does not print anything. It worked yesterday!")
    alice.reads("Is the printer switched on?")
    alice.presses("Yes")
    alice.reads("Does the printer itself show a message")
    alice.presses("No message")
    alice.reads("How do you reach this printer")
    _take(alice_page, "customer")
    alice.presses("Network or Wi-Fi")
    alice.reads("Can colleagues print")
    alice.writes("can I talk to a person please?")
    alice.reads(re.compile(r"FL-\d+"))
    tess.opens(re.compile(r"Visitor \d+ now"))
    tess_page.get_by_role("button", name="Take over").click()
    tess.replies("Hello, Tess here. I see what you have tried: I am restarting the print queue for your floor.")
    alice.reads(re.compile("restarting the print queue"))
    alice.writes("It prints again, thank you!")
    tess.reads("It prints again, thank you!")
    expect(tess_page.locator("#messages").get_by_text("Waiting for delivery")).to_have_count(0)
    _take(tess_page, "console")
    tess_page.emulate_media(color_scheme="dark")
    _take(tess_page, "console-dark")


def _phone(browser: Browser, url: str) -> None:
    with page_of(browser, **PHONE) as page:
        bob = CustomerPage(page, url)
        bob.writes("Ik kom niet op de wifi")
        bob.log.get_by_role("button").first.wait_for()
        bob.presses("Ja, alleen bij mij niet")
        bob.reads("Open de wifi-instellingen")
        _take(page, "customer-phone-nl")


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="firstline-screenshots-") as name:
        folder = Path(name)
        database = Database(f"sqlite:///{folder / 'firstline.db'}")
        migrations.upgrade(database)
        with database.transaction() as tx:
            setup.ensure(tx, datetime.now(UTC))
        demo.fill(database, datetime.now(UTC))
        database.close()
        with running_product(folder) as product, chromium() as browser:
            with page_of(browser, **WIDE) as alice_page, page_of(browser, **WIDE) as tess_page:
                _story(alice_page, tess_page, product.url)
            _phone(browser, product.url)


if __name__ == "__main__":
    main()
