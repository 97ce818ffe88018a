"""``python -m tests.screenshots``: the pictures of the README, taken of the real product while two people use it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
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
from tests.product_process import ProductProcess, running_product
from tests.waiting import wait_until

IMAGES = ROOT / "docs" / "images"
WIDE = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1.5, "locale": "en-GB"}
TALL = WIDE | {"viewport": {"width": 1280, "height": 1300}, "device_scale_factor": 1.25}
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


def _mail(browser: Browser, product: ProductProcess) -> None:
    """Carol writes a mail, gets one, goes on in web chat by the link in it, and asks for a person."""
    with page_of(browser, **WIDE) as page:
        page.goto(f"{product.url}/channels/email/")
        page.get_by_label("Your address").fill("carol@example.com")
        page.get_by_label("Name").fill("Carol Jensen")
        page.get_by_label("Subject").fill("VPN keeps dropping")
        page.get_by_label("Your mail").fill(_CAROLS_MAIL)
        page.get_by_role("button", name="Send").click()
        answer = _newest_mail(product.folder)
        link = _as_a_mail_program_shows(page, answer)
        _take(page, "mail")
    with page_of(browser, **WIDE) as carol_page, page_of(browser, **TALL) as tess_page:
        carol = CustomerPage(carol_page, link)
        carol.log.get_by_role("button").first.wait_for()
        carol.presses("At any moment")
        carol.writes("can I talk to a person please?")
        carol.reads(re.compile(r"FL-\d+"))
        tess = TechnicianPage(tess_page, product.url)
        tess.logs_in("tess@example.org", demo.PASSWORD)
        tess.opens(re.compile("Carol Jensen"))
        tess_page.get_by_role("button", name="Take over").click()
        tess_page.get_by_text("Show the whole mail").first.click()
        tess_page.locator(".whole .source, .whole .full").wait_for()
        tess.reads("has joined")
        expect(tess_page.locator("#messages").get_by_text("Waiting for delivery")).to_have_count(0)
        tess_page.get_by_role("heading", name="Today").scroll_into_view_if_needed()
        _take(tess_page, "console-mail")


_CAROLS_MAIL = """Hi,

since the update on Monday my VPN drops every ten minutes, at home over Wi-Fi. I have restarted my laptop already.

Kind regards,
Carol Jensen
Sales, Northwind"""


def _newest_mail(folder: Path) -> EmailMessage:
    def mails() -> list[Path]:
        return sorted((folder / "mail" / "customers").glob("*.eml"))

    wait_until(mails, seconds=30)
    mail = message_from_bytes(mails()[-1].read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def _as_a_mail_program_shows(page: Page, mail: EmailMessage) -> str:
    """Its HTML below what programs show of its header; the link in it that goes on in web chat."""
    laid_out = mail.get_body(("html",))
    assert laid_out is not None
    html = laid_out.get_content()
    link = re.search(r'href="([^"]*continue=[^"]*)"', html)
    assert link is not None, html
    page.set_viewport_size({"width": 720, "height": 700})
    page.set_content(
        '<body style="margin:0;font:14px/1.5 system-ui,sans-serif;color:#1d2330">'
        '<header style="padding:14px 20px;border-bottom:1px solid #d8dce3;background:#f4f5f7">'
        f'<div style="font-size:17px;font-weight:600">{escape(str(mail["Subject"]))}</div>'
        f"<div>{escape(str(mail['From']))} → {escape(str(mail['To']))}</div></header>"
        f'<iframe srcdoc="{escape(html)}" style="width:100%;height:600px;border:0"></iframe>'
    )
    page.frame_locator("iframe").locator("body").wait_for()
    return link[1].replace("&amp;", "&")


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
            _mail(browser, product)


if __name__ == "__main__":
    main()
