"""The new part of HTML, by the marks that clients leave."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from lxml import etree

from channels.email.replies import split_html

CASES = yaml.safe_load(Path(__file__).with_name("quoted_html.yml").read_text(encoding="utf-8"))


def words(html: str) -> str:
    return " ".join("".join(etree.fromstring(html, etree.HTMLParser()).itertext()).split())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_clients_marks_tell_what_is_new(case: dict[str, str | None]) -> None:
    found = split_html(case["html"] or "")
    assert (None if found is None else words(found)) == (None if case["left"] is None else squeezed(case["left"]))


def squeezed(text: str) -> str:
    return " ".join(text.split()).replace("one. M", "one.M")


def test_what_stands_behind_a_quote_stays() -> None:
    assert words(split_html('<p>a</p><blockquote type="cite">b</blockquote> c <i>d</i>') or "") == "a c d"


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<", "<!--", "<a ", '<div class="gmail_quote">', "<blockquote type=cite>x</blockquote>y",
     '<hr><div id="divRplyFwdMsg">', 'x<div id="divRplyFwdMsg">x</div>', "<br>", "&", "<a href='", "<![CDATA["],
)  # fmt: skip
def test_html_of_any_kind_is_read_in_time(piece: str) -> None:
    started = time.process_time()
    split_html("x" + piece * (500_000 // len(piece)))
    assert time.process_time() - started < 5
