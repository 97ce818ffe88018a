"""Files in the widget, in a real browser: chosen, pasted, dropped, refused, removed, sent and shown."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from channels.contract import Author, File
from channels.web.channel import WebChannel
from tests.accessibility import violations
from tests.browser import PATIENCE_MS
from tests.channels.memory_log import MemoryLog
from tests.channels.web.server import SECRET, Server, running
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LIMIT = 100_000
HAND_OVER = """(element, [kind, name, type]) => {
  const data = new DataTransfer();
  data.items.add(new File(["hello"], name, { type }));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
  element.dispatchEvent(event);
}"""


def screenshot() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (640, 360), "teal").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def server(log: MemoryLog) -> Iterator[Server]:
    with running(log, WebChannel(SECRET, max_file=LIMIT)) as server:
        yield server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def test_files_are_chosen_pasted_and_dropped_and_sent_without_a_word(
    page: Page, log: MemoryLog, server: Server
) -> None:
    page.goto(server.url)
    field = page.get_by_role("textbox", name="Your message")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files({"name": "één.png", "mimeType": "image/png", "buffer": screenshot()})
    tray = page.get_by_role("list", name="Files to send").get_by_role("listitem")
    expect(tray).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="één.png is attached.")).to_be_visible()
    field.evaluate(HAND_OVER, ["paste", "app.log", "text/plain"])
    field.evaluate(HAND_OVER, ["drop", "wrong.txt", "text/plain"])
    expect(tray).to_have_count(3)
    page.get_by_role("button", name="Remove wrong.txt").press("Enter")
    expect(page.get_by_role("button", name="Remove app.log")).to_be_focused()
    assert violations(page) == []
    page.get_by_role("link", name="NL").click()
    expect(page.get_by_role("list", name="Bestanden om te versturen").get_by_role("listitem")).to_have_count(2)
    page.get_by_role("link", name="EN").click()
    field.press("Enter")
    expect(tray).to_have_count(0)
    shown = page.get_by_role("list", name="Files", exact=True)
    expect(shown.get_by_role("img", name="één.png")).to_be_visible()
    loaded = (
        "() => document.querySelector('firstline-chat').shadowRoot.querySelector('.files img').naturalWidth === 640"
    )
    page.wait_for_function(loaded)
    expect(shown.get_by_role("link", name="Download app.log 1 kB")).to_be_visible()
    wait_until(lambda: bool(log.received))
    assert [log.uploads[number][1].name for number in log.received[0].uploads] == ["één.png", "app.log"]
    assert violations(page) == []


def test_what_cannot_be_sent_is_said_and_sends_nothing(page: Page, log: MemoryLog, server: Server) -> None:
    page.goto(server.url)
    field, send = page.get_by_role("textbox", name="Your message"), page.get_by_role("button", name="Send")
    picker, said = page.locator("input[type=file]"), page.get_by_role("status")
    # With the leave to upload comes how large files may be; before, only the server would refuse them.
    picker.set_input_files({"name": "small.txt", "mimeType": "text/plain", "buffer": b"x"})
    expect(said.filter(has_text="small.txt is attached.")).to_be_visible()
    picker.set_input_files(
        [FilePayload(name=f"{name}.mp4", mimeType="video/mp4", buffer=b"x" * (LIMIT + 1)) for name in ("film", "clip")]
    )
    expect(said.filter(has_text="film.mp4 is too large: 100 kB at most.")).to_be_visible()
    expect(said.filter(has_text="clip.mp4 is too large: 100 kB at most.")).to_be_visible()
    picker.set_input_files([FilePayload(name=f"{n}.txt", mimeType="text/plain", buffer=b"x") for n in range(11)])
    expect(said.filter(has_text="One message takes 10 files at most.")).to_be_visible()
    expect(page.get_by_role("list", name="Files to send").get_by_role("listitem")).to_have_count(10)
    expect(send).to_be_enabled()
    for _ in range(10):
        page.get_by_role("button", name="Remove").first.click()
    expect(field).to_be_focused()
    expect(send).to_be_disabled()
    page.route("**/files?*", lambda route: route.abort())
    picker.set_input_files({"name": "cut off.txt", "mimeType": "text/plain", "buffer": b"x"})
    expect(said.filter(has_text="cut off.txt could not be uploaded.")).to_be_visible()
    expect(send).to_be_disabled()
    assert log.received == []


def test_a_file_of_a_technician_can_be_downloaded(page: Page, log: MemoryLog, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("textbox", name="Your message").fill("my printer is dead")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text("my printer is dead")).to_be_visible()
    log.uploads[1] = (log.addresses[-1], File("<b>manual</b>.pdf", "application/pdf", b"%PDF-1.7"))
    log.say(log.addresses[-1], "See page 3.", author=Author.TECHNICIAN, name="Tess", files=[1])
    with page.expect_download() as download:
        page.get_by_role("link", name="Download <b>manual</b>.pdf").click()
    assert download.value.path().read_bytes() == b"%PDF-1.7"
