"""The socket, spoken to by a client that is no browser, with a desk in memory behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from channels.contract import Assistant, Author, Button, Owner, Way
from channels.web.channel import WebChannel
from channels.web.limits import Limits
from tests.channels.memory_log import MemoryLog
from tests.channels.web.customer import customer
from tests.channels.web.server import SECRET, Server, running
from tests.waiting import wait_until

POWER = Button("Yes", "answer:printer_offline:power:yes")


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def server(log: MemoryLog) -> Iterator[Server]:
    with running(log, WebChannel(SECRET, limits=Limits(acknowledge_every=0))) as server:
        yield server


def test_somebody_new_is_welcomed_and_nothing_is_stored(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        welcome = alice.hello(language="nl")
    assert welcome["language"] == "nl"
    assert welcome["last"] == 0
    assert log.addresses == []


def test_a_link_goes_on_with_a_conversation_that_was_begun_by_mail(log: MemoryLog, server: Server) -> None:
    log.say("alice@example.org", "my printer is dead", author=Author.CUSTOMER, external_id="mail1")
    log.say("alice@example.org", "Is it switched on?", buttons=[POWER])
    log.codes["c0de"], log.begun_by["c0de"] = "en", "alice@example.org"
    with customer(server) as alice:
        assert alice.hello(code="c0de")["last"] == 2
        assert log.joins == [("web", alice.address, "", "c0de")]
        assert alice.receive("message")["text"] == "my printer is dead"
        assert alice.receive("message")["buttons"] == [{"title": POWER.title, "payload": POWER.payload}]
        log.say("alice@example.org", "Have you had a look?")
        assert alice.receive("message")["text"] == "Have you had a look?"
        token = alice.token
    with customer(server) as alice:
        assert alice.hello(token)["last"] == 3
    assert len(log.joins) == 1


def test_a_link_that_leads_nowhere_is_said_so_and_the_chat_begins_as_usual(log: MemoryLog, server: Server) -> None:
    with customer(server) as mallory:
        refused = mallory.hello(code="forged", language="nl")
        assert (refused["type"], refused["code"]) == ("error", "bad_link")
        assert "verlopen" in refused["text"]
        assert mallory.hello()["last"] == 0
        assert mallory.say("hello")["type"] == "accepted"


def test_a_message_is_accepted_when_the_desk_has_it(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        alice.hello(language="nl")
        assert alice.say("Mijn printer doet niets") == {"type": "accepted", "id": "m1", "seq": 1}
        (stored,) = log.received
        assert (stored.channel, stored.address, stored.external_id) == ("web", alice.address, "m1")
        assert (stored.text, stored.language) == ("Mijn printer doet niets", "nl")


def test_a_redelivered_message_is_accepted_again_and_stored_once(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        alice.hello()
        first, again = alice.say("hello", "m1"), alice.say("hello", "m1")
    assert first == again
    assert len(log.received) == 1


def test_a_pressed_button_is_a_choice_and_not_text(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        alice.hello()
        choice = {"title": POWER.title, "payload": POWER.payload}
        alice.send({"type": "message", "id": "m1", "text": "", "choice": choice})
        alice.receive("accepted")
    assert log.received[0].choice is not None
    assert log.received[0].choice.payload == POWER.payload
    assert log.received[0].text == ""


def test_answers_arrive_live(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        alice.hello()
        alice.say("my printer is dead")
        assert alice.receive("message")["id"] == "m1"
        log.say(alice.address, "Is it switched on?", buttons=[POWER])
        question = alice.receive("message")
        assert (question["seq"], question["author"], question["text"]) == (2, "bot", "Is it switched on?")
        assert question["buttons"] == [{"title": POWER.title, "payload": POWER.payload}]


def test_after_a_cut_a_client_gets_exactly_what_it_missed(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        alice.hello()
        alice.say("my printer is dead")
        token, address = alice.token, alice.address
    for number in range(2, 6):
        log.say(address, f"answer {number}")
    with customer(server) as alice:
        assert alice.hello(token, after=3)["last"] == 5
        assert [alice.receive("message")["seq"] for _ in range(2)] == [4, 5]
        log.say(address, "answer 6")
        assert alice.receive("message")["seq"] == 6


def test_a_client_that_remembers_more_than_there_is_still_gets_what_is_new(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        alice.hello()
        alice.say("hello")
        token, address = alice.token, alice.address
    with customer(server) as alice:
        assert alice.hello(token, after=40)["last"] == 1
        log.say(address, "good day")
        assert alice.receive("message")["seq"] == 2


def test_a_masked_password_never_comes_back_to_any_client() -> None:
    def mask(text: str) -> str:
        return text.replace("Zomer2024", "●●●●●●")

    with running(MemoryLog(mask=mask), WebChannel(SECRET)) as server:
        with customer(server) as tab, customer(server) as other:
            tab.hello()
            other.hello(tab.token)
            accepted = tab.say("my password is Zomer2024", "m1")
            echoes = [client.receive("message") for client in (tab, other)]
            assert [(echo["id"], echo["text"]) for echo in echoes] == [("m1", "my password is ●●●●●●")] * 2
            assert tab.say("my password is Zomer2024", "m1") == accepted, "sent again after a cut"
            token = tab.token
        with customer(server) as reloaded:
            reloaded.hello(token)
            assert reloaded.receive("message")["text"] == "my password is ●●●●●●"


def test_two_tabs_show_the_same(log: MemoryLog, server: Server) -> None:
    with customer(server) as tab, customer(server) as other:
        tab.hello()
        other.hello(tab.token)
        tab.say("hello")
        assert other.receive("message")["text"] == "hello"


def test_nobody_sees_the_conversation_of_another(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice, customer(server) as bob:
        alice.hello()
        bob.hello()
        alice.say("my secret problem")
        bob.say("hello")
        assert bob.receive("message")["text"] == "hello"


def test_the_situation_is_told_when_it_changes_and_only_then(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        assert alice.hello()["situation"]["owner"] == "bot"
        alice.say("I want a person")
        alice.receive("message")
        log.becomes(alice.address, owner=Owner.BOT)
        log.becomes(alice.address, owner=Owner.TECHNICIAN, technician="Tess", typing=True)
        assert alice.receive() == {
            "type": "situation",
            "owner": "technician",
            "technician": "Tess",
            "closed": False,
            "assistant": "ready",
            "typing": True,
        }
        log.becomes(alice.address, assistant=Assistant.DOWN)
        assert alice.receive()["assistant"] == "down"


def test_what_was_shown_is_acknowledged_but_never_more_than_was_sent(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        alice.hello()
        alice.say("hello")
        alice.receive("message")
        alice.send({"type": "ack", "seq": 99})
        wait_until(lambda: log.record(alice.address).acknowledged == 1)


def test_an_acknowledgement_is_kept_when_the_client_leaves_at_once(log: MemoryLog) -> None:
    channel = WebChannel(SECRET, limits=Limits(acknowledge_every=3_600))
    with running(log, channel) as server, customer(server) as alice:
        alice.hello()
        alice.say("hello")
        alice.receive("message")
        alice.send({"type": "ack", "seq": 1})
        alice.send({"type": "ping"})
        alice.receive("pong")
        address = alice.address
    wait_until(lambda: log.record(address).acknowledged == 1)


def test_typing_is_told_once_in_a_while(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        alice.hello()
        for _ in range(5):
            alice.send({"type": "typing"})
        alice.send({"type": "ping"})
        alice.receive("pong")
        assert log.typed == [alice.address]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{not json", "malformed"),
        (b"\x00\x01", "binary_frame"),
        ("x" * 70_000, "too_large"),
        ('{"type":"dance"}', "unknown_type"),
        ('{"type":"hello"}', "malformed"),
    ],
)
def test_a_frame_that_is_not_ours_is_answered_politely_and_life_goes_on(
    server: Server, frame: str | bytes, code: str
) -> None:
    with customer(server) as alice:
        alice.hello(language="nl")
        alice.send(frame)
        error = alice.receive()
        assert (error["type"], error["code"]) == ("error", code)
        assert "." in error["text"]
        assert alice.say("still here")["type"] == "accepted"


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "empty", "leeg"),
        ("  ", "empty", "leeg"),
        ("x" * 8_001, "too_long", "te lang"),
        ("a\x00b", "binary", "tekens"),
        ("\ud800", "binary", "tekens"),
    ],
)
def test_a_message_that_is_none_is_rejected_in_the_customers_language(
    log: MemoryLog, server: Server, text: str, code: str, words: str
) -> None:
    with customer(server) as alice:
        alice.hello(language="nl")
        rejected = alice.say(text)
        assert (rejected["type"], rejected["id"], rejected["code"]) == ("rejected", "m1", code)
        assert words in rejected["text"]
        assert alice.say("still here")["type"] == "accepted"
    assert [incoming.text for incoming in log.received] == ["still here"]


def test_a_message_before_hello_is_rejected(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        assert alice.say("hello?")["code"] == "hello_first"
        assert alice.hello()["type"] == "welcome"
    assert log.received == []


def test_an_unknown_token_is_said_and_a_new_conversation_can_begin(server: Server) -> None:
    with customer(server) as alice:
        assert alice.hello("alice.forged")["code"] == "unknown_token"
        assert alice.hello()["type"] == "welcome"
        assert alice.say("hello")["type"] == "accepted"


def test_too_fast_is_rejected_and_may_be_sent_again(log: MemoryLog) -> None:
    limits = Limits(messages_per_second=1_000, messages_burst=1)
    slow = Limits(messages_per_second=0.001, messages_burst=2)
    with running(log, WebChannel(SECRET, limits=slow)) as server, customer(server) as alice:
        alice.hello()
        outcomes = [alice.say("one"), alice.say("two"), alice.say("three")]
        token = alice.token
    assert [outcome.get("code") for outcome in outcomes] == [None, None, "too_fast"]
    with running(log, WebChannel(SECRET, limits=limits)) as server, customer(server) as alice:
        alice.hello(token)
        assert alice.say("three", "m3")["seq"] == 3


def test_when_the_desk_fails_the_customer_is_told_to_try_again(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        alice.hello()
        log.accepting_fails = OSError("the disk is full")
        assert alice.say("hello", "m1")["code"] == "unavailable"
        log.accepting_fails = None
        assert alice.say("hello", "m1")["type"] == "accepted"


def test_when_the_log_fails_the_client_is_sent_away_to_come_back(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        alice.hello()
        alice.say("hello")
        alice.receive("message")
        log.reading_fails = OSError("the disk is full")
        log.say(alice.address, "unreadable")
        with pytest.raises(ConnectionClosed) as closed:
            alice.receive("message")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1011


def test_a_client_that_does_not_read_holds_nobody_up_and_is_let_go(log: MemoryLog) -> None:
    channel = WebChannel(SECRET, limits=Limits(send_timeout=0.2))
    with running(log, channel) as server, customer(server) as alice, customer(server) as bob:
        alice.hello()
        bob.hello()
        for _ in range(2_000):
            log.say(alice.address, "x" * 8_000)
        assert bob.say("hello")["type"] == "accepted"
        assert log.watched(alice.address)
        wait_until(lambda: not log.watched(alice.address))


def test_only_listed_sites_and_our_own_page_may_connect(log: MemoryLog) -> None:
    with running(log, WebChannel(SECRET, origins=["https://shop.example.org"])) as server:
        for origin in ("https://shop.example.org", server.url.rstrip("/")):
            with customer(server, origin=origin) as alice:
                assert alice.hello()["type"] == "welcome"
        for stranger in ("https://evil.example.org", None):
            with pytest.raises(InvalidStatus) as refused, customer(server, origin=stranger):
                pass
            assert refused.value.response.status_code == 403


def test_after_a_restart_of_the_server_everything_is_still_there(log: MemoryLog, server: Server) -> None:
    with customer(server) as alice:
        alice.hello()
        alice.say("hello")
        log.say(alice.address, "noted", author=Author.TECHNICIAN, name="Tess")
        token = alice.token
        server.stop()
    server.start()
    with customer(server) as alice:
        alice.hello(token)
        assert [alice.receive("message")["text"] for _ in range(2)] == ["hello", "noted"]


def test_a_customer_is_told_how_to_go_on_elsewhere_once_there_is_a_conversation(log: MemoryLog, server: Server) -> None:
    log.ways = (Way("telegram", "https://t.me/bot?start=c0de"), Way("slack", words="/support link c0de"))
    with customer(server) as alice:
        alice.hello()
        alice.send({"type": "elsewhere"})
        assert alice.receive("elsewhere")["ways"] == []
        alice.say("my printer is dead")
        alice.send({"type": "elsewhere"})
        telegram, slack = alice.receive("elsewhere")["ways"]
        assert (telegram["channel"], telegram["link"]) == ("telegram", "https://t.me/bot?start=c0de")
        assert slack == {"channel": "slack", "link": None, "words": "/support link c0de", "code": None}


def test_how_to_go_on_elsewhere_is_told_to_nobody_unknown(server: Server) -> None:
    with customer(server) as mallory:
        mallory.send({"type": "elsewhere"})
        assert mallory.receive("error")["code"] == "hello_first"


async def test_the_page_is_where_another_device_goes_on() -> None:
    channel = WebChannel(SECRET, page="https://help.example.org")
    assert await channel.invitation("c0de") == Way("web", "https://help.example.org/?continue=c0de")
    assert await WebChannel(SECRET).invitation("c0de") is None
