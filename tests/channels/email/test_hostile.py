"""Mails made to keep a reader busy: what once took from ten seconds to hours takes a moment."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from channels.contract import Incoming
from channels.email import headers, markup, parse, richtext
from channels.letter import Automatic

BOUNCE = "From: MAILER-DAEMON@example.com\nReturn-Path: <>\nSubject: Undelivered mail\nAuto-Submitted: auto-replied\n"
FAILED = "The mail could not be delivered to the following recipient:"
HTML = "From: alice@example.com\nSubject: hello\nContent-Type: text/html; charset=utf-8\n"
SECONDS = 5
"""Each takes less than one; where others keep the machine busy, it takes longer."""


def read(mail: str) -> Incoming:
    return parse.parse(
        mail.encode(),
        mailbox="support@example.com",
        own=frozenset({"support@example.com"}),
        received_at=datetime(2024, 5, 3, tzinfo=UTC),
        max_file=10_000_000,
        trusted=frozenset({"mx.example.com"}),
    )


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(f"{HTML}\n{'&' * 990_000}", id="a megabyte of ampersands"),
        pytest.param(f"{HTML}\n{chr(0xA0) * 990_000}", id="a megabyte of spaces that hold together"),
        pytest.param(f'{HTML}\n<p title="{"&" * 980_000}">hello</p>', id="an attribute of ampersands"),
        pytest.param(f"{HTML}\n{'<!--' * 250_000}", id="comments that never end"),
        pytest.param(
            f"{HTML}\n{'<div>' * 5_000}-->{'<!--' * 200_000}", id="the same behind an end, nested without end"
        ),
        pytest.param(
            f"From: alice@example.com\nSubject: {'=?u?q?x ' * 6_000}and more\n\nhello", id="words that never end"
        ),
        pytest.param(
            f"{HTML}Authentication-Results: mx.example.com {'(' * 24_000}{')' * 24_000}; spf=pass\n\nhello",
            id="comments in comments",
        ),
    ],
)
def test_no_mail_keeps_its_reader_busy(mail: str) -> None:
    began = time.process_time()
    assert read(mail).letter is not None
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("unit", ["_", "a", "\u00a0", "-", "https://x)", "*", "\n"])
def test_no_reply_takes_long_to_be_laid_out(unit: str) -> None:
    text = "x" + unit * (64_000 // len(unit)) + "\x01"
    began = time.process_time()
    richtext.html(text)
    richtext.plain(text)
    assert time.process_time() - began < SECONDS


def test_text_that_must_be_escaped_in_usual_amounts_is_kept() -> None:
    log = "<pre>" + "GET /a?b=1&amp;c=2 &lt;ok&gt; " * 10_000 + "</pre>"
    assert (markup.safe(log) or "").count("&amp;") == 10_000


def test_of_html_that_is_too_dear_to_be_made_safe_there_is_the_text() -> None:
    found = read(f"{HTML}\n{'&' * 400_000}")
    assert found.letter is not None
    assert found.letter.html is None
    assert found.letter.full_text == "&" * 400_000


def test_words_without_end_leave_those_before_them_readable() -> None:
    assert headers.decode("=?utf-8?q?caf=C3=A9?= and =?utf-8?q?x y") == "café and =?utf-8?q?x y"


@pytest.mark.parametrize(
    ("line", "recipient"),
    [
        ("12345@example.org: user unknown", "12345@example.org"),
        ("1. alice@example.org:", "alice@example.org"),
        ("> 550 5.1.1 <alice@example.org>", "alice@example.org"),
        ("- 1alice@example.org.", "1alice@example.org"),
        ("--- alice@example.org", "alice@example.org"),
    ],
)
def test_an_address_that_stands_alone_is_whole_whatever_stands_before_it(line: str, recipient: str) -> None:
    found = read(f"{BOUNCE}\n{FAILED}\n\n{line}\n").letter
    assert found is not None
    assert found.automatic is Automatic.BOUNCE
    assert [bounce.recipient for bounce in found.bounces] == [recipient]
