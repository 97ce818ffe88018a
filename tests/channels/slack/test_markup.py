"""Slack's way of writing and ours."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.slack.markup import plain, rich, split


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("see <https://example.org/a?b=1&amp;c>", "see https://example.org/a?b=1&c"),
        ("see <http://example.org|example.org>", "see http://example.org"),
        ("see <https://example.org|our page>", "see our page (https://example.org)"),
        ("mail <mailto:a@example.org|a@example.org>", "mail a@example.org"),
        ("call <tel:+31201234|020-1234>", "call 020-1234 (+31201234)"),
        ("ask <@U2> or <@U3|carol> in <#C1|general>, <!here> <!subteam^S1|@admins>", None),
        ("at <!date^1392734382^{date}|18 Feb 2014>", "at 18 Feb 2014"),
        ("<@UBOT> hello", "hello"),
        ("hello <@UBOT>", "hello"),
        ("<@UBOT>: hello", "hello"),
        ("typed in a command: a <b> c, 1 < 2", "typed in a command: a <b> c, 1 < 2"),
    ],
)
def test_what_people_write_reads_as_they_see_it(written: str, read: str | None) -> None:
    assert plain(written, "UBOT") == (read or "ask @U2 or @carol in #general, @here @admins")


def test_our_markup_is_shown_and_nothing_else_is_taken_for_any() -> None:
    text = "**Bold** & `code <x>`: see https://example.org/a|b, or mail help@example.org. _x_ *y* ~z~ <!channel> <@U1>"
    assert rich(text) == [
        {"type": "text", "text": "Bold", "style": {"bold": True}},
        {"type": "text", "text": " & "},
        {"type": "text", "text": "code <x>", "style": {"code": True}},
        {"type": "text", "text": ": see "},
        {"type": "link", "url": "https://example.org/a|b", "text": "https://example.org/a|b"},
        {"type": "text", "text": ", or mail "},
        {"type": "link", "url": "mailto:help@example.org", "text": "help@example.org"},
        {"type": "text", "text": ". _x_ *y* ~z~ <!channel> <@U1>"},
    ]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://example.org/Foo_(bar)", "https://example.org/Foo_(bar)"),
        ("(see https://example.org/a)", "https://example.org/a"),
        ("(see https://example.org/Foo_(bar)).", "https://example.org/Foo_(bar)"),
        ("[https://example.org/x[1]]", "https://example.org/x[1]"),
        ("https://example.org/a?b=1&c=2!", "https://example.org/a?b=1&c=2"),
    ],
)
def test_a_bracket_belongs_to_a_link_that_opened_it(text: str, link: str) -> None:
    assert [one["url"] for one in rich(text) if one["type"] == "link"] == [link]
    assert "".join(str(one["text"]) for one in rich(text)) == text


def test_lists_have_dots() -> None:
    (run,) = rich("- one\n* two\n  • three\n1. four")
    assert run["text"] == "• one\n• two\n  • three\n1. four"


@given(st.text(max_size=2_000), st.integers(50, 500))
def test_pieces_fit_and_nothing_is_lost(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_it_is_cut_between_sentences_where_there_are_any() -> None:
    text = "The first sentence is here. The second one follows. " * 4
    assert all(piece.endswith(".") for piece in split(text, 90))


def test_a_word_without_end_takes_no_time() -> None:
    begun = time.monotonic()
    assert len(split("x" * 100_000, 3_000)) == 34
    assert time.monotonic() - begun < 5


def test_what_is_bold_or_a_link_is_not_cut() -> None:
    text = "word " * 15 + "**bold words here** and https://example.org/long/path " + "word " * 30
    assert any("**bold words here**" in piece for piece in split(text, 85))
    assert any("https://example.org/long/path" in piece for piece in split(text, 95))
