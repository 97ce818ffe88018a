"""The text model behind the intent classifier. It needs scikit-learn, so that it runs in the engine's environment."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine_process import in_engine

pytestmark = [pytest.mark.slow, pytest.mark.rasa]

_SCRIPT = """
import json, tempfile
from pathlib import Path
import numpy as np
from scipy.sparse import hstack
from bot import text_model as m

texts = ["my printer is broken", "printer jam", "the printer does not print", "no wifi here", "wifi is down",
         "i cannot join the wifi", "hello", "hi there", "good morning"]
labels = ["printer"] * 3 + ["wifi"] * 3 + ["greet"] * 3
model = m.TextModel.train(texts, labels, m.Settings())
again = m.TextModel.train(texts, labels, m.Settings())
with tempfile.TemporaryDirectory() as folder:
    model.save(Path(folder))
    files = sorted(path.name for path in Path(folder).iterdir())
    loaded = m.TextModel.load(Path(folder))
asked = ["the prniter is brokn", "WIFI!!!", "helloooo", "xyzzy"]
print(json.dumps({
    "ranked": [model.rank(text) for text in asked],
    "again": [again.rank(text) for text in asked],
    "loaded": [loaded.rank(text) for text in asked],
    "nothing": model.rank("漢字"),
    "files": files,
    "normalised": [m.normalise(text) for text in ("  Café\\tNUMBER 42 ", "heeeelp", "don’t")],
    "noisy": [m.noisy("my printer is broken", 0.1, __import__("random").Random(seed)) for seed in range(5)],
}))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    result: dict[str, Any] = json.loads(in_engine(_SCRIPT))
    return result


def test_typing_errors_shouting_and_stretching_are_understood(found: dict[str, Any]) -> None:
    assert [ranking[0][0] for ranking in found["ranked"][:3]] == ["printer", "wifi", "greet"]


def test_every_label_is_ranked_and_the_chances_add_up(found: dict[str, Any]) -> None:
    for ranking in found["ranked"]:
        if ranking:
            chances = [chance for _, chance in ranking]
            assert len(chances) == 3
            assert chances == sorted(chances, reverse=True)
            assert sum(chances) == pytest.approx(1, abs=1e-5)


def test_training_twice_gives_the_same_model(found: dict[str, Any]) -> None:
    assert found["again"] == found["ranked"]


def test_a_loaded_model_ranks_as_the_trained_one(found: dict[str, Any]) -> None:
    assert found["loaded"] == found["ranked"]
    assert found["files"] == ["model.json", "model.npz"]


def test_text_without_a_known_part_is_not_ranked(found: dict[str, Any]) -> None:
    assert found["nothing"] == []


def test_spelling_is_levelled(found: dict[str, Any]) -> None:
    assert found["normalised"] == ["cafe number 0", "heelp", "don't"]


def test_noise_changes_a_few_letters(found: dict[str, Any]) -> None:
    assert len(set(found["noisy"])) > 1
    assert all(abs(len(text) - len("my printer is broken")) <= 6 for text in found["noisy"])
