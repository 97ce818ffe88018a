"""Showing where in a text something was found."""

from __future__ import annotations

from collections.abc import Iterable

from desk.model.search import Excerpt, Segment, Source
from desk.model.words import Query, composed, words

_BEFORE, _LENGTH = 60, 180
"""Letters before what was found, and of the whole excerpt."""
_ELLIPSIS = "…"


def segments(text: str, query: Query | None) -> tuple[Segment, ...]:
    """The whole of `text`, divided at what was searched for."""
    text = composed(text)
    return _divided(text, _spans(text, query) if query else [], 0, len(text))


def best(texts: Iterable[tuple[Source, str]], query: Query) -> Excerpt | None:
    """An excerpt of the text that has most of what was searched for, the earliest of equals; None if none has any."""
    chosen, most = None, 0
    promising = sorted(((query.promise(text), source, text) for source, text in texts), key=lambda one: -one[0])
    for promise, source, text in promising:
        if promise <= most:
            break
        text = composed(text)
        found = _spans(text, query)
        kinds = len({term for _, _, term in found})
        if kinds > most:
            chosen, most = (source, text, found), kinds
    if chosen is None:
        return None
    source, text, found = chosen
    start, end = _window(text, found[0][0])
    return Excerpt(source, _divided(text, found, start, end))


def _spans(text: str, query: Query) -> list[tuple[int, int, int]]:
    """(start, end, which term) of everything in `text` that was searched for; none overlap."""
    found = list(words(text))
    spans: list[tuple[int, int, int]] = []
    free = 0
    for at in range(len(found)):
        if at < free:
            continue
        for which, term in enumerate(query.wanted):
            if term.matches(found, at):
                free = at + len(term.words)
                spans.append((found[at].start, found[free - 1].end, which))
                break
    return spans


def _window(text: str, first: int) -> tuple[int, int]:
    """Where an excerpt around position `first` begins and ends: at blanks, if there are any near."""
    start = max(0, first - _BEFORE)
    if start:
        start = max(text.rfind(" ", 0, start + 1), start - 20, 0)
        start += text[start] == " "
    end = min(len(text), start + _LENGTH)
    if end < len(text):
        end = max(text.rfind(" ", first, end), first + 1)
    return start, end


def _divided(text: str, spans: Iterable[tuple[int, int, int]], start: int, end: int) -> tuple[Segment, ...]:
    pieces: list[Segment] = []
    at = start
    for first, last, _ in spans:
        if first < start or first >= end:
            continue
        pieces += (Segment(text[at:first], False), Segment(text[first : min(last, end)], True))
        at = min(last, end)
    pieces.append(Segment(text[at:end], False))
    if start > 0:
        pieces.insert(0, Segment(_ELLIPSIS, False))
    if end < len(text):
        pieces.append(Segment(_ELLIPSIS, False))
    return tuple(piece for piece in pieces if piece.text)
