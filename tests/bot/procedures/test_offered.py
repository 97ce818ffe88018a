"""Questions whose answers an action has found, and errands: with the tickets that we ship it for."""

from __future__ import annotations

import pytest

from bot.procedures import commands as c
from bot.procedures.effects import RunAction
from bot.procedures.model import Catalogue
from bot.procedures.speak import say
from bot.procedures.state import ENDED
from tests.bot.procedures.conftest import Chat

FOUND = c.Outcome("several", options=(("FL-100042", "FL-100042 VPN drops"), ("FL-100041", "FL-100041 Printer")))


@pytest.fixture
def bob(shipped: Catalogue) -> Chat:
    """Bob has two tickets, and wants to add to one."""
    chat = Chat(shipped)
    return chat.does(c.Start("add_to_ticket")).does(FOUND)


def test_what_was_found_is_offered_as_buttons_in_every_language(bob: Chat, shipped: Catalogue) -> None:
    for language in ("en", "nl"):
        message = say(shipped, bob.effects[-1], language)  # type: ignore[arg-type]
        assert message is not None
        assert message["buttons"][0] == {
            "title": "FL-100042 VPN drops",
            "payload": "answer:which_ticket:which:FL-100042",
        }
        assert len(message["buttons"]) == 3


@pytest.mark.parametrize("text", ["100041", "fl-100041", "the second one", "2", "Printer", "it is about the printer"])
def test_it_is_chosen_in_many_ways(bob: Chat, text: str) -> None:
    assert bob.says(text).command == c.Answer("FL-100041")


def test_a_number_that_was_not_offered_is_no_slip_for_one_that_was(bob: Chat) -> None:
    assert isinstance(bob.says("100043").command, c.NotUnderstood)
    named = bob.says("FL-100043", ticket_number="FL-100043").command
    assert isinstance(named, c.Answer)
    assert named.option == "FL-100043"


def test_a_made_up_button_chooses_nothing(bob: Chat) -> None:
    assert bob.presses("answer:which_ticket:which:FL-100001").command == c.Stale()
    assert bob.presses("answer:which_ticket:which:FL-100042").command == c.Answer("FL-100042", "1")


def test_what_an_action_found_out_is_known_and_said(bob: Chat, shipped: Catalogue) -> None:
    bob.does(c.Answer("FL-100042")).does(c.Outcome("found", {"ticket": "FL-100042", "ticket_subject": "VPN {drops}"}))
    message = say(shipped, bob.effects[-1], "en")  # type: ignore[arg-type]
    assert message is not None
    assert message["text"] == "What shall I add to ticket FL-100042 (VPN {drops})?"


def test_that_it_works_again_can_be_what_is_added(bob: Chat) -> None:
    bob.does(c.Answer("FL-100042")).does(c.Outcome("found", {"ticket": "FL-100042"}))
    assert bob.says("it works again").command == c.Answer("it works again")
    assert bob.effects == (RunAction("action_add_to_ticket", awaited=True),)


def test_a_done_errand_has_solved_nothing(bob: Chat) -> None:
    bob.does(c.Answer("FL-100042")).does(c.Outcome("found")).does(c.Answer("more")).does(c.Outcome("added"))
    assert (bob.state.runs[0].state, bob.state.resolved) == (ENDED, False)


def test_a_sure_errand_is_no_answer_to_an_open_question(shipped: Catalogue) -> None:
    chat = Chat(shipped).does(c.Start("report_problem"))
    assert isinstance(chat.says("close my ticket", intent="close_ticket", confidence=0.7).command, c.Answer)
    chat.does(c.GoBack())
    assert chat.says("close my ticket", intent="close_ticket", confidence=0.95).command == c.Start("close_ticket")
