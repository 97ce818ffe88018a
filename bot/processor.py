"""One turn, whole or not at all.

Rasa's own processor carries on when an action fails ("Bot will continue, but the actions events are lost") and stores
the half turn; its REST channel then answers 200 with nothing. Here any failure ends the turn before the tracker is
stored, so that the desk hears of it, and a repeated message finds the conversation as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa.core.actions.action import Action
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.language_model import language_wanted
from bot.procedures.continuing import opened
from bot.procedures.model import Catalogue
from bot.procedures.names import STATE_SLOT, mirrored
from bot.turn import LANGUAGES, Turn

CHANGE_LANGUAGE = "change_language"
"""The intent of a customer who names the language to go on in."""


class TurnFailed(RuntimeError):
    """The assistant has no answer for this turn; nothing of it was stored, so the same turn may be sent again."""


@dataclass(frozen=True)
class Taken:
    """A turn that is stored: `events` of the conversation up to its end, its own from index `start` on."""

    events: Sequence[Event]
    start: int
    replayed: bool


class TurnProcessor(MessageProcessor):
    """Rasa's message processor with turns that either end well or leave no trace."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.on_circuit_break = self._refuse_endless_turn

    async def take(self, turn: Turn, output: OutputChannel, catalogue: Catalogue) -> Taken:
        """Answer `turn` and store it, or find the answer that its message id got before. Raises TurnFailed.

        The caller makes sure that two turns of one conversation are not taken at once.
        """
        tracker = await self.get_tracker(turn.conversation)
        stored = stored_turn(list(tracker.events), turn.message_id)
        if stored:
            return stored
        await self._update_tracker_session(tracker, output)
        if turn.procedure_state is not None and tracker.get_slot(STATE_SLOT) is None:
            # A fresh session that goes on where a technician left it.
            tracker.update(SlotSet(STATE_SLOT, mirrored(opened(catalogue, turn.procedure_state))), self.domain)
        start = len(tracker.events)
        await self._hear(turn, tracker, output)
        await self._run_prediction_loop(output, tracker)
        events = list(tracker.events)
        if not any(isinstance(event, BotUttered) and event.text for event in events[start:]):
            raise TurnFailed("the assistant said nothing")
        await self.save_tracker(tracker)
        return Taken(events, start, replayed=False)

    async def get_tracker(self, conversation_id: str) -> DialogueStateTracker:
        """Read a conversation; a new one is not stored before its first turn ended well."""
        tracker = await self.tracker_store.retrieve(conversation_id) or self.tracker_store.init_tracker(conversation_id)
        tracker.model_id = self.model_metadata.model_id
        tracker.assistant_id = tracker.assistant_id or self.model_metadata.assistant_id
        return tracker

    async def _hear(self, turn: Turn, tracker: DialogueStateTracker, output: OutputChannel) -> None:
        """Put what the customer said on the tracker, understood; no slots are filled from it (all are custom)."""
        known = tracker.get_slot("language") or turn.language
        message = UserMessage(
            turn.text,
            output,
            turn.conversation,
            parse_data=_pressed(turn, known) if turn.choice else None,
            input_channel=turn.channel,
            message_id=turn.message_id,
            metadata={**turn.metadata, "language": known},
        )
        await self._handle_message_with_tracker(message, tracker)
        parsed = tracker.latest_message.parse_data
        if parsed["intent"]["name"] == CHANGE_LANGUAGE:
            parsed["language"] = language_wanted(turn.text) or parsed.get("language")
        language = parsed.get("language")
        if language != tracker.get_slot("language"):
            tracker.update(SlotSet("language", language), self.domain)

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        """Run an action on the tracker itself; what it raises ends the turn.

        Rasa first copies the tracker, replaying all its events, to be able to forget an action that was rejected. A
        failed turn is forgotten whole here, so there is no need to (0.9 of 7.2 ms of a turn at the twelfth message).
        """
        tracker.update_with_events(prediction.events, self.domain)
        events = await action.run(output_channel, nlg, tracker, self.domain)
        tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(events or [], self.domain)
        return self.should_predict_another_action(action.name())

    def _refuse_endless_turn(self, tracker: DialogueStateTracker, output: OutputChannel, nlg: Any) -> None:
        raise TurnFailed(f"the turn did not end within {self.max_number_of_predictions} actions")


def stored_turn(events: Sequence[Event], message_id: str) -> Taken | None:
    """Find the turn of `message_id`; `events` of the result end where that turn ended."""
    starts = [at for at, event in enumerate(events) if isinstance(event, UserUttered)]
    for at, end in zip(starts, [*starts[1:], len(events)], strict=False):
        if events[at].message_id == message_id:
            return Taken(events[:end], at, replayed=True)
    return None


def _pressed(turn: Turn, known: str | None) -> dict[str, Any]:
    """Parse data of a pressed button: it needs no understanding, the policy reads `choice` from the metadata."""
    return {
        "text": turn.text,
        "intent": {"name": None, "confidence": 0.0},
        "intent_ranking": [],
        "entities": [],
        "language": known or LANGUAGES[0],
    }
