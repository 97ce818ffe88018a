"""Messages that say thank you and nothing else: they open nothing again."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

import yaml

_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MOST = 25
"""Whoever writes more words than this says something else too."""


@cache
def _lexicon() -> tuple[frozenset[str], frozenset[str]]:
    loaded = yaml.safe_load(resources.files("desk.texts").joinpath("gratitude.yml").read_text("utf-8"))
    return frozenset(loaded["thanks"]), frozenset(loaded["around"])


def only_thanks(text: str, names: str = "") -> bool:
    """Whether `text` thanks, and says nothing else: every word of it is one that people thank with, or one of `names`.

    names: of the writer, who may sign with it, and of whom they may thank.
    """
    thanks, around = _lexicon()
    around |= {word.casefold() for word in _WORDS.findall(names)}
    words = [word.casefold().replace("’", "'") for word in _WORDS.findall(text)]
    if not words or len(words) > _MOST or "?" in text or re.search(r"\d", text):
        return False
    return any(word in thanks for word in words) and all(word in thanks or word in around for word in words)
