"""What the desk says, as calls of the Bot API; and texts that are too long for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Author, Button, File, Outgoing
from channels.telegram.fields import utf16_length
from channels.telegram.markup import as_html
from channels.telegram.render import MAX_BUTTONS, calls
from channels.telegram.split import UNBROKEN, split
from channels.texts import load
from tests.channels.telegram.reading import length, read_html

HELLO = Outgoing(
    conversation=7,
    seq=3,
    channel="telegram",
    address="1001",
    author=Author.BOT,
    text="Hello",
    sent_at=datetime(2026, 11, 26, tzinfo=UTC),
    language="nl",
)
MARKUP = st.text(alphabet=st.sampled_from("ab *`<&>;\n\t-.!1)/:@\"'🤔é\u0301\u200d\u2028\xa0漢"), max_size=300)


def test_buttons_say_where_they_stand_and_short_ones_stand_side_by_side() -> None:
    titles = ("Yes", "No", "It was never switched on", "Maybe", "Later", "Never")
    message = replace(HELLO, buttons=tuple(Button(title, "/payload" * 50) for title in titles))
    (call,) = calls(message, load("channels.telegram"))
    keyboard = call.parameters["reply_markup"]
    assert keyboard == {
        "inline_keyboard": [
            [{"text": "Yes", "callback_data": "b:7:3:0"}, {"text": "No", "callback_data": "b:7:3:1"}],
            [{"text": "It was never switched on", "callback_data": "b:7:3:2"}],
            [{"text": "Maybe", "callback_data": "b:7:3:3"}, {"text": "Later", "callback_data": "b:7:3:4"}],
            [{"text": "Never", "callback_data": "b:7:3:5"}],
        ]
    }


def test_where_the_largest_numbers_stand_fits_into_64_bytes() -> None:
    message = replace(HELLO, conversation=10**18 - 1, seq=10**18 - 1, buttons=(Button("Yes", "y"),) * MAX_BUTTONS)
    (call,) = calls(message, load("channels.telegram"))
    rows = call.parameters["reply_markup"]["inline_keyboard"]  # type: ignore[index]
    assert all(len(button["callback_data"].encode()) <= 64 for row in rows for button in row)


def test_more_buttons_than_telegram_shows_are_a_numbered_list() -> None:
    message = replace(HELLO, buttons=tuple(Button(f"Room {number}", "/room") for number in range(101, 201)))
    (call,) = calls(message, load("channels.telegram"))
    assert "reply_markup" not in call.parameters
    assert "\n1. Room 101\n" in str(call.parameters["text"])
    assert "\n100. Room 200" in str(call.parameters["text"])


def test_a_file_that_telegram_does_not_take_is_named() -> None:
    message = replace(HELLO, files=(File("film.mov", "video/quicktime", bytes(50_000_001)),))
    (call,) = calls(message, load("channels.telegram"))
    assert call.parameters["text"] == "Hello\nfilm.mov is te groot om via Telegram te versturen."


def test_buttons_come_last_also_after_files() -> None:
    files = (File("a.txt", "text/plain", b"a"), File("b.txt", "text/plain", b"b"))
    made = calls(replace(HELLO, buttons=(Button("Yes", "y"),), files=files), load("channels.telegram"))
    assert [call.method for call in made] == ["send_document", "send_document", "send_message"]
    assert [("reply_markup" in call.parameters) for call in made] == [False, False, True]


def test_choices_without_words_are_not_lost() -> None:
    (call,) = calls(
        replace(HELLO, text=" ", buttons=(Button("Yes", "y"), Button("No", "n"))), load("channels.telegram")
    )
    assert call.parameters["text"] == "1. Yes\n2. No"
    assert "reply_markup" in call.parameters


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Press **Ctrl** now", "Press <b>Ctrl</b> now"),
        ("Type `a < b && c`", "Type <code>a &lt; b &amp;&amp; c</code>"),
        ("<b>no</b> **<i>**", "&lt;b&gt;no&lt;/b&gt; <b>&lt;i&gt;</b>"),
        ("- one\n* two\n• three\n1. four", "• one\n• two\n• three\n1. four"),
        ("2 * 3 ** 4 and not\nbold**", "2 * 3 ** 4 and not\nbold**"),
        ("`**code**` and **`bold`**", "<code>**code**</code> and <b>`bold`</b>"),
    ],
)
def test_the_little_markup_there_is(text: str, html: str) -> None:
    assert as_html(text) == html


@given(MARKUP)
def test_whatever_is_said_telegram_can_read(text: str) -> None:
    assert read_html(as_html(text)) is not None


# Cutting


def test_a_short_text_is_one_part() -> None:
    assert split("  Hello\n\nthere ", 100) == ("Hello\n\nthere",)
    assert split("   ", 100) == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("aaaa aaaa.\n\nbbbb bbbb. cc", ("aaaa aaaa.", "bbbb bbbb. cc")),
        ("aaaa aaaa. bb\nbbbb. cc", ("aaaa aaaa. bb", "bbbb. cc")),
        ("aaaa aaaa? bbbb bbbb bbbb", ("aaaa aaaa?", "bbbb bbbb bbbb")),
        ("aaaa aaaa bbbb bbbb bbbb", ("aaaa aaaa bbbb", "bbbb bbbb")),
        ("a" * 30, ("a" * 15, "a" * 15)),
        ("aaaa aaaa **bbb bbb** c", ("aaaa aaaa", "**bbb bbb** c")),
        ("aaaa aaaa `bbb. bbb` c", ("aaaa aaaa", "`bbb. bbb` c")),
        ("look: https://example.org/long", ("look:", "https://example", ".org/long")),
        ("🤔" * 10, ("🤔" * 7, "🤔" * 3)),
    ],
)
def test_a_long_text_is_cut_where_it_hurts_least(text: str, parts: tuple[str, ...]) -> None:
    assert split(text, 15) == parts


def test_a_word_that_is_longer_than_a_part_is_not_cut_through_a_letter() -> None:
    family = "👨\u200d👩\u200d👧"
    for part in split(family * 10, 15):
        assert part.count("👨") == part.count("👧") == part.count("👩")
    assert all(not part.startswith("\u0301") for part in split("e\u0301" * 20, 15))
    for whole in ("👋🏽", "🇳🇱", "1\ufe0f\u20e3", "❤\ufe0f"):
        assert all(part == whole * (len(part) // len(whole)) for part in split(whole * 20, 15))


@given(MARKUP, st.integers(10, 60))
def test_nothing_is_lost_by_cutting_and_every_part_fits(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < utf16_length(part) <= limit for part in parts)
    assert all(length(read_html(as_html(part)) or "") <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.lists(st.sampled_from(["**bold words**", "`a code`", "https://x.org/a", "word", "word."]), max_size=60))
def test_markup_that_fits_is_never_cut(words: list[str]) -> None:
    text = " ".join(words)
    found = [match for part in split(text, 30) for match in UNBROKEN.findall(part)]
    assert found == UNBROKEN.findall(text)
