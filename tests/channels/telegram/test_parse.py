"""What the channel makes of what Telegram sends: every type that the SDK knows, and what people really do."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Update
from telegram.constants import MessageType

from bench.realworld import REALWORLD
from channels.contract import Command, Edit, Order, Press, RejectReason
from channels.inspection import Ignored, RemoteFile, as_json
from channels.telegram.events import Blocked, Called, Event, Joined, Pressed, Refused, Said
from channels.telegram.parse import TYPES, Context, event, inspect
from channels.texts import load
from tests.channels.telegram.payloads import (
    ALICE,
    BOT,
    CHANNEL,
    CONTENTS,
    DATE,
    GROUP,
    JSON,
    MESSAGE,
    PRIVATE,
    SILENT,
    TEXT,
    UNREADABLE,
    UPDATES,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
REAL = REALWORLD / "telegram"


def meaning(**update: object) -> Event:
    """What an update means."""
    return event({"update_id": 1, **update}, Context(load("channels.telegram"), NOW, "firstline_bot"))


def said(**content: object) -> Said:
    """What a message of Alice in her private chat says."""
    found = meaning(message={**MESSAGE, **content})
    assert isinstance(found, Said), found
    return found


# Every type there is


def test_every_type_of_update_that_the_sdk_knows_has_a_payload_which_the_sdk_reads() -> None:
    assert set(UPDATES) == {str(kind) for kind in Update.ALL_TYPES}
    for kind, payload in UPDATES.items():
        read = Update.de_json({"update_id": 1, kind: payload}, None)
        assert getattr(read, kind) is not None, kind


@pytest.mark.parametrize("kind", UPDATES)
def test_every_type_of_update_has_a_meaning(kind: str) -> None:
    expected = {"message": Said, "edited_message": Edit, "callback_query": Pressed, "my_chat_member": Blocked}
    found = meaning(**{kind: UPDATES[kind]})
    assert isinstance(found, expected.get(kind, Ignored))
    if isinstance(found, Ignored):
        assert found.reason == f"update of type {kind}"
    assert set(expected) == set(TYPES)


def test_every_type_of_message_that_the_sdk_knows_is_in_one_of_our_lists() -> None:
    ours = [*CONTENTS, *UNREADABLE, *SILENT]
    assert len(ours) == len(set(ours))
    assert set(ours) == {kind.value for kind in MessageType}


@pytest.mark.parametrize(
    ("kind", "text", "file"),
    [
        ("text", "My printer does not print", None),
        ("photo", "", RemoteFile("f2", "photo-7.jpg", "image/jpeg", 5)),
        ("document", "", RemoteFile("f1", "report.pdf", "application/pdf", 5)),
        ("animation", "", RemoteFile("f1", "animation-7.mp4", "video/mp4", 5)),
        ("audio", "", RemoteFile("f1", "noise.mp3", "audio/mpeg", 5)),
        ("video", "", RemoteFile("f1", "video-7.mp4", "video/mp4", 5)),
        ("video_note", "", RemoteFile("f1", "video-note-7.mp4", "video/mp4", 5)),
        ("voice", "", RemoteFile("f1", "voice-7.ogg", "audio/ogg", 5)),
        ("sticker", "😡", None),
        ("dice", "🎲 5", None),
        ("location", "Locatie: 52.37, 4.89", None),
        ("venue", "Plaats: Office, Dam 1 (52.37, 4.89)", None),
        ("contact", "Contact: Bob Jones, +31 20 1234567", None),
        ("poll", "Peiling: Which floor?\n- First\n- Second", None),
    ],
)
def test_what_customers_send_is_read(kind: str, text: str, file: RemoteFile | None) -> None:
    found = said(**CONTENTS[kind])
    assert (found.text, found.files) == (text, (file,) if file else ())


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_nobody_can_read_is_refused_kindly(kind: str) -> None:
    assert meaning(message={**MESSAGE, **UNREADABLE[kind]}) == Refused("1001", RejectReason.MALFORMED, "nl")


@pytest.mark.parametrize("kind", SILENT)
def test_what_telegram_writes_itself_is_passed_over(kind: str) -> None:
    assert meaning(message={**MESSAGE, kind: {}}) == Ignored(f"message without words: {kind}")


def test_a_type_that_is_younger_than_we_are_is_passed_over() -> None:
    assert meaning(new_update_kind={"some": "field"}) == Ignored("update of type new_update_kind")


# Who says what, and when


def test_a_message_is_known_by_chat_and_number() -> None:
    found = said(text="hello")
    assert (found.address, found.external_id) == ("1001", "1001:7")
    assert found.received_at == datetime.fromtimestamp(DATE, UTC)
    assert (found.name, found.language) == ("Alice Ä. Smith", "nl")


@pytest.mark.parametrize(("code", "language"), [("en-GB", "en"), ("NL", "nl"), ("de", None), ("", None), (None, None)])
def test_the_language_is_one_of_ours_or_unknown(code: object, language: str | None) -> None:
    found = meaning(message={**TEXT, "from": {**ALICE, "language_code": code}})
    assert isinstance(found, Said)
    assert found.language == language


def test_a_caption_is_what_was_said_with_a_file() -> None:
    found = said(**CONTENTS["photo"], caption="It looks like this", media_group_id="1")
    assert found.text == "It looks like this"
    assert len(found.files) == 1


def test_a_reply_quotes_what_it_answers() -> None:
    found = said(text="yes", reply_to_message={"message_id": 1, "chat": PRIVATE, "text": "Is it on?\n\nI mean lit."})
    assert found.text == "> Is it on?\n> I mean lit.\nyes"


def test_a_reply_to_a_part_quotes_that_part_and_no_more_than_is_needed() -> None:
    quoted = {"message_id": 1, "chat": PRIVATE, "caption": "word " * 100}
    assert said(text="yes", reply_to_message=quoted, quote={"text": "that"}).text == "> that\nyes"
    assert len(said(text="yes", reply_to_message=quoted).text) < 210


def test_a_reply_to_a_file_says_which_one() -> None:
    answered = {"message_id": 9, "chat": PRIVATE, **CONTENTS["photo"]}
    assert said(text="this one", reply_to_message=answered).text == "> photo-9.jpg\nthis one"


@pytest.mark.parametrize(
    ("origin", "line"),
    [
        ({"forward_origin": {"type": "user", "sender_user": {"first_name": "Bob"}}}, "Doorgestuurd van Bob:"),
        ({"forward_origin": {"type": "hidden_user", "sender_user_name": "Bob"}}, "Doorgestuurd van Bob:"),
        ({"forward_origin": {"type": "chat", "sender_chat": GROUP}}, "Doorgestuurd van Everybody:"),
        ({"forward_origin": {"type": "channel", "chat": CHANNEL}}, "Doorgestuurd van News:"),
        ({"forward_from": {"first_name": "Bob"}}, "Doorgestuurd van Bob:"),
        ({"forward_sender_name": "Bob"}, "Doorgestuurd van Bob:"),
        ({"forward_origin": {}}, "Doorgestuurd:"),
    ],
)
def test_what_somebody_else_said_is_said_to_be_so_and_is_no_command(origin: JSON, line: str) -> None:
    found = said(text="/stop", **origin)
    assert (found.text, found.command) == (f"{line}\n/stop", None)


def test_a_link_that_hides_its_address_shows_it() -> None:
    entities = [
        {"type": "text_link", "offset": 3, "length": 4, "url": "https://evil.example/a"},
        {"type": "text_link", "offset": 8, "length": 4, "url": "https://evil.example/b"},
        {"type": "text_link", "offset": 8_000, "length": 4, "url": "https://evil.example/c"},
        {"type": "bold", "offset": 0, "length": 2},
    ]
    found = said(text="😀 bank or bank?", entities=entities)
    assert found.text == "😀 bank (https://evil.example/a) or b (https://evil.example/b)ank?"


def test_what_no_database_stores_is_not_in_a_message() -> None:
    assert said(text="a\x00b \ud83d!").text == "ab \ufffd!"


# Commands


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/help", Command(Order.HELP)),
        ("/STATUS", Command(Order.STATUS)),
        ("/ticket FL-1042", Command(Order.TICKET, "FL-1042")),
        ("/ticket@firstline_bot  1042 ", Command(Order.TICKET, "1042")),
        ("/person my screen\nsmokes", Command(Order.PERSON, "my screen\nsmokes")),
        ("/language nl", Command(Order.LANGUAGE, "nl")),
        ("/stop", Command(Order.STOP)),
        ("/link abc", Command(Order.LINK, "abc")),
        ("/unlink", Command(Order.UNLINK)),
        ("/weather tomorrow", Command(Order.HELP)),
    ],
)
def test_a_command_is_an_order(text: str, command: Command) -> None:
    found = said(text=text)
    assert (found.command, found.text) == (command, text.strip())


@pytest.mark.parametrize("text", ["/dev/sda1 is full", "/", "/ help", "50/50", "/über"])
def test_not_everything_with_a_slash_is_a_command(text: str) -> None:
    assert (said(text=text).command, said(text=text).text) == (None, text)


def test_what_comes_with_a_command_is_kept() -> None:
    found = said(**CONTENTS["photo"], caption="/person it smokes")
    assert (found.command, len(found.files)) == (Command(Order.PERSON, "it smokes"), 1)
    assert len(said(**CONTENTS["photo"], caption="/start aB_c-9").files) == 1


def test_start_is_a_greeting_and_with_a_code_it_joins() -> None:
    assert said(text="/start").text == "Hallo"
    assert said(text="/start").command is None
    assert said(text="/start what is this?").text == "Hallo"
    assert meaning(message={**MESSAGE, "text": "/start aB_c-9"}) == Joined("1001", "aB_c-9", "nl")


# Buttons, edits, and what happens to chats


def test_a_press_says_where_the_button_stands() -> None:
    query = {**UPDATES["callback_query"]}
    rows = [[{"text": "Yes", "callback_data": "b:7:3:0"}], [{"text": "No", "callback_data": "b:7:3:1"}]]
    query["message"] = {**query["message"], "reply_markup": {"inline_keyboard": rows}}
    found = meaning(callback_query=query)
    assert isinstance(found, Pressed)
    assert found.incoming.press == Press(7, 3, 1)
    assert found.incoming.external_id == "1001:7:press"
    assert (found.query, found.message, found.title, found.text) == ("q1", 7, "No", "Is it on?")


def test_a_press_that_is_too_old_for_telegram_to_show_the_message_is_a_press() -> None:
    old = {"chat": PRIVATE, "message_id": 7, "date": 0}
    found = meaning(callback_query={**UPDATES["callback_query"], "message": old})
    assert isinstance(found, Pressed)
    assert (found.title, found.text) == ("", "")


@pytest.mark.parametrize("data", ["", "b:1:2", "b:1:2:3:4", "b:-1:2:3", "/restart", "b:1:2:" + "9" * 50, None])
def test_a_button_that_is_not_ours_is_unknown(data: object) -> None:
    found = meaning(callback_query={**UPDATES["callback_query"], "data": data})
    assert found == Refused("1001", RejectReason.UNKNOWN_BUTTON, "nl", query="q1")


def test_an_edit_is_a_new_version_of_that_message() -> None:
    found = meaning(edited_message=UPDATES["edited_message"])
    later = datetime.fromtimestamp(DATE, UTC) + timedelta(minutes=1)
    assert found == Edit("telegram", "1001", "1001:7", later, "My printer prints")


def test_a_live_location_is_told_once() -> None:
    assert said(**CONTENTS["location"]).text
    assert meaning(edited_message={**MESSAGE, **CONTENTS["location"]}) == Ignored("a live location moved")


def test_being_let_in_again_is_nothing_and_being_brought_into_a_group_is_a_call() -> None:
    member = {"from": ALICE, "new_chat_member": {"status": "member"}, "old_chat_member": {"status": "left"}}
    assert isinstance(meaning(my_chat_member={"chat": PRIVATE, **member}), Ignored)
    assert meaning(my_chat_member={"chat": GROUP, **member}) == Called("-100200", "nl", None)
    assert isinstance(meaning(my_chat_member={"chat": CHANNEL, **member}), Ignored)
    promoted = {**member, "old_chat_member": {"status": "member"}, "new_chat_member": {"status": "administrator"}}
    assert isinstance(meaning(my_chat_member={"chat": GROUP, **promoted}), Ignored)


@pytest.mark.parametrize(
    ("content", "called"),
    [
        ({"text": "what is for lunch?"}, False),
        ({"text": "@firstline_bot", "entities": [{"type": "mention", "offset": 0, "length": 14}]}, True),
        ({"text": "@Firstline_Bot", "entities": [{"type": "mention", "offset": 0, "length": 14}]}, True),
        ({"caption": "@firstline_bot", "caption_entities": [{"type": "mention", "offset": 0, "length": 14}]}, True),
        ({"text": "@another_bot", "entities": [{"type": "mention", "offset": 0, "length": 12}]}, False),
        ({"text": "bot", "entities": [{"type": "text_mention", "offset": 0, "length": 3, "user": BOT}]}, True),
        ({"text": "eve", "entities": [{"type": "text_mention", "offset": 0, "length": 3, "user": ALICE}]}, False),
        ({"text": "/help", "entities": [{"type": "bot_command", "offset": 0, "length": 5}]}, False),
        ({"text": "and you?", "reply_to_message": {"from": BOT}}, True),
        ({"text": "and you?", "reply_to_message": {"from": ALICE}}, False),
    ],
)
def test_in_a_group_only_who_speaks_to_us_is_answered(content: JSON, called: bool) -> None:
    found = meaning(message={**MESSAGE, "chat": GROUP, **content})
    assert found == (Called("-100200", "nl", 7) if called else Ignored("said in a supergroup"))


def test_who_speaks_in_the_name_of_a_group_is_no_bot() -> None:
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    called = {"text": "@firstline_bot", "entities": [{"type": "mention", "offset": 0, "length": 14}]}
    group = {**MESSAGE, "chat": GROUP, "from": anonymous, **called}
    assert meaning(message=group) == Ignored("said in a supergroup")
    assert meaning(message={**group, "sender_chat": GROUP}) == Called("-100200", None, 7)


# Whatever comes


_WORDS = """
    chat id type from text entities offset length url date edit_date message_id photo document file_id sticker poll
    options location venue contact reply_to_message quote data message reply_markup inline_keyboard forward_origin
    new_chat_member status dice language_code file_size
