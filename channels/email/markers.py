"""What mail clients write around their users' words: ``markers.yml``, read once and made into patterns.

All of it is compared folded (see `fold`). Patterns are only ever tried on pieces of bounded length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

MAX_LINE = 500
"""Characters of a line that are looked at: no client writes a longer one of its own."""

_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "’": "'", "‘": "'", "´": "'"})
_SPACE = re.compile(r"\s+")


@lru_cache(maxsize=4_096)
def fold(text: str) -> str:
    """Without case, accents, kinds of space and of apostrophe: what people and clients spell in several ways."""
    text = text[:MAX_LINE]
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text)
        text = "".join(part for part in parts if unicodedata.category(part) not in {"Mn", "Cf"})
    return _SPACE.sub(" ", text.casefold().translate(_STROKES)).strip()


def any_of(words: Iterable[str]) -> str:
    """A pattern's alternatives, folded; the longest first, as one that begins another would hide it."""
    return "|".join(re.escape(word) for word in sorted({fold(word) for word in words}, key=lambda w: (-len(w), w)))


def _words(by_language: Mapping[str, list[str]]) -> list[str]:
    return [word for words in by_language.values() for word in words]


class HtmlMark(Enum):
    """What an element of a client's HTML is."""

    QUOTE = "quote"
    WRAPPER = "wrapper"
    """What is quoted in it goes, and what was answered between the quotes stays; all of it goes if it is one quote."""
    REST = "rest"
    """Everything from here on is quoted."""
    SIGNATURE = "signature"


class Beginnings:
    """Phrases with which a folded line begins. Most lines begin with none, which two characters tell."""

    def __init__(self, phrases: Iterable[str], then: str = r"(?!\w)") -> None:
        phrases = {fold(phrase) for phrase in phrases}
        self._starts = frozenset(phrase[:2] for phrase in phrases)
        self._pattern = re.compile(rf"(?:{any_of(phrases)}){then}")

    def match(self, text: str) -> re.Match[str] | None:
        """What `text` begins with."""
        return self._pattern.match(text) if text[:2] in self._starts else None


class Endings:
    """The same for what a folded line ends with."""

    def __init__(self, spaced: Iterable[str], others: Iterable[str], then: str = "") -> None:
        spaced, others = {fold(word) for word in spaced}, {fold(word) for word in others}
        self._ends = frozenset(word[-2:] for word in spaced | others)
        self._pattern = re.compile(rf"(?:(?<!\w)(?:{any_of(spaced)}){then}|{any_of(others)})\Z")
        self._may_follow = bool(then)

    def found(self, text: str) -> bool:
        """Whether `text` ends with one of them."""
        if text[-2:] not in self._ends and not (self._may_follow and text.endswith(")")):
            return False
        return bool(self._pattern.search(text[-60:]))


@dataclass(frozen=True, slots=True)
class Markers:
    """Patterns for folded lines, unless they say otherwise."""

    attribution_start: Beginnings
    attribution_verb: re.Pattern[str]
    attribution_verb_at_end: Endings
    attribution_self: re.Pattern[str]
    attribution_quoting: Beginnings
    header: Mapping[str, frozenset[str]]
    """The classes (from, date, to, subject, other) of each name of a header line."""
    original: frozenset[str]
    forwarded: frozenset[str]
    forwarded_by: Beginnings
    above: re.Pattern[str]
    mobile: Beginnings
    mobile_at_end: Endings
    excuse: re.Pattern[str]
    outlook: re.Pattern[str]
    """A client that invites to fetch it, the whole line."""
    closing: Beginnings
    closing_sentence: Beginnings
    thanks: Beginnings
    conjunction: Beginnings
    disclaimer: Beginnings
    """It is one if it also has something `legal`."""
    legal: re.Pattern[str]
    notice: Beginnings
    banner_tip: Beginnings
    banner_warning: Beginnings
    banner_outside: re.Pattern[str]
    banner_external: re.Pattern[str]
    banner_advice: re.Pattern[str]
    html: Mapping[HtmlMark, Mapping[str, re.Pattern[str]]]
    """By attribute: what one of its words is. ``blockquote`` has the classes that count on that element only; ``style``
    is searched, written small and without spaces."""


@cache
def markers() -> Markers:
    """As ``markers.yml`` has them."""
    return _read(yaml.safe_load(Path(__file__).with_name("markers.yml").read_text(encoding="utf-8")))


