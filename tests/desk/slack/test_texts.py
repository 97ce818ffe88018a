"""Slack is spoken to in English and Dutch, and nothing is said that is in neither."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from desk import slack
from desk.model.conversation import Reason
from desk.slack.texts import Spoken

FOLDER = Path(slack.__file__).parent


def words(language: str) -> dict[str, str]:
    def flat(tree: Mapping[str, object], path: str = "") -> Iterator[tuple[str, str]]:
        for key, value in tree.items():
            if isinstance(value, dict):
                yield from flat(value, f"{path}{key}.")
            else:
                yield f"{path}{key}", str(value)

    return dict(flat(json.loads((FOLDER / "locale" / f"{language}.json").read_text("utf-8"))))


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    english, dutch = words("en"), words("nl")
    assert english.keys() == dutch.keys()
    for key, sentence in english.items():
        assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", dutch[key])), key


def test_every_sentence_that_is_asked_for_exists() -> None:
    known = Spoken()("en")
    asked = {
        key
        for source in FOLDER.glob("*.py")
        for key in re.findall(r"\btexts\(\s*\"([a-z_.0-9]+)\"[,)]", source.read_text("utf-8"))
    }
    assert len(asked) > 40
    assert [key for key in sorted(asked) if not known.has(key)] == []


def test_every_reason_has_a_name() -> None:
    assert [reason for reason in Reason if not Spoken()("nl").has(f"reason.{reason.value}")] == []


def test_the_first_language_that_is_spoken_is_taken() -> None:
    spoken = Spoken()
    assert spoken("fr", None, "nl").language == "nl"
    assert spoken("fr").language == "en"
