"""The names by which procedures appear in Rasa's domain: actions and slots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.procedures.effects import SayAhead, SayList, SayMined, SaySentence, SayTried, Spoken
from bot.procedures.model import Catalogue, Do, Text
from bot.procedures.state import State

STATE_SLOT = "procedure_state"
OUTCOME_SLOT = "procedure_outcome"
HANDOVER_SLOT = "handover"
OPEN_TICKET = "action_open_ticket"
_PIECES = ("button_", "part_")
"""Beginnings of sentences that are said within others only."""


def action_name(effect: Spoken) -> str:
    """`utter_<procedure>__<step>`, or `utter_<sentence>`."""
    if isinstance(effect, SaySentence):
        return f"utter_{effect.name}"
    if isinstance(effect, SayTried):
        return "utter_tried"
    if isinstance(effect, SayMined):
        return "utter_mined"
    if isinstance(effect, SayAhead):
        return action_name(effect.step)
    spot = effect.items[0][0].spot if isinstance(effect, SayList) else effect.spot
    return f"utter_{spot.procedure}__{spot.step}"


def action_names(catalogue: Catalogue) -> list[str]:
    """Every action the catalogue can lead to, sorted."""
    found = {f"utter_{name}" for name in catalogue.sentences if not name.startswith(_PIECES)} | {OPEN_TICKET}
    for procedure in catalogue.procedures.values():
        for step in procedure.steps.values():
            if isinstance(getattr(step, "text", None), Text):
                found.add(f"utter_{procedure.id}__{step.id}")
            if isinstance(step, Do):
                found.add(step.action)
    return sorted(found)


def mirrored(
    state: State,
    action: str | None = None,
    messages: Iterable[Any] = (),
    message_id: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The value of the slot `STATE_SLOT`: the state, what `action` says in the turn of that message, and what others
    look up often. `facts`: what is known in the active run, for a custom action."""
    kept = state.to_json()
    return {
        "state": kept,
        "say": {"action": action, "messages": list(messages)},
        "handover": kept["handover"],
        "resolved": state.resolved,
        "message_id": message_id,
        "facts": dict(facts or {}),
    }
