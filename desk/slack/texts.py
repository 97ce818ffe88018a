"""The words of cards, threads and forms, and in which language they are said."""

from __future__ import annotations

from pathlib import Path

from desk import wording
from desk.wording import DEFAULT, Texts


class Spoken:
    """Every language there is a folder for."""

    def __init__(self) -> None:
        self._texts = wording.load(Path(__file__).parent / "locale")

    def __call__(self, *wanted: str | None) -> Texts:
        """The first of the `wanted` languages that is spoken, else English."""
        found = next((language for language in wanted if language in self._texts), DEFAULT)
        return self._texts[found]
