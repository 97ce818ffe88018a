"""What technicians read, wherever they work: the words of a surface, from its own folder ``locale``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from markupsafe import Markup, escape

DEFAULT = "en"


class Texts:
    """All words of one language. Keys are paths, such as ``login.title``."""

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
        """The sentence `key` with `values` filled in. With HTML among the values it is HTML, and the rest is escaped.

        Raises:
            KeyError: there is none; a test proves that nothing asks for one.
        """
        found = self._find(key)
        if not isinstance(found, str):
            raise KeyError(key)
        if any(isinstance(value, Markup) for value in values.values()):
            return escape(found).format(**values)
        return found.format(**values) if values else found

    def label(self, group: str, value: object) -> str:
        """The name of `value` in `group`; the value itself, made readable, when it has none (a new channel, say)."""
        key = f"{group}.{value}"
        return self(key) if self.has(key) else str(value).replace("_", " ").capitalize()

    def size(self, size: int) -> str:
        """`size` in bytes as people read it."""
        if size < 1_000_000:
            return self("files.kilobytes", size=-(-size // 1_000))
        rounded = f"{size / 1e6:.1f}".removesuffix(".0")
        return self("files.megabytes", size=rounded.replace(".", self("files.point")))

    def day(self, day: date, today: date) -> str:
        """A day as a heading: today, yesterday, or its date, with the year when it is another one."""
        if day == today:
            return self("today")
        if day == today - timedelta(days=1):
            return self("yesterday")
        key = "date" if day.year == today.year else "date_year"
        names = {"day": self.name("days", day.weekday()), "month": self.name("months", day.month - 1)}
        return self(key, date=day.day, year=day.year, **names)

    def date(self, day: date) -> str:
        """A day with its year."""
        names = {"day": self.name("days", day.weekday()), "month": self.name("months", day.month - 1)}
        return self("date_year", date=day.day, year=day.year, **names)

    def name(self, group: str, position: int) -> str:
        """The name at `position` in `group`, such as ``days`` (Monday is 0)."""
        names = self._find(group)
        assert isinstance(names, list)
        return str(names[position])


def load(locale: Path) -> dict[str, Texts]:
    """Every language that `locale` has a folder for, ``<language>/<area>.json``."""
    return {folder.name: Texts(folder.name, _words(folder)) for folder in sorted(locale.iterdir())}


def _words(folder: Path) -> dict[str, object]:
    """The words of all areas together; a group belongs to one of them."""
    words: dict[str, object] = {}
    for file in sorted(folder.glob("*.json")):
        area = json.loads(file.read_text("utf-8"))
        twice = words.keys() & area.keys()
        if twice:
            raise ValueError(f"{file}: {', '.join(sorted(twice))} stands in another file too")
        words |= area
    return words
