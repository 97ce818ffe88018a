"""Pressed buttons: of the open question, of earlier ones, and of none."""

from __future__ import annotations

import pytest

from bot.procedures import commands as c
from tests.bot.procedures.conftest import Chat


def test_a_pressed_button_answers(alice: Chat) -> None:
    assert alice.does(c.Start("kettle")).presses("answer:kettle:plugged:yes").hears == ["kind"]


def test_a_button_of_an_earlier_step_corrects_it(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("steel"))
    assert alice.presses("answer:kettle:plugged:no").hears == ["“corrected”", "plug"]


def test_a_button_of_a_suspended_procedure_answers_there(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Start("lamp"))
    assert alice.presses("answer:kettle:plugged:yes").hears == ["kind"]
    assert alice.state.stack == ("2", "1")


@pytest.mark.parametrize(
    "payload",
    [
        "answer:lamp:bulb:yes",
        "answer:kettle:nowhere:yes",
        "answer:kettle:plugged:maybe",
        "answer:kettle:kind:unknown",
        "answer:x",
        "start:pause",
        "start:nothing",
        "command:rm",
        "",
        "::::",
    ],
)
def test_a_button_from_nowhere_is_answered_kindly(alice: Chat, payload: str) -> None:
    alice.does(c.Start("kettle")).presses(payload or "nothing")
    assert alice.hears == ["“old_button”", "plugged"]


def test_the_button_for_not_knowing(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no")).does(c.Answer("cannot"))
    assert alice.presses("answer:kettle:place:unknown").hears == ["action_measure"]
