"""What the Slack channel itself says, read once from ``locale/<language>.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from channels.contract import Language, Order

DEFAULT = "en"


class Texts:
    """Sentences by language and key; a key such as ``errors.empty`` leads into a section."""

    def __init__(self, languages: Mapping[Language, Mapping[str, Any]]) -> None:
        self._languages = languages

    @property
    def languages(self) -> tuple[Language, ...]:
        """What is spoken here."""
        return tuple(self._languages)

    def spoken(self, language: Language | None) -> Language:
        """`language` if it is spoken here, else English."""
        return language if language is not None and language in self._languages else DEFAULT

    def say(self, key: str, language: Language | None, **words: object) -> str:
        """The sentence, in English when `language` is not spoken here."""
        return str(self._found(key, language)).format(**words)

    def pairs(self, key: str, language: Language | None) -> list[tuple[str, str]]:
        """A list of pairs."""
        return [(str(one), str(other)) for one, other in self._found(key, language)]

    def orders(self) -> dict[str, Order]:
        """Which word is which order, in every language."""
        return {
            word: Order(order)
            for texts in self._languages.values()
            for order, words in texts["orders"].items()
            for word in words
        }

    def _found(self, key: str, language: Language | None) -> Any:
        found: Any = self._languages[self.spoken(language)]
        for part in key.split("."):
            found = found[part]
        return found


@cache
def load() -> Texts:
    """Every ``<language>.yml`` there is."""
    files = sorted((Path(__file__).parent / "locale").glob("*.yml"))
    return Texts({file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files})
