"""Checks of policy, language generation and importer that need Rasa: run in the engine's environment by test_policy.py.

Prints {"name of the check": null or the traceback} as JSON. Rasa's loop of predictions is played here in a few lines;
the policy, the NLG, the domain and the tracker are the real ones.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.importer import ProcedureImporter
from bot.nlg import ProcedureNLG
from bot.policy import ProcedurePolicy
from bot.procedures.state import State
from bot.procedures.trace import procedures

OWN = Domain.from_yaml(
    """
    intents: [greet, ticket_status, affirm, human, restart, back, session_start]
    actions: [action_ticket_status]
    slots:
      language: {type: text, influence_conversation: false, mappings: [{type: custom}]}
      handover: {type: any, influence_conversation: false, mappings: [{type: custom}]}
    responses:
      utter_greet: [{text: Hello, buttons: [{title: Wi-Fi, payload: "start:wifi_connect"}]}]
      utter_greet__nl: [{text: Hallo, buttons: [{title: Wifi, payload: "start:wifi_connect"}]}]
    """
)
DOMAIN = OWN.merge(ProcedureImporter().get_domain())


def trained(folder: Path) -> ProcedurePolicy:
    """A policy that was trained into a model's storage and loaded from there."""
    storage, resource = LocalModelStorage(folder), Resource("policy")
    context = ExecutionContext(GraphSchema({}), "a model")
    config = {**ProcedurePolicy.get_default_config(), "max_history": None}
    ProcedurePolicy.create(config, storage, resource, context).train([], DOMAIN)
    return ProcedurePolicy.load(dict(config), storage, resource, context)


