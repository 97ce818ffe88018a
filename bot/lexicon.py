"""Finds what customers mention by the way: devices, applications, error codes, since when, who else has it.

Pure Python; the words are in `lexicon.yml`. A pass over a message of usual length takes a few tenths of a millisecond.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DEFAULT_PATH = Path(__file__).with_name("lexicon.yml")
_NONE = "none"
"""The value of expressions that swallow what only looks like a value."""
_LONGEST_TEXT = 1000
"""Characters of a message that are looked at; what is quoted below may be long."""
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?]\s")
_DIGIT = re.compile(r"\d")
_CURLY = str.maketrans("’‘´`", "''''")


@dataclass(frozen=True)
class Mention:
    """`text[start:end]` names `value` of the fact `entity`."""

    entity: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class _Expression:
    """A regular expression; `value` is what it stands for, or a form of what its group `value` holds. `capitals`: it
    looks at the text as it was written rather than at small letters, which is twice as dear."""

    pattern: re.Pattern[str]
    value: str
    capitals: bool


@dataclass(frozen=True)
class _Entity:
    """`phrases`: first word -> the rest of the words and the value, the longest first. `near`: what the message must
    have one of before the expressions, which are dear, are tried."""

    name: str
    phrases: Mapping[str, Sequence[tuple[tuple[str, ...], str]]]
    expressions: Sequence[_Expression]
    near: frozenset[str]
    single: bool
    prefer: Sequence[str]
    verbatim: bool


class Lexicon:
    """Made by `Lexicon.read`; safe to share between threads."""

    def __init__(self, content: Mapping[str, Mapping[str, Any]]) -> None:
        self._entities = [_entity(name, entry) for name, entry in content.items()]

    @classmethod
    def read(cls, path: Path = DEFAULT_PATH) -> Lexicon:
        """Read a file as `lexicon.yml`. Raises OSError, yaml.YAMLError, re.error for an expression that is none."""
        return cls(yaml.safe_load(path.read_text(encoding="utf-8")))

    @property
    def names(self) -> tuple[str, ...]:
        """The facts it knows."""
        return tuple(entity.name for entity in self._entities)

    def find(self, text: str) -> list[Mention]:
        """Return what `text` mentions, in the order of the text; of one fact nothing that overlaps or contradicts."""
        plain = text[:_LONGEST_TEXT].translate(_CURLY)
        small = _small(plain)
        words = [(found.group(), found.start(), found.end()) for found in _WORD.finditer(small)]
        signs = {word for word, _, _ in words} | ({"0"} if _DIGIT.search(plain) else set()) | ({"_"} & set(plain))
        taken: list[Mention] = []
        for entity in self._entities:
            expressed = _expressed(entity, plain, small) if not entity.near or entity.near & signs else ()
            found = _longest([*_spoken(entity, words, small), *expressed])
            taken.extend(_consistent(entity, found))
        return sorted(_without_numbers_twice(taken), key=lambda mention: (mention.start, mention.entity))


def _entity(name: str, entry: Mapping[str, Any]) -> _Entity:
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    expressions = [_expression(each["pattern"], each.get("as", "{value}")) for each in entry.get("open", ())]
    for value, said in entry.get("values", {}).items():
        expressions += [_expression(pattern, str(value)) for pattern in said.get("patterns", ())]
        for phrase in said.get("words", ()):
            first, *rest = _WORD.findall(str(phrase).lower())
            phrases.setdefault(first, []).append((tuple(rest), str(value)))
    for known in phrases.values():
        known.sort(key=lambda phrase: -len(phrase[0]))
    near = frozenset(entry.get("near", ()))
    single, prefer = bool(entry.get("single")), tuple(entry.get("prefer", ()))
    return _Entity(name, phrases, expressions, near, single, prefer, bool(entry.get("verbatim")))


def _expression(pattern: str, value: str) -> _Expression:
    capitals = "(?-i:" in pattern
    return _Expression(re.compile(pattern, re.IGNORECASE if capitals else 0), value, capitals)


def _small(text: str) -> str:
    """Small letters, each in its place: a few letters have two characters when small."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _spoken(entity: _Entity, words: Sequence[tuple[str, int, int]], text: str) -> Iterator[Mention]:
    """Phrases that stand in one sentence: "at all. My colleagues" are not "all my colleagues"."""
    for at, (word, start, _) in enumerate(words):
        for rest, value in entity.phrases.get(word, ()):
            last = at + len(rest)
            same = tuple(word for word, _, _ in words[at + 1 : last + 1]) == rest
            if same and not _SENTENCE_END.search(text, start, words[last][2]):
                yield Mention(entity.name, value, start, words[last][2])
                break


def _expressed(entity: _Entity, text: str, small: str) -> Iterator[Mention]:
    for expression in entity.expressions:
        for found in expression.pattern.finditer(text if expression.capitals else small):
            if "value" not in expression.pattern.groupindex:
                yield Mention(entity.name, expression.value, found.start(), found.end())
                continue
            said = text[found.start("value") : found.end("value")]
            value = expression.value.format(value=said if entity.verbatim else said.upper())
            group = "value" if expression.value == "{value}" else 0
            yield Mention(entity.name, value, found.start(group), found.end(group))


def _longest(found: Iterable[Mention]) -> list[Mention]:
    """Of mentions that overlap the longest one; what is no value has done its work then."""
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda each: (each.start - each.end, each.start)):
        if not any(mention.start < other.end and other.start < mention.end for other in kept):
            kept.append(mention)
    return [mention for mention in kept if mention.value != _NONE]


def _consistent(entity: _Entity, found: list[Mention]) -> list[Mention]:
    values = {mention.value for mention in found}
    if not entity.single or len(values) < 2:
        return found
    preferred = next((value for value in entity.prefer if value in values and values <= set(entity.prefer)), None)
    return [mention for mention in found if mention.value == preferred]


def _without_numbers_twice(found: list[Mention]) -> list[Mention]:
    """A ticket's or an error's number is no name of a computer."""
    numbers = [each for each in found if each.entity in ("ticket_number", "error_code")]
    return [
        mention
        for mention in found
        if mention.entity != "host_name"
        or not any(mention.start < number.end and number.start < mention.end for number in numbers)
    ]
