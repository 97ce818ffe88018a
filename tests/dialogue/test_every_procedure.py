"""Every procedure is begun by its own examples, in both languages, and spoken in the language it was asked in."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.procedures.loader import load
from tests.engine_process import Engine
from tests.fake_desk import FakeDesk

pytestmark = [pytest.mark.slow, pytest.mark.rasa]

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = load(ROOT / "data" / "procedures", ROOT / "bot" / "texts")
EXAMPLES = [
    (procedure.id, language, example)
    for procedure in CATALOGUE.procedures.values()
    for language, examples in procedure.examples.items()
    for example in examples
]


@pytest.mark.parametrize(("procedure", "language", "example"), EXAMPLES)
def test_an_example_begins_its_procedure(
    engine: Engine, desk: FakeDesk, conversation: str, procedure: str, language: str, example: str
) -> None:
    answer = engine.say(conversation, "1", example)
    assert [run["procedure"] for run in answer["procedures"]] == [procedure]
    assert answer["language"] == language
    assert answer["procedures"][0]["title"] == CATALOGUE.procedures[procedure].title.to(language)
