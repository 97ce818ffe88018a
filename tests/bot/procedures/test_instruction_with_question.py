"""By mail: one instruction, and the question about what comes of it, at once."""

from __future__ import annotations

import pytest

from bot.procedures import commands as c
from bot.procedures.loader import load
from bot.procedures.style import CHAT, LETTER
from tests.bot.procedures.conftest import ROOT, Chat, Write, results, spoken

PLUG = """\
id: plug
version: 1
title: {en: Plug is warm, nl: Stekker is warm}
summary: {en: Let us feel it., nl: We voelen even.}
examples: {en: [My plug is warm], nl: [Mijn stekker is warm]}
category: hardware
team: onsite
impact: 3
urgency: 3
start: pull
steps:
  pull:
    instruct: {en: Pull it out., nl: Trek hem eruit.}
    help: {en: By the plug., nl: Aan de stekker.}
    next: feel
    cannot: person
  feel:
    ask: {en: How does it feel?, nl: Hoe voelt hij?}
    fact: feel
    unknown: person
    options:
      hot: {title: {en: Hot, nl: Heet}, next: person}
      cold: {title: {en: Cold, nl: Koud}, next: smell}
  smell:
    instruct: {en: Smell it., nl: Ruik eraan.}
    next: like
  like:
    ask: {en: What does it smell like?, nl: Waar ruikt het naar?}
    fact: like
    next: solved
  solved:
    resolve: {en: It is fine., nl: Het is goed.}
  person:
    escalate: {en: Somebody comes., nl: Er komt iemand.}
    note: {en: Bring a plug., nl: Neem een stekker mee.}
"""


@pytest.fixture
def dave(write: Write) -> Chat:
    """Writes mails about a plug."""
    return Chat(load(write(plug=PLUG), ROOT / "bot/texts"), style=LETTER).does(c.Start("plug"))


def test_one_instruction_and_the_question_behind_it_are_one_mail(dave: Chat) -> None:
    assert dave.hears == ["“intro”", "pull+feel"]
    text, buttons = spoken(dave)
    assert text == "Let us feel it.\n\nPull it out.\n\nHow does it feel?"
    assert buttons == ["Hot", "Cold", "I don't know", "I can't"]


@pytest.mark.parametrize("text", ["2", "cold", "It is cold, I think."])
def test_whoever_answers_the_question_has_done_what_came_before_it(dave: Chat, text: str) -> None:
    dave.says(text)
    assert dave.hears == ["smell+like"]
    assert results(dave) == [("pull", "done"), ("feel", "cold")]


@pytest.mark.parametrize("text", ["4", "I can't", "lukt niet"])
def test_an_instruction_that_cannot_be_carried_out_goes_its_own_way(dave: Chat, text: str) -> None:
    dave.says(text)
    assert dave.hears == ["person", "ticket"]
    assert results(dave) == [("pull", "cannot")]


def test_who_does_not_know_has_done_it(dave: Chat) -> None:
    assert dave.says("3").hears == ["person", "ticket"]
    assert results(dave) == [("pull", "done"), ("feel", None)]


def test_who_says_only_that_it_is_done_is_asked_the_question(dave: Chat) -> None:
    assert dave.says("Done").hears == ["feel"]
    assert dave.says("cold").says("done").hears == ["like"]
    assert dave.says("of roses").state.resolved


def test_any_text_answers_an_open_question_put_with_an_instruction(dave: Chat) -> None:
    assert dave.says("cold").says("Of roses, faintly.").state.resolved
    assert results(dave)[-2:] == [("smell", "done"), ("like", "Of roses, faintly.")]


def test_how_is_asked_of_the_instruction_and_both_are_told_again(dave: Chat) -> None:
    assert dave.says("how do I do that", "how").hears == ["pull?help", "pull+feel"]
    assert dave.says("say that again", "repeat").hears == ["pull+feel"]


def test_another_problem_behind_the_answer_waits(dave: Chat) -> None:
    dave.tells_behind("2, and", "the lamp is dark too", "lamp")
    assert dave.hears == ["“queued”", "smell+like"]
    assert [each.procedure for each in dave.state.queue] == ["lamp"]


@pytest.mark.parametrize(("payload", "hears"), [("cold", ["smell"]), ("unknown", ["person", "ticket"])])
def test_the_button_of_the_question_is_pressed_in_the_chat(dave: Chat, payload: str, hears: list[str]) -> None:
    dave.style = CHAT
    assert dave.presses(f"answer:plug:feel:{payload}").hears == hears
    assert results(dave)[0] == ("pull", "done")


def test_the_button_that_it_cannot_be_done_is_pressed_in_the_chat(dave: Chat) -> None:
    dave.style = CHAT
    assert dave.presses("answer:plug:pull:cannot").hears == ["person", "ticket"]


def test_in_a_chat_the_question_comes_after_the_instruction(dave: Chat) -> None:
    chat = Chat(dave.catalogue).does(c.Start("plug"))
    assert chat.hears == ["“intro”", "pull"]
    assert chat.presses("answer:plug:feel:cold").command == c.Stale()
    assert chat.says("done").hears == ["feel"]
