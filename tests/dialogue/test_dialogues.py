"""Whole dialogues, turn by turn, with the real engine, the real actions and a desk: `tests/dialogue/*.yml`.

A file is a list of dialogues: `name`, `turns`, `tickets` (what the desk knows of the customer's) and `style` (`letter`
for mails). A turn is what the customer does, `says: …` or `presses: <title of a button just shown>`, and any of

    hears      texts that occur in the answer, in this order
    not        texts that do not occur in it
    buttons    titles that are among the buttons
    language   of the answer
    at         the step that is open then, as `procedure.step`; `nothing` when none is
    resolved   true when the case has been solved by this turn
    handover   fields of the handover by this turn: reason, and those of the ticket the desk was asked for
    files      how many come with what is said
    style      of this turn, when it is not the dialogue's
    trail      the steps passed in the latest run so far, as `step=answer`
    told       what the desk was told of a ticket by this turn, as `<number>/<additions, closing or reopening>: text`
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine_process import Engine
from tests.fake_desk import FakeDesk

pytestmark = [pytest.mark.slow, pytest.mark.rasa]

DIALOGUES = {
    f"{path.stem}: {dialogue['name']}": dialogue
    for path in sorted(Path(__file__).parent.glob("*.yml"))
    for dialogue in yaml.safe_load(path.read_text(encoding="utf-8"))
}
KNOWN = {
    "says",
    "presses",
    "hears",
    "not",
    "buttons",
    "language",
    "at",
    "resolved",
    "handover",
    "told",
    "style",
    "trail",
    "files",
}


@pytest.mark.parametrize("name", DIALOGUES)
def test_dialogue(name: str, engine: Engine, desk: FakeDesk, conversation: str) -> None:
    dialogue = DIALOGUES[name]
    desk.tickets = deepcopy(dialogue.get("tickets", []))
    desk.expectation = dialogue.get("expectation", "")
    answer: dict[str, Any] = {}
    for number, turn in enumerate(dialogue["turns"], start=1):
        assert set(turn) <= KNOWN, f"turn {number} has unknown keys"
        before = len(desk.requests)
        style = turn.get("style", dialogue.get("style", "chat"))
        answer = _take(engine, conversation, number, turn, answer, style)
        posted = [
            (path.partition("/tickets")[2], body) for way, path, _, body in desk.requests[before:] if way == "POST"
        ]
        opened = [body for resource, body in posted if not resource]
        wrong = list(_compare(turn, answer, opened))
        told = {resource[1:]: body["text"] for resource, body in posted if resource}
        wrong += [f"the desk was told {told}"] if told != turn.get("told", {}) else []
        assert not wrong, f"turn {number} ({turn.get('says') or turn.get('presses')}): {wrong}\n\n{_text(answer)}"


def _take(
    engine: Engine, conversation: str, number: int, turn: dict[str, Any], before: dict[str, Any], style: str
) -> dict[str, Any]:
    language = before.get("language")
    if "says" in turn:
        return engine.say(
            conversation, str(number), turn["says"], language=language, style=style, files=turn.get("files", 0)
        )
    return engine.say(
        conversation, str(number), choice=_buttons(before)[turn["presses"]], language=language, style=style
    )


def _compare(turn: dict[str, Any], answer: dict[str, Any], opened: list[dict[str, Any]]) -> list[str]:
    text, wrong, start = _text(answer), [], 0
    for expected in turn.get("hears", []):
        found = text.find(expected, start)
        if found < 0:
            wrong.append(f"“{expected}” is not heard")
        start = max(found, start)
    wrong += [f"“{unwanted}” is heard" for unwanted in turn.get("not", []) if unwanted in text]
    wrong += [f"no button “{title}”" for title in turn.get("buttons", []) if title not in _buttons(answer)]
    if turn.get("language", answer["language"]) != answer["language"]:
        wrong.append(f"the answer is in {answer['language']}")
    if turn.get("at", _at(answer)) != _at(answer):
        wrong.append(f"open is {_at(answer)}")
    if turn.get("trail", _trail(answer)) != _trail(answer):
        wrong.append(f"the trail is {_trail(answer)}")
    if turn.get("resolved", False) != answer["resolved"]:
        wrong.append(f"resolved is {answer['resolved']}")
    return wrong + _compare_handover(turn.get("handover"), answer, opened)


def _compare_handover(
    expected: dict[str, Any] | None, answer: dict[str, Any], opened: list[dict[str, Any]]
) -> list[str]:
    if expected is None:
        return [f"handed over: {answer['handover']}"] if answer["handover"] else []
    if not answer["handover"] or len(opened) != 1:
        return [f"not handed over: {answer['handover']}, tickets {opened}"]
    ticket = opened[0]
    return [
        f"{field} is {ticket.get(field)}" for field, value in expected.items() if not _fits(ticket.get(field), value)
    ]


def _fits(found: Any, expected: Any) -> bool:
    """Of facts those that are named; of a note what it must contain."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(found.get(key) == value for key, value in expected.items())
    if isinstance(expected, str) and isinstance(found, str):
        return expected in found
    return bool(found == expected)


def _text(answer: dict[str, Any]) -> str:
    return "\n".join(message["text"] for message in answer.get("messages", []))


def _buttons(answer: dict[str, Any]) -> dict[str, str]:
    return {b["title"]: b["payload"] for message in answer.get("messages", []) for b in message["buttons"]}


def _trail(answer: dict[str, Any]) -> list[str]:
    steps = answer["procedures"][-1]["steps"] if answer["procedures"] else []
    return [f"{step['step']}={step['answer']}" for step in steps if step["answer"] and step["result"] != "corrected"]


def _at(answer: dict[str, Any]) -> str:
    active = [run for run in answer["procedures"] if run["state"] == "active" and run["pending"]]
    return f"{active[-1]['procedure']}.{active[-1]['pending']}" if active else "nothing"
