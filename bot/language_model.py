"""Tells English from Dutch: n-grams of letters, whole words, and evidence weighed against what was known before.

Pure Python, a few kilobytes of counts, trained on the project's own example sentences.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.foreign import foreign_words

LANGUAGES = ("en", "nl")
# Words that carry grammar rather than topic, are frequent, and exist in one of the two languages only.
_FUNCTION_WORDS = {
    "en": "the and you your my mine it its is isn't are aren't this that these those what when where which who why how "
    "not don't doesn't didn't can't cannot couldn't won't would should could have has had do does did with from "
    "for of to at by on there here please thanks yes no i i'm i've we they he she be been being some any every "
    "nothing something still just now again always never work works working worked help need want know think "
    "tried try get got",
    "nl": "de het een en je jij jouw mijn me hij zij wij jullie dit dat deze die wat wanneer waar welke wie waarom hoe "
    "niet geen kan kun kunt kon zou moet moeten heb hebt heeft had doet doe deed met van voor om aan bij op er "
    "hier graag alsjeblieft bedankt dank ja nee ik ben bent zijn was waren wordt worden al nog steeds maar nu "
    "weer altijd nooit werkt werken hulp nodig wil weet denk geprobeerd proberen krijg gekregen ook naar ons onze "
    "iets niets alles wel zo dan toch even u uw",
}
OWN_WORDS = frozenset(word for words in _FUNCTION_WORDS.values() for word in words.split())
"""Words that carry the grammar of a language that is spoken here."""
# English words that a Dutch customer says as an answer, all alone.
_BORROWED = [[word] for word in ["yes", "no", "ok", "thanks", "sorry", "please", "bye", "done", "help", "cool", "nice"]]
_NAMES = {"english": "en", "engels": "en", "engelse": "en", "dutch": "nl", "nederlands": "nl", "hollands": "nl"}
_NOT = {"not", "no", "don't", "dont", "can't", "cant", "cannot", "niet", "geen", "nauwelijks", "bad", "slecht"}
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


@dataclass(frozen=True)
class Margins:
    """Evidence (in nats, and in words) that is asked for: without any knowledge, and against a known language."""

    unknown: float = 0.5
    change: float = 4.0
    foreign: int = 2
    """Words of a language that is not spoken here, more than of one that is: English is the answer to them."""
    foreign_change: int = 4
    """The same of somebody who has been spoken Dutch to."""


class LanguageModel:
    """Log-odds of English against Dutch for words and n-grams of letters."""

    def __init__(self, odds: Mapping[str, float]) -> None:
        self.odds = dict(odds)

    @classmethod
    def train(cls, examples: Iterable[tuple[str, str]]) -> LanguageModel:
        """Count features of (text, language) pairs; function words are known beforehand."""
        counts: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
        for text, language in examples:
            counts[language].update(set(_features(text)))
        for language, words in _FUNCTION_WORDS.items():
            for word in words.split():
                counts[language][f" {word} "] += 20
        totals = {language: sum(counter.values()) + 1.0 for language, counter in counts.items()}
        odds = {
            feature: round(
                math.log((counts["en"][feature] + 0.5) / totals["en"])
                - math.log((counts["nl"][feature] + 0.5) / totals["nl"]),
                3,
            )
            for feature in {*counts["en"], *counts["nl"]}
            if counts["en"][feature] + counts["nl"][feature] > 1
        }
        return cls({feature: value for feature, value in odds.items() if abs(value) > 0.3})

    def evidence(self, text: str) -> float:
        """Return how much speaks for English (positive) or Dutch (negative); 0 for text that says nothing."""
        # Overlapping n-grams repeat what their word says already, so that each word's parts count as their mean.
        total = 0.0
        for word in _WORD.findall(text.casefold().replace("’", "'")):
            known = [self.odds[feature] for feature in _parts(word) if feature in self.odds]
            total += self.odds.get(f" {word} ", 0.0) + (sum(known) / len(known) if known else 0.0)
        return total

    def decide(self, text: str, known: str | None, margins: Margins) -> str:
        """Return the language of `text`, keeping `known` unless the text clearly speaks against it. English for what is
        in neither."""
        if foreign_words(text, OWN_WORDS) >= (margins.foreign_change if known == "nl" else margins.foreign):
            return LANGUAGES[0]
        evidence = self.evidence(text)
        guess = "en" if evidence >= 0 else "nl"
        if known == "nl" and _WORD.findall(text.casefold()) in _BORROWED:
            return known
        if known not in LANGUAGES:
            return guess if abs(evidence) >= margins.unknown else LANGUAGES[0]
        return guess if abs(evidence) >= margins.change else known


def language_wanted(text: str) -> str | None:
    """Return the language that a wish to change it names, or the other one when it is refused ("I speak no Dutch").

    None when no language is named, or both. Whether `text` is such a wish at all is the classifier's matter.
    """
    words = _WORD.findall(text.casefold().replace("’", "'"))
    named = {_NAMES[word] for word in words if word in _NAMES}
    if len(named) != 1:
        return None
    (language,) = named
    refused = not _NOT.isdisjoint(words)
    return next(other for other in LANGUAGES if other != language) if refused else language


def _features(text: str) -> Iterator[str]:
    for word in _WORD.findall(text.casefold().replace("’", "'")):
        yield f" {word} "
        yield from _parts(word)


def _parts(word: str) -> Iterator[str]:
    padded = f"<{word}>"
    for size in (2, 3, 4):
        for at in range(len(padded) - size + 1):
            yield padded[at : at + size]
