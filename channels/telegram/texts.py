"""What the Telegram channel itself says, read once from ``locale/<language>.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

import yaml

from channels.contract import Language

DEFAULT = "en"

Sentences = Mapping[str, "str | Sentences"]


class Texts:
    """Sentences by language and key; a key such as ``errors.empty`` leads into a section."""

    def __init__(self, languages: Mapping[Language, Sentences]) -> None:
        self._languages = languages

    @property
    def languages(self) -> tuple[Language, ...]:
        """What is spoken here."""
        return tuple(self._languages)

    def spoken(self, code: object) -> Language | None:
        """The language that an IETF tag such as ``nl-BE`` means, if it is spoken here."""
        language = code[:2].lower() if isinstance(code, str) else ""
        return language if language in self._languages else None

    def say(self, key: str, language: Language | None, **words: object) -> str:
        """The sentence, in English when `language` is not spoken here."""
        found: str | Sentences = self._languages.get(language or DEFAULT, self._languages[DEFAULT])
        for part in key.split("."):
            found = cast(Sentences, found)[part]
        return cast(str, found).format(**words)

    def section(self, key: str, language: Language) -> dict[str, str]:
        """All sentences of a section, in the order of the file."""
        return dict(cast(Mapping[str, str], self._languages[language][key]))


@cache
def load() -> Texts:
    """Every ``<language>.yml`` there is."""
    files = sorted((Path(__file__).parent / "locale").glob("*.yml"))
    return Texts({file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files})
