"""The policy that runs diagnostic procedures: `bot.procedures` inside Rasa.

A customer's message is read into a command and carried out; what follows (sentences, actions) becomes a queue of Rasa
actions. Consecutive sentences are one action, so that a question costs two predictions: it, and listening.

    message ─► read ─► advance ─► state, effects ─► queue ─► utter_<procedure>__<step> ─► [action_…] ─► action_listen

The state rides on the metadata of every action predicted here, so it is a function of the conversation's events; the
slot `procedure_state` mirrors it for language generation, actions and channel. Nothing here sets an active loop.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Dict, List, Optional

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData, confidence_scores_for
from rasa.core.processor import MessageProcessor
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from bot.heard import NOT_OURS, asides_of, turn_of
from bot.procedures.advance import advance
from bot.procedures.codec import from_json, to_json
from bot.procedures.commands import Aside, NotUnderstood, Outcome, Repeat, Start
from bot.procedures.effects import Effect, OpenTicket, RunAction, SaySentence, Spoken
from bot.procedures.facts import facts
from bot.procedures.loader import load as load_catalogue
from bot.procedures.loader import source_files
from bot.procedures.model import DEFAULT_LANGUAGE, Catalogue
from bot.procedures.names import HANDOVER_SLOT, OPEN_TICKET, OUTCOME_SLOT, STATE_SLOT, action_name, mirrored
from bot.procedures.reading import read
from bot.procedures.secrets import gives_password
from bot.procedures.speak import say
from bot.procedures.state import State
from bot.procedures.style import CHAT, LETTER, Style
from bot.procedures.topics import URGENT, Thresholds
from bot.procedures.turn import Turn

_METADATA = "procedures"
_CATALOGUE_FILE = "procedures.json"
_LETTER_NUMBERS = ("misses", "questions", "instructions", "start")


@dataclass(frozen=True)
class _Planned:
    """One action still to be predicted. `say`: its messages; `awaited`: its outcome decides the next step."""

    action: str
    say: tuple[dict[str, Any], ...] = ()
    awaited: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"action": self.action, "say": list(self.say), "awaited": self.awaited}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> _Planned:
        return cls(data["action"], tuple(data["say"]), data["awaited"])


@dataclass(frozen=True)
class _Memory:
    """What the last action of ours left behind. `running`: it is the conversation's last action."""

    state: State
    queue: tuple[_Planned, ...] = ()
    awaited: bool = False
    running: bool = False


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class ProcedurePolicy(Policy):
    """Give it a priority above RulePolicy's. `procedures` and `texts` are folders; `letter_…` the numbers of
    `bot.procedures.style.LETTER`; the rest are confidences."""

    @staticmethod
    def supported_data() -> SupportedData:
        """Nothing is learned, so any data will do."""
        return SupportedData.ML_AND_RULE_DATA

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Paths are relative to the repository root."""
        thresholds = {field.name: field.default for field in fields(Thresholds)}
        letter = {f"letter_{name}": getattr(LETTER, name) for name in _LETTER_NUMBERS}
        return {"priority": 7, "procedures": "data/procedures", "texts": "bot/texts", **thresholds, **letter}

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Makes training notice a changed file of ours."""
        paths = {**cls.get_default_config(), **config}
        digest = hashlib.sha256()
        for path in source_files(Path(paths["procedures"]), Path(paths["texts"])):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: Any = None,
        catalogue: Optional[Catalogue] = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context, featurizer)
        self.catalogue = catalogue or Catalogue({})
        self._thresholds = Thresholds(**{field.name: float(config[field.name]) for field in fields(Thresholds)})
        numbers = {name: config[f"letter_{name}"] for name in _LETTER_NUMBERS}
        self._letter = replace(LETTER, **numbers)

    def train(self, training_trackers: List[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Checks the procedures and puts them into the model. Raises CatalogueError."""
        self.catalogue = load_catalogue(Path(self.config["procedures"]), Path(self.config["texts"]))
        with self._model_storage.write_to(self._resource) as folder:
            text = json.dumps(to_json(self.catalogue), ensure_ascii=False)
            (folder / _CATALOGUE_FILE).write_text(text, encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ProcedurePolicy:
        """Takes the catalogue out of the model."""
        with model_storage.read_from(resource) as folder:
            data = json.loads((folder / _CATALOGUE_FILE).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, execution_context, catalogue=from_json(data))

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[str, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The next action of ours, or no opinion."""
        memory = _memory(tracker)
        if tracker.latest_action_name == ACTION_LISTEN_NAME:
            return self._begin(tracker, domain, memory.state)
        if memory.running:
            return self._continue(tracker, domain, memory)
        return self._abstain(domain)

    # ---- a turn begins ---------------------------------------------------------------------------------------------

    def _begin(self, tracker: DialogueStateTracker, domain: Domain, state: State) -> PolicyPrediction:
        heard = tracker.latest_message
        if heard is None or heard.intent.get("name") in NOT_OURS:
            return self._abstain(domain)
        asides = asides_of(self.catalogue, domain.intents, domain.user_actions)
        style = self._style(heard)
        command = read(self.catalogue, state, _turn(self.catalogue, heard), asides, self._surer(style))
        secret = gives_password(heard.text or "", self.catalogue.words)
        if secret and state.top is not None and isinstance(command, Start) and not self._urgent(command):
            command = Repeat()  # "my password is …", unasked: that is no new problem
        if command is None and secret:  # the small talk is answered here too, for the customer must be told
            command = Aside(asides[heard.intent["name"]], ask_again=False)
        if command is None:
            return self._abstain(domain)
        state, effects = advance(self.catalogue, state, command, _message_id(heard), style)
        if (heard.metadata or {}).get("files") and isinstance(command, NotUnderstood) and state.handover is None:
            effects = (SaySentence("file_seen"), *effects)
        if secret:
            effects = (SaySentence("secret_seen"), *effects)
        return self._predict(tracker, domain, state, self._plan(effects, tracker))

    def _style(self, heard: UserUttered | None) -> Style:
        letter = heard is not None and (heard.metadata or {}).get("style") == "letter"
        return self._letter if letter else CHAT

    def _surer(self, style: Style) -> Thresholds:
        return replace(self._thresholds, start=max(self._thresholds.start, style.start))

    def _urgent(self, command: Start) -> bool:
        return self.catalogue.procedures[command.procedure].urgency == URGENT

    # ---- a turn goes on --------------------------------------------------------------------------------------------

    def _continue(self, tracker: DialogueStateTracker, domain: Domain, memory: _Memory) -> PolicyPrediction:
        state, queue = memory.state, memory.queue
        events: list[Event] = []
        if memory.awaited:
            heard = tracker.latest_message
            state, effects = advance(self.catalogue, state, _outcome(tracker), _message_id(heard), self._style(heard))
            queue = self._plan(effects, tracker)
        elif tracker.latest_action_name == OPEN_TICKET and state.handover and not tracker.get_slot(HANDOVER_SLOT):
            # The action failed. The customer still goes to a person: the desk can do without the number.
            events = [SlotSet(HANDOVER_SLOT, {"reason": state.handover.reason, "ticket": None})]
            queue = self._plan((SaySentence("ticket_unavailable"),), tracker)
        if queue:
            return self._predict(tracker, domain, state, queue, events)
        return PolicyPrediction(
            confidence_scores_for(ACTION_LISTEN_NAME, 1.0, domain), type(self).__name__, self.priority
        )

    # ---- predictions -----------------------------------------------------------------------------------------------

    def _plan(self, effects: Iterable[Effect], tracker: DialogueStateTracker) -> tuple[_Planned, ...]:
        language = _language(tracker)
        planned: list[_Planned] = []
        for effect in effects:
            if isinstance(effect, OpenTicket):
                planned.append(_Planned(OPEN_TICKET))
            elif isinstance(effect, RunAction) and not effect.action.startswith("utter_"):
                planned.append(_Planned(effect.action, awaited=effect.awaited))
            else:
                _add_words(planned, *self._words(effect, language))
        return tuple(planned)

    def _words(self, effect: Spoken | RunAction, language: str) -> tuple[str, dict[str, Any] | None]:
        if isinstance(effect, RunAction):
            return effect.action, {"response": effect.action}
        return action_name(effect), say(self.catalogue, effect, language)

    def _predict(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        state: State,
        queue: tuple[_Planned, ...],
        events: Iterable[Event] = (),
    ) -> PolicyPrediction:
        first, rest = queue[0], queue[1:]
        known = facts(self.catalogue, state.top) if first.awaited and state.top else {}
        mirror = mirrored(state, first.action, first.say, _message_id(tracker.latest_message), known)
        queued = [planned.to_json() for planned in rest]
        metadata = {"state": mirror["state"], "queue": queued, "awaited": first.awaited}
        return PolicyPrediction(
            confidence_scores_for(first.action, 1.0, domain),
            type(self).__name__,
            self.priority,
            optional_events=[*events, SlotSet(STATE_SLOT, mirror)],
            action_metadata={_METADATA: metadata},
        )

    def _abstain(self, domain: Domain) -> PolicyPrediction:
        return PolicyPrediction(self._default_predictions(domain), type(self).__name__, self.priority)


def catalogue_of(processor: MessageProcessor) -> Catalogue:
    """The catalogue inside the loaded model. Raises LookupError when the model has no ProcedurePolicy."""
    for node in processor.graph_runner._instantiated_nodes.values():
        component = getattr(node, "_component", None)
        if isinstance(component, ProcedurePolicy):
            return component.catalogue
    raise LookupError("the model was trained without bot.policy.ProcedurePolicy; see config.yml")


def _add_words(planned: list[_Planned], action: str, message: dict[str, Any] | None) -> None:
    """Joins words to the words before them; the last one names the action."""
    if message is None:
        return
    before = planned.pop().say if planned and planned[-1].say else ()
    planned.append(_Planned(action, (*before, message)))


def _memory(tracker: DialogueStateTracker) -> _Memory:
    """From the newest action of ours; before a session or without one, from the slot (which a new session keeps)."""
    latest = True
    for event in _backwards(tracker):
        if isinstance(event, ActionExecuted):
            kept = (event.metadata or {}).get(_METADATA)
            if kept is not None:
                queue = tuple(_Planned.from_json(planned) for planned in kept["queue"])
                return _Memory(State.from_json(kept["state"]), queue, kept["awaited"], running=latest)
            latest = False
        elif isinstance(event, (SessionStarted, Restarted)):
            break
    mirror = tracker.get_slot(STATE_SLOT)
    return _Memory(State.from_json(mirror["state"]) if mirror else State())


def _backwards(tracker: DialogueStateTracker) -> Iterable[Event]:
    if any(isinstance(event, (ActionReverted, UserUtteranceReverted)) for event in tracker.events):
        return reversed(tracker.applied_events())
    return reversed(tracker.events)


def _outcome(tracker: DialogueStateTracker) -> Outcome:
    """What the last action set as its outcome: a name, or {"outcome", "facts", "options"}. A failed one set none."""
    for event in reversed(tracker.events):
        if isinstance(event, SlotSet) and event.key == OUTCOME_SLOT:
            return _told(event.value)
        if isinstance(event, ActionExecuted):
            break
    return Outcome(None)


def _told(value: Any) -> Outcome:
    if not isinstance(value, Mapping):
        return Outcome(str(value) if value is not None else None)
    options = tuple((str(each), str(title)) for each, title in value.get("options", ()))
    return Outcome(value["outcome"], value.get("facts", {}), options)


def _turn(catalogue: Catalogue, heard: UserUttered) -> Turn:
    metadata = heard.metadata or {}
    parsed = {**heard.parse_data, "intent": heard.intent, "entities": heard.entities}
    returned, letter = bool(metadata.get("context")), metadata.get("style") == "letter"
    files = metadata.get("files") or 0
    return turn_of(catalogue, heard.text or "", parsed, metadata.get("choice"), returned, letter, files)


def _message_id(heard: UserUttered | None) -> str | None:
    return (heard.metadata or {}).get("message_id") if heard is not None else None


def _language(tracker: DialogueStateTracker) -> str:
    parsed = tracker.latest_message.parse_data if tracker.latest_message else {}
    return str(parsed.get("language") or tracker.get_slot("language") or DEFAULT_LANGUAGE)
