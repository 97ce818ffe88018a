"""Teams, what they take care of, and how urgent that is."""

from __future__ import annotations

from dataclasses import dataclass

from channels.contract import Language


@dataclass(frozen=True, slots=True)
class Team:
    """People who share a queue. `key` is what procedures name it by."""

    key: str
    name_en: str
    name_nl: str
    time_zone: str
    """Of its opening hours, by IANA name."""
    holidays: str | None
    """A country, or a subdivision after a hyphen, as the package `holidays` names them: ``NL``, ``DE-BY``."""
    reopen_days: int
    """So many days after a ticket was resolved the same problem opens it again; later it becomes a new one."""
    fallback: bool
    """It gets what no team is named for."""
    active: bool

    def name(self, language: Language | None) -> str:
        """What it is called in `language`; English where it is not spoken."""
        return self.name_nl if language == "nl" else self.name_en


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of problem: which team takes care of it, and how far it usually reaches."""

    key: str
    name_en: str
    name_nl: str
    team: str | None
    impact: int | None
    active: bool

    def name(self, language: Language | None) -> str:
        """What it is called in `language`; English where it is not spoken."""
        return self.name_nl if language == "nl" else self.name_en
