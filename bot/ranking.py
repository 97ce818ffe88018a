"""From a text model to what the product works with: intents, a fallback, topics, and the parts of a message.

Pure but for the model; the classifier in Rasa's graph, `python -m bot understand` and the benchmark share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.segments import Segmenter
from bot.topics import SEPARATOR, Topics

Ranked = Sequence[tuple[str, float]]
"""(label, probability), best first."""
_SHOWN = 5
_FEWEST_SEGMENTS = 2


class Model(Protocol):
    """What ranks labels: `bot.text_model.TextModel`, or something to compare it with."""

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Return every label with its probability, best first; nothing when the text says nothing."""


@dataclass(frozen=True)
class Limits:
    """`threshold`: the least probability of a topic that counts as understood; below it `fallback` leads. `sentence`:
    of an intent, for a sentence to be a problem of its own rather than part of the story before it."""

    threshold: float = 0.35
    fallback: str = "nlu_fallback"
    sentence: float = 0.9
    whole: float = 0.6
    """Of the likeliest intent of a mail: below it, its sentences are asked too."""
    speaks: float = 0.6
    """Of an intent, for a sentence of a mail to have a say in it."""


_FIRST = 3.0
"""How much more than another one the first sentence of a mail says that speaks of trouble: people begin with the matter
and go on with what they tried."""


class IntentRanker:
    """Safe to share between threads."""

    def __init__(self, model: Model, topics: Topics, segmenter: Segmenter, limits: Limits) -> None:
        self._model = model
        self._topics = topics
        self._segmenter = segmenter
        self._limits = limits

    def ranking(self, text: str) -> list[dict[str, Any]]:
        """Return {name, confidence} of all intents, best first; {topic} too where an intent's sentences name one.

        What stands on the line is the whole topic: a message that is surely about Wi-Fi, but could begin three
        procedures, is understood.
        """
        return self._with_fallback(self._model.rank(text))

    def _with_fallback(self, ranked: Ranked) -> list[dict[str, Any]]:
        ranking = self._intents(ranked)
        if not ranked or max(self.topic(ranked)[1], ranking[0]["confidence"]) < self._limits.threshold:
            ranking.insert(0, {"name": self._limits.fallback, "confidence": self._limits.threshold})
        return ranking

    def letter(self, text: str) -> list[dict[str, Any]]:
        """Return the ranking of a mail. Where the whole is not sure, for it tells a long story, half of it is what its
        sentences say that surely speak of trouble. What announces another problem (`letter_segments`) has no say."""
        text = self._matter(text)
        ranked = self._model.rank(text)
        whole = self._intents(ranked)
        if whole and whole[0]["confidence"] < self._limits.whole:
            said = self._said(text)
            if said:
                alone = dict(ranked)
                mixed = {label: (alone.get(label, 0.0) + said.get(label, 0.0)) / 2 for label in {*alone, *said}}
                ranked = sorted(mixed.items(), key=lambda each: (-each[1], each[0]))
        return self._with_fallback(ranked)

    def _matter(self, text: str) -> str:
        """What the mail is about first: what stands before another problem is announced. Where nothing there speaks of
        trouble ("I have two problems:"), the first that is announced is no other one."""
        sentences = self._segmenter.sentences(text)
        own = [each.text for each in sentences if not each.further]
        if not own or len(own) == len(sentences):
            return text
        if not any(self._speaks(self._model.rank(each)) for each in own):
            listed = (each.text for each in sentences if each.further and self._speaks(self._model.rank(each.text)))
            return next(listed, "\n".join(own))
        return "\n".join(own)

    def _speaks(self, ranked: Ranked) -> bool:
        """Whether a sentence that is ranked so surely speaks of trouble."""
        first = next(iter(self._intents(ranked)), None)
        sure = first is not None and first["confidence"] >= self._limits.speaks
        return first is not None and sure and self._topics.is_problem(first["name"])

    def _said(self, text: str) -> dict[str, float]:
        """The mean of the sentences of a mail that speak of trouble; nothing when none does."""
        found: dict[str, float] = {}
        total = 0.0
        for sentence in self._segmenter.sentences(text):
            ranked = self._model.rank(sentence.text)
            if not self._speaks(ranked):
                continue
            weight = 1.0 if total else _FIRST
            total += weight
            for label, chance in ranked:
                found[label] = found.get(label, 0.0) + weight * chance
        return {label: chance / total for label, chance in found.items()}

    def letter_segments(self, text: str) -> list[dict[str, Any]]:
        """Like `segments`, of a mail: the sentences that announce another problem, and what stands behind an answer.
        Everything else goes on with the story of the first."""
        announced = [each for each in self._segmenter.sentences(text) if each.further]
        return [
            {"text": each.text, "start": each.start, "ranking": ranking[:_SHOWN]}
            for each in announced or self._segmenter.besides(text)
            for ranking in [self.ranking(each.text)]
            if self._topics.is_problem(ranking[0]["name"])
        ]

    def leading(self, text: str) -> tuple[str | None, float]:
        """Return the likeliest topic of `text` and its probability; None for what has no topic."""
        return self.topic(self._model.rank(text))

    def segments(self, text: str) -> list[dict[str, Any]]:
        """Return {text, start, ranking} of the clauses that speak of trouble with IT; nothing when there are fewer
        than two, unless the one stands behind a few words that may be an answer. Half of the sentences that only go on
        with a story would pass without `Limits.sentence`."""
        clauses, behind = self._segmenter.clauses(text), self._segmenter.besides(text)
        if len(clauses) < _FEWEST_SEGMENTS and not behind:
            return []
        found = [
            {"text": clause.text, "start": clause.start, "ranking": ranking[:_SHOWN]}
            for at, clause in enumerate(clauses)
            for ranking in [self.ranking(clause.text)]
            if self._topics.is_problem(ranking[0]["name"])
            and (at == 0 or clause.further or ranking[0]["confidence"] >= self._limits.sentence)
        ]
        return found if len(found) >= _FEWEST_SEGMENTS or behind else []

    def topic(self, ranked: Ranked) -> tuple[str | None, float]:
        """Return the likeliest topic and its probability; None for labels that have no topic."""
        name, confidence = next(iter(self._topics.sums(ranked).items()), (None, 0.0))
        return (name if name in self._topics.names else None), confidence

    def _intents(self, ranked: Ranked) -> list[dict[str, Any]]:
        intents: dict[str, dict[str, Any]] = {}
        for label, chance in ranked:
            name, _, topic = label.partition(SEPARATOR)
            intent = intents.setdefault(name, {"name": name, "confidence": 0.0, **({"topic": topic} if topic else {})})
            intent["confidence"] += chance
        return sorted(intents.values(), key=lambda intent: -intent["confidence"])


def label_of(intent: str, topic: str | None) -> str:
    """What the model learns for a sentence: its intent, and the topic of its own when it names one."""
    return f"{intent}{SEPARATOR}{topic}" if topic else intent
