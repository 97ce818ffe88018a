"""The measuring half of `python -m bench.nlu`; it needs scikit-learn and runs in the engine's environment.

.venv-engine/bin/python -m bench.nlu_measure ours|diet [EVERY]     prints one JSON object
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from bench.nlu_data import OUT_OF_SCOPE, REAL_SETS, Message, Sentence, real, sentences
from bot.ranking import IntentRanker, Limits, Model
from bot.segments import Segmenter
from bot.text_model import Settings, TextModel
from bot.topics import Topics

THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
_FOLDS = 5
_TOPICS = Topics.read()
Train = Callable[[Sequence[Sentence]], Model]


@dataclass(frozen=True)
class Verdict:
    """What a message was taken for. `topic`: None for what has none; `chance`: of that topic, or of that label."""

    topic: str | None
    chance: float

    def refused(self, threshold: float) -> bool:
        return self.topic == OUT_OF_SCOPE or self.chance < threshold


@dataclass
class Rated:
    """Messages with what they were taken for."""

    pairs: list[tuple[Message, Verdict]] = field(default_factory=list)

    def inside(self) -> list[tuple[Message, Verdict]]:
        return [(message, verdict) for message, verdict in self.pairs if message.in_scope]

    def outside(self) -> list[tuple[Message, Verdict]]:
        return [(message, verdict) for message, verdict in self.pairs if not message.in_scope]

    def summary(self, threshold: float) -> dict[str, Any]:
        """Shares; None where the set has no such messages."""
        inside, outside = self.inside(), self.outside()
        return {
            "in_scope": len(inside),
            "right": _share(verdict.topic in message.topics for message, verdict in inside),
            "refused": _share(
                verdict.refused(threshold) and OUT_OF_SCOPE not in message.topics for message, verdict in inside
            ),
            "out_of_scope": len(outside),
            "noticed": _share(verdict.refused(threshold) for _, verdict in outside),
            "taken_for_a_problem": _share(
                not verdict.refused(threshold) and verdict.topic in _PROBLEMS for _, verdict in outside
            ),
        }

    def f1(self) -> dict[str, float]:
        """Per topic; what has no topic counts as one of its own."""
        wanted = [message.topics[0] for message, _ in self.pairs]
        found = [verdict.topic or "none" for _, verdict in self.pairs]
        return {topic: round(_f1(topic, wanted, found), 3) for topic in sorted(set(wanted))}


_PROBLEMS = {_TOPICS.topic(intent) for intent in _TOPICS.of if _TOPICS.is_problem(intent)}


def measure(train: Train, folds: int, every: int) -> dict[str, Any]:
    """All numbers of one kind of model, trained on every `every`-th sentence. `folds` of cross-validation; 0 leaves it
    out, it may take an hour."""
    ours = sentences()[::every]
    started = time.monotonic()
    ranker = _ranker(train(ours))
    seconds = time.monotonic() - started
    sets = {name: Rated([(each, _verdict(ranker, each.text)) for each in real(name)]) for name in REAL_SETS}
    threshold = Limits().threshold
    texts = [each.text for each in ours][::7]
    return {
        "sentences": len(ours),
        "labels": len({each.label for each in ours}),
        "training_seconds": round(seconds, 1),
        "threshold": threshold,
        "cross_validation": _cross_validation(ours, train, folds) if folds else None,
        "real": {name: rated.summary(threshold) for name, rated in sets.items() if rated.pairs},
        "real_f1": {name: rated.f1() for name, rated in sets.items() if rated.pairs and rated.inside()},
        "curve": {
            str(limit): {name: rated.summary(limit) for name, rated in sets.items() if rated.pairs}
            for limit in THRESHOLDS
        },
        "latency_ms": _latency(ranker, texts),
    }


def _cross_validation(ours: Sequence[Sentence], train: Train, folds: int) -> dict[str, Any]:
    rated: dict[str, Rated] = {"en": Rated(), "nl": Rated()}
    for fold in range(folds):
        ranker = _ranker(train([each for at, each in enumerate(ours) if at % folds != fold]))
        for each in ours[fold::folds]:
            wanted = Message(each.text, (_topic(each.label),), each.language)
            rated[each.language].pairs.append((wanted, _verdict(ranker, each.text)))
    found = {}
    for language, those in rated.items():
        f1 = those.f1()
        right = _share((verdict.topic or "none") == message.topics[0] for message, verdict in those.pairs)
        found[language] = {"right": right, "f1": f1, "macro_f1": round(sum(f1.values()) / len(f1), 3)}
    return found


def _topic(label: str) -> str:
    return _TOPICS.topic(label) or "none"


def _verdict(ranker: IntentRanker, text: str) -> Verdict:
    return Verdict(*ranker.leading(text))


def _ranker(model: Model) -> IntentRanker:
    return IntentRanker(model, _TOPICS, Segmenter.read(), Limits())


def _share(found: Iterator[bool] | Any) -> float | None:
    all_of_them = list(found)
    return round(sum(all_of_them) / len(all_of_them), 4) if all_of_them else None


def _f1(topic: str, wanted: Sequence[str], found: Sequence[str]) -> float:
    hits = sum(a == b == topic for a, b in zip(wanted, found, strict=True))
    return 2 * hits / (wanted.count(topic) + found.count(topic)) if hits else 0.0


def _latency(ranker: IntentRanker, texts: Sequence[str]) -> dict[str, float]:
    """Of everything that is done to a message: language, intents, parts, entities."""
    from bot.language_model import LanguageModel, Margins
    from bot.lexicon import Lexicon

    lexicon, language = Lexicon.read(), LanguageModel.train((each.text, each.language) for each in sentences())
    times = []
    for text in texts:
        started = time.perf_counter()
        language.decide(text, None, Margins())
        ranker.ranking(text)
        ranker.segments(text)
        lexicon.find(text)
        times.append((time.perf_counter() - started) * 1000)
    return {"p50": round(median(times), 2), "p95": round(quantiles(times, n=20)[18], 2), "max": round(max(times), 2)}


def train_ours(examples: Sequence[Sentence]) -> Model:
    """As config.yml does, which changes no setting."""
    return TextModel.train([each.text for each in examples], [each.label for each in examples], Settings())


def main(kind: str, every: int = 1) -> None:
    with _only_json() as out:
        if kind == "diet":
            from bench.nlu_diet import train_diet

            found = measure(train_diet, folds=0, every=every)
        else:
            found = measure(train_ours, _FOLDS, every)
        print(json.dumps(found), file=out)


@contextlib.contextmanager
def _only_json() -> Iterator[Any]:
    """Rasa and TensorFlow print what they like: it goes to standard error."""
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        yield out


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
