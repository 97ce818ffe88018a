"""What choices and names come from the record: teams, categories and colleagues."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from channels.contract import Language
from desk.model.team import Category, Team
from desk.model.technician import Technician
from desk.store import teams, technicians
from desk.store.database import Transaction
from desk.wording import Texts


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything that can be chosen from, by name."""

    language: str
    teams: Sequence[Team]
    categories: Sequence[Category]
    technicians: Sequence[Technician]

    def team(self, key: str) -> str:
        """What the team `key` is called."""
        return next((team.name(self._spoken) for team in self.teams if team.key == key), key)

    def category(self, key: str) -> str:
        """What the category `key` is called."""
        return next((category.name(self._spoken) for category in self.categories if category.key == key), key)

    def team_choices(self, chosen: str | None = None) -> list[tuple[str, str]]:
        """Key and name of the teams in use, and of the one that is chosen."""
        found = [team for team in self.teams if team.active or team.key == chosen]
        return _sorted((team.key, team.name(self._spoken)) for team in found)

    def category_choices(self, chosen: str | None = None) -> list[tuple[str, str]]:
        """Key and name of the categories in use, and of the one that is chosen."""
        found = [category for category in self.categories if category.active or category.key == chosen]
        return _sorted((category.key, category.name(self._spoken)) for category in found)

    def colleagues(self, chosen: int | None = None) -> list[Technician]:
        """Technicians who can be given something, and the one who has it."""
        return [one for one in self.technicians if one.active or one.id == chosen]

    @property
    def _spoken(self) -> Language:
        return "nl" if self.language == "nl" else "en"


def _sorted(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(choices, key=lambda choice: choice[1].casefold())


def read(tx: Transaction, texts: Texts) -> Directory:
    """The directory, in the language of `texts`."""
    return Directory(texts.language, teams.everyone(tx), teams.all_categories(tx), technicians.everybody(tx))
