"""Commands about the matrix by which impact and urgency become a priority."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from desk.model.technician import OPERATOR
from firstline.commands.common import add, group, record, show

if TYPE_CHECKING:
    from firstline.commands.common import Commands
    from firstline.settings import Settings


def add_commands(commands: Commands) -> None:
    """Add ``priority``."""
    actions = group(commands, "priority", "how impact and urgency become a priority")
    add(actions, "show", "the matrix", listing=True)
    change = add(actions, "set", "change one cell of the matrix; tickets keep the priority they have")
    for name in ("impact", "urgency", "priority"):
        change.add_argument(name, type=int)
    for parser in actions.choices.values():
        parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the commands about priorities; the exit code."""
    from desk import teams
    from desk.store import teams as store

    with record(settings) as tx:
        if arguments.action == "set":
            cell = {(arguments.impact, arguments.urgency): arguments.priority}
            teams.set_priorities(tx, OPERATOR, cell)
            return 0
        matrix = store.matrix(tx)
    rows = [
        {"impact": impact, **{f"urgency_{urgency}": matrix[impact, urgency] for urgency in teams.LEVELS}}
        for impact in teams.LEVELS
    ]
    show(rows, as_json=arguments.json)
    return 0
