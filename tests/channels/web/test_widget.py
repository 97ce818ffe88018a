"""The widget in a real browser, with a desk in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocketRoute, expect

from channels.contract import Assistant, Author, Button, Incoming, Owner, Rejected, RejectReason, Way
from channels.web.channel import WebChannel
from channels.web.limits import Limits
from tests.browser import PATIENCE_MS, chromium
from tests.channels.memory_log import MemoryLog
from tests.channels.web.server import SECRET, Server, running
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.browser]

POWER = (Button("Yes", "answer:printer:power:yes"), Button("No", "answer:printer:power:no"))
EMBEDDED = "channels/web/embed-example.html"


def bot(log: MemoryLog, incoming: Incoming) -> None:
    """Asks about the power first, and takes every answer."""
    if len(log.record(incoming.address).messages) == 1:
        log.say(incoming.address, "Is the printer switched on?", buttons=POWER)
    else:
        log.say(incoming.address, "Thank you.")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(bot)


@pytest.fixture
def server(log: MemoryLog) -> Iterator[Server]:
    with running(log, WebChannel(SECRET, limits=Limits(acknowledge_every=0))) as server:
        yield server


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("Your message|Je bericht"))


def write(page: Page, text: str) -> None:
    composer(page).fill(text)
    composer(page).press("Enter")


def bubbles(page: Page) -> Locator:
    return page.get_by_role("log").locator(".bubble")


def talk(page: Page, server: Server) -> None:
    """A conversation of three messages: problem, question, answer by button, thanks."""
    page.goto(server.url)
    write(page, "my printer is dead")
    page.get_by_role("button", name="Yes").click()
    expect(bubbles(page)).to_have_text(["my printer is dead", "Is the printer switched on?", "Yes", "Thank you."])


def test_a_message_is_sent_and_answered(page: Page, log: MemoryLog, server: Server) -> None:
    page.goto(server.url)
    write(page, "my printer is dead")
    expect(bubbles(page)).to_have_text(["my printer is dead", "Is the printer switched on?"])
    expect(composer(page)).to_have_value("")
    assert [incoming.text for incoming in log.received] == ["my printer is dead"]
    wait_until(lambda: log.record(log.addresses[0]).acknowledged == 2)


def test_a_button_sends_a_choice_and_old_buttons_do_nothing(page: Page, log: MemoryLog, server: Server) -> None:
    talk(page, server)
    chosen = page.get_by_role("button", name="Yes")
    expect(chosen).to_be_disabled()
    expect(chosen).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="No", exact=True).dispatch_event("click")
    write(page, "and now?")
    expect(bubbles(page)).to_have_count(6)
    assert [(each.text, each.choice and each.choice.payload) for each in log.received] == [
        ("my printer is dead", None),
        ("", "answer:printer:power:yes"),
        ("and now?", None),
    ]


def test_a_typed_answer_puts_the_buttons_away(page: Page, server: Server) -> None:
    page.goto(server.url)
    write(page, "my printer is dead")
    expect(page.get_by_role("button", name="Yes")).to_be_enabled()
    write(page, "I do not know")
    expect(page.get_by_role("button", name="Yes")).to_be_hidden()


def test_a_reload_keeps_everything(page: Page, log: MemoryLog, server: Server) -> None:
    talk(page, server)
    composer(page).fill("half a thou")
    page.reload()
    expect(bubbles(page)).to_have_text(["my printer is dead", "Is the printer switched on?", "Yes", "Thank you."])
    expect(composer(page)).to_have_value("half a thou")
    expect(page.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "true")
    assert len(log.addresses) == 1


def test_a_restart_of_the_server_loses_nothing_and_doubles_nothing(page: Page, log: MemoryLog, server: Server) -> None:
    talk(page, server)
    server.stop()
    write(page, "are you there?")
    expect(page.get_by_text("Will be sent once connected")).to_be_visible()
    expect(page.get_by_text("No connection.")).to_be_visible()
    server.start()
    expect(bubbles(page)).to_have_count(6)
    expect(page.get_by_text("No connection.")).to_be_hidden()
    assert [incoming.text for incoming in log.received].count("are you there?") == 1


def test_an_unsent_message_survives_a_reload(page: Page, log: MemoryLog, server: Server) -> None:
    talk(page, server)
    log.accepting_fails = OSError("the disk is full")
    write(page, "one more thing")
    expect(page.get_by_text("Sending…")).to_be_visible()
    log.accepting_fails = None
    page.reload()
    expect(bubbles(page)).to_have_count(6)
    assert [incoming.text for incoming in log.received].count("one more thing") == 1


def test_a_message_that_is_refused_can_be_edited_and_the_question_stays_open(
    page: Page, log: MemoryLog, server: Server
) -> None:
    page.goto(server.url)
    write(page, "my printer is dead")
    expect(bubbles(page)).to_have_count(2)
    log.accepting_fails = Rejected(RejectReason.BINARY)
    write(page, "strange text")
    expect(page.get_by_text("Not sent")).to_be_visible()
    expect(page.get_by_text("characters we cannot read")).to_be_visible()
    expect(page.get_by_role("button", name="Yes")).to_be_enabled()
    log.accepting_fails = None
    page.get_by_role("button", name="Edit").click()
    expect(composer(page)).to_have_value("strange text")
    composer(page).press("Enter")
    expect(bubbles(page).last).to_have_text("Thank you.")


def test_a_message_without_an_answer_is_tried_again_under_the_same_id(
    page: Page, log: MemoryLog, server: Server
) -> None:
    page.clock.install()
    lost: list[str] = []

    def relay(route: WebSocketRoute) -> None:
        upstream = route.connect_to_server()

        def forward(frame: str | bytes) -> None:
            if '"type":"message"' in str(frame) and not lost:
                lost.append(str(frame))
            else:
                upstream.send(frame)

        route.on_message(forward)

    page.route_web_socket(re.compile("/socket$"), relay)
    page.goto(server.url)
    write(page, "my printer is dead")
    wait_until(lambda: page.get_by_text("Sending…").is_visible() and lost)
    page.clock.run_for(11_000)
    page.get_by_role("button", name="Try again").click()
    expect(bubbles(page)).to_have_text(["my printer is dead", "Is the printer switched on?"])
    assert json.loads(lost[0])["id"] == log.received[0].external_id


def test_a_record_that_was_set_back_is_shown_as_it_is(page: Page, log: MemoryLog, server: Server) -> None:
    talk(page, server)
    server.stop()
    del log.record(log.addresses[0]).messages[2:]
    server.start()
    expect(bubbles(page)).to_have_text(["my printer is dead", "Is the printer switched on?"])


def test_messages_sent_faster_than_allowed_all_arrive_in_order(page: Page, log: MemoryLog) -> None:
    limits = Limits(messages_per_second=2, messages_burst=2)
    with running(log, WebChannel(SECRET, limits=limits)) as server:
        page.goto(server.url)
        for number in range(4):
            write(page, f"message {number}")
        wait_until(lambda: len(log.received) == 4)
    assert [incoming.text for incoming in log.received] == [f"message {number}" for number in range(4)]


def test_an_unknown_token_is_told_and_a_new_conversation_begins(page: Page, log: MemoryLog, server: Server) -> None:
    talk(page, server)
    page.evaluate("localStorage.setItem(Object.keys(localStorage).find((key) => key.endsWith(':token')), 'a.b')")
    page.reload()
    expect(page.get_by_text("could not find your earlier conversation")).to_be_visible()
    write(page, "hello again")
    expect(bubbles(page)).to_have_text(["hello again", "Is the printer switched on?"])


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


def test_a_masked_password_vanishes_from_the_page_and_from_what_the_browser_keeps(page: Page) -> None:
    log = MemoryLog(mask=lambda text: text.replace("Zomer2024", "●●●●●●"))
    with running(log, WebChannel(SECRET, limits=Limits(acknowledge_every=0))) as server:
        page.goto(server.url)
        write(page, "my password is Zomer2024")
        expect(bubbles(page)).to_have_text(["my password is ●●●●●●"])
        page.reload()
        expect(bubbles(page)).to_have_text(["my password is ●●●●●●"])
        assert "Zomer2024" not in page.content()
        assert "Zomer2024" not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")


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
        assert linked.url == f"{server.url}{path}?language=en"
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