def _read(data: Mapping[str, Any]) -> Markers:
    attribution, separator = data["attribution"], data["separator"]
    verbs = _words(attribution["verb"])
    spaced = [verb for verb in verbs if _spaced(verb)]
    others = set(verbs) - set(spaced)
    return Markers(
        attribution_start=Beginnings(_words(attribution["start"]), r"(?:\s\D{0,40}|(?<=[在於于]))\d"),
        attribution_verb=re.compile(rf"(?<!\w)(?:{any_of(spaced)})(?!\w)"),
        attribution_verb_at_end=Endings(spaced, others, r"(?:\(\w{1,3}\))?"),  # napisał(a)
        attribution_self=re.compile(rf"(?<!\w)(?:{any_of(_words(attribution['self']))})(?!\w)"),
        attribution_quoting=Beginnings(_words(attribution["quoting"])),
        header=_header(data["header"]),
        original=frozenset(fold(name) for name in separator["original"]),
        forwarded=frozenset(fold(name) for name in separator["forwarded"]),
        forwarded_by=Beginnings(separator["forwarded_by"]),
        above=_both(separator["above"]["do"], separator["above"]["line"]),
        mobile=Beginnings(data["mobile"]["start"], r"(?!\w)(?P<thing>.*)"),
        mobile_at_end=Endings([], _words(data["mobile"]["end"])),
        excuse=re.compile(rf"[\s,.;–—-]+(?:{any_of(_words(data['mobile']['excuse']))})"),
        outlook=_invitation(data["mobile"]),
        closing=Beginnings(_words(data["closing"])),
        closing_sentence=Beginnings(data["closing_sentence"]),
        thanks=Beginnings(_words(data["thanks"])),
        conjunction=Beginnings(data["and"]),
        disclaimer=Beginnings(data["disclaimer"]),
        legal=re.compile(rf"(?<!\w)(?:{any_of(data['legal'])})"),
        notice=Beginnings(data["notice"]),
        banner_tip=Beginnings(data["banner"]["tip"]),
        banner_warning=Beginnings(data["banner"]["warning"]),
        banner_outside=_phrase(data["banner"]["outside"]),
        banner_external=_phrase(data["banner"]["external"]),
        banner_advice=_phrase(data["banner"]["advice"]),
        html={HtmlMark(kind): _attributes(marks) for kind, marks in data["html"].items()},
    )


def _phrase(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{any_of(phrases)})(?!\w)")


def _both(some: Iterable[str], others: Iterable[str]) -> re.Pattern[str]:
    first, second = (rf"(?<!\w)(?:{any_of(words)})(?!\w)" for words in (some, others))
    return re.compile(rf"{first}.*{second}|{second}.*{first}")


def _invitation(mobile: Mapping[str, Any]) -> re.Pattern[str]:
    get, things, to, systems = (any_of(mobile[name]) for name in ("get", "things", "for", "systems"))
    return re.compile(rf"(?:(?:{get}) )?(?:{things}) (?:{to}) (?:{systems})(?: (?:{get}))?\Z")


def _spaced(word: str) -> bool:
    """Whether its script puts spaces between words."""
    return not any(unicodedata.name(c, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI")) for c in word)


def _header(names: Mapping[str, list[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for kind, those in names.items():
        for name in those:
            found.setdefault(fold(name), set()).add(kind)
    return {name: frozenset(kinds) for name, kinds in found.items()}


def _attributes(marks: Mapping[str, list[str]]) -> dict[str, re.Pattern[str]]:
    return {
        attribute: re.compile("|".join(re.escape(value.casefold()).replace(r"\*", r"\S{0,60}") for value in values))
        for attribute, values in marks.items()
    }


def html_mark(tag: str, attributes: Mapping[str, str]) -> HtmlMark | None:
    """What an element with these attributes is; None: nothing that a client marked."""
    for mark, patterns in markers().html.items():
        for attribute, pattern in patterns.items():
            if attribute == "blockquote":
                words = f"{attributes.get('class', '')} {attributes.get('type', '')}" if tag == "blockquote" else ""
            else:
                words = attributes.get(attribute, "")
            if words and _is_marked(attribute, words.casefold(), pattern):
                return mark
    return None


def _is_marked(attribute: str, words: str, pattern: re.Pattern[str]) -> bool:
    if attribute == "style":
        return bool(pattern.search(_SPACE.sub("", words)))
    return any(pattern.fullmatch(word) for word in words[:MAX_LINE].split())
