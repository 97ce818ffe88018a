"""Talking in the widget, in a real browser: what is said arrives once and in order, whatever happens."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from channels.contract import Rejected, RejectReason
from channels.web.channel import WebChannel
from channels.web.limits import Limits
from tests.channels.memory_log import MemoryLog
from tests.channels.web.server import SECRET, Server, running
from tests.channels.web.widget import bubbles, composer, talk, write
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.browser]


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
