"""What a text may mean, without Rasa's classifier: the sentences of `data/nlu` and `words.yml`, word by word.

Only a sentence that is written there is sure of its intent. Any other resembles the procedures a little, enough for the
assistant to offer them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from bot.procedures.match import normalise
from bot.procedures.model import Catalogue
from bot.procedures.reading import NO_ASIDES
from bot.procedures.topics import Ranking

NLU = Path("data/nlu")
_WORDS = Path(__file__).with_name("words.yml")
_SURE, _POSSIBLE = 1.0, 0.4
"""Confidences: above every threshold of `reading.Thresholds`, and below those that act upon an intent."""
_LIKENESS = 0.3
"""The share of two sentences' words that they have in common, from which on they may mean the same."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is there
_ANNOTATED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


class Guesser:
    """Knows the sentences of every intent. `commands`: what stands behind the colon of `:back`, and its intent;
    `asides`: the intents that Rasa answers, and with what."""

    def __init__(self, catalogue: Catalogue, nlu: Path = NLU) -> None:
        words = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
        self.commands: Mapping[str, str] = words["commands"]
        self._intents: dict[str, str] = {}
        own: dict[str, list[frozenset[str]]] = {}
        for intent, sentence in (*_own(catalogue), *_listed(words["plain"]), *_trained(nlu)):
            said = normalise(sentence)
            self._intents.setdefault(said, intent)
            if catalogue.by_intent(intent):
                own.setdefault(intent, []).append(frozenset(said.split()))
        self._own = own
        others = {*self._intents.values()} - own.keys() - NO_ASIDES
        self.asides: Mapping[str, str] = {intent: f"utter_{intent}" for intent in others}

    def command(self, name: str) -> Ranking:
        """What `:name` means. Raises KeyError when there is no such command."""
        return ((self.commands[name], _SURE),)

    def ranking(self, text: str) -> Ranking:
        """The intent whose sentence this is; else the procedures whose sentences are like it."""
        said = normalise(text) or text.strip()
        if said in self._intents:
            return ((self._intents[said], _SURE),)
        words = frozenset(said.split())
        alike = {intent: max(_likeness(words, each) for each in sentences) for intent, sentences in self._own.items()}
        likely = [(intent, _POSSIBLE * share) for intent, share in alike.items() if share >= _LIKENESS]
        return tuple(sorted(likely, key=lambda pair: -pair[1]))


def sure(intent: str) -> Ranking:
    """As if the classifier had no doubt."""
    return ((intent, _SURE),)


def _own(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """What the procedures say of themselves."""
    for procedure in catalogue.procedures.values():
        for intent in procedure.intents[:1]:
            yield intent, procedure.id
            yield intent, procedure.title.en
            yield intent, procedure.title.nl
            for sentences in procedure.examples.values():
                yield from ((intent, sentence) for sentence in sentences)


def _listed(plain: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    for intent, sentences in plain.items():
        yield from ((intent, sentence) for sentence in sentences)


def _trained(nlu: Path) -> Iterator[tuple[str, str]]:
    """Rasa's examples: a text with a sentence behind each dash."""
    for file in sorted(nlu.glob("*.yml")):
        for block in (yaml.load(file.read_bytes(), _LOADER) or {}).get("nlu", ()):  # noqa: S506  it is a safe one
            for line in block["examples"].splitlines() if "intent" in block else ():
                yield block["intent"], _ANNOTATED.sub(r"\1", line.strip().removeprefix("- "))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one | other) or 1)
