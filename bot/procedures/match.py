"""Reads a text against a handful of options: number, title, synonym, with fuzz. Standard library only: the engine's
environment has no fuzzy matcher of its own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from bot.procedures.model import LANGUAGES, Option
from bot.procedures.words import Words

EXACT, STRIPPED, FUZZY, CONTAINED = 1.0, 0.95, 0.9, 0.75
"""How sure a match is. From FUZZY up the whole message was the answer; CONTAINED means there was more in it."""

_FUZZY_RATIO = 0.82
_FUZZY_MARGIN = 0.05
_FUZZY_MIN_LENGTH = 4
_FUZZY_MAX_LENGTH = 60
_MAX_CONTAINED_TOKENS = 14
_MAX_STORY_TOKENS = 400
_NEGATION_REACH = 3
"""In a whole story a negation far away belongs to something else."""
_NEGATIVE = ("no", "cannot")
_NUMBER = re.compile(r"^(?:option |optie |answer |antwoord |number |nummer |nr |no )?(\d{1,2})$")
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class Match:
    """An option's id, and how sure it is (0..1)."""

    option: str
    score: float


@dataclass(frozen=True)
class _Hit:
    option: str
    start: int
    end: int


def normalise(text: str) -> str:
    """Lower case, without accents and punctuation; an apostrophe joins (`doesn't` -> `doesnt`). Pictures are kept
    where there is nothing else, once each (`👍🏽👍` -> `👍`)."""
    if not _LETTERS.search(text):
        return " ".join(dict.fromkeys(c for c in text if unicodedata.category(c) == "So"))
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    joined = re.sub(r"['’`´]", "", plain)
    return " ".join(re.sub(r"[^\w#]+", " ", joined).split())


def is_number(said: str) -> bool:
    """Whether a normalised text is the number of an answer, and nothing more: "option 2"."""
    return bool(_NUMBER.match(said))


def match(text: str, options: Sequence[Option], words: Words, strict: bool = False) -> Match | None:
    """The option that `text` means, or None when it means none or could mean several. `strict`: by its very words, not
    by its number and not by something similar."""
    said = normalise(text)
    if not said:
        return None
    phrases = [(option.id, phrase) for option in options for phrase in phrases_of(option)]
    return (
        _equal(said, phrases, EXACT)
        or (None if strict else _number(said, options) or _ordinal(said, options, words))
        or _equal(strip_words(said, words.filler), phrases, STRIPPED)
        or (None if strict else _fuzzy(strip_words(said, words.filler), phrases, words))
        or _contained(text, phrases, words)
    )


def mentioned(text: str, options: Sequence[Option], words: Words) -> str | None:
    """The one option whose words occur in `text`, however long it is; None when none does or several do."""
    phrases = [(option.id, phrase) for option in options for phrase in phrases_of(option)]
    found = _contained(text, phrases, words, _MAX_STORY_TOKENS, _NEGATION_REACH)
    return found.option if found else None


def starts_with_any(text: str, beginnings: tuple[str, ...]) -> str | None:
    """What remains of the normalised text after the longest of `beginnings`, or None when it starts with none."""
    said = normalise(text)
    for beginning in _longest_first(beginnings):
        if said == beginning or said.startswith(beginning + " "):
            return said[len(beginning) :].strip()
    return None


def strip_words(said: str, filler: tuple[str, ...]) -> str:
    """`said` without the filler phrases; all of it when nothing else would remain."""
    padded = f" {said} "
    for phrase in _longest_first(filler):
        padded = padded.replace(f" {phrase} ", " ")
    return " ".join(padded.split()) or said


# What authors wrote is read again and again, with every message: it is normalised once.
@lru_cache(maxsize=20_000)
def _longest_first(phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(map(normalise, phrases), key=len, reverse=True))


@lru_cache(maxsize=20_000)
def phrases_of(option: Option) -> tuple[str, ...]:
    """What means `option`, normalised, each once."""
    return tuple(dict.fromkeys(normalise(p) for p in (option.title.en, option.title.nl, *option.synonyms)))


def _equal(said: str, phrases: list[tuple[str, str]], score: float) -> Match | None:
    found = {option for option, phrase in phrases if phrase == said}
    return Match(found.pop(), score) if len(found) == 1 else None


def _number(said: str, options: Sequence[Option]) -> Match | None:
    found = _NUMBER.match(said)
    if found and 1 <= int(found[1]) <= len(options):
        return Match(options[int(found[1]) - 1].id, EXACT)
    return None


