"""The answer to one turn, read from the conversation's events: the same for a fresh turn and for a repeated one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered

from bot.procedures.model import Catalogue
from bot.procedures.state import State
from bot.procedures.trace import procedures
from bot.processor import Taken

_RANKED = 5


def answer(taken: Taken, catalogue: Catalogue) -> dict[str, Any]:
    """Return the JSON of the desk's contract for a turn that is stored."""
    own = taken.events[taken.start :]
    heard = next(event for event in own if isinstance(event, UserUttered))
    language = heard.parse_data.get("language", "en")
    progress = _last_value(taken.events, "procedure_state") or {}
    state = State.from_json(progress["state"]) if progress.get("state") else None
    return {
        "messages": [_message(event) for event in own if isinstance(event, BotUttered) and event.text],
        "language": language,
        "understanding": _understanding(heard),
        "procedures": procedures(catalogue, state, language) if state else [],
        "procedure_state": progress.get("state"),
        "handover": _last_value(own, "handover"),
        "resolved": bool(progress.get("resolved")) and progress.get("message_id") == heard.message_id,
        "replayed": taken.replayed,
    }


def _last_value(events: Sequence[Event], slot: str) -> Any:
    return next((event.value for event in reversed(events) if isinstance(event, SlotSet) and event.key == slot), None)


def _message(event: BotUttered) -> dict[str, Any]:
    buttons = [{"title": each["title"], "payload": each["payload"]} for each in event.data.get("buttons") or ()]
    return {"text": event.text, "buttons": buttons}


def _understanding(heard: UserUttered) -> dict[str, Any]:
    ranking = heard.parse_data.get("intent_ranking", [])[:_RANKED]
    return {
        "intent": heard.intent.get("name"),
        "confidence": round(heard.intent.get("confidence") or 0.0, 4),
        "ranking": [[each["name"], round(each["confidence"], 4)] for each in ranking],
        "entities": [{key: each.get(key) for key in ("entity", "value", "start", "end")} for each in heard.entities],
    }
