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
_NAME = r"(?:[^\S\n,]*,?[^\S\n]*(?:(?-i:[A-Z])[\w.'’-]*|de|den|der|van|von|la|le|el)){0,5}"
"""Up to five words of a name: those with a capital, and what stands between them."""
_LONGEST_ADDRESS = 5
"""Words of a line that may be a name below the farewell."""


class Letters:
    """Made by `Letters.read`; safe to share between threads."""

    def __init__(self, greeting: list[str], addressed: list[str], closing: list[str]) -> None:
        greets, whom, ends = (_any(phrases) for phrases in (greeting, addressed, closing))
        address = rf"\s*(?:{greets})\b(?:[^\S\n]+(?:{whom})\b)*"
        self._address = re.compile(rf"{address}{_NAME}[^\S\n]*[,.!:–-]?[^\S\n]*(?:\n|$)", re.IGNORECASE)
        self._inline = re.compile(rf"{address}[^\S\n]*[,.!:–-]\s*", re.IGNORECASE)
        self._farewell = re.compile(rf"(?:{ends}){_NAME}\s*[,.!]*", re.IGNORECASE)

    @classmethod
    @cache
    def read(cls, path: Path = DEFAULT_PATH) -> Letters:
        """Read a file as `letters.yml`. Raises OSError, yaml.YAMLError."""
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(content["greeting"], content["addressed"], content["closing"])

    def body(self, text: str) -> str:
        """Return the matter of a mail, a paragraph a line; all of it where there would be nothing left. What the first
        line says may be the subject: the address stands below it then."""
        text = self._unwrapped(text)
        subject, below, rest = text.partition("\n")
        bare = self._without_address(text)
        if bare == text and below:
            bare = subject + below + self._without_address(rest)
        return self._without_farewell(bare).strip() or text.strip()

    def _unwrapped(self, text: str) -> str:
        """Lines that were broken are joined; an empty line, a list, an address and a short line end a paragraph."""
        lines: list[str] = []
        before = ""
        for line in text.splitlines():
            begins = _LIST.match(line) or self._address.fullmatch(line)
            if len(before) >= _WRAPPED and line.strip() and not begins:
                lines[-1] = f"{lines[-1].rstrip()} {line.strip()}"
            elif line.strip():
                lines.append(line)
            before = line
        return "\n".join(lines)

    def _without_address(self, text: str) -> str:
        for address in (self._address, self._inline):
            found = address.match(text)
            if found and text[found.end() :].strip():
                return text[found.end() :]
        return text

    def _without_farewell(self, text: str) -> str:
        """Cut before the lines at the end that are a farewell and names; who writes on below it has not finished."""
        lines = text.split("\n")
        for at in range(len(lines) - 1, 0, -1):
            if self._farewell.fullmatch(lines[at].strip()):
                return self._without_farewell("\n".join(lines[:at]))
            if len(lines[at].split()) > _LONGEST_ADDRESS:
                break
        return text


def _any(phrases: list[str]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))
