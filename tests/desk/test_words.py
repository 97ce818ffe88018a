"""Words as search knows them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.model import excerpts
from desk.model.search import Segment, Source
from desk.model.words import LONGEST, MAX_TERMS, Query, Term, composed, folded, parse


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("De Printer print NIET!", ["de", "printer", "print", "niet"]),
        ("één café, Zürich", ["een", "cafe", "zurich"]),
        ("e\u0301e\u0301n", ["een"]),
        ("ﬁle STRAẞE ǅ", ["file", "strasse", "dz"]),
        ("It can't, foto’s", ["it", "cant", "fotos"]),
        ("Wi-Fi e-mail docking-station FL-1042", ["wifi", "email", "docking", "station", "fl", "1042"]),
        ("error 0x80070035 on PC_0042.local", ["error", "0x80070035", "on", "pc", "0042", "local"]),
        ("½ \x00 … 🖨️ '- ''", ["12"]),
    ],
)
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert folded(text, 100) == words


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300))
def test_any_text_becomes_short_words_of_letters_and_digits(text: str) -> None:
    for word in folded(text, 100):
        assert word.isalnum()
        assert len(word.encode()) <= LONGEST


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("print Niet", [("print", True), ("niet", True)], []),
        ("pc is", [("pc", False), ("is", False)], []),
        ("the van vpn ", [("the", False), ("van", False), ("vpn", True)], []),
        ('"out of paper" -toner', [("out of paper", False)], [("toner", True)]),
        ('-"paper jam" tray', [("tray", True)], [("paper jam", False)]),
        ('"out of pap', [("out of pap", True)], []),
        ("FL-1042", [("fl 1042", True)], []),
        ("print print PRINT", [("print", True)], []),
        ('" - -- "" -" ???', [], []),
    ],
)
def test_a_query_is_words_phrases_and_what_is_unwanted(
    text: str, wanted: list[tuple[str, bool]], unwanted: list[tuple[str, bool]]
) -> None:
    query = parse(text)
    assert [(" ".join(term.words), term.prefix) for term in query.wanted] == wanted
    assert [(" ".join(term.words), term.prefix) for term in query.unwanted] == unwanted


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=2_000))
def test_any_text_is_a_query_of_few_terms(text: str) -> None:
    query = parse(text)
    assert len(query.wanted) + len(query.unwanted) <= MAX_TERMS


def test_an_excerpt_shows_what_was_found_and_a_little_around_it() -> None:
    text = "word " * 40 + "the printer in the café is offline " + "more " * 60
    found = excerpts.best([(Source.MESSAGE, "a printer"), (Source.INTERNAL, text)], parse('prin "cafe is" more'))
    assert found is not None
    assert found.source is Source.INTERNAL
    assert [s.text for s in found.segments if s.found][:2] == ["printer", "café is"]
    assert (found.segments[0].text, found.segments[-1].text) == ("…", "…")
    assert sum(len(s.text) for s in found.segments) < 200


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=400), st.text(max_size=30))
def test_segments_are_the_whole_text(text: str, searched: str) -> None:
    pieces = excerpts.segments(text, parse(searched))
    assert "".join(piece.text for piece in pieces) == composed(text)


def test_nothing_is_found_in_a_text_without_the_words() -> None:
    assert excerpts.best([(Source.MESSAGE, "hello")], parse("printer")) is None
    assert excerpts.segments("hello", Query((Term(("printer",), False),), ())) == (Segment("hello", False),)
