"""What a mail is about: its text without the address and the farewell, in whole lines. Pure; words in `letters.yml`.

Mail programs break lines at 72 characters or so: a sentence that is cut in the middle is two to whoever takes a line's
end for the end of something.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

DEFAULT_PATH = Path(__file__).with_name("letters.yml")
_WRAPPED = 50
"""Characters of a line that may have been broken off: nobody ends a list's line so late and goes on in the next."""
_LIST = re.compile(r"\s*(?:\d{1,2}[.)]|[-*•·–—])\s")
_NAME = r"(?:[\s,]+(?-i:[A-Z])[\w.'’-]*){0,4}"
"""Up to four words with a capital: a name stands behind the farewell."""
_LONGEST_ADDRESS = 5
"""Words after the greeting of a line that is only that."""


class Letters:
    """Made by `Letters.read`; safe to share between threads."""

    def __init__(self, greeting: list[str], addressed: list[str], closing: list[str]) -> None:
        greets, whom, ends = (_any(phrases) for phrases in (greeting, addressed, closing))
        words = rf"(?:[\s,]+[^\s,]+){{0,{_LONGEST_ADDRESS}}}"
        self._address = re.compile(rf"\s*(?:{greets})\b{words}\s*[,.!:–-]?\s*(?:\n|$)", re.IGNORECASE)
        self._inline = re.compile(rf"\s*(?:{greets})(?:\s+(?:{whom}))*\s*[,.!:–-]\s*", re.IGNORECASE)
        self._farewell = re.compile(rf"(?:{ends})[\s,]*{_NAME}\s*[,.!]*", re.IGNORECASE)

    @classmethod
    @cache
    def read(cls, path: Path = DEFAULT_PATH) -> Letters:
        """Read a file as `letters.yml`. Raises OSError, yaml.YAMLError."""
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(content["greeting"], content["addressed"], content["closing"])

    def body(self, text: str) -> str:
        """Return the matter of a mail, a paragraph a line; all of it where there would be nothing left."""
        return self._without_farewell(self._without_address(_unwrapped(text))).strip() or text.strip()

    def _without_address(self, text: str) -> str:
        found = self._address.match(text) or self._inline.match(text)
        return text[found.end() :] if found else text

    def _without_farewell(self, text: str) -> str:
        """Cut at the last line that is a farewell and nothing else."""
        lines = text.split("\n")
        ends = [at for at, line in enumerate(lines) if self._farewell.fullmatch(line.strip())]
        while ends and not any(line.strip() for line in lines[ends[-1] + 1 :] if len(line.split()) > _LONGEST_ADDRESS):
            lines = lines[: ends.pop()]
        return "\n".join(lines)


def _any(phrases: list[str]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))


def _unwrapped(text: str) -> str:
    """Lines that were broken are joined; an empty line, a list and a short line end a paragraph."""
    lines: list[str] = []
    before = ""
    for line in text.splitlines():
        joins = len(before) >= _WRAPPED and line.strip() and not _LIST.match(line)
        if joins:
            lines[-1] = f"{lines[-1].rstrip()} {line.strip()}"
        elif line.strip():
            lines.append(line)
        before = line
    return "\n".join(lines)
