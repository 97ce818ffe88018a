"""The marks of the web chat, in mail."""

from __future__ import annotations

import pytest

from channels.email.richtext import html, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", '<p dir="auto">Hello</p>'),
        ("one\r\ntwo\n\nthree", '<p dir="auto">one<br>two</p>\n<p dir="auto">three</p>'),
        ("Is it **on**?", '<p dir="auto">Is it <strong>on</strong>?</p>'),
        ("Type `ipconfig`.", '<p dir="auto">Type <code>ipconfig</code>.</p>'),
        (
            "See https://x.example/a?b=1&c=2.",
            '<p dir="auto">See <a href="https://x.example/a?b=1&amp;c=2">https://x.example/a?b=1&amp;c=2</a>.</p>',
        ),
        ("Write to it@x.example.", '<p dir="auto">Write to <a href="mailto:it@x.example">it@x.example</a>.</p>'),
        ("FL-1042 is yours", '<p dir="auto"><span style="white-space:nowrap">FL-1042</span> is yours</p>'),
        ("1. one\n2. two", '<ol><li dir="auto">one</li><li dir="auto">two</li></ol>'),
        ("3) three", '<ol start="3"><li dir="auto">three</li></ol>'),
        ("Do:\n- one\n• two", '<p dir="auto">Do:</p>\n<ul><li dir="auto">one</li><li dir="auto">two</li></ul>'),
        ("1. one\n- other", '<ol><li dir="auto">one</li></ol>\n<ul><li dir="auto">other</li></ul>'),
        ("", ""),
    ],
)
def test_what_is_written_is_laid_out(text: str, expected: str) -> None:
    assert html(text) == expected


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "**<b>**", "`<i>`", '1. <a href="x">', "https://x/<b>"])
def test_nobody_writes_html_of_their_own(text: str) -> None:
    assert not {"<script", "<b>", "<i>", '<a href="x"'} & {
        part for part in ("<script", "<b>", "<i>", '<a href="x"') if part in html(text)
    }


def test_without_layout_emphasis_is_one_star_and_lists_stay_as_they_were() -> None:
    assert plain("Is it **on**?\r\n\r\n1. yes\n2. no") == "Is it *on*?\n\n1. yes\n2. no"
