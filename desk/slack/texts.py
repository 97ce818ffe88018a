"""The words of cards, threads and forms, read once from ``locale/<language>.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

DEFAULT = "en"
_DIRECTORY = Path(__file__).parent / "locale"


class Texts:
    """All words of one language. Keys are paths, such as ``card.take``."""

    def __init__(self, language: str, words: Mapping[str, object]) -> None:
        self.language = language
        self._words = words

    def _find(self, key: str) -> object:
        found: object = self._words
        for part in key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def has(self, key: str) -> bool:
        """Whether there is a sentence for `key`."""
        return isinstance(self._find(key), str)

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence `key` with `values` filled in.

        Raises:
            KeyError: there is none; a test proves that nothing asks for one.
        """
        found = self._find(key)
        if not isinstance(found, str):
            raise KeyError(key)
        return found.format(**values) if values else found

    def label(self, group: str, value: object) -> str:
        """The name of `value` in `group`; the value itself, made readable, when it has none (a new channel, say)."""
        key = f"{group}.{value}"
        return self(key) if self.has(key) else str(value).replace("_", " ").capitalize()


class Spoken:
    """Every language there is a file for."""

    def __init__(self) -> None:
        files = sorted(_DIRECTORY.glob("*.json"))
        self._texts = {file.stem: Texts(file.stem, json.loads(file.read_text("utf-8"))) for file in files}

    def __call__(self, *wanted: str | None) -> Texts:
        """The first of the `wanted` languages that is spoken, else English."""
        found = next((language for language in wanted if language in self._texts), DEFAULT)
        return self._texts[found]
