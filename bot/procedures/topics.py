"""Which problems a message speaks of, by the classifier's ranking and by the words of the procedures themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.procedures.match import starts_with_any
from bot.procedures.mining import mined
from bot.procedures.model import Catalogue
from bot.procedures.opening import answered, told
from bot.procedures.state import Problem

Ranking = tuple[tuple[str, float], ...]
"""(intent, confidence), best first."""
SHOWN = 3
URGENT = 1
"""The urgency of procedures that wait for nothing: a security incident is not put off for a printer."""


@dataclass(frozen=True)
class Thresholds:
    """Confidences (0..1) from which an intent is acted upon."""

    start: float = 0.45
    """A procedure, while nothing is pending."""
    digress: float = 0.65
    """Another procedure, or an aside, while a question is pending."""
    command: float = 0.5
    certain: float = 0.9
    """What is no answer to an open question, for which any text is one."""
    topic: float = 0.08
    """Worth being offered as a button."""
    close: float = 0.6
    """How near the second topic is to the first (as a share of it) when the customer is asked which one it is."""
    several: float = 0.8
    """Each of several problems in one message."""


DEFAULT_THRESHOLDS = Thresholds()


@dataclass(frozen=True)
class Segment:
    """A part of a message that might be a problem of its own."""

    text: str
    ranking: Ranking
    entities: Mapping[str, str] = field(default_factory=dict)


def problem(
    catalogue: Catalogue, procedure: str, text: str, entities: Mapping[str, str], letter: bool = False
) -> Problem:
    """What to begin for `text`: with what it answers already. A `letter` tells a story and is read closely: what has
    been tried counts, and what is only mentioned does not."""
    if letter:
        return mined(catalogue, procedure, text, entities)
    return Problem(procedure, {**told(catalogue, procedure, text), **entities})


def ranked(catalogue: Catalogue, ranking: Ranking, least: float) -> list[tuple[str, float]]:
    """The procedures of a ranking from confidence `least` on, likeliest first."""
    found: dict[str, float] = {}
    for intent, confidence in ranking:
        procedure = catalogue.by_intent(intent)
        if procedure is not None and confidence >= least:
            found[procedure] = found.get(procedure, 0.0) + confidence
    return sorted(found.items(), key=lambda each: -each[1])


def close(catalogue: Catalogue, ranking: Ranking, thresholds: Thresholds, least: float) -> tuple[str, ...]:
    """The topics that are too near each other to choose, `least` likely together; empty when one leads, or when
    something else does."""
    found = ranked(catalogue, ranking, thresholds.topic)
    if len(found) < 2 or catalogue.by_intent(ranking[0][0]) is None:
        return ()
    near = [each for each in found if each[1] >= thresholds.close * found[0][1]][:SHOWN]
    together = sum(confidence for _, confidence in near)
    return tuple(name for name, _ in near) if len(near) > 1 and together >= least else ()


def problems(
    catalogue: Catalogue, segments: Iterable[Segment], thresholds: Thresholds, letter: bool = False
) -> tuple[Problem, ...]:
    """What the parts of a message speak of: the urgent problems first, then as they were told, but those last
    whose "it" has to be guessed."""
    found: dict[str, Segment] = {}
    for segment in segments:
        likely = _likeliest(catalogue, segment, thresholds)
        if likely:
            found.setdefault(likely, segment)
    # A mail's parts are those that announce another problem: none of them explains one.
    names = [name for name in found if letter or not _explains_another(catalogue, name, found)]
    names.sort(key=lambda name: refers(catalogue, found[name].text))
    return urgent_first(catalogue, (_told_in(catalogue, name, found[name], letter) for name in names))


def _told_in(catalogue: Catalogue, name: str, segment: Segment, letter: bool) -> Problem:
    return replace(problem(catalogue, name, segment.text, segment.entities, letter), said=segment.text.strip())


def refers(catalogue: Catalogue, text: str) -> bool:
    """Whether a clause says no more of what it is about than "it"."""
    return starts_with_any(text, catalogue.words.pronoun) is not None


def urgent_first(catalogue: Catalogue, found: Iterable[Problem]) -> tuple[Problem, ...]:
    """What cannot wait before the others, which stay as they were told."""
    return tuple(sorted(found, key=lambda each: catalogue.procedures[each.procedure].urgency != URGENT))


def _likeliest(catalogue: Catalogue, segment: Segment, thresholds: Thresholds) -> str | None:
    """The procedure of a part that is surely a problem; which one of two near ones it is may be a guess, for it can be
    declined when its turn comes."""
    if catalogue.by_intent(segment.ranking[0][0]) is None:
        return None
    found = ranked(catalogue, segment.ranking, thresholds.topic)
    together = sum(confidence for _, confidence in found)
    return found[0][0] if found and together >= thresholds.several and found[0][1] >= together / 2 else None


def _explains_another(catalogue: Catalogue, name: str, found: Mapping[str, Segment]) -> bool:
    """ "I have a new phone, and my authenticator is gone": the first part answers a question about the second."""
    return any(
        answered(catalogue, (other,), found[name].text) and not answered(catalogue, (name,), found[other].text)
        for other in found
        if other != name
    )


def several(catalogue: Catalogue, segments: Iterable[Segment], thresholds: Thresholds) -> tuple[Problem, ...]:
    """Two or more problems of one message; nothing when there is one."""
    found = problems(catalogue, segments, thresholds)
    return found if len(found) > 1 else ()
