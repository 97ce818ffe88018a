"""The console speaks English and Dutch, and says nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from desk.console import texts

CONSOLE = Path(texts.__file__).parent


def words(language: str) -> dict[str, str]:
    def flat(tree: dict[str, object], path: str = "") -> Iterator[tuple[str, str]]:
        for key, value in tree.items():
            if isinstance(value, dict):
                yield from flat(value, f"{path}{key}.")
            else:
                yield f"{path}{key}", str(value)

    files = sorted((CONSOLE / "locale" / language).glob("*.json"))
    return {key: text for file in files for key, text in flat(json.loads(file.read_text("utf-8")))}


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    english, dutch = words("en"), words("nl")
    assert english.keys() == dutch.keys()
    for key, sentence in english.items():
        assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", dutch[key])), key


def test_every_sentence_that_pages_ask_for_exists() -> None:
    known = texts.load()["en"]
    sources = [*CONSOLE.rglob("*.py"), *(CONSOLE / "templates").rglob("*.html")]
    asked = {
        key
        for source in sources
        for key in re.findall(r"\b(?:t|texts|self)\(['\"]([a-z_.0-9]+)['\"][,)]", source.read_text())
    }
    assert len(asked) > 80
    assert [key for key in sorted(asked) if not known.has(key)] == []


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("nl", "nl"),
        ("de, nl;q=0.5", "nl"),
        ("en;q=0.1, nl;q=0.9", "nl"),
        ("nl;q=0, en", "en"),
        ("", "en"),
        ("x;q=y", "en"),
        ("fr", "en"),
    ],
)
def test_the_browsers_first_wish_that_is_spoken_is_fulfilled(header: str, language: str) -> None:
    assert texts.preferred(header, texts.load()) == language


def test_days_are_named_as_people_name_them() -> None:
    dutch, today = texts.load()["nl"], date(2026, 3, 2)
    assert dutch.day(today, today) == "Vandaag"
    assert dutch.day(date(2026, 3, 1), today) == "Gisteren"
    assert dutch.day(date(2026, 2, 27), today) == "vrijdag 27 februari"
    assert texts.load()["en"].day(date(2025, 12, 31), today) == "Wednesday, 31 December 2025"


def test_a_value_without_a_name_is_shown_readably() -> None:
    assert texts.load()["nl"].label("channel", "carrier_pigeon") == "Carrier pigeon"
