"""The widget's page around what is said, in a real browser: menu, language, keyboard, embedding, links."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from channels.contract import Assistant, Author, Owner, Way
from tests.channels.memory_log import MemoryLog
from tests.channels.web.server import Server
from tests.channels.web.widget import EMBEDDED, POWER, bubbles, composer, talk, write
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_a_new_conversation_is_asked_about_first(page: Page, log: MemoryLog, server: Server) -> None:
    talk(page, server)
    page.get_by_role("button", name="More options").click()
    page.get_by_role("menuitem", name="New conversation").click()
    expect(page.get_by_role("alertdialog", name="Start a new conversation?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(bubbles(page)).to_have_count(4)
    page.get_by_role("button", name="More options").click()
    page.get_by_role("menuitem", name="New conversation").click()
    page.get_by_role("button", name="Start new").click()
    expect(bubbles(page)).to_have_count(0)
    write(page, "something else")
    expect(bubbles(page)).to_have_count(2)
    assert len(log.addresses) == 2


def test_a_person_can_be_asked_for_and_is_announced(page: Page, log: MemoryLog, server: Server) -> None:
    talk(page, server)
    page.get_by_role("button", name="More options").click()
    page.get_by_role("menuitem", name="Talk to a person").click()
    expect(bubbles(page)).to_have_count(6)
    assert log.received[-1].choice is not None
    assert log.received[-1].choice.payload == "command:human"
    (alice,) = log.addresses
    log.becomes(alice, owner=Owner.QUEUE)
    expect(page.get_by_text("You are waiting for a technician.")).to_be_visible()
    log.becomes(alice, owner=Owner.TECHNICIAN, technician="Tess", typing=True)
    expect(page.get_by_text("Tess is with you")).to_be_visible()
    expect(page.locator(".typing")).to_be_visible()
    log.say(alice, "Hi, this is Tess.", author=Author.TECHNICIAN, name="Tess")
    log.becomes(alice, typing=False)
    expect(bubbles(page).last).to_have_text("Hi, this is Tess.")
    expect(page.locator(".typing")).to_be_hidden()
    log.becomes(alice, owner=Owner.BOT, closed=True)
    expect(page.get_by_text("This conversation is closed.")).to_be_visible()


def test_the_page_says_that_the_assistant_is_waking_up(page: Page, log: MemoryLog, server: Server) -> None:
    talk(page, server)
    log.becomes(log.addresses[0], assistant=Assistant.WAKING)
    expect(page.get_by_text("The assistant is waking up.")).to_be_visible()


def test_dutch_is_spoken_where_the_browser_speaks_it(browser: Browser, log: MemoryLog, server: Server) -> None:
    context = browser.new_context(locale="nl-NL")
    page = context.new_page()
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Wat kunnen we voor je oplossen?")).to_be_visible()
    write(page, "mijn printer doet niets")
    expect(page.get_by_role("button", name="Versturen")).to_be_visible()
    wait_until(lambda: log.received)
    assert log.received[0].language == "nl"
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    expect(bubbles(page).first).to_have_text("mijn printer doet niets")
    context.close()


def test_everything_can_be_done_by_keyboard(page: Page, log: MemoryLog, server: Server) -> None:
    page.goto(server.url + EMBEDDED)
    launcher = page.get_by_role("button", name="Open the support chat")
    launcher.focus()
    page.keyboard.press("Enter")
    expect(composer(page)).to_be_focused()
    page.keyboard.type("my printer")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("is dead")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Yes")).to_be_focused()
    page.keyboard.press("Enter")
    expect(bubbles(page).last).to_have_text("Thank you.")
    assert log.received[0].text == "my printer\nis dead"
    page.get_by_role("button", name="More options").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Talk to a person")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="New conversation")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="More options")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(launcher).to_be_focused()


def test_a_screen_reader_hears_new_messages_but_not_the_history(page: Page, log: MemoryLog, server: Server) -> None:
    talk(page, server)
    region = page.get_by_role("log", name="Conversation")
    expect(region).to_have_attribute("aria-live", "polite")
    expect(region).not_to_have_attribute("aria-busy", "true")
    first = bubbles(page).first.element_handle()
    assert first is not None
    log.say(log.addresses[0], "Are you still there?")
    expect(bubbles(page)).to_have_count(5)
    assert first.evaluate("element => element.isConnected"), "messages already read out must stay the same elements"


def test_a_closed_launcher_counts_what_is_unread(page: Page, log: MemoryLog, server: Server) -> None:
    page.goto(server.url + EMBEDDED)
    page.get_by_role("button", name="Open the support chat").click()
    write(page, "my printer is dead")
    expect(bubbles(page)).to_have_count(2)
    page.keyboard.press("Escape")
    log.say(log.addresses[0], "Still there?")
    log.say(log.addresses[0], "Take your time.")
    page.get_by_role("button", name="Open the support chat, 2 unread").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Open the support chat", exact=True)).to_be_visible()


def test_an_embedded_chat_that_nobody_opens_does_not_connect(page: Page, server: Server) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(server.url + EMBEDDED)
    page.get_by_role("button", name="Open the support chat").wait_for()
    assert sockets == []


def test_text_is_never_markup_and_links_are_safe(page: Page, log: MemoryLog, server: Server) -> None:
    talk(page, server)
    log.say(
        log.addresses[0],
        "<img src=x onerror=alert(1)> **Do this**:\n1. Open https://example.org/a?b=c.\n2. Not javascript:alert(1)",
    )
    last = bubbles(page).last
    expect(last.locator("img")).to_have_count(0)
    expect(last).to_contain_text("<img src=x onerror=alert(1)>")
    expect(last.locator("strong")).to_have_text("Do this")
    expect(last.locator("ol > li")).to_have_text(["Open https://example.org/a?b=c.", "Not javascript:alert(1)"])
    expect(last.locator("a")).to_have_count(1)
    expect(last.locator("a")).to_have_attribute("href", "https://example.org/a?b=c")
    expect(last.locator("a")).to_have_attribute("rel", "noopener noreferrer nofollow")


def test_a_ticket_number_is_never_broken_across_lines(page: Page, log: MemoryLog, server: Server) -> None:
    talk(page, server)
    log.say(log.addresses[0], "Your ticket number is FL-1042.")
    number = bubbles(page).last.get_by_text("FL-1042", exact=True)
    expect(number).to_have_css("white-space", "nowrap")
    expect(bubbles(page).last).to_have_text("Your ticket number is FL-1042.")


def test_a_message_that_is_too_long_cannot_be_sent_and_says_why(page: Page, log: MemoryLog, server: Server) -> None:
    page.goto(server.url)
    write(page, "x" * 8_003)
    expect(page.get_by_text("3 characters too many")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    assert log.received == []


def test_nothing_is_refused_by_the_pages_own_security_policy(page: Page, log: MemoryLog, server: Server) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    talk(page, server)
    assert complaints == []


def test_a_link_in_a_mail_goes_on_with_that_conversation_in_this_tab_only(
    context: BrowserContext, log: MemoryLog, server: Server
) -> None:
    page, linked = context.new_page(), context.new_page()
    talk(page, server)
    log.say("alice@example.org", "the screen is black", author=Author.CUSTOMER, external_id="mail1")
    log.say("alice@example.org", "Is the screen switched on?", buttons=POWER)
    log.codes["c0de"], log.begun_by["c0de"] = "en", "alice@example.org"
    for path in (EMBEDDED, ""):
        linked.goto(f"{server.url}{path}?continue=c0de&language=en")
        expect(bubbles(linked)).to_have_text(["the screen is black", "Is the screen switched on?"])
        expect(linked).to_have_url(f"{server.url}{path}?language=en")
    linked.reload()
    linked.get_by_role("button", name="Yes").click()
    expect(bubbles(linked)).to_have_count(4)
    page.goto(f"{server.url}?continue=0ld")
    expect(page.get_by_text("This link has expired")).to_be_visible()
    expect(bubbles(page)).to_have_count(4)
    expect(bubbles(page).first).to_have_text("my printer is dead")


def test_a_conversation_is_taken_elsewhere_by_a_link_or_by_words(page: Page, log: MemoryLog, server: Server) -> None:
    log.ways = (
        Way("web", "https://help.example.org/?continue=c0de"),
        Way("telegram", "https://t.me/firstline_bot?start=c0de"),
        Way("slack", words="/support link c0de"),
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(server.url)
    menu = page.get_by_role("button", name="More options")
    menu.click()
    expect(page.get_by_role("menuitem", name="elsewhere")).to_be_disabled()  # there is no conversation yet
    page.keyboard.press("Escape")
    write(page, "my printer is dead")
    expect(bubbles(page)).to_have_count(2)
    menu.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Continue on your phone or elsewhere")
    expect(dialog).to_be_focused()
    expect(dialog.get_by_role("listitem")).to_have_count(3)
    for name, said in (
        ("another device", "continue=c0de"),
        ("Telegram", "start=c0de"),
        ("Slack", "/support link c0de"),
    ):
        expect(dialog.get_by_role("textbox", name=name)).to_have_value(re.compile(f"{re.escape(said)}$"))
    expect(dialog.get_by_role("link", name="Open")).to_have_attribute("href", "https://t.me/firstline_bot?start=c0de")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status").get_by_text("Copied")).to_be_attached()
    assert page.evaluate("navigator.clipboard.readText()") == "https://help.example.org/?continue=c0de"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(menu).to_be_focused()
