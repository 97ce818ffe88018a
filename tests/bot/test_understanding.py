"""How well unseen sentences are understood, by the model that is served."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.topics import Topics
from tests.engine_process import Engine

pytestmark = [pytest.mark.slow, pytest.mark.rasa]

SENTENCES = yaml.safe_load((Path(__file__).parent / "understanding.yml").read_text(encoding="utf-8"))
TOPICS = Topics.read()
NO_TOPIC = {"out_of_scope", "nlu_fallback"}
LEAST_RIGHT = 0.85


@pytest.mark.parametrize("language", ["en", "nl"])
def test_unseen_sentences_are_understood(engine: Engine, language: str) -> None:
    right, wrong = 0, []
    for intent, sentences in SENTENCES[language].items():
        for at, text in enumerate(sentences):
            answer = engine.say(f"unseen.{language}.{intent}.{at}", "1", text)
            heard = answer["understanding"]["intent"]
            same_topic = TOPICS.topic(heard) == TOPICS.topic(intent) is not None
            if heard == intent or same_topic or {heard, intent} <= NO_TOPIC:
                right += 1
            else:
                wrong.append(f"{text}: {heard} instead of {intent}")
            if answer["language"] != language:
                wrong.append(f"{text}: taken for {answer['language']}")
    assert right / (right + len(wrong)) >= LEAST_RIGHT, "\n".join(wrong)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_what_is_no_matter_of_it_starts_no_procedure(engine: Engine, language: str) -> None:
    for at, text in enumerate(SENTENCES[language]["out_of_scope"]):
        answer = engine.say(f"scope.{language}.{at}", "1", text)
        assert answer["understanding"]["intent"] in NO_TOPIC or not TOPICS.is_problem(answer["understanding"]["intent"])
        assert answer["procedures"] == []
