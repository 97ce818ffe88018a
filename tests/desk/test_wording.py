"""Technicians are spoken to in English and Dutch wherever they work, and nothing is said that is in neither."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk import wording
from desk.console import texts as console
from desk.slack import texts as slack

SURFACES = {Path(console.__file__).parent: 80, Path(slack.__file__).parent: 40}
"""The folder of each, and how many sentences it asks for at the least."""

each_surface = pytest.mark.parametrize("folder", SURFACES, ids=lambda folder: folder.name)


def words(folder: Path, language: str) -> dict[str, str]:
    def flat(tree: dict[str, object], path: str = "") -> Iterator[tuple[str, str]]:
        for key, value in tree.items():
            if isinstance(value, dict):
                yield from flat(value, f"{path}{key}.")
            else:
                yield f"{path}{key}", str(value)

    files = sorted((folder / "locale" / language).glob("*.json"))
    return {key: text for file in files for key, text in flat(json.loads(file.read_text("utf-8")))}


@each_surface
def test_both_languages_say_the_same_things_with_the_same_values(folder: Path) -> None:
    english, dutch = words(folder, "en"), words(folder, "nl")
    assert english.keys() == dutch.keys()
    for key, sentence in english.items():
        assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", dutch[key])), key


@each_surface
def test_every_sentence_that_is_asked_for_exists(folder: Path) -> None:
    known = wording.load(folder / "locale")["en"]
    sources = [*folder.rglob("*.py"), *(folder / "templates").rglob("*.html")]
    asked = {
        key
        for source in sources
        for key in re.findall(r"\b(?:t|texts|self)\(\s*['\"]([a-z_.0-9]+)['\"][,)]", source.read_text("utf-8"))
    }
    assert len(asked) > SURFACES[folder]
    assert [key for key in sorted(asked) if not known.has(key)] == []
