"""A customer's screenshot and a technician's manual, each in the other's browser."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from firstline.settings import read_settings
from firstline.web import web_app
from firstline.wiring import product
from tests.accessibility import violations
from tests.browser import chromium
from tests.desk.console import demo
from tests.end_to_end.people import CustomerPage, TechnicianPage, page_of
from tests.fake_engine import fake_engine

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@contextmanager
def running(directory: Path) -> Iterator[str]:
    """The product with Tess at its desk, in a thread with an event loop of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    servers: list[uvicorn.Server] = []
    up = threading.Event()

    async def serve() -> None:
        async with fake_engine() as engine:
            environment = {"FIRSTLINE_DATA_DIR": str(directory), "FIRSTLINE_ENGINE_URL": engine.url}
            settings = read_settings(environment, directory / ".env")[0]
            async with product(settings) as running:
                await running.database.write(lambda tx: demo.technician(tx, "Tess", datetime.now(UTC)))
                config = uvicorn.Config(web_app(running), log_level="warning", timeout_graceful_shutdown=1)
                servers.append(uvicorn.Server(config))
                up.set()
                await servers[0].serve(sockets=[listening])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert up.wait(30)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        servers[0].should_exit = True
        thread.join()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with running(tmp_path) as found:
        yield found


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


def screenshot() -> FilePayload:
    buffer = BytesIO()
    Image.new("RGB", (640, 360), "teal").save(buffer, "PNG")
    return FilePayload(name="Schermafbeelding één.png", mimeType="image/png", buffer=buffer.getvalue())


def complaints(page: Page) -> list[str]:
    """What the browser will have complained about: scripts that fail, and anything the security policies refuse."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    return found


def test_a_screenshot_reaches_the_technician_and_a_manual_comes_back(address: str, browser: Browser) -> None:
    with page_of(browser, locale="en-GB") as customers, page_of(browser, locale="en-GB") as technicians:
        wrong = [complaints(page) for page in (customers, technicians)]
        alice, tess = CustomerPage(customers, address), TechnicianPage(technicians, address)
        customers.locator("input[type=file]").set_input_files(screenshot())
        expect(customers.get_by_role("list", name="Files to send").get_by_text("2 kB")).to_be_visible()
        alice.writes("")
        alice.reads("I have kept that for my colleagues")

        tess.logs_in("tess@example.org", demo.PASSWORD)
        technicians.get_by_role("link", name="I have kept that").click()
        picture = technicians.get_by_role("img", name="Schermafbeelding één.png")
        expect(picture).to_have_js_property("naturalWidth", 640)
        picture.click()
        shown = technicians.get_by_role("dialog", name="Schermafbeelding één.png")
        expect(shown.get_by_role("img")).to_be_visible()
        assert violations(technicians) == []
        technicians.keyboard.press("Escape")
        technicians.locator("#picker").set_input_files(
            [
                FilePayload(name="Handleiding.pdf", mimeType="application/pdf", buffer=PDF),
                FilePayload(name="steps.txt", mimeType="text/plain", buffer=b"1. Switch it on\n"),
            ]
        )
        tray = technicians.get_by_role("list", name="Files to send")
        expect(tray.get_by_text("1 kB")).to_have_count(2)
        assert violations(technicians) == []
        tess.replies("See page 3.")
        expect(tray).to_be_hidden()
        names = technicians.get_by_role("list", name="Files", exact=True).last.locator(".name")
        expect(names).to_have_text(["Handleiding.pdf", "steps.txt"])
        technicians.get_by_role("link", name="Show steps.txt").click()
        expect(technicians.get_by_role("dialog", name="steps.txt").get_by_text("Switch it on")).to_be_visible()

        alice.reads("See page 3.")
        with customers.expect_download() as download:
            customers.get_by_role("link", name="Download Handleiding.pdf").click()
        assert download.value.suggested_filename == "Handleiding.pdf"
        assert download.value.path().read_bytes() == PDF
        assert violations(customers) == []
        assert wrong == [[], []]
