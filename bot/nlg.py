"""Speaks what the policy decided, in the customer's language; everything else comes from the domain's responses.

For a response of the domain, `utter_greet` is the English one and `utter_greet__nl` the Dutch: the name with two
underscores and the language is taken if it exists, else the plain one. Sentences of procedures never enter the domain.
"""

from __future__ import annotations

from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.procedures.model import DEFAULT_LANGUAGE
from bot.procedures.names import STATE_SLOT
from bot.procedures.speak import merge


class ProcedureNLG(TemplatedNaturalLanguageGenerator):
    """endpoints.yml: `nlg: {type: bot.nlg.ProcedureNLG}`."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        super().__init__(domain.responses if domain else {})

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """{"text", "buttons"}: one message; paragraphs are separated by an empty line. None if there are no words."""
        language = _language(tracker)
        planned = _planned(tracker, utter_action)
        if not planned:
            return await self._response(utter_action, language, tracker, output_channel, **kwargs)
        parts = []
        for part in planned:
            if "response" in part:
                said = await self._response(part["response"], language, tracker, output_channel, **kwargs) or {}
                part = {"text": said.get("text") or "", "buttons": _commands(said, alone=len(planned) == 1)}
            parts.append(part)
        return merge(parts)

    async def _response(
        self, name: str, language: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        own = f"{name}__{language}"
        return await super().generate(own if own in self.responses else name, tracker, output_channel, **kwargs)


def _commands(said: dict[str, Any], alone: bool) -> list[dict[str, Any]]:
    """Buttons of small talk. Before a question, those that start something else would be taken for its answers."""
    return [b for b in said.get("buttons") or [] if alone or str(b["payload"]).startswith("command:")]


def _planned(tracker: DialogueStateTracker, action: str) -> list[dict[str, Any]]:
    """The policy's words for `action` in this very turn, or nothing."""
    progress = tracker.get_slot(STATE_SLOT)
    heard = tracker.latest_message
    if not progress or heard is None or progress["say"]["action"] != action:
        return []
    if progress["message_id"] != (heard.metadata or {}).get("message_id"):
        return []
    return list(progress["say"]["messages"])


def _language(tracker: DialogueStateTracker) -> str:
    parsed = tracker.latest_message.parse_data if tracker.latest_message else {}
    return str(parsed.get("language") or tracker.get_slot("language") or DEFAULT_LANGUAGE)
