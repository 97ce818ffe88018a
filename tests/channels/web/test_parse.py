"""Frames from browsers, the well-meant and the other ones."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Choice, Incoming, Rejected, RejectReason
from channels.web import parse
from channels.web.parse import Ack, BadFrame, FrameCode, Hello, Message, Ping, Typing

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def incoming(text: str, choice: Choice | None = None) -> Incoming:
    message = Message(id="m1", text=text, choice=choice)
    return parse.incoming(message, channel="web", address="alice", language="nl", received_at=NOON)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"type": "hello", "token": None, "after": 0, "language": "nl"}, Hello(None, 0, "nl")),
        ({"type": "hello", "token": "a.b", "after": 7}, Hello("a.b", 7, None)),
        ({"type": "hello", "token": None, "after": 0, "continue": "aB-_9"}, Hello(None, 0, None, "aB-_9")),
        ({"type": "message", "id": "m1", "text": "hi"}, Message("m1", "hi", None)),
        (
            {"type": "message", "id": "m1", "text": "", "choice": {"title": "Yes", "payload": "answer:p:s:yes"}},
            Message("m1", "", Choice("Yes", "answer:p:s:yes")),
        ),
        ({"type": "ack", "seq": 3}, Ack(3)),
        ({"type": "typing"}, Typing()),
        ({"type": "ping"}, Ping()),
    ],
)
def test_a_frame_becomes_a_typed_value(raw: dict[str, object], expected: parse.ClientFrame) -> None:
    assert parse.frame(json.dumps(raw)) == expected


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", FrameCode.MALFORMED),
        ("{", FrameCode.MALFORMED),
        ('{"type":"hello","continue":7}', FrameCode.MALFORMED),
        ('{"type":"hello","continue":""}', FrameCode.BAD_LINK),
        ('{"type":"hello","continue":"a code cut off…"}', FrameCode.BAD_LINK),
        ("null", FrameCode.MALFORMED),
        ('"hello"', FrameCode.MALFORMED),
        ("{}", FrameCode.MALFORMED),
        ('{"type": 5}', FrameCode.MALFORMED),
        ('{"type": "dance"}', FrameCode.UNKNOWN_TYPE),
        ("[" * 60_000, FrameCode.MALFORMED),
        ('{"type":"ack","seq":' + "9" * 5_000 + "}", FrameCode.MALFORMED),
        ('{"type":"ack","seq":-1}', FrameCode.MALFORMED),
        ('{"type":"ack","seq":true}', FrameCode.MALFORMED),
        ('{"type":"ack","seq":1.5}', FrameCode.MALFORMED),
        ('{"type":"ack","seq":9223372036854775808}', FrameCode.MALFORMED),
        ('{"type":"hello","token":1}', FrameCode.MALFORMED),
        ('{"type":"hello","token":"' + "x" * 201 + '"}', FrameCode.MALFORMED),
        ('{"type":"hello","after":"3"}', FrameCode.MALFORMED),
        ('{"type":"hello","language":"nederlands"}', FrameCode.MALFORMED),
        ('{"type":"message","text":"no id"}', FrameCode.MALFORMED),
        ('{"type":"message","id":"a b","text":"hi"}', FrameCode.MALFORMED),
        ('{"type":"message","id":"' + "x" * 65 + '","text":"hi"}', FrameCode.MALFORMED),
        ("x" * 65_537, FrameCode.TOO_LARGE),
        ("é" * 40_000, FrameCode.TOO_LARGE),
        (b'{"type":"ping"}', FrameCode.BINARY_FRAME),
    ],
)
def test_a_frame_that_is_not_ours_has_a_code(raw: str | bytes, code: FrameCode) -> None:
    with pytest.raises(BadFrame) as refusal:
        parse.frame(raw)
    assert refusal.value.code is code
    assert refusal.value.message_id is None


@pytest.mark.parametrize(
    "part",
    [
        {"text": 5},
        {"text": "hi", "choice": "Yes"},
        {"text": "hi", "choice": {"title": "Yes"}},
        {"text": "hi", "choice": {"title": "Yes", "payload": ""}},
        {"text": "hi", "choice": {"title": "Yes", "payload": "p" * 501}},
        {"text": "hi", "attachments": "1"},
        {"text": "hi", "attachments": [True]},
        {"text": "hi", "attachments": [-1]},
        {"text": "hi", "attachments": [2**63]},
    ],
)
def test_a_malformed_message_is_named_so_that_the_client_can_mark_it(part: dict[str, object]) -> None:
    with pytest.raises(BadFrame) as refusal:
        parse.frame(json.dumps({"type": "message", "id": "m1", **part}))
    assert refusal.value.message_id == "m1"


@given(st.one_of(st.text(), st.binary(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)))
def test_whatever_arrives_is_a_frame_or_a_bad_frame(raw: str | bytes) -> None:
    with suppress(BadFrame):
        parse.frame(raw)


def test_a_message_is_handed_in_with_its_own_id() -> None:
    assert incoming("Mijn printer doet niets") == Incoming(
        channel="web",
        address="alice",
        external_id="m1",
        text="Mijn printer doet niets",
        received_at=NOON,
        language="nl",
    )


@pytest.mark.parametrize(
    ("text", "choice", "reason"),
    [
        (" \n", None, RejectReason.EMPTY),
        ("x" * 8_001, None, RejectReason.TOO_LONG),
        ("a\x00b", None, RejectReason.BINARY),
        ("half a pair: \ud83d", None, RejectReason.BINARY),
        ("", Choice("Yes\x00", "p"), RejectReason.BINARY),
        ("", Choice("Yes", "p\udc00"), RejectReason.BINARY),
    ],
)
def test_what_cannot_be_a_message_is_rejected(text: str, choice: Choice | None, reason: RejectReason) -> None:
    with pytest.raises(Rejected) as refusal:
        incoming(text, choice)
    assert refusal.value.reason is reason


def test_a_message_with_files_needs_no_text_and_has_ten_at_most() -> None:
    message = parse.frame(json.dumps({"type": "message", "id": "m1", "attachments": [3, 4]}))
    assert message == Message("m1", "", None, uploads=(3, 4))
    assert parse.incoming(message, channel="web", address="alice", language=None, received_at=NOON).uploads == (3, 4)
    many = Message("m1", "", None, uploads=tuple(range(11)))
    with pytest.raises(Rejected) as refusal:
        parse.incoming(many, channel="web", address="alice", language=None, received_at=NOON)
    assert refusal.value.reason is RejectReason.TOO_MANY_FILES


def test_the_longest_message_fits_into_a_frame() -> None:
    raw = json.dumps({"type": "message", "id": "m1", "text": "😀" * 8_000}, ensure_ascii=False)
    message = parse.frame(raw)
    assert isinstance(message, Message)
    assert incoming(message.text).text == "😀" * 8_000
