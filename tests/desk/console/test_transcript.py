"""How messages stand in the transcript."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from channels.contract import Author
from desk.console import transcript
from desk.model.conversation import Message

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def message(seq: int, at: datetime = NOON, author: Author = Author.CUSTOMER, **rest: object) -> Message:
    values: dict[str, object] = {
        "id": seq, "conversation": 1, "seq": seq, "author": author, "technician": None, "name": None, "text": "…",
        "internal": False, "buttons": (), "choice": None, "language": None, "external_id": None, "created_at": at,
    }  # fmt: skip
    return Message(**values | rest)  # type: ignore[arg-type]


def test_a_day_begins_where_it_begins_for_the_reader() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    both = [message(1, late - timedelta(hours=1)), message(2, late)]
    assert [bool(line.new_day) for line in transcript.lines(both, UTC)] == [True, False]
    assert [bool(line.new_day) for line in transcript.lines(both, ZoneInfo("Europe/Amsterdam"))] == [True, True]


def test_whoever_goes_on_within_minutes_is_not_named_again() -> None:
    said = [
        message(1),
        message(2, NOON + timedelta(minutes=1)),
        message(3, NOON + timedelta(minutes=9)),
        message(4, NOON + timedelta(minutes=9), Author.BOT),
    ]
    assert [line.continued for line in transcript.lines(said, UTC)] == [False, True, False, False]


def test_a_note_does_not_continue_a_reply_of_the_same_technician() -> None:
    said = [message(1, author=Author.TECHNICIAN), message(2, author=Author.TECHNICIAN, internal=True)]
    assert not transcript.lines(said, UTC)[1].continued


def test_messages_shown_already_only_tell_what_the_new_ones_continue() -> None:
    lines = transcript.lines([message(1), message(2)], UTC, after=1)
    assert [(line.message.seq, line.new_day, line.continued) for line in lines] == [(2, None, True)]


@pytest.mark.parametrize(
    ("delivery", "error", "standing"),
    [
        (None, None, None),
        ("done", None, None),
        ("pending", None, "pending"),
        ("claimed", None, "pending"),
        ("pending", "timed out", "retrying"),
        ("failed", "blocked", "failed"),
        ("unknown", "cut off", "unknown"),
    ],
)
def test_delivery_in_one_word(delivery: str | None, error: str | None, standing: str | None) -> None:
    assert transcript.standing(message(1, delivery=delivery, delivery_error=error)) == standing


def test_what_the_browser_shows_survives_the_way_there_and_back() -> None:
    states = {7: "pending", 9: "failed"}
    assert transcript.read(transcript.written(states)) == states
    assert transcript.read("7:pending <x> -1:foo :9 99999999999:x") == {7: "pending"}


def test_only_deliveries_that_moved_are_shown_anew() -> None:
    now = [
        message(1, delivery="done"),
        message(2, delivery="failed"),
        message(3, delivery="pending"),
        message(4, delivery="pending"),
    ]
    shown = {1: "pending", 2: "failed", 3: "retrying"}
    assert [m.seq for m in transcript.moved(now, shown, up_to=3)] == [1, 3]
