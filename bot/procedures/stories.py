"""Ways through procedures as stories of Rasa, for `rasa test core`."""

from __future__ import annotations

from itertools import islice
from typing import Any

from bot.procedures import paths
from bot.procedures.commands import Outcome, Skip, Start, Unknown
from bot.procedures.effects import OpenTicket, RunAction
from bot.procedures.model import Catalogue
from bot.procedures.names import HANDOVER_SLOT, OPEN_TICKET, OUTCOME_SLOT, action_name

_ANY_INTENT = "nlu_fallback"
"""Of the answers in a story: the text is read against the question, whatever the classifier makes of it."""
_INTENTS = {Unknown: "dont_know", Skip: "skip"}


def stories(catalogue: Catalogue, each: int | None = None) -> dict[str, Any]:
    """A story for every way through every procedure, as the content of a story file (for `rasa test core`).

    `each`: only so many of each procedure, the first ones.
    """
    return {
        "version": "3.1",
        "stories": [
            {"story": f"{procedure.id} {number}", "steps": list(_steps(catalogue, way))}
            for procedure in catalogue.procedures.values()
            for number, way in enumerate(islice(paths.ways(catalogue, procedure), each), start=1)
        ],
    }


def _steps(catalogue: Catalogue, way: paths.Way) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    for turn in way.turns:
        if isinstance(turn.command, Outcome):
            steps.append({"slot_was_set": [{OUTCOME_SLOT: turn.command.value}]})
        else:
            intent = _INTENTS.get(type(turn.command), _ANY_INTENT)
            if isinstance(turn.command, Start):
                intent = catalogue.procedures[way.procedure].intents[0]
            steps.append({"user": turn.text, "intent": intent})
        for action in _actions(turn):
            steps.append({"action": action})
            if action == OPEN_TICKET:
                steps.append({"slot_was_set": [{HANDOVER_SLOT: "opened"}]})
    return steps


def _actions(turn: paths.Turn) -> list[str]:
    """Like the policy: words that follow each other are one action, called by the last of them."""
    actions: list[str] = []
    spoken = False
    for effect in turn.effects:
        if isinstance(effect, OpenTicket):
            actions.append(OPEN_TICKET)
        elif isinstance(effect, RunAction):
            actions.append(effect.action)
        elif spoken:
            actions[-1] = action_name(effect)
        else:
            actions.append(action_name(effect))
        spoken = not isinstance(effect, (OpenTicket, RunAction))
    return actions
