"""The action server as the engine sees it, with a desk that only has the internal API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.engine_process import Engine, running_engine
from tests.fake_desk import FakeDesk, running_desk

pytestmark = [pytest.mark.slow, pytest.mark.rasa]


@pytest.fixture(scope="module")
def _desk_of_the_module() -> Iterator[FakeDesk]:
    with running_desk() as desk:
        yield desk


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, _desk_of_the_module: FakeDesk) -> Iterator[Engine]:
    with running_engine(tmp_path_factory.mktemp("actions"), _desk_of_the_module.url, ["actions"]) as engine:
        yield engine


@pytest.fixture
def desk(_desk_of_the_module: FakeDesk) -> FakeDesk:
    _desk_of_the_module.forget()
    return _desk_of_the_module


def call(
    server: Engine,
    action: str,
    handover: dict[str, Any] | None = None,
    token: str | None = None,
    ticket_number: str | None = None,
    **tracked: Any,
) -> Any:
    found = [{"entity": "ticket_number", "value": ticket_number}] if ticket_number else []
    tracker = {
        "sender_id": "17.2",
        "slots": {"procedure_state": {"handover": handover} if handover else None},
        "latest_message": {
            "text": "the secret is hunter2",
            "metadata": {"message_id": "9133"},
            "entities": found,
            "language": "nl",
        },
        "events": [],
        "paused": False,
        "latest_input_channel": "web",
        "active_loop": {},
        "latest_action_name": "action_listen",
        **tracked,
    }
    token = token or server.environment["FIRSTLINE_INTERNAL_TOKEN"]
    return httpx.post(
        f"http://127.0.0.1:{server.environment['FIRSTLINE_ACTIONS_PORT']}/webhook",
        json={"next_action": action, "sender_id": "17.2", "tracker": tracker, "domain": {}},
        headers={"Authorization": f"Bearer {token}"},
    )


def test_a_ticket_carries_what_the_procedure_found_out(server: Engine, desk: FakeDesk) -> None:
    about = {
        "reason": "escalated",
        "procedure": "printer_offline",
        "category": "printing",
        "team": "onsite",
        "impact": 3,
        "urgency": 2,
        "facts": {"printer_place": "2nd floor"},
        "note": "The customer hears a grinding noise.",
    }
    answer = call(server, "action_open_ticket", about).json()
    assert answer["events"][0]["value"] == {"reason": "escalated", "ticket": "FL-1001"}
    assert answer["responses"][0]["response"] == "utter_ticket_opened"
    assert answer["responses"][0]["number"] == "FL-1001"
    assert desk.requests[0][3] == {"message_id": "9133", "language": "nl", **about}


def test_a_ticket_without_a_procedure_is_opened_because_it_was_asked_for(server: Engine, desk: FakeDesk) -> None:
    call(server, "action_open_ticket")
    body = desk.requests[0][3]
    assert (body["reason"], body["procedure"], body["facts"]) == ("asked", None, {})


def test_a_repeated_call_names_the_same_ticket(server: Engine, desk: FakeDesk) -> None:
    first, second = (call(server, "action_open_ticket").json() for _ in range(2))
    assert first == second


def test_a_failing_desk_fails_the_action_and_nothing_of_the_conversation_leaks(server: Engine, desk: FakeDesk) -> None:
    desk.broken = True
    for action in ("action_open_ticket", "action_ticket_status"):
        failed = call(server, action)
        assert (failed.status_code, failed.json()) == (500, {"error": "DeskFailed"})
    assert "hunter2" not in server.log("actions")


def test_the_newest_tickets_are_told(server: Engine, desk: FakeDesk) -> None:
    states = ("new", "open", "resolved", "closed")
    desk.tickets = [{"number": f"FL-{at}", "subject": "Printer", "state": state} for at, state in enumerate(states)]
    responses = call(server, "action_ticket_status").json()["responses"]
    assert [each["response"] for each in responses] == [
        "utter_ticket_new",
        "utter_ticket_open",
        "utter_ticket_resolved",
    ]
    assert (responses[0]["number"], responses[0]["subject"]) == ("FL-0", "Printer")


def test_who_has_no_tickets_is_told_so(server: Engine, desk: FakeDesk) -> None:
    (response,) = call(server, "action_ticket_status").json()["responses"]
    assert response["response"] == "utter_no_tickets"


def test_a_ticket_that_is_named_is_the_only_one_told(server: Engine, desk: FakeDesk) -> None:
    desk.tickets = [{"number": f"FL-{at}", "subject": "Printer", "state": "open"} for at in (1042, 1041)]
    (response,) = call(server, "action_ticket_status", ticket_number="FL-1041").json()["responses"]
    assert (response["response"], response["number"]) == ("utter_ticket_open", "FL-1041")


def test_nothing_is_told_of_a_ticket_that_is_not_the_customers(server: Engine, desk: FakeDesk) -> None:
    desk.tickets = [{"number": "FL-1042", "subject": "Printer", "state": "open"}]
    (response,) = call(server, "action_ticket_status", ticket_number="FL-7").json()["responses"]
    assert (response["response"], response["number"]) == ("utter_not_your_ticket", "FL-7")


def errand(procedure: str, at: str, *messages: tuple[str, str], **facts: str) -> dict[str, Any]:
    """A tracker's part where an action of `procedure` is due; each message was answered at the step of its id."""
    visits = [[f"{procedure}:{step}", "answered", text, step, 1, 0] for step, text in messages]
    run = {"id": "1", "procedure": procedure, "place": f"{procedure}:{at}", "visits": visits}
    events = [{"event": "user", "text": text, "metadata": {"message_id": step}} for step, text in messages]
    return {"slots": {"procedure_state": {"state": {"runs": [run], "stack": ["1"]}, "facts": facts}}, "events": events}


