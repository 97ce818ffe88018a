"""Whose queue a technician looks at: their teams', everybody's, or one team's."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from desk import conversations
from desk.console import directory
from desk.console.directory import Directory
from desk.conversations import Lists
from desk.model.technician import Technician
from desk.store import teams
from desk.store.database import Transaction
from desk.wording import Texts

COOKIE = "firstline_queue"
ALL, MINE = "*", "*mine"
"""No team is called so."""


@dataclass(frozen=True, slots=True)
class Queue:
    """The lists, and what was chosen for the queue among them."""

    lists: Lists
    directory: Directory
    chosen: str
    has_teams: bool
    """The technician is in a team."""


def is_team(key: str) -> bool:
    """Whether `key` may be a team's."""
    return re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", key) is not None


def read(tx: Transaction, technician: Technician, texts: Texts, wanted: str) -> Queue:
    """The lists of `technician`; what cannot be chosen (any more) shows everything."""
    own, found = teams.of_technician(tx, technician.id), directory.read(tx, texts)
    queues: Collection[str] | None = None
    if wanted == MINE and own:
        queues = own
    elif any(team.key == wanted for team in found.teams):
        queues = {wanted}
    chosen = wanted if queues is not None else ALL
    return Queue(conversations.lists(tx, technician, queues), found, chosen, bool(own))
