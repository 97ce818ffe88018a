"""What a customer says of instructions that were told as a numbered list: "2", "the second one helped", "none of it
worked", "I did 1 and 2, at 3 I get an error". Pure; the words are in `texts/words.yml`, keys `tried_…`.

    text ─► sentences ─► clauses: which numbers, and what is said of them ─► a result for each, from the first on

Precise rather than clever: what contradicts itself, or asks something, says nothing (None), and is read as usual.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.procedures.effects import CANNOT, DID, FAILED, WORKED
from bot.procedures.match import clauses, normalise
from bot.procedures.model import LANGUAGES
from bot.procedures.words import Words

_NOT_YET = "not yet"
_SHORT = 12
"""Words of a message that speaks of the list as a whole, although it names no number."""
_LISTED = re.compile(r"(?m)^[ \t]*((?:(?:step|stap)[ \t]*)?\d{1,2})[ \t]*[.):]+")
_RANGE = re.compile(r"\b(\d{1,2})\s*(?:-|–|t/m|tm|to|tot en met|tot|through)\s*(\d{1,2})\b")
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+")


@dataclass
class _Heard:
    """What the message says so far. Numbers count from 0."""

    results: dict[int, str] = field(default_factory=dict)
    bare: set[int] = field(default_factory=set)
    whole: list[str] = field(default_factory=list)
    """What is said without naming a number."""
    unclear: bool = False
    """It contradicts itself, or says what is not done yet."""
    asks: bool = False

    def note(self, numbers: Iterable[int], result: str) -> None:
        for number in numbers:
            known = self.results.get(number)
            self.unclear |= {known, result} in ({WORKED, FAILED}, {WORKED, CANNOT})
            if known is None or known == DID:
                self.results[number] = result


def tried(text: str, count: int, words: Words) -> tuple[str, ...] | None:
    """What became of the first instructions of a list of `count`: WORKED, FAILED, DID or CANNOT of each.

    Those before one that is named were done as they were told to: they did not help, or nobody would have gone on.
    None: the message does not say.
    """
    heard = _Heard()
    for sentence in _sentences(text):
        if sentence.rstrip().endswith("?"):
            heard.asks = True  # "how do I do step 2?" says nothing of it
            continue
        _listen(sentence, count, words, heard)
    if heard.unclear:
        return None
    if heard.results:
        return _by_number(heard, count)
    if heard.bare:
        return _only(heard, len(heard.bare) == 1 and not heard.whole)
    return None if heard.asks else _as_a_whole(heard, count, len(normalise(text).split()))


def _sentences(text: str) -> list[str]:
    plain = _RANGE.sub(_expanded, _LISTED.sub(r"\1 ", text))
    return [part for part in _SENTENCES.split(plain) if part.strip()]


def _expanded(found: re.Match[str]) -> str:
    first, last = int(found[1]), int(found[2])
    return " and ".join(map(str, range(first, last + 1))) if first < last <= first + 9 else found[0]


def _listen(sentence: str, count: int, words: Words, heard: _Heard) -> None:
    """Numbers without a word of their own belong to what is said next in the sentence ("1, 2 and 3 did not help"), else
    to what was said before ("I did 1, 2 and 3")."""
    waiting: set[int] = set()
    before: str | None = None
    for clause in clauses(sentence, words, joined=words.tried_and):
        numbers = set(_numbers(clause, count, words))
        result = _result(clause, words, bool(numbers | waiting))
        heard.unclear |= result == _NOT_YET
        if result is None:
            waiting |= numbers
            continue
        if numbers | waiting:
            heard.note(numbers | waiting, result)
        else:
            heard.whole.append(result)
        waiting, before = set(), result
    if waiting and before is not None:
        heard.note(waiting, before)
    elif waiting and _says_nothing_else(sentence, words):
        heard.bare |= waiting


def _numbers(clause: list[str], count: int, words: Words) -> Iterator[int]:
    """The steps that a clause names: "2", "step 2", "the second one", "all of them"."""
    padded = f" {' '.join(clause)} "
    if any(f" {phrase} " in padded for phrase in words.tried_all):
        yield from range(count)
        return
    ordinals = {word: at % (len(words.ordinals) // len(LANGUAGES)) for at, word in enumerate(words.ordinals)}
    for at, token in enumerate(clause):
        before = clause[at - 1] if at else ""
        after = clause[at + 1] if at + 1 < len(clause) else ""
        if token.isdecimal() and len(token) < 4 and 1 <= int(token) <= count:
            if (not before or before in words.tried_before) and after not in words.tried_units:
                yield int(token) - 1
        elif (before in words.article or after in words.tried_step) and (
            token in words.tried_last or ordinals.get(token, count) < count
        ):
            yield ordinals.get(token, count - 1)


def _result(clause: list[str], words: Words, named: bool) -> str | None:
    """What is said of the steps that are named, or of the list; None: nothing."""
    padded = f" {' '.join(clause)} "

    def says(phrases: Iterable[str]) -> bool:
        return any(f" {phrase} " in padded for phrase in phrases)

    negated = says((*words.negation, *words.tried_nothing))
    if says(words.tried_still):
        return FAILED
    if says(words.tried_cannot):
        return CANNOT
    if says(words.tried_error):
        return None if negated else CANNOT  # "no error any more"
    if says(words.tried_failed):
        return FAILED
    if says(words.tried_worked):
        return FAILED if negated else WORKED
    if says(words.tried_did):
        return _NOT_YET if negated else DID
    return FAILED if says(words.tried_nothing) and (named or _nothing_else(clause, words)) else None


def _nothing_else(clause: list[str], words: Words) -> bool:
    """A no that is about the list: "none of them", not "no problem"."""
    known = {*words.tried_nothing, *words.tried_filler, *words.tried_before, *words.tried_step}
    return known.issuperset(clause)


def _says_nothing_else(sentence: str, words: Words) -> bool:
    """Nothing but a number, and words around it: "after step 2"."""
    neutral = {*words.tried_before, *words.tried_step, *words.ordinals, *words.tried_last, *words.article}
    return all(token.isdecimal() or token in neutral for token in normalise(sentence).split())


def _only(heard: _Heard, sure: bool) -> tuple[str, ...] | None:
    """A number alone answers the question: after which one it works."""
    return (*(FAILED for _ in range(max(heard.bare))), WORKED) if sure else None


def _by_number(heard: _Heard, count: int) -> tuple[str, ...] | None:
    results = dict(heard.results)
    last = max(results)
    if WORKED in heard.whole:  # "I did 1 and 2. It works now."
        if FAILED in heard.whole or set(results.values()) != {DID}:
            return None
        results[last] = WORKED
    if FAILED in heard.whole:  # "step 1 worked fine, but it still does not print"
        results = {number: FAILED if result in (WORKED, DID) else result for number, result in results.items()}
    worked = [number for number, result in results.items() if result == WORKED]
    until = max(worked) if worked else last
    results |= {number: FAILED for number in worked if number < until}  # "1 and 2 helped": since the later one
    return tuple(_settled(results.get(number, FAILED), number, count) for number in range(until + 1))


def _settled(result: str, number: int, count: int) -> str:
    """Whoever says only that they did it would have stopped there, had it helped; of the last nobody knows."""
    return FAILED if result == DID and number < count - 1 else result


def _as_a_whole(heard: _Heard, count: int, length: int) -> tuple[str, ...] | None:
    said = set(heard.whole)
    if length > _SHORT or len(said) != 1:
        return (FAILED,) * count if said == {DID, FAILED} and length <= 2 * _SHORT else None
    if said == {FAILED}:
        return (FAILED,) * count
    if said == {DID}:
        return (*(FAILED,) * (count - 1), DID)
    return (CANNOT,) if said == {CANNOT} and count == 1 else None
