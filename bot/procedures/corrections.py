"""Second thoughts: which earlier answer a message takes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.procedures import commands as c
from bot.procedures.match import CONTAINED, FUZZY, Match, match, mentioned, normalise
from bot.procedures.model import TURN_STEPS, Ask, Catalogue, TurnStep
from bot.procedures.state import Run, Visit


def another_answer(catalogue: Catalogue, run: Run, rest: str, least: float) -> c.Correct | c.GoBack | None:
    """`rest` (what follows "sorry, I meant") answers the latest of the earlier questions that it can answer, with a
    match of `least` (0..1)."""
    if rest in catalogue.words.other:
        return the_other(catalogue, run, rest)
    for index, visit, step in _visited(catalogue, run):
        options = [choice.option for choice in step.choices]
        found = told_in(catalogue, rest, step) or match(rest, options, catalogue.words)
        if found is not None and found.score >= least and found.option != visit.answer:
            return c.Correct(run.id, index, found.option)
    return None


def earlier(catalogue: Catalogue, run: Run, text: str) -> c.Correct | None:
    """A text that is exactly an answer to one earlier question (other than yes and no) corrects that one."""
    for index, visit, step in _visited(catalogue, run):
        if isinstance(step, Ask):
            found = match(text, [choice.option for choice in step.choices], catalogue.words)
            if found and found.score >= FUZZY and found.option not in ("yes", "no", visit.answer):
                return c.Correct(run.id, index, found.option)
    return None


def the_other(catalogue: Catalogue, run: Run, rest: str) -> c.Correct | c.GoBack | None:
    """ "The other printer": of two answers the one not taken; else that question is asked again. It is the latest
    question whose label has to do with what is said."""
    if set(rest.split()).isdisjoint(catalogue.words.other):
        return None
    asked = [each for each in _visited(catalogue, run) if each[1].asked]
    about = set(rest.split())
    ours = [each for each in asked if about & _label_words(each[2])] or asked
    if not ours:
        return None
    index, visit, step = ours[0]
    others = [choice.option.id for choice in step.choices if choice.option.id != visit.answer]
    return c.Correct(run.id, index, others[0]) if len(others) == 1 else c.GoBack(index)


def told_anew(catalogue: Catalogue, run: Run, rest: str, entities: Mapping[str, str]) -> c.Correct | None:
    """ "I meant room 3.02": another answer to the open question that asked for this kind of thing."""
    for index, visit, step in _visited(catalogue, run):
        if isinstance(step, Ask) and not step.choices and step.fact in entities and rest != visit.answer:
            return c.Correct(run.id, index, rest)
    return None


def told_in(catalogue: Catalogue, text: str, step: TurnStep) -> Match | None:
    """What would have answered the question in the first message answers it later too."""
    option = mentioned(text, step.opening, catalogue.words) if isinstance(step, Ask) else None
    return Match(option, CONTAINED) if option else None


def _visited(catalogue: Catalogue, run: Run) -> Iterator[tuple[int, Visit, TurnStep]]:
    """(index, visit, step) of the questions answered so far, the latest first."""
    for index, visit in reversed(list(enumerate(run.visits))):
        step = catalogue.step(*visit.spot)
        if not visit.superseded and isinstance(step, TURN_STEPS):
            yield index, visit, step


def _label_words(step: TurnStep) -> set[str]:
    return set(normalise(f"{step.label.en} {step.label.nl}").split()) if step.label else set()
