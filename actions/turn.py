"""What actions read of the conversation: the pending run of a procedure, and what the customer said in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

_OUTCOME = "procedure_outcome"


def message_id(tracker: Tracker) -> str:
    """The id of the customer's newest message: what makes a call to the desk safe to repeat."""
    return str(tracker.latest_message["metadata"]["message_id"])


def run(tracker: Tracker) -> dict[str, Any]:
    """The run of a procedure that awaits the action: {procedure, visits: [[place, result, answer, message_id, …]]}."""
    state = tracker.get_slot("procedure_state")["state"]
    found: dict[str, Any] = next(each for each in state["runs"] if each["id"] == state["stack"][-1])
    return found


def facts(tracker: Tracker) -> Mapping[str, str]:
    """What is known in that run, by name."""
    known: Mapping[str, str] = tracker.get_slot("procedure_state")["facts"]
    return known


def said(tracker: Tracker, messages: set[str | None]) -> list[tuple[str, str]]:
    """(message id, text) of what the customer typed in `messages`, in order; what was pressed only when nothing was."""
    heard = [each for each in tracker.events if each.get("event") == "user" and _id(each) in messages]
    typed = [each for each in heard if not (each.get("metadata") or {}).get("choice")]
    return [(str(_id(each)), str(each["text"])) for each in typed or heard if each.get("text")]


def outcome(name: str, options: list[tuple[str, str]] | None = None, **found: str) -> list[EventType]:
    """The events that tell the procedure how the action went, what it found, and what it found to choose from."""
    return [SlotSet(_OUTCOME, {"outcome": name, "facts": found, "options": [list(each) for each in options or ()]})]


def _id(event: Mapping[str, Any]) -> str | None:
    value = (event.get("metadata") or {}).get("message_id")
    return str(value) if value is not None else None
