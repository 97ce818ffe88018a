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
    server: Engine, action: str, handover: dict[str, Any] | None = None, token: str | None = None, **entities: str
) -> Any:
    found = [{"entity": name, "value": value} for name, value in entities.items()]
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


def test_a_stranger_is_refused(server: Engine, desk: FakeDesk) -> None:
    assert call(server, "action_open_ticket", token="wrong").status_code == 401
    assert desk.requests == []


def test_an_unknown_action_is_named(server: Engine) -> None:
    unknown = call(server, "action_dance")
    assert (unknown.status_code, unknown.json()["action_name"]) == (404, "action_dance")
