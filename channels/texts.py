"""What a channel itself says to customers: sentences in every language, in ``locale/`` beside its code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from channels.contract import Language

DEFAULT = "en"
_READERS: Mapping[str, Callable[[str], Any]] = {"json": json.loads, "yml": yaml.safe_load}


class Texts:
    """Sentences by language and key; a key such as ``errors.empty`` leads into a section.

    Whoever speaks none of the languages reads English.
    """

    def __init__(self, languages: Mapping[Language, Mapping[str, Any]]) -> None:
        self._languages = languages

    @property
    def languages(self) -> tuple[Language, ...]:
        """What is spoken here."""
        return tuple(self._languages)

    def spoken(self, *wishes: object) -> Language | None:
        """The language of the first of `wishes`, IETF tags such as ``nl-BE``, that is spoken here; None: of none."""
        codes = (wish[:2].lower() for wish in wishes if isinstance(wish, str))
        return next((code for code in codes if code in self._languages), None)

    def say(self, key: str, language: Language | None, **values: object) -> str:
        """The sentence `key` with `values` filled in."""
        return str(self.section(key, language)).format(**values)

    def section(self, key: str, language: Language | None) -> Any:
        """What stands below `key`, as the file has it: a section with its keys, or a list."""
        found: Any = self._languages[self.spoken(language) or DEFAULT]
        for part in key.split("."):
            found = found[part]
        return found


@cache
def load(package: str) -> Texts:
    """Every ``locale/<language>.yml`` or ``.json`` of a channel's package."""
    files = sorted((resources.files(package) / "locale").iterdir(), key=lambda file: file.name)
    named = {file: file.name.rpartition(".") for file in files}
    return Texts({name: _READERS[kind](file.read_text("utf-8")) for file, (name, _, kind) in named.items()})
