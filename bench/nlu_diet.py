"""DIET, trained by Rasa on the same sentences, behind the interface of our own model."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.nlu_data import Sentence
from bot.topics import SEPARATOR

CONFIG = Path(__file__).with_name("config_diet.yml")
_JOINT = "+"
"""Instead of the separator, which means a retrieval intent to Rasa."""


class Diet:
    """A trained model of Rasa's; ranks like `bot.text_model.TextModel`."""

    def __init__(self, archive: str) -> None:
        from rasa.core.agent import Agent

        self._agent = Agent.load(archive)

    def rank(self, text: str) -> list[tuple[str, float]]:
        parsed = asyncio.run(self._agent.parse_message(text))
        return [(each["name"].replace(_JOINT, SEPARATOR), each["confidence"]) for each in parsed["intent_ranking"]]


def train_diet(examples: Sequence[Sentence]) -> Diet:
    """Takes minutes."""
    from rasa.model_training import train_nlu

    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "nlu.yml"
        lines = ['version: "3.1"', "nlu:"]
        for label in dict.fromkeys(each.label for each in examples):
            lines += [f"- intent: {label.replace(SEPARATOR, _JOINT)}", "  examples: |"]
            lines += [f"    - {each.text}" for each in examples if each.label == label]
        data.write_text("\n".join(lines) + "\n", encoding="utf-8")
        archive = train_nlu(str(CONFIG), str(data), folder, fixed_model_name="diet.tar.gz")
        if archive is None:
            raise RuntimeError("Rasa made no model")
        return Diet(archive)