"""
_KEYS = _WORDS.split()
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "b:1:2:3", "/a", "é", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_KEYS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(st.sampled_from(TYPES), _JSON, st.booleans())
@settings(max_examples=200)
def test_nothing_that_can_be_sent_makes_it_fail(kind: str, content: object, private: bool) -> None:
    if private and isinstance(content, dict):
        content = {"message_id": 1, "id": "q", **content, "chat": PRIVATE, "message": {**MESSAGE, **content}}
    found = meaning(**{kind: content})
    if isinstance(found, Said):
        assert found.text or found.files


@pytest.mark.parametrize("payload", [None, 1, "text", [], {}, {"update_id": 1}, {"message": None}, {"message": []}])
def test_what_is_no_update_is_ignored(payload: object) -> None:
    assert isinstance(event(payload, Context(load("channels.telegram"), NOW)), Ignored)


@pytest.mark.parametrize("when", [10**18, -(10**18), "soon", None, True])
def test_a_date_that_is_none_is_now(when: object) -> None:
    assert said(text="hello", date=when).received_at == NOW


def test_what_platforms_really_send_is_read() -> None:
    if not REAL.is_dir():
        pytest.skip(f"no recorded payloads in {REAL}")
    made = {path: as_json(inspect(json.loads(path.read_text("utf-8")))) for path in sorted(REAL.rglob("*.json"))}
    assert made
    read = [path for path, found in made.items() if "ignored" not in found]
    assert len(read) >= len(made) // 4, f"{len(read)} of {len(made)}"
    for path, found in made.items():
        payload = json.loads(path.read_text("utf-8"))
        message = payload.get("message", payload)
        if message.get("chat", {}).get("type") == "private" and message.get("text"):
            assert found.get("text"), path
