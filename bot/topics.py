"""What intents are about: `bot/topics.yml`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

DEFAULT_PATH = Path(__file__).with_name("topics.yml")
SEPARATOR = "/"
"""Between an intent and the topic of its own that some of its sentences have: `other_problem/phone_mobile`."""


@dataclass(frozen=True)
class Topics:
    """`of`: intent -> topic; `names`: all topics; `conversation`: the intents that are no problem with IT."""

    of: Mapping[str, str]
    names: frozenset[str]
    conversation: frozenset[str]

    @classmethod
    def read(cls, path: Path = DEFAULT_PATH) -> Topics:
        """Read a file as `topics.yml`. Raises OSError, yaml.YAMLError, ValueError for an intent that is named twice."""
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        groups = {**content["problems"], **content["conversation"]}
        named = [intent for intents in (*groups.values(), *content["none"].values()) for intent in intents]
        twice = {intent for intent in named if named.count(intent) > 1}
        if twice:
            raise ValueError(f"{path.name}: named twice: {', '.join(sorted(twice))}")
        talk = [*content["conversation"].values(), content["none"]["conversation"]]
        return cls(
            {intent: topic for topic, intents in groups.items() for intent in intents},
            frozenset(groups),
            frozenset(intent for intents in talk for intent in intents),
        )

    def topic(self, label: str) -> str | None:
        """The topic of an intent, or of an intent with a topic of its own; None when there is none."""
        intent, _, own = label.partition(SEPARATOR)
        return own or self.of.get(intent)

    def is_problem(self, intent: str) -> bool:
        """Whether a customer who says this has trouble with IT; an intent that nobody listed is a procedure's."""
        return intent.partition(SEPARATOR)[0] not in self.conversation

    def sums(self, ranking: Iterable[tuple[str, float]]) -> dict[str, float]:
        """Topic -> the confidence of all its labels together; what has no topic stands for itself, likeliest first."""
        found: dict[str, float] = {}
        for label, confidence in ranking:
            topic = self.topic(label) or label
            found[topic] = found.get(topic, 0.0) + confidence
        return dict(sorted(found.items(), key=lambda each: -each[1]))
