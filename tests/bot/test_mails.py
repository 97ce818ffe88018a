"""What the served model makes of first mails that tell a whole story: which problem, and what is taken from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.procedures.loader import load
from bot.procedures.mining import asked
from bot.procedures.model import Ask
from bot.procedures.state import Problem, State
from tests.engine_process import ROOT, Engine

pytestmark = [pytest.mark.slow, pytest.mark.rasa]

MAILS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "mails.yml").read_text(encoding="utf-8"))
CATALOGUE = load(ROOT / "data/procedures", ROOT / "bot/texts")
LEAST_STARTED = 0.85
"""Of the mails that a procedure covers; the others are asked about, or go to a person."""
MOST_WRONG = 0.08
"""Of what is taken from mails."""


@pytest.fixture(scope="module")
def answers(engine: Engine) -> list[dict[str, Any]]:
    return [engine.say(f"mail.{at}", "1", mail["text"], style="letter") for at, mail in enumerate(MAILS)]


def test_a_mail_begins_the_right_procedure_or_none(answers: list[dict[str, Any]]) -> None:
    started = 0
    for mail, answer in zip(MAILS, answers, strict=True):
        begun = [run["procedure"] for run in answer["procedures"]]
        assert begun in ([], [mail["procedure"]]), mail["text"]
        started += bool(begun)
    assert started >= LEAST_STARTED * sum(bool(mail["procedure"]) for mail in MAILS)


def test_what_is_taken_from_a_mail_is_right(answers: list[dict[str, Any]]) -> None:
    right, wrong = 0, []
    for mail, answer in zip(MAILS, answers, strict=True):
        known = {(fact, option) for fact, option in mail.get("takes", {}).items()}
        known |= {("tried", step) for step in mail.get("tried", ())}
        for each in _taken(answer):
            right += each in known
            wrong += [] if each in known else [f"{each}: {mail['text']}"]
    assert right >= 30, "a mail spares its writer questions"
    assert len(wrong) <= MOST_WRONG * (right + len(wrong)), "\n".join(wrong)


def _taken(answer: dict[str, Any]) -> set[tuple[str, str]]:
    """(fact, option) and ("tried", step or called procedure)."""
    found: set[tuple[str, str]] = set()
    for run in State.from_json(answer["procedure_state"]).runs if answer["procedure_state"] else ():
        for spot, value in asked(CATALOGUE, Problem(run.procedure, run.known)):
            step = CATALOGUE.step(*spot)
            assert isinstance(step, Ask)
            found.add((step.fact or "", value))
        found |= {("tried", s.step if s.procedure == run.procedure else s.procedure) for s in run.already}
    return found