def test_what_a_customer_adds_is_sent_whole_with_the_id_of_their_message(server: Engine, desk: FakeDesk) -> None:
    desk.tickets = [{"number": "FL-1042", "subject": "Printer", "state": "open"}]
    long = "It smells. " * 100
    due = errand("add_to_ticket", "add", ("text", long), ticket="FL-1042")
    due["slots"]["procedure_state"]["state"]["runs"][0]["visits"][0][2] = long[:500]
    answers = [call(server, "action_add_to_ticket", **due).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["events"][0]["value"]["outcome"] == "added"
    assert [body for _, _, _, body in desk.requests] == [{"message_id": "9133", "text": long}] * 2
    assert desk.tickets[0]["told"] == [{"message_id": "9133", "additions": long}]


def test_what_is_too_late_is_an_outcome_and_a_desk_that_fails_is_none(server: Engine, desk: FakeDesk) -> None:
    desk.tickets = [{"number": "FL-1042", "subject": "Printer", "state": "closed"}]
    due = errand("close_ticket", "close", ("which", "close it"), ticket="FL-1042")
    assert call(server, "action_close_ticket", **due).json()["events"][0]["value"]["outcome"] == "refused"
    desk.broken = True
    assert call(server, "action_close_ticket", **due).status_code == 500


def test_a_number_never_leaves_its_place_in_the_address(server: Engine, desk: FakeDesk) -> None:
    desk.tickets = [{"number": "FL-1042", "subject": "Printer", "state": "open"}]
    for number in ("../../1.1/tickets", "FL-1042/closing", "FL-1042?x=1", "FL-1042#", "ﬀ\n"):
        due = errand("close_ticket", "which", ticket_number=number)
        found = call(server, "action_find_ticket", **due).json()["events"][0]["value"]
        assert found == {"outcome": "not_yours", "facts": {}, "options": [["FL-1042", "FL-1042 Printer"]]}
    assert {method for method, _, _, _ in desk.requests} == {"GET"}
    assert all(path.startswith("/internal/conversations/17.2/tickets") for _, path, _, _ in desk.requests)


def test_a_stranger_is_refused(server: Engine, desk: FakeDesk) -> None:
    assert call(server, "action_open_ticket", token="wrong").status_code == 401
    assert desk.requests == []


def test_an_unknown_action_is_named(server: Engine) -> None:
    unknown = call(server, "action_dance")
    assert (unknown.status_code, unknown.json()["action_name"]) == (404, "action_dance")
