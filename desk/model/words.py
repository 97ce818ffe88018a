"""Words as search knows them: of a text, and of what somebody searches for.

Customers write English and Dutch, often both in one ticket, with and without accents. So words are not stemmed (a
stemmer takes the other language's words apart) but folded, and a searched word finds every word that begins with it:
"print" finds printer, printers, printing and printen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST = 40
"""Bytes (UTF-8) that are kept of a word."""
MAX_TERMS = 12
"""What is searched for beyond that many words or phrases is ignored."""
_MAX_QUERY = 1_000
_PREFIX_FROM, _LAST_PREFIX_FROM = 4, 3
"""A shorter word is searched as it is: "the" and "een" are no beginnings. The last one may still be being typed."""

# An apostrophe within a word belongs to it, and so does the hyphen of e-mail and wi-fi.
_WORD = re.compile(r"(?:[^\W\d_]{1,2}[-‐‑](?=[^\W\d_]{2}))?[^\W_]+(?:['’][^\W_]+)*")
_TERM = re.compile(r'(-?)(?:"([^"]*)("?)|(\S+))')


@dataclass(frozen=True, slots=True)
class Word:
    """A word at ``text[start:end]``; `folded` is how it is compared: lower case letters and digits without accents."""

    folded: str
    start: int
    end: int


def composed(text: str) -> str:
    """`text` with accents as part of their letters, which is how `words` wants it."""
    return unicodedata.normalize("NFC", text)


def words(text: str) -> Iterator[Word]:
    """The words of a `composed` text, in order."""
    for found in _WORD.finditer(text):
        folded = _fold(found.group())
        if folded:
            yield Word(folded, found.start(), found.end())


def folded(text: str, limit: int) -> list[str]:
    """The first `limit` words of `text`, folded."""
    found: list[str] = []
    for word in words(composed(text)):
        if len(found) == limit:
            break
        found.append(word.folded)
    return found


def _fold(word: str) -> str:
    if word.isascii():
        letters = word.lower().replace("'", "").replace("-", "")
        return letters[:LONGEST]
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    plain = "".join(letter for letter in letters if letter.isalnum())
    return plain.encode()[:LONGEST].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing searched for: `words` in this order; of the last one, if `prefix`, only the beginning."""

    words: tuple[str, ...]
    prefix: bool

    def matches(self, found: Sequence[Word], at: int) -> bool:
        """Whether the term stands in `found` from position `at` on."""
        last = at + len(self.words) - 1
        if not found[at].folded.startswith(self.words[0]) or last >= len(found):
            return False
        if any(found[at + offset].folded != word for offset, word in enumerate(self.words[:-1])):
            return False
        end = found[last].folded
        return end.startswith(self.words[-1]) if self.prefix else end == self.words[-1]


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody searches for: all of `wanted`, none of `unwanted`."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it that could be found."""
        return not self.wanted and not self.unwanted

    def promise(self, text: str) -> int:
        """How many of what is wanted `text` has at most, roughly: quicker than looking for the words."""
        plain = text
        if not text.isascii():
            plain = unicodedata.normalize("NFKD", text).encode("ascii", errors="ignore").decode()
        plain = plain.lower().replace("-", "").replace("'", "")
        found = sum(term.words[0] in plain for term in self.wanted)
        return found if text.isascii() else max(found, 1)


def parse(text: str) -> Query:
    """What ``printer "out of paper" -toner`` searches for. Any text is acceptable; what is no word is ignored.

    What stands together (``FL-1042``, ``pc-0042.local``) is searched together.
    """
    wanted: dict[Term, None] = {}
    unwanted: dict[Term, None] = {}
    text = composed(text[:_MAX_QUERY]).rstrip()
    for part in _TERM.finditer(text):
        minus, quoted, closed, plain = part.groups()
        found = tuple(folded(quoted or plain or "", MAX_TERMS))
        if found and len(wanted) + len(unwanted) < MAX_TERMS:
            shortest = _LAST_PREFIX_FROM if part.end() == len(text) else _PREFIX_FROM
            prefix = not closed and len(found[-1]) >= shortest
            (unwanted if minus else wanted)[Term(found, prefix)] = None
    return Query(tuple(wanted), tuple(unwanted))
