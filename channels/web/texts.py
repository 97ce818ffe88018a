"""The web chat's words, read once from ``locale/<language>.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

DEFAULT = "en"


class Texts:
    """What the channel itself says to customers, by language and code."""

    def __init__(self, errors: Mapping[str, Mapping[str, str]]) -> None:
        self._errors = errors

    @classmethod
    def load(cls, directory: Path) -> Texts:
        """Every ``<language>.json`` in `directory`."""
        files = sorted(directory.glob("*.json"))
        return cls({file.stem: json.loads(file.read_text(encoding="utf-8"))["errors"] for file in files})

    def language(self, *wishes: str | None) -> str:
        """The first of `wishes` that is spoken here, else English."""
        return next((wish for wish in wishes if wish is not None and wish in self._errors), DEFAULT)

    def error(self, code: str, language: str | None) -> str:
        """What to tell the customer about `code`."""
        return self._errors[self.language(language)][code]
