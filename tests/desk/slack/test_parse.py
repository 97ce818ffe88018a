"""What technicians do in Slack is read; what is not theirs, or not clear, is nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.slack import Person
from desk.slack import parse
from desk.slack.parse import Changed, Said, message, readable, reply_in

REALWORLD = Path(os.environ.get("REALWORLD") or Path(__file__).parents[4] / "shared" / "realworld")


def event(**inner: Any) -> dict[str, Any]:
    told = {"type": "message", "channel": "C1", "user": "U1", "ts": "2.0", "thread_ts": "1.0", "text": "hm"} | inner
    return {"team_id": "T1", "event": {name: value for name, value in told.items() if value is not None}}


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        (">> Hello", "Hello"),
        (">>Hello\n\nBye", "Hello\n\nBye"),
        ("  >>   Hello ", "Hello"),
        (">>", ""),
        (">>> Hello", None),
        ("> Hello", None),
        ("> > Hello", None),
        ("Hello >> there", None),
        ("Note\n>> Hello", None),
        ("`>> Hello`", None),
        ("», Hello", None),
        ("", None),
    ],
)
def test_only_two_brackets_at_the_beginning_make_a_reply(text: str, reply: str | None) -> None:
    assert reply_in(text) == reply


@given(st.text())
def test_whatever_does_not_begin_with_two_brackets_is_internal(text: str) -> None:
    begins = text.lstrip().startswith(">>") and not text.lstrip().startswith(">>>")
    assert (reply_in(text) is not None) == begins


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("&gt;&gt; 1 &lt; 2 &amp; 3", ">> 1 < 2 & 3"),
        ("see <https://example.org/a?b=1&amp;c=2>", "see https://example.org/a?b=1&c=2"),
        ("see <https://example.org|example.org>", "see https://example.org"),
        ("see <https://example.org|the page>", "see the page (https://example.org)"),
        ("<mailto:a@example.org|a@example.org>", "a@example.org"),
        ("<@U123> <#C1|general> <!here> <!subteam^S1|@helpers>", "@U123 #general @here @helpers"),
        ("&amp;lt; stays", "&lt; stays"),
    ],
)
def test_a_text_is_read_as_its_writer_sees_it(sent: str, seen: str) -> None:
    assert readable(sent) == seen


def test_a_message_in_a_thread_is_somebodys() -> None:
    assert message(event()) == Said(Person("T1", "U1"), "C1", "1.0", "2.0", "hm", [])
    assert message(event(subtype="thread_broadcast")) is not None
    assert message(event(user_team="T2")) == Said(Person("T2", "U1"), "C1", "1.0", "2.0", "hm", [])


@pytest.mark.parametrize(
    "inner",
    [
        {"thread_ts": None},
        {"thread_ts": "2.0"},
        {"bot_id": "B1"},
        {"user": None},
        {"subtype": "bot_message"},
        {"subtype": "channel_join"},
        {"subtype": "message_replied"},
        {"subtype": "something_new"},
        {"hidden": True},
    ],
)
def test_what_no_person_wrote_below_something_is_nothing(inner: dict[str, Any]) -> None:
    assert message(event(**inner)) is None


def test_a_changed_message_is_told_from_a_preview() -> None:
    before = {"user": "U1", "ts": "2.0", "thread_ts": "1.0", "text": "a"}
    changed = event(subtype="message_changed", previous_message=before, message={**before, "text": "b"})
    assert message(changed) == Changed(Person("T1", "U1"), "C1", "1.0", "2.0", "b")
    assert message(event(subtype="message_changed", previous_message=before, message=before)) is None
    gone = Changed(Person("T1", "U1"), "C1", "1.0", "2.0", None)
    assert message(event(subtype="message_deleted", previous_message=before)) == gone
    tombstone = {**before, "subtype": "tombstone", "text": "This message was deleted."}
    assert message(event(subtype="message_changed", previous_message=before, message=tombstone)) == gone
    ours = {**before, "bot_id": "B1"}
    assert message(event(subtype="message_deleted", previous_message=ours)) is None


def test_a_press_without_an_action_is_nothing() -> None:
    assert parse.pressed({"type": "block_actions", "actions": []}) is None


def test_payloads_of_all_kinds_are_read_or_are_nothing() -> None:
    folder = REALWORLD / "slack"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    read = 0
    for path in sorted(folder.glob("*.json")):
        body = json.loads(path.read_text("utf-8"))
        if not isinstance(body, dict):
            continue
        message(body)
        if body.get("type") == "block_actions":
            assert parse.pressed(body) is not None
        if body.get("type") == "view_submission":
            assert parse.submitted(body).person.user
        read += 1
    assert read > 10
