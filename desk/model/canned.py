"""Replies that technicians need not write again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from channels.contract import Language


class Placeholder(StrEnum):
    """What a canned reply may leave open, written in braces: ``{customer}``."""

    CUSTOMER = "customer"
    """The customer's name."""
    TICKET = "ticket"
    """The ticket's number."""
    ME = "me"
    """The name of the technician who sends it."""


_IN_BRACES = re.compile(r"\{(\w+)\}")
# A name that is not known goes with the space before it: "Dear {customer}," becomes "Dear,".
_FILLED = re.compile(r"([ \t]*)\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants a canned reply to be."""

    shortcut: str
    """What technicians type to get it, without the slash."""
    title: str
    text_en: str
    text_nl: str
    team: str | None = None
    """The key of the team it is for; None for everybody."""


@dataclass(frozen=True, slots=True)
class Canned:
    """A canned reply, in both languages."""

    id: int
    shortcut: str
    title: str
    text_en: str
    text_nl: str
    team: str | None
    updated_at: datetime

    def text(self, language: Language | None) -> str:
        """What it says in `language`, placeholders and all; English where it is not spoken."""
        return self.text_nl if language == "nl" else self.text_en


def fill(text: str, values: Mapping[Placeholder, str | None]) -> str:
    """`text` with its placeholders replaced; those without a value vanish, with the space before them."""

    def value(found: re.Match[str]) -> str:
        space, name = found.groups()
        if name not in Placeholder:
            return found.group()
        known = values.get(Placeholder(name))
        return f"{space}{known}" if known else ""

    return _FILLED.sub(value, text)


def unknown_placeholders(text: str) -> list[str]:
    """What stands in braces in `text` and is no placeholder: a misspelling that customers would read."""
    return [name for name in _IN_BRACES.findall(text) if name not in Placeholder]
