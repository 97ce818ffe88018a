"""Cutting a text that is too long for one message. Pure.

Telegram counts UTF-16 code units after the markup is read. Counted here with its markup a text is never shorter, so
that what fits by this count fits by Telegram's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import accumulate

from channels.telegram.fields import utf16_length

UNBROKEN = re.compile(r"\*\*[^*\n]+\*\*|`[^`\n]+`|https?://\S+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
"""What is not cut in two as long as it fits into a message: markup, addresses."""

_CUTS = tuple(re.compile(cut) for cut in (r"\n\s*\n", r"\n", r"[.!?…]['\")\]]*\s+", r"\s+"))
"""After what to cut, the best first: paragraphs, lines, sentences, words."""
_LEAST = 0.4
"""How full a part must be for the better cut to be taken."""
_JOINERS = "\u200d\ufe0f"
_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff]+\\Z")
"""What flags are spelt with."""


def split(text: str, limit: int) -> tuple[str, ...]:
    """`text` in parts of at most `limit` UTF-16 code units, without the white space it is cut at."""
    return tuple(_parts(text.strip(), limit))


def _parts(text: str, limit: int) -> Iterator[str]:
    while utf16_length(text) > limit:
        end = _end(text, _fitting(text, limit))
        yield text[:end].rstrip()
        text = text[end:].lstrip()
    if text:
        yield text


def _fitting(text: str, limit: int) -> int:
    """How many characters fit: at least one, so that it goes on."""
    sizes = accumulate(1 + (character > "\uffff") for character in text)
    return max(1, sum(1 for size in sizes if size <= limit))


def _end(text: str, fitting: int) -> int:
    """Where to cut within the first `fitting` characters, and one more, which may be the space to cut at."""
    whole = [match.span() for match in UNBROKEN.finditer(text, 0)]
    for cut in _CUTS:
        ends = [match.end() for match in cut.finditer(text, 0, fitting + 1)]
        kept = [end for end in ends if end <= fitting + 1 and not _inside(end, whole)]
        if kept and kept[-1] >= fitting * _LEAST:
            return kept[-1]
    start = next((start for start, end in whole if start < fitting < end), 0)
    return start or _between_characters(text, fitting)


def _inside(position: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < position < end for start, end in spans)


def _between_characters(text: str, end: int) -> int:
    """A little before `end`, where no accent or joined picture is torn from what it belongs to."""
    return next((position for position in range(end, max(end - 30, 0), -1) if not _torn(text, position)), end)


def _torn(text: str, position: int) -> bool:
    """Whether a cut there tears what people see as one character."""
    following, last = text[position : position + 1], text[position - 1]
    if not following:
        return False
    if unicodedata.category(following).startswith("M") or following in _JOINERS or last == "\u200d":
        return True
    if "\U0001f3fb" <= following <= "\U0001f3ff":  # the tone of a skin
        return True
    # A flag is two letters; of a row of them, whole ones are left together.
    flags = _LETTERS.search(text, 0, position)
    return bool(flags and _LETTERS.match(following) and len(flags[0]) % 2)
