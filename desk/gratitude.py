"""Messages that say thank you and nothing else: they open nothing again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MOST = 25
"""Whoever writes more words than this says something else too."""


@dataclass(frozen=True, slots=True)
class _Lexicon:
    thanks: frozenset[str]
    around: frozenset[str]
    phrases: re.Pattern[str]
    pictures: re.Pattern[str]


@cache
def _lexicon() -> _Lexicon:
    loaded = yaml.safe_load(resources.files("desk.texts").joinpath("gratitude.yml").read_text("utf-8"))
    phrases = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, loaded['phrases']))})(?!\w)")
    return _Lexicon(
        frozenset(loaded["thanks"]), frozenset(loaded["around"]), phrases, re.compile(f"[{loaded['pictures']}]")
    )


def only_thanks(text: str, names: str = "") -> bool:
    """Whether `text` thanks, and says nothing else: every word of it is one that people thank with, or one of `names`.
    A picture may do so too.

    names: of the writer, who may sign with it, and of whom they may thank.
    """
    known = _lexicon()
    around = known.around | {word.casefold() for word in _WORDS.findall(names)}
    said = known.phrases.sub(" ", text.casefold().replace("’", "'"))
    words = _WORDS.findall(said)
    pictured = known.pictures.search(text) is not None
    if len(words) > _MOST or "?" in text or re.search(r"\d", text):
        return False
    thanked = pictured or any(word in known.thanks for word in words)
    return thanked and all(word in known.thanks or word in around for word in words)
