"""Takes a message apart into clauses that may be problems of their own. Pure; the words are in `segments.yml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

DEFAULT_PATH = Path(__file__).with_name("segments.yml")
_LISTED = r"(?<!\s)\s+(?=(?:\d{1,2}[.)]|[-*•·–—])\s)"
_END = r"(?<=[.!?;])\s+|(?<!\s)\s*[\r\n]\s*"
_NUMBER = re.compile(r"(?:\d{1,2}[.)]|[-*•·–—])\s+")
_ITEM = re.compile(r"(?<!\S)(\d{1,2})[.)]\s")
_EDGE = " \t,.;:!?-–—•*·"
_FEWEST_WORDS = 2
_LONGEST_TEXT = 4000
"""Characters of a message that are looked at."""
_LONGEST_CLAUSE = 80
"""Characters until the "too" that says that another thing is meant."""
_LONGEST_ANSWER = 2
"""Words before "and my …" that may be an answer to what was asked; a clause of its own is longer."""
_MOST_SENTENCES = 40
_MOST_CLAUSES = 12
"""More than that is a story or a log, not a list of problems."""


@dataclass(frozen=True)
class Clause:
    """`text` as it stands in the message from character `start` on. `further`: a list's number or a word like "also"
    says that something else begins; sentences may as well go on with the same story."""

    text: str
    start: int
    further: bool = False


class Segmenter:
    """Made by `Segmenter.read`; safe to share between threads."""

    def __init__(
        self, anywhere: list[str], beginning: list[str], in_a_letter: list[str], joining: list[str], too: list[str]
    ) -> None:
        others = "|".join(map(re.escape, in_a_letter))
        self._other = re.compile(rf"\s*(?:{_NUMBER.pattern}|(?:{others})\b[\s,:]*)", re.IGNORECASE)
        inner = "|".join(re.escape(phrase) for phrase in sorted(anywhere, key=len, reverse=True))
        begins = "|".join(map(re.escape, beginning))
        another = rf"(?:{'|'.join(joining)})\b[^.!?;,\n]{{1,{_LONGEST_CLAUSE}}}\b(?:{'|'.join(too)})"
        joined = rf"(?<![\s,])[\s,]+(?=(?:{inner}|{another})\b)|(?:(?<=[.!?;,])|(?<=[.!?;]\n))\s*(?=(?:{begins})\b)"
        self._cut = re.compile(rf"(?P<told>{_LISTED}|{joined})|{_END}", re.IGNORECASE)
        self._leading = {*joining, *beginning}
        self._lead = re.compile(rf"(?:{_NUMBER.pattern})?(?:(?:{begins})\b[\s,:]*)*", re.IGNORECASE)

    @classmethod
    def read(cls, path: Path = DEFAULT_PATH) -> Segmenter:
        """Read a file as `segments.yml`. Raises OSError, yaml.YAMLError."""
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(
            content["anywhere"], content["beginning"], content["in_a_letter"], content["joining"], content["too"]
        )

    def clauses(self, text: str) -> list[Clause]:
        """Return the clauses of `text` that have two words or more; all of it as one when there is nothing to part."""
        text = text[:_LONGEST_TEXT]
        found: list[Clause] = []
        start, further = 0, False
        for cut in self._cut.finditer(text):
            found += self._clause(text, start, cut.start(), further)
            start, further = cut.end(), cut.group("told") is not None
        found += self._clause(text, start, len(text), further)
        return found[:_MOST_CLAUSES]

    def besides(self, text: str) -> list[Clause]:
        """Return the clause behind the few words that `text` begins with: "2, and my scanner fails too"; or nothing."""
        further = [each for each in self.clauses(text) if each.further]
        return [each for each in further[:1] if 0 < len(self._said_before(text, each)) <= _LONGEST_ANSWER]

    def _said_before(self, text: str, clause: Clause) -> list[str]:
        words = (word.strip(_EDGE).casefold() for word in text[: clause.start].split())
        return [word for word in words if word and word not in self._leading]

    def sentences(self, text: str) -> list[Clause]:
        """Return the sentences of a mail that have two words or more; `further` where another problem is announced."""
        found: list[Clause] = []
        start = 0
        cuts = [(cut.start(), cut.end()) for cut in re.finditer(_END, text)]
        for end, after in (*sorted({*cuts, *_items(text)}), (len(text), len(text))):
            if end < len(text) and _NUMBER.fullmatch(text[start:after].lstrip() + " "):
                continue  # the number of a list ends no sentence
            lead = self._other.match(text, start, end)
            begin = lead.end() if lead else start
            if len(text[begin:end].split()) >= _FEWEST_WORDS:
                found.append(Clause(text[begin:end], begin, further=lead is not None))
            start = after
        return found[:_MOST_SENTENCES]

    def _clause(self, text: str, start: int, end: int, further: bool) -> list[Clause]:
        lead = self._lead.match(text, start, end)
        start = lead.end() if lead else start
        said = text[start:end].rstrip(_EDGE)
        bare = said.lstrip(_EDGE)
        return [Clause(bare, start + len(said) - len(bare), further)] if len(bare.split()) >= _FEWEST_WORDS else []


def _items(text: str) -> Iterator[tuple[int, int]]:
    """Where items begin of a list that counts from 1, also in the middle of a line; a number alone lists nothing."""
    begun: list[tuple[int, int]] = []
    for item in _ITEM.finditer(text):
        if int(item[1]) == len(begun) + 1:
            begun.append((item.start(), item.start()))
    return iter(begun if len(begun) > 1 else ())