def _ordinal(said: str, options: Sequence[Option], words: Words) -> Match | None:
    """ "The second one"."""
    named = _places(words.ordinals)
    per_language = len(words.ordinals) // len(LANGUAGES)
    at = named.get(strip_words(said, words.article))
    if at is None or at % per_language >= len(options):
        return None
    return Match(options[at % per_language].id, EXACT)


@lru_cache(maxsize=100)
def _places(ordinals: tuple[str, ...]) -> dict[str, int]:
    return {normalise(word): at for at, word in enumerate(ordinals)}


def _fuzzy(said: str, phrases: list[tuple[str, str]], words: Words) -> Match | None:
    """The most similar phrase, of those that say yes or no alike and name the same numbers: "doet het niet" is no slip
    for "doet het nu", nor 1042 for 1043."""
    if len(said) > _FUZZY_MAX_LENGTH:
        return None
    best: dict[str, float] = {}
    negated, numbers = _negates(said, words), _DIGITS.findall(said)
    for option, phrase in phrases:
        alike = _negates(phrase, words) == negated and _DIGITS.findall(phrase) == numbers
        if alike and min(len(phrase), len(said)) >= _FUZZY_MIN_LENGTH:
            best[option] = max(best.get(option, 0.0), _similarity(said, phrase))
    ranked = sorted(best.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < _FUZZY_RATIO:
        return None
    if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < _FUZZY_MARGIN:
        return None
    return Match(ranked[0][0], FUZZY)


def _negates(phrase: str, words: Words) -> bool:
    return any(token in words.negation for token in phrase.split())


def _similarity(said: str, phrase: str) -> float:
    """0 when it cannot reach what is required: most phrases are nothing alike, and the exact ratio is dear."""
    matcher = SequenceMatcher(None, said, phrase, autojunk=False)
    least = _FUZZY_RATIO - _FUZZY_MARGIN
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    return matcher.ratio()


def _contained(
    text: str,
    phrases: list[tuple[str, str]],
    words: Words,
    limit: int = _MAX_CONTAINED_TOKENS,
    reach: int = _MAX_CONTAINED_TOKENS,
) -> Match | None:
    """The longest phrases win ("werkt nog niet" over "het werkt"). When they belong to several options the text is
    unclear ("yes, but it still does not work"), unless it begins with a no ("no, it is in the box"). A negation that is
    left over in a clause, `reach` words or fewer away, spoils what is said there ("it is not the cable")."""
    parts = clauses(text, words)
    if sum(map(len, parts)) > limit:
        return None
    options: set[str] = set()
    for number, clause in enumerate(parts):
        hits = _hits(clause, phrases)
        if number == 0 and any(hit.start == 0 and hit.option in _NEGATIVE for hit in hits):
            return Match(next(hit.option for hit in hits if hit.start == 0), CONTAINED)
        negations = _negations(clause, hits, words)
        for hit in hits:
            if hit.option in _NEGATIVE or not any(hit.start - reach <= at < hit.end + reach for at in negations):
                options.add(hit.option)
    return Match(options.pop(), CONTAINED) if len(options) == 1 else None


def clauses(text: str, words: Words, joined: Iterable[str] = ()) -> list[list[str]]:
    """The words of each clause: they end at punctuation and at "but", "because" and the like, except at `joined`."""
    parting = set(words.conjunction) - set(joined)
    found: list[list[str]] = []
    for part in re.split(r"[,.;:!?()\n]+", text):
        clause: list[str] = []
        for token in normalise(part).split():
            if token in parting:
                found.append(clause)
                clause = []
            else:
                clause.append(token)
        found.append(clause)
    return [clause for clause in found if clause]


def _hits(tokens: list[str], phrases: list[tuple[str, str]]) -> list[_Hit]:
    """Where phrases occur, the longest ones first; what overlaps a longer one is left out."""
    found: list[_Hit] = []
    for option, phrase in phrases:
        wanted = phrase.split()
        size = len(wanted) or len(tokens) + 1
        starts = range(len(tokens) - size + 1)
        found.extend(_Hit(option, start, start + size) for start in starts if tokens[start : start + size] == wanted)
    kept: list[_Hit] = []
    for hit in sorted(found, key=lambda h: (h.start - h.end, h.start)):
        if all(hit.end <= other.start or hit.start >= other.end for other in kept):
            kept.append(hit)
    return kept


def _negations(tokens: list[str], hits: list[_Hit], words: Words) -> list[int]:
    """Where a negation stands that is no part of a phrase."""
    covered = {i for hit in hits for i in range(hit.start, hit.end)}
    return [i for i, token in enumerate(tokens) if i not in covered and token in words.negation]