class Talk:
    """One conversation; `failing` actions do nothing, like one whose server is down."""

    def __init__(self, policy: ProcedurePolicy, failing: bool = False) -> None:
        self.policy, self.failing = policy, failing
        self.tracker = DialogueStateTracker("17.1", DOMAIN.slots)
        self.nlg = ProcedureNLG(domain=DOMAIN)
        self.said: list[dict[str, Any]] = []
        self.ran: list[str] = []
        self.turns = 0
        self.outcomes: Iterator[Any] = iter(())
        """What custom actions report, in order; without one they report nothing."""
        self.update(ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen"))

    def update(self, *events: Event) -> None:
        self.tracker.update_with_events(list(events), DOMAIN)

    def hear(self, text: str = "", intent: str | None = None, choice: str | None = None, language: str = "en") -> Talk:
        self.turns += 1
        self.said, self.ran = [], []
        ranking = [{"name": intent, "confidence": 0.95}] if intent else []
        self.update(
            UserUttered(
                text,
                {"name": intent, "confidence": 0.95},
                parse_data={"intent_ranking": ranking, "language": language},
                message_id=str(self.turns),
                metadata={"message_id": str(self.turns), "choice": choice, "channel": "web"},
            )
        )
        while self.predict() and self.ran[-1] != "action_listen":
            assert len(self.ran) < 10, self.ran
        return self

    def predict(self) -> bool:
        """One prediction carried out; False when the policy has no opinion."""
        prediction = self.policy.predict_action_probabilities(self.tracker, DOMAIN)
        if prediction.max_confidence == 0.0:
            return False
        action = DOMAIN.action_names_or_texts[prediction.max_confidence_index]
        events = [*prediction.events, *prediction.optional_events]
        assert not any(isinstance(event, ActiveLoop) for event in events)
        self.update(*events)
        self.ran.append(action)
        if action.startswith("utter_"):
            self.said.append(self.words(action))
        self.update(ActionExecuted(action, metadata=prediction.action_metadata))
        if action == "action_open_ticket" and not self.failing:
            self.update(SlotSet("handover", {"reason": "asked", "ticket": "FL-1"}))
        elif action not in {"action_listen", "action_open_ticket"} and not action.startswith("utter_"):
            self.update(*(SlotSet("procedure_outcome", outcome) for outcome in islice(self.outcomes, 1)))
        return True

    def words(self, action: str) -> dict[str, Any]:
        return asyncio.run(self._words(action))

    async def _words(self, action: str) -> dict[str, Any]:
        return await self.nlg.generate(action, self.tracker, "web") or {}

    @property
    def state(self) -> State:
        return State.from_json(self.tracker.get_slot("procedure_state")["state"])


def check_the_catalogue_is_inside_the_model(policy: ProcedurePolicy) -> None:
    assert policy.catalogue == ProcedureImporter().catalogue()


def check_training_notices_a_changed_file(policy: ProcedurePolicy) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree("data/procedures", folder, dirs_exist_ok=True)
        before = ProcedurePolicy.fingerprint_addon({"procedures": folder})
        assert before == ProcedurePolicy.fingerprint_addon({})
        with Path(folder, "wifi_connect.yml").open("a", encoding="utf-8") as file:
            file.write("# changed\n")
        assert before != ProcedurePolicy.fingerprint_addon({"procedures": folder})


def check_a_question_costs_two_predictions_and_no_action_call(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear("my printer does not print", "printer_offline")
    assert talk.ran == ["utter_printer_offline__power", "action_listen"]
    assert talk.hear("yes").ran == ["utter_printer_offline__message", "action_listen"]


def check_sentences_of_a_turn_are_one_message_with_the_buttons_of_the_question(policy: ProcedurePolicy) -> None:
    said = Talk(policy).hear("mijn printer doet niets", "printer_offline", language="nl").said
    assert len(said) == 1
    assert said[0]["text"].count("\n\n") == 1
    assert said[0]["text"].startswith("Een printer die niet print")
    assert [b["payload"].split(":")[-1] for b in said[0]["buttons"]] == ["yes", "no", "unknown"]
    assert [b["title"] for b in said[0]["buttons"]] == ["Ja", "Nee", "Weet ik niet"]


def check_the_slot_mirrors_the_state_on_the_metadata(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear("no wifi", "wifi_connect").hear("yes")
    kept = [e.metadata["procedures"] for e in talk.tracker.events if isinstance(e, ActionExecuted) and e.metadata]
    mirror = talk.tracker.get_slot("procedure_state")
    assert kept[-1]["state"] == mirror["state"]
    assert mirror["message_id"] == "2"
    assert json.loads(json.dumps(mirror)) == mirror
    assert procedures(policy.catalogue, talk.state, "en")[0]["pending"] == "wifi_on"


def check_without_the_slot_the_metadata_is_enough(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear("no wifi", "wifi_connect")
    events = [event for event in talk.tracker.events if not isinstance(event, SlotSet)]
    talk.tracker = DialogueStateTracker.from_events("17.1", events, DOMAIN.slots, domain=DOMAIN)
    assert talk.hear("no").ran == ["utter_wifi_connect__at_home", "action_listen"]


def check_it_has_no_opinion_on_what_is_not_its_own(policy: ProcedurePolicy) -> None:
    for intent in ("restart", "back", "session_start", "greet", "ticket_status"):
        assert Talk(policy).hear("hm", intent).ran == []
    talk = Talk(policy).hear("no wifi", "wifi_connect")
    for intent in ("restart", "back", "session_start"):
        assert talk.hear("hm", intent).ran == []
        talk.update(ActionExecuted("action_listen"))


def check_it_has_no_opinion_after_an_action_of_others(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear("no wifi", "wifi_connect").hear("hi", "back")
    talk.update(ActionExecuted("utter_greet"))
    assert not talk.predict()


def check_small_talk_in_a_procedure_is_answered_before_the_question_is_repeated(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear("geen wifi", "wifi_connect", language="nl").hear("hoi", "greet", language="nl")
    assert talk.ran == ["utter_wifi_connect__others", "action_listen"]
    assert talk.said[0]["text"].startswith("Hallo\n\nWerkt de wifi wel")
    assert all(button["payload"].startswith("answer:") for button in talk.said[0]["buttons"])


def check_an_action_that_answers_is_run_before_the_question_is_repeated(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear("no wifi", "wifi_connect").hear("how is my ticket", "ticket_status")
    assert talk.ran == ["action_ticket_status", "utter_wifi_connect__others", "action_listen"]


def check_a_pressed_button_needs_no_words(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear(choice="start:printer_offline").hear(choice="answer:printer_offline:power:no")
    assert talk.ran == ["utter_printer_offline__switch_on", "action_listen"]
    visit = talk.state.runs[0].visits[-1]
    assert (visit.answer, visit.message_id) == ("no", "2")


def check_an_escalation_says_its_sentence_and_opens_a_ticket(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear("cannot log in", "account_locked").hear("someone else")
    assert talk.ran == ["utter_account_locked__security", "action_open_ticket", "action_listen"]
    handover = talk.tracker.get_slot("procedure_state")["handover"]
    assert handover["reason"] == "security"
    assert (handover["team"], handover["impact"], handover["urgency"]) == ("security", 1, 1)


def check_a_ticket_that_fails_still_leads_to_a_person(policy: ProcedurePolicy) -> None:
    talk = Talk(policy, failing=True).hear("a person please", "human")
    assert talk.ran == ["action_open_ticket", "utter_ticket_unavailable", "action_listen"]
    assert talk.said[0]["text"]
    assert talk.tracker.get_slot("handover") == {"reason": "asked", "ticket": None}


def check_a_solved_case_is_told_once(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear("locked", "account_locked").hear("wrong").hear("done").hear("yes")
    assert talk.tracker.get_slot("procedure_state")["resolved"]
    assert talk.tracker.get_slot("procedure_state")["message_id"] == "4"
    talk.hear("what?", "nlu_fallback")
    assert not talk.tracker.get_slot("procedure_state")["resolved"]


def check_a_restart_forgets_everything(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear("no wifi", "wifi_connect")
    talk.update(Restarted(), ActionExecuted("action_listen"))
    assert talk.hear("yes", "affirm").ran == ["utter_nothing_pending", "action_listen"]


def check_a_new_session_that_keeps_its_slots_goes_on(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear("no wifi", "wifi_connect")
    kept = talk.tracker.get_slot("procedure_state")
    talk.update(SessionStarted(), SlotSet("procedure_state", kept), ActionExecuted("action_listen"))
    assert talk.hear("yes").ran == ["utter_wifi_connect__wifi_on", "action_listen"]


def check_what_is_reverted_never_happened(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear("no wifi", "wifi_connect").hear("yes")
    talk.update(UserUtteranceReverted())  # takes the listening before it along
    assert talk.predict()
    assert talk.hear("no").ran == ["utter_wifi_connect__at_home", "action_listen"]


def check_responses_of_the_domain_are_spoken_in_the_customers_language(policy: ProcedurePolicy) -> None:
    talk = Talk(policy).hear("hoi", "greet", language="nl")
    assert talk.words("utter_greet")["text"] == "Hallo"
    talk.hear("hi", "greet")
    assert talk.words("utter_greet")["text"] == "Hello"


def check_no_text_enters_the_domain(policy: ProcedurePolicy) -> None:
    domain = ProcedureImporter().get_domain()
    assert domain.responses == {}
    assert "utter_printer_offline__power" in domain.user_actions
    assert {slot.name for slot in domain.slots} >= {"procedure_state", "procedure_outcome"}
    assert {"printer_offline", "wifi_connect", "account_locked"} <= set(domain.intents)


def check_the_stories_of_the_importer_are_what_the_policy_does(policy: ProcedurePolicy) -> None:
    """A dozen of each procedure, evenly spread over its ways: all of them take minutes."""
    steps = ProcedureImporter().get_conversation_tests().story_steps
    assert len(steps) > 2000
    by_procedure: dict[str, list[Any]] = {}
    for step in steps:
        by_procedure.setdefault(step.block_name.rpartition(" ")[0], []).append(step)
    for story in (s for found in by_procedure.values() for s in found[:: max(1, len(found) // 12)]):
        talk = Talk(policy)
        actions = [event.action_name for event in story.events if isinstance(event, ActionExecuted)]
        expected = [action for action in actions if action != "action_listen"]
        reported = [e.value for e in story.events if isinstance(e, SlotSet) and e.key == "procedure_outcome"]
        talk.outcomes = iter(reported)
        done: list[str] = []
        for event in story.events:
            if isinstance(event, UserUttered):
                talk.hear(event.text or "", event.intent["name"])
                done += talk.ran
        assert [a for a in done if a != "action_listen"] == expected, story.block_name


def main() -> None:
    results: dict[str, str | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        policy = trained(Path(folder))
        for name, check in sorted(globals().items()):
            if name.startswith("check_"):
                try:
                    check(policy)
                    results[name] = None
                except Exception:  # noqa: BLE001 - every check is reported
                    results[name] = traceback.format_exc()
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
