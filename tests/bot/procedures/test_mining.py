"""What a first mail answers already, and what has been tried."""

from __future__ import annotations

import pytest

from bot.procedures import commands as c
from bot.procedures.corrections import earlier
from bot.procedures.mining import mined, says_since
from bot.procedures.model import Catalogue
from bot.procedures.state import Problem, Spot
from bot.procedures.style import LETTER
from tests.bot.procedures.conftest import Chat

RESTART = Spot("restart_device", "other")
PRINTER = Spot("printer_offline", "restart_printer")


def of(shipped: Catalogue, mail: str, procedure: str = "printer_offline") -> Problem:
    return mined(shipped, procedure, mail, {})


def test_answers_are_found_in_the_middle_of_a_story(shipped: Catalogue) -> None:
    mail = "I cannot print. The printer is switched on. It is a network printer. My colleagues can print."
    assert of(shipped, mail).facts == {
        "printer_on": "yes", "printer_connection": "network", "colleagues_can_print": "yes"
    }  # fmt: skip


def test_what_is_asked_in_a_mail_is_no_answer(shipped: Catalogue) -> None:
    assert of(shipped, "I cannot print. Is it a problem that the printer is on?").facts == {}


@pytest.mark.parametrize(
    "mail",
    [
        "I have already restarted my laptop twice.",
        "I restarted Teams and my laptop, both without result.",
        "I rebooted the computer but that did not help.",
        "Ik heb mijn laptop al twee keer opnieuw opgestart, maar dat heeft niet geholpen.",
        "Ik heb de computer herstart, zonder resultaat.",
    ],
)
def test_what_has_been_tried_counts(shipped: Catalogue, mail: str) -> None:
    assert RESTART in of(shipped, f"I cannot print. {mail}").already


@pytest.mark.parametrize(
    "mail",
    [
        "I have not restarted my laptop.",
        "Should I have restarted my laptop?",
        "Since I restarted my laptop it does not print.",
        "After I restarted my laptop this morning the printer was gone.",
        "If I restarted my laptop I would lose my work.",
        "Every time I restarted my laptop it was gone again.",
        "Ik heb mijn laptop nog niet opnieuw opgestart.",
        "Moet ik de laptop opnieuw opgestart hebben?",
        "Sinds ik de laptop opnieuw heb opgestart, print hij niet.",
        "The laptop restarted by itself.",
    ],
)
def test_what_was_not_tried_or_is_the_cause_does_not(shipped: Catalogue, mail: str) -> None:
    assert of(shipped, f"I cannot print. {mail}").already == ()


def test_a_time_counts_as_since_when_only_as_such(shipped: Catalogue) -> None:
    assert of(shipped, "It has been so since this morning.").facts == {"since_when": "today"}
    assert of(shipped, "I cannot print. We have a presentation this afternoon.").facts == {}
    assert says_since(shipped, "this morning", "It started ")
    assert says_since(shipped, "yesterday everything still worked", "")
    assert not says_since(shipped, "yesterday", "I was at a customer ")


@pytest.fixture
def dora(shipped: Catalogue) -> Chat:
    """Writes that her printer does not print, although it is on, and that she has restarted it."""
    facts = {"printer_on": "yes", "printer_message": "none", "printer_connection": "usb"}
    start = c.Start("printer_offline", facts, already=(Spot("printer_offline", "cable"), RESTART))
    return Chat(shipped, style=LETTER).does(start)


def test_what_is_taken_is_said_at_once_and_what_was_done_is_not_told_again(dora: Chat) -> None:
    assert dora.hears == [
        "“intro”",
        "power:yes message:none connection:usb cable:done other:done",
        "1.queue",
    ]
    assert [(v.spot.step, v.answer) for v in dora.state.runs[0].trail if v.answer] == [
        ("power", "yes"), ("message", "none"), ("connection", "usb"), ("cable", "done"), ("works_with_cable", "no")
    ]  # fmt: skip


def test_what_was_done_further_on_is_passed_when_its_turn_comes(dora: Chat) -> None:
    dora.says("none")
    assert dora.hears == ["queue=failed", "place"]
    assert [v.spot.step for v in dora.state.runs[0].trail][-3:] == ["other", "back", "works_after_computer"]


def test_what_was_taken_can_be_put_right(dora: Chat) -> None:
    correct = earlier(dora.catalogue, dora.state.runs[0], "Network or Wi-Fi")
    assert correct is not None
    assert dora.does(correct).hears[:2] == ["“corrected”", "colleagues"]


def test_in_a_chat_nothing_is_skipped_that_the_customer_did_not_say_in_it(shipped: Catalogue) -> None:
    chat = Chat(shipped)
    chat.says("I cannot print. I have already restarted my laptop.", "printer_offline")
    assert chat.state.runs[0].already == ()


def test_what_is_wanted_besides_is_kept_with_what_was_tried(shipped: Catalogue) -> None:
    waiting = Problem("printer_offline", {"printer_on": "yes"}, (PRINTER,))
    chat = Chat(shipped, style=LETTER).does(c.Start("wifi_connect", also=(waiting,)))
    chat.does(c.Cancel())
    assert chat.state.runs[1].already == (PRINTER,)
