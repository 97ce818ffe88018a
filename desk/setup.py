"""What a new desk begins with: its teams, with opening hours, and the categories they take care of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml

from desk.model.team import Category, Team
from desk.store import teams
from desk.store.database import Transaction

_WEEKDAYS = range(5)


@cache
def _defaults() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(
        resources.files("desk.texts").joinpath("defaults.yml").read_text("utf-8")
    )
    return loaded


def ensure(tx: Transaction, now: datetime) -> None:
    """Add the default teams and categories to a desk that has no team yet."""
    if teams.everyone(tx):
        return
    defaults = _defaults()
    for key, team in defaults["teams"].items():
        teams.ensure(
            tx,
            Team(
                key=key,
                name_en=team["en"],
                name_nl=team["nl"],
                time_zone=defaults["time_zone"],
                holidays=defaults["holidays"],
                reopen_days=defaults["reopen_days"],
                fallback=team.get("fallback", False),
                active=True,
            ),
            now,
        )
        teams.set_hours(tx, key, [(day, *_interval(text)) for day in _WEEKDAYS for text in defaults["hours"]])
    for key, category in defaults["categories"].items():
        wanted = Category(key, category["en"], category["nl"], category["team"], category["impact"], active=True)
        teams.ensure_category(tx, wanted)


def _interval(text: str) -> tuple[int, int]:
    """``08:00-17:30`` as minutes since midnight."""
    opens, closes = ((int(part[:2]) * 60 + int(part[3:])) for part in text.split("-"))
    return opens, closes
