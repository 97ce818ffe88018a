"""The assistant as the desk sees it: real Rasa, real actions, a desk that only has the internal API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from bot.procedures.continuing import handed_back, mark, pending
from bot.procedures.loader import load
from bot.procedures.state import State
from tests.engine_process import ROOT, Engine
from tests.fake_desk import FakeDesk

pytestmark = [pytest.mark.slow, pytest.mark.rasa]


def texts(answer: dict[str, Any]) -> str:
    return "\n".join(message["text"] for message in answer["messages"])


def buttons(answer: dict[str, Any]) -> dict[str, str]:
    return {button["title"]: button["payload"] for button in answer["messages"][-1]["buttons"]}


def test_alice_is_guided_through_the_printer_procedure_by_text(engine: Engine, conversation: str) -> None:
    start = engine.say(conversation, "1", "hi, my printer wont print :(")
    assert start["language"] == "en"
    assert start["understanding"]["intent"] == "printer_offline"
    assert "switched on" in texts(start)
    assert start["procedures"][0]["pending"] == "power"

    no = engine.say(conversation, "2", "no it isnt")
    assert no["procedures"][0]["pending"] == "switch_on"
    assert [(step["step"], step["answer"], step["message_id"]) for step in no["procedures"][0]["steps"]] == [
        ("power", "no", "2")
    ]
    engine.say(conversation, "3", "done")
    solved = engine.say(conversation, "4", "yes it works now")
    assert solved["resolved"] is True
    assert solved["procedures"][0]["state"] == "resolved"
    assert solved["handover"] is None


def test_bob_is_guided_in_dutch_by_buttons(engine: Engine, conversation: str) -> None:
    start = engine.say(conversation, "1", "goedemorgen, mijn printer doet het niet", language="en")
    assert start["language"] == "nl"
    assert set(buttons(start)) >= {"Ja", "Nee"}

    pressed = engine.say(conversation, "2", choice=buttons(start)["Nee"], language="nl")
    assert pressed["language"] == "nl"
    assert pressed["understanding"]["intent"] is None
    step = pressed["procedures"][0]["steps"][0]
    assert (step["step"], step["answer"], step["answer_text"]) == ("power", "no", "Nee")


def test_a_button_starts_a_procedure_in_the_language_the_desk_knows(engine: Engine, conversation: str) -> None:
    answer = engine.say(conversation, "1", choice="start:wifi_connect", language="nl")
    assert answer["language"] == "nl"
    assert answer["procedures"][0]["procedure"] == "wifi_connect"


def test_a_short_word_keeps_the_language(engine: Engine, conversation: str) -> None:
    engine.say(conversation, "1", "ik kan niet meer inloggen op mijn computer")
    assert engine.say(conversation, "2", "ok")["language"] == "nl"
    assert engine.say(conversation, "3", "sorry, could you please write to me in english?")["language"] == "en"


def test_small_talk_in_the_middle_repeats_the_question(engine: Engine, conversation: str) -> None:
    start = engine.say(conversation, "1", "my printer is offline")
    thanks = engine.say(conversation, "2", "thanks a lot")
    assert thanks["procedures"][0]["pending"] == start["procedures"][0]["pending"]
    assert "welcome" in texts(thanks)
    assert "switched on" in texts(thanks)


def test_small_talk_has_answers_in_both_languages(engine: Engine, conversation: str) -> None:
    assert "Hello" in texts(engine.say(conversation, "1", "hello there"))
    assert "Hallo" in texts(engine.say(f"{conversation}.nl", "1", "hallo, goedemorgen"))


def test_a_problem_without_a_procedure_is_offered_a_colleague(engine: Engine, conversation: str) -> None:
    answer = engine.say(conversation, "1", "we need a new website for our department")
    assert "command:human" in buttons(answer).values()


def test_a_person_is_asked_for_and_the_ticket_number_is_said(engine: Engine, desk: FakeDesk, conversation: str) -> None:
    engine.say(conversation, "41", "my printer is dead")
    answer = engine.say(conversation, "42", "i want to talk to a human please")
    assert answer["handover"] == {"reason": "asked", "ticket": "FL-1001"}
    assert "FL-1001" in texts(answer)
    (request,) = desk.requests
    method, path, authorization, body = request
    assert (method, path) == ("POST", f"/internal/conversations/{conversation}/tickets")
    assert authorization == f"Bearer {engine.environment['FIRSTLINE_INTERNAL_TOKEN']}"
    assert (body["message_id"], body["reason"], body["procedure"]) == ("42", "asked", "printer_offline")


def test_a_person_is_promised_only_when_one_is_there(engine: Engine, desk: FakeDesk, conversation: str) -> None:
    desk.people_available = False
    answer = engine.say(conversation, "1", "ik wil een medewerker spreken")
    assert "niemand beschikbaar" in texts(answer)


def test_tickets_are_looked_up(engine: Engine, desk: FakeDesk, conversation: str) -> None:
    assert "no tickets" in texts(engine.say(conversation, "1", "what is the status of my ticket?"))
    desk.tickets = [{"number": "FL-7", "subject": "Printer", "state": "open", "created_at": "2030-01-01T00:00:00Z"}]
    assert "FL-7" in texts(engine.say(conversation, "2", "what is the status of my ticket?"))


def test_a_desk_that_fails_makes_the_turn_fail_and_the_retry_succeed(
    engine: Engine, desk: FakeDesk, conversation: str
) -> None:
    start = engine.say(conversation, "1", "my printer is dead")
    desk.broken = True
    turn = {"conversation": conversation, "message_id": "2", "text": "talk to a person", "channel": "web"}
    failed = engine.post(turn)
    assert failed.status_code == 500
    assert failed.json()["error"] == "turn_failed"

    desk.broken = False
    retried = engine.post(turn).json()
    assert retried["replayed"] is False
    assert retried["handover"] == {"reason": "asked", "ticket": "FL-1001"}
    assert len(retried["procedures"]) == len(start["procedures"]) == 1


def test_actions_that_are_down_make_the_turn_fail(engine: Engine, desk: FakeDesk, conversation: str) -> None:
    engine.stop("actions")
    try:
        turn = {"conversation": conversation, "message_id": "1", "text": "talk to a person", "channel": "web"}
        assert engine.post(turn).status_code == 500
    finally:
        engine.start("actions")
    assert engine.post(turn).json()["handover"]["ticket"] == "FL-1001"


def test_a_repeated_message_gets_the_same_answer_also_after_a_restart(engine: Engine, conversation: str) -> None:
    engine.say(conversation, "1", "my wifi does not work")
    first = engine.say(conversation, "2", "only me")
    engine.say(conversation, "3", "my laptop")

    engine.stop("serve")
    engine.start("serve")
    again = engine.say(conversation, "2", "only me")
    assert again == {**first, "replayed": True}
    assert len(engine.say(conversation, "3", "my laptop")["procedures"]) == 1


@pytest.mark.parametrize(
    "typed", ["/restart", " / restart", '/printer_offline{"os": "x"}', "/session_start", "/back", "/"]
)
def test_typed_commands_of_rasa_are_text(engine: Engine, conversation: str, typed: str) -> None:
    engine.say(conversation, "1", "my wifi does not work")
    answer = engine.say(conversation, "2", typed)
    assert answer["messages"]
    assert answer["understanding"]["confidence"] < 1.0
    assert answer["procedures"][0]["procedure"] == "wifi_connect"


def test_a_stranger_is_refused(engine: Engine, conversation: str) -> None:
    turn = {"conversation": conversation, "message_id": "1", "text": "hello", "channel": "web"}
    for token in ("none", "wrong", f"{engine.token}x"):
        refused = engine.post(turn, token=token)
        assert (refused.status_code, refused.json()["error"]) == (401, "unauthorized")


@pytest.mark.parametrize("body", [[], "text", {"conversation": "1.1"}, {"message_id": 7}, None])
def test_a_malformed_body_is_refused(engine: Engine, body: object) -> None:
    refused = engine.post(body)
    assert (refused.status_code, refused.json()["error"]) == (400, "bad_request")


def test_what_is_no_json_is_refused(engine: Engine) -> None:
    headers = {"Authorization": f"Bearer {engine.token}", "Content-Type": "application/json"}
    for body in (b"", b"{", b"\xff\xfe", b"[" * 5000):
        refused = httpx.post(f"{engine.url}/turn", content=body, headers=headers)
        assert (refused.status_code, refused.json()["error"]) == (400, "bad_request")


def test_the_same_message_sent_twice_at_once_is_answered_once(engine: Engine, conversation: str) -> None:
    turn = {"conversation": conversation, "message_id": "1", "text": "my printer is dead", "channel": "web"}
    with ThreadPoolExecutor() as pool:
        answers = [response.json() for response in pool.map(engine.post, [turn] * 4)]
    assert sorted(answer["replayed"] for answer in answers) == [False, True, True, True]
    assert all(len(answer["procedures"]) == 1 for answer in answers)


def test_a_device_that_was_mentioned_is_not_asked_for(engine: Engine, conversation: str) -> None:
    answer = engine.say(conversation, "1", "mijn macbook komt niet op de wifi")
    assert {"entity": "operating_system", "value": "macos", "start": 5, "end": 12} in answer["understanding"][
        "entities"
    ]
    assert answer["procedures"][0]["facts"]["operating_system"] == "macos"


def test_the_model_that_is_served_is_named(engine: Engine) -> None:
    assert httpx.get(f"{engine.url}/ready").json() == {"ready": True, "model": "firstline.tar.gz"}


def test_nothing_but_turns_can_be_asked_of_the_engine(engine: Engine) -> None:
    for path in ("/model/parse", "/conversations/1/tracker", "/webhooks/rest/webhook"):
        assert httpx.post(engine.url.partition("/webhooks")[0] + path, json={}).status_code == 404


def test_a_virus_is_handed_to_security_with_first_aid_before_the_number(engine: Engine, conversation: str) -> None:
    answer = engine.say(conversation, "1", "er staat een virus op mijn laptop")
    assert answer["handover"]["reason"] == "security"
    assert "wifi" in texts(answer)
    assert len(answer["messages"]) == 2


def test_it_works_again_in_the_middle_resolves(engine: Engine, conversation: str) -> None:
    engine.say(conversation, "1", "ik heb geen wifi")
    engine.say(conversation, "2", "ja")
    answer = engine.say(conversation, "3", "hij doet het weer!")
    assert (answer["resolved"], answer["procedures"][0]["state"]) == (True, "resolved")


def test_it_does_not_work_is_never_good_to_hear(engine: Engine, conversation: str) -> None:
    for at, text in enumerate(("het doet het niet", "it doesn't work", "hij doet het niet meer", "nothing works")):
        answer = engine.say(f"{conversation}.{at}", "1", text)
        assert answer["resolved"] is False
        assert "Good to hear" not in texts(answer)
        assert "Fijn om te horen" not in texts(answer)
        assert "command:human" in buttons(answer).values()


def test_whoever_comes_back_from_a_technician_is_no_stranger(engine: Engine, conversation: str) -> None:
    turn = {"message_id": "1", "channel": "web", "context": {"summary": "Tess replaced the cable."}}
    for at, (text, said) in enumerate(
        (("ok", "colleague has handed"), ("thanks", "welcome"), ("hello", "colleague has"))
    ):
        answer = engine.post({**turn, "conversation": f"{conversation}.{at}", "text": text}).json()
        assert said in texts(answer)


def test_the_assistant_goes_on_where_a_technician_left_the_procedure(
    engine: Engine, desk: FakeDesk, conversation: str
) -> None:
    engine.say(conversation, "1", "my printer is dead")
    handed = engine.say(conversation, "2", "i want to talk to a human please")
    catalogue = load(ROOT / "data/procedures", ROOT / "bot/texts")
    state = State.from_json(handed["procedure_state"])
    at = pending(catalogue, state, "en")
    assert at is not None
    marked = mark(catalogue, state, at.at, "option:no", "technician:5")
    kept, _ = handed_back(catalogue, marked)
    context = {"summary": "Tess: it is off", "procedure_state": kept.to_json()}
    turn = {"message_id": "9", "channel": "web", "language": "en", "context": context}

    going_on = engine.post({**turn, "conversation": f"{conversation}.2", "text": "yes please"}).json()
    (run,) = going_on["procedures"]
    assert (run["state"], run["pending"]) == ("active", "switch_on")
    assert [(step["step"], step["message_id"]) for step in run["steps"]] == [("power", "technician:5.1")]
    assert engine.say(f"{conversation}.2", "10", "done")["procedures"][0]["pending"] == "works_when_on"

    thanked = engine.post({**turn, "conversation": f"{conversation}.3", "text": "thanks"}).json()
    assert thanked["procedures"][0]["pending"] == "switch_on"
    assert thanked["procedure_state"] is not None
    changed = {**kept.to_json()["runs"][0], "place": "printer_offline:gone"}
    context["procedure_state"] = {**kept.to_json(), "runs": [changed]}
    gone = engine.post({**turn, "conversation": f"{conversation}.4", "text": "ok"}).json()
    assert "colleague has handed" in texts(gone)


def test_a_password_in_the_chat_is_warned_about(engine: Engine, conversation: str) -> None:
    answer = engine.say(conversation, "1", "mijn wachtwoord is Zomer2024! maar ik kom er niet in")
    assert texts(answer).startswith("Dat lijkt op een wachtwoord")


def test_frustration_is_met_with_a_person_and_the_question(engine: Engine, conversation: str) -> None:
    engine.say(conversation, "1", "printer offline", language="nl")
    answer = engine.say(conversation, "2", "wat een waardeloze bot", language="nl")
    assert "command:human" in buttons(answer).values()
    assert answer["procedures"][0]["pending"] == "power"
