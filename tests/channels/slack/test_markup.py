"""Slack's way of writing and ours."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.slack.markup import mrkdwn, plain, split


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


@pytest.mark.parametrize(
    ("ours", "slacks"),
    [
        ("**Bold** & `code <x>`", "*Bold* &amp; `code &lt;x&gt;`"),
        ("- one\n* two\n  • three\n1. four", "• one\n• two\n  • three\n1. four"),
        ("Go to https://example.org/a|b, please.", "Go to <https://example.org/a%7Cb>, please."),
        ("Mail help@example.org.", "Mail <mailto:help@example.org|help@example.org>."),
        ("<!channel> <@U1> & <https://evil.example|us>", None),
    ],
)
def test_our_markup_becomes_slacks_and_nothing_else_does(ours: str, slacks: str | None) -> None:
    assert mrkdwn(ours) == (slacks or "&lt;!channel&gt; &lt;@U1&gt; &amp; &lt;<https://evil.example%7Cus>&gt;")


@given(st.text(max_size=2_000), st.integers(50, 500))
def test_pieces_fit_and_nothing_is_lost(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(0 < len(mrkdwn(piece)) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_it_is_cut_between_sentences_where_there_are_any() -> None:
    text = "The first sentence is here. The second one follows. " * 4
    assert all(piece.endswith(".") for piece in split(text, 90))


def test_a_word_without_end_takes_no_time() -> None:
    begun = time.monotonic()
    assert len(split("x" * 100_000, 3_000)) == 34
    assert time.monotonic() - begun < 5
