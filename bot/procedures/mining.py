"""A first mail that tells the whole story: what it answers, and what has been tried. Pure.

Precise rather than complete: what is not found is asked, what is found wrongly sends somebody the wrong way for a day.
What is asked, supposed or only planned in the mail does not count; a time counts as "since when" only as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from bot.procedures.match import clauses, mentioned, normalise
from bot.procedures.model import Ask, Catalogue, Instruct, Option, Text
from bot.procedures.opening import procedures_of, questions
from bot.procedures.state import Problem, Spot

SINCE_FACT = "since_when"
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+")
_GAP = r"(?: \S+){0,4} "
_NOTHING = Text("", "")
_TELLING = 3
"""Words of an expression of time that says by itself that something began: "yesterday it worked"."""


def mined(catalogue: Catalogue, procedure: str, text: str, entities: Mapping[str, str]) -> Problem:
    """The problem that a mail tells of, with its answers, and with the instructions that it has carried out in vain.
    `entities`: what the lexicon found in it."""
    told = "\n".join(_statements(text))
    names = procedures_of(catalogue, procedure)
    facts: dict[str, str] = {}
    for step in questions(catalogue, names):
        option = mentioned(told, _options(catalogue, step), catalogue.words)
        if option is not None:
            facts[step.fact or ""] = option
    return Problem(procedure, {**facts, **entities}, tuple(_done(catalogue, names, told)))


def asked(catalogue: Catalogue, problem: Problem) -> list[tuple[Spot, str]]:
    """(question, answer) of what is known of a problem, by the first question of its procedures that asks for it."""
    found: dict[str, tuple[Spot, str]] = {}
    for name in procedures_of(catalogue, problem.procedure):
        for step in catalogue.procedures[name].steps.values():
            fact = step.fact if isinstance(step, Ask) and not step.anew else None
            if fact is not None and fact in problem.facts:
                found.setdefault(fact, (Spot(name, step.id), problem.facts[fact]))
    return list(found.values())


def says_since(catalogue: Catalogue, said: str, before: str) -> bool:
    """Whether an expression of time tells since when something is so, not only when something else was. `before`: what
    stands in front of it."""
    near = [*normalise(before).split()[-2:], *normalise(said).split()]
    return len(normalise(said).split()) >= _TELLING or not set(catalogue.words.since).isdisjoint(near)


def _statements(text: str) -> Iterator[str]:
    """The sentences that ask nothing."""
    return (part.strip() for part in _SENTENCES.split(text) if part.strip() and not part.rstrip().endswith("?"))


def _options(catalogue: Catalogue, step: Ask) -> list[Option]:
    if step.fact != SINCE_FACT:
        return list(step.opening)
    since = set(catalogue.words.since)
    dated = (
        [p for p in (o.title.en, o.title.nl, *o.synonyms) if set(normalise(p).split()) & since] for o in step.opening
    )
    return [replace(o, title=_NOTHING, synonyms=tuple(own)) for o, own in zip(step.opening, dated, strict=True)]


def _done(catalogue: Catalogue, names: tuple[str, ...], told: str) -> Iterator[Spot]:
    said = [" ".join(clause) for clause in _past(catalogue, told)]
    for name in names:
        for step in catalogue.procedures[name].steps.values():
            phrases = step.already if isinstance(step, Instruct) else ()
            if any(_expression(phrase).search(clause) for phrase in phrases for clause in said):
                yield Spot(name, step.id)


@cache
def _expression(phrase: str) -> re.Pattern[str]:
    """ "restarted … laptop": a few words may stand where the dots are."""
    return re.compile(rf"\b{_GAP.join(re.escape(normalise(part)) for part in phrase.split('…'))}\b")


def _past(catalogue: Catalogue, told: str) -> Iterator[list[str]]:
    """The clauses that may say what was done: nothing denied, wished or supposed. That it was in vain is left out."""
    words = catalogue.words
    vain = sorted((*words.tried_failed, *words.tried_still), key=len, reverse=True)
    barred = {*words.negation, *words.tried_nothing, *words.mined_not}
    for clause in clauses(told, words, joined=words.tried_and):
        plain = f" {' '.join(clause)} "
        for phrase in vain:
            plain = plain.replace(f" {phrase} ", " ")
        if barred.isdisjoint(plain.split()):
            yield plain.split()
