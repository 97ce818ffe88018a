"""Conversations that do not run as planned: several problems, interruptions, second thoughts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.procedures import commands as c
from bot.procedures.facts import facts
from bot.procedures.loader import load
from bot.procedures.model import Catalogue
from bot.procedures.speak import say
from bot.procedures.state import Problem
from bot.procedures.topics import Segment
from tests.bot.procedures.conftest import FIRE, KETTLE, LAMP, ROOT, Chat, Write

AtKettle = Callable[[str], Chat]


@pytest.fixture
def kitchen(write: Write) -> Catalogue:
    """With a fire, which is urgent."""
    return load(write(fire=FIRE), ROOT / "bot/texts")


@pytest.fixture
def with_interrupt(write: Write) -> AtKettle:
    """Alice at the kettle's first question, which says how it may be interrupted."""

    def begin(interrupt: str) -> Chat:
        kettle = KETTLE.replace("  plugged:\n", f"  plugged:\n    interrupt: {interrupt}\n")
        return Chat(load(write(kettle=kettle, fire=FIRE), ROOT / "bot/texts")).does(c.Start("kettle"))

    return begin


# ---- several problems in one message ---------------------------------------------------------------------------------


def test_of_two_problems_one_is_begun_and_the_other_is_kept(alice: Chat) -> None:
    alice.tells(("my kettle is cold", "kettle"), ("and the lamp is dark too", "lamp"))
    assert alice.hears == ["“queued”", "“intro”", "plugged"]
    assert [each.procedure for each in alice.state.queue] == ["lamp"]


def test_the_kept_problem_follows_when_the_first_is_solved(alice: Chat) -> None:
    alice.tells(("my kettle is cold", "kettle"), ("and the lamp is dark too", "lamp"))
    alice.does(c.Answer("no")).does(c.Answer("done")).does(c.Answer("yes"))
    assert alice.hears == ["solved", "“next_problem”", "“intro”", "bulb"]
    assert [alice.state.resolved, alice.does(c.Answer("yes")).state.resolved] == [False, True]
    assert alice.state.queue == ()


def test_the_kept_problem_follows_when_the_first_is_cancelled(alice: Chat) -> None:
    alice.tells(("my kettle is cold", "kettle"), ("and the lamp is dark too", "lamp")).does(c.Cancel())
    assert alice.hears == ["“cancelled”", "“next_problem”", "“intro”", "bulb"]


def test_an_urgent_problem_comes_first_wherever_it_was_told(alice: Chat) -> None:
    alice.tells(("my lamp is dark", "lamp"), ("and the kitchen burns", "fire"))
    assert alice.hears == ["“queued”", "“intro”", "out"]
    assert [each.procedure for each in alice.state.queue] == ["lamp"]


def test_a_part_that_is_not_sure_is_no_problem_of_its_own(alice: Chat) -> None:
    alice.tells(("my kettle is cold", "kettle"), ("since the lamp", "lamp"), sure=0.5)
    assert alice.hears == ["“intro”", "bulb"]
    assert alice.state.queue == ()


def test_a_part_between_two_topics_is_kept_as_the_likelier_one(alice: Chat) -> None:
    cold = Segment("my kettle is cold", (("kettle", 0.95),))
    dark = Segment("and it is dark and smells", (("lamp", 0.5), ("fire", 0.4)))
    alice.tells_all(cold, dark)
    assert alice.hears == ["“queued”", "“intro”", "plugged"]
    assert [each.procedure for each in alice.state.queue] == ["lamp"]


def test_a_part_that_answers_a_question_about_another_is_no_problem_of_its_own(write: Write) -> None:
    fact = "    fact: plugged_in\n    opening: [unplugged]\n    options:\n      unplugged:\n"
    asked = f"{fact}        title: {{en: Lamp moved, nl: Lamp verplaatst}}\n        next: plug\n"
    kettle = KETTLE.replace('    options:\n      "yes": {next: kind}\n', f'{asked}      "yes": {{next: kind}}\n')
    alice = Chat(load(write(kettle=kettle), ROOT / "bot/texts"))
    alice.tells(("lamp moved", "lamp"), ("and my kettle is cold", "kettle"))
    assert alice.state.runs[0].procedure == "kettle"
    assert alice.state.queue == ()


def test_a_problem_told_with_an_answer_is_kept(alice: Chat) -> None:
    alice.does(c.Start("kettle")).tells(("yes it is plugged in,", "affirm"), ("and the lamp is dark too", "lamp"))
    assert alice.command == c.Answer("yes", also=(Problem("lamp"),))
    assert [each.procedure for each in alice.state.queue] == ["lamp"]


def test_what_waits_stands_in_the_ticket(alice: Chat) -> None:
    alice.tells(("my kettle is cold", "kettle"), ("and the lamp is dark too", "lamp")).does(c.Human())
    assert alice.state.handover is not None
    assert alice.state.handover.note == "Also mentioned: Lamp is dark."
    assert alice.state.queue == ()


def test_a_kept_problem_that_is_begun_by_itself_waits_no_longer(alice: Chat) -> None:
    alice.tells(("my kettle is cold", "kettle"), ("and the lamp is dark too", "lamp")).does(c.Start("lamp"))
    assert alice.state.queue == ()


# ---- interruptions ---------------------------------------------------------------------------------------------------


def test_where_it_does_harm_the_other_problem_comes_afterwards(with_interrupt: AtKettle) -> None:
    alice = with_interrupt("block").says("my lamp is dark", "lamp")
    assert alice.hears == ["“finish_first”", "plugged"]
    assert [each.procedure for each in alice.state.queue] == ["lamp"]


def test_where_it_costs_time_the_customer_decides(with_interrupt: AtKettle) -> None:
    alice = with_interrupt("confirm").says("my lamp is dark", "lamp")
    assert alice.hears == ["“propose_switch”"]
    assert alice.says("yes please").hears == ["“digress”", "“intro”", "bulb"]


def test_a_proposal_that_is_declined_is_kept_for_afterwards(with_interrupt: AtKettle) -> None:
    alice = with_interrupt("confirm").says("my lamp is dark", "lamp").presses("command:no")
    assert alice.hears == ["“finish_first”", "plugged"]
    assert [each.procedure for each in alice.state.queue] == ["lamp"]


def test_an_urgent_problem_interrupts_everything(with_interrupt: AtKettle) -> None:
    assert with_interrupt("block").says("the kitchen burns", "fire").hears == ["“digress”", "“intro”", "out"]


def test_an_urgent_problem_is_no_answer_to_an_open_question(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("glass"))
    alice.does(c.Answer("done")).does(c.Answer("done"))
    assert alice.hears == ["place"]
    assert alice.says("help the kitchen burns", "fire").hears == ["“digress”", "“intro”", "out"]


def test_after_a_short_digression_the_question_comes_back_by_itself(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Start("lamp")).does(c.Answer("yes"))
    assert alice.hears == ["solved", "“resume”", "plugged"]


def test_after_a_long_digression_going_on_is_proposed(alice: Chat) -> None:
    alice.does(c.Start("lamp")).does(c.Start("kettle"))
    for answer in ("yes", "glass", "done", "done", "on the table"):
        alice.does(c.Answer(answer))
    alice.does(c.Outcome("warm"))
    assert alice.hears == ["solved", "“propose_resume”"]
    assert alice.says("ja graag").hears == ["bulb"]


def test_whoever_does_not_want_to_go_on_need_not(alice: Chat) -> None:
    alice.does(c.Start("lamp")).does(c.Start("kettle"))
    for answer in ("yes", "glass", "done", "done", "on the table"):
        alice.does(c.Answer(answer))
    alice.does(c.Outcome("warm")).says("nee")
    assert alice.hears == ["“cancelled”"]
    assert alice.state.top is None


def test_a_proposal_may_be_left_aside_for_an_answer(with_interrupt: AtKettle) -> None:
    alice = with_interrupt("confirm").says("my lamp is dark", "lamp").says("kettle is steel, I mean", "affirm", 0.2)
    assert alice.state.proposal is None


def test_a_yes_to_nothing_is_an_old_button(alice: Chat) -> None:
    assert alice.presses("command:yes").hears == ["“old_button”"]


def test_a_no_within_another_problem_is_no_answer(alice: Chat) -> None:
    alice.does(c.Start("kettle")).says("mijn lamp brandt trouwens niet", "lamp")
    assert alice.hears == ["“digress”", "“intro”", "bulb"]


def test_a_no_at_the_beginning_is_an_answer(alice: Chat) -> None:
    assert alice.does(c.Start("kettle")).says("nee, er zit geen stekker aan", "lamp").command == c.Answer("no")


# ---- which topic -----------------------------------------------------------------------------------------------------


def test_topics_close_to_each_other_are_asked_about(alice: Chat) -> None:
    alice.mumbles("the kitchen thing is off", kettle=0.4, lamp=0.35, greet=0.05)
    assert alice.command == c.Clarify(("kettle", "lamp"))
    assert alice.hears == ["“clarify”"]
    assert alice.says("lamp is dark").hears == ["“intro”", "bulb"]


def test_asking_which_topic_is_no_misunderstanding(alice: Chat) -> None:
    assert alice.mumbles("the kitchen thing", kettle=0.4, lamp=0.35).state.misses == 0


def test_a_topic_that_leads_is_begun(alice: Chat) -> None:
    assert alice.mumbles("the kettle thing", kettle=0.6, lamp=0.2).hears == ["“intro”", "plugged"]


def test_what_cannot_wait_is_begun_without_asking_which_it_is(alice: Chat) -> None:
    alice.mumbles("something in the kitchen", lamp=0.45, fire=0.4)
    assert alice.hears == ["“intro”", "out"]


def test_in_the_middle_of_a_question_close_topics_come_with_the_way_back(write: Write) -> None:
    torch = LAMP.replace("id: lamp", "id: torch").replace("Lamp is dark", "Torch is dark")
    alice = Chat(load(write(torch=torch), ROOT / "bot/texts")).does(c.Start("kettle"))
    alice.mumbles("dark here", lamp=0.45, torch=0.4)
    assert alice.hears == ["“clarify_switch”"]
    assert alice.state.offered[0] == "command:resume"


# ---- second thoughts -------------------------------------------------------------------------------------------------


def test_the_other_one_of_two_answers_is_taken(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("steel"))
    alice.says("no wait, the other one")
    assert alice.hears == ["“corrected”", "off"]
    assert alice.trail[:2] == ["plugged", "kind"]
    assert alice.state.runs[0].trail[1].answer == "glass"


@pytest.fixture
def after_the_place(write: Write) -> Chat:
    """Alice has told where the kettle is, and is asked something else."""
    again = (
        "    next: again\n  again:\n    check: {en: Still cold?, nl: Nog koud?}\n    yes: measure\n    no: measure\n"
    )
    kettle = KETTLE.replace("    next: measure\n", again).replace(
        "  place:\n", "  place:\n    label: {en: Place, nl: Plek}\n"
    )
    alice = Chat(load(write(kettle=kettle), ROOT / "bot/texts")).does(c.Start("kettle"))
    for answer in ("yes", "glass", "done", "done", "in room 2"):
        alice.does(c.Answer(answer))
    assert alice.hears == ["again"]
    return alice


def test_another_answer_to_an_open_question_replaces_the_first(after_the_place: Chat) -> None:
    after_the_place.says("sorry, I meant room 3", "nlu_fallback", place="room 3")
    assert after_the_place.hears == ["“corrected”", "again"]
    assert after_the_place.state.runs[0].trail[-1].answer == "room 3"


def test_the_other_one_of_many_is_asked_for_again(after_the_place: Chat) -> None:
    after_the_place.says("no wait, the other place")
    assert after_the_place.hears == ["“back_to”", "place"]


def test_what_is_told_besides_an_answer_is_remembered(alice: Chat) -> None:
    alice.does(c.Start("kettle")).says("yes", "affirm", place="on the table")
    alice.does(c.Answer("glass")).does(c.Answer("done")).does(c.Answer("done"))
    assert alice.hears == ["“noted”", "action_measure"]


def test_an_answer_can_raise_the_impact(alice: Chat) -> None:
    alice.does(c.Start("kettle")).says("yes", "affirm", place="everywhere").does(c.Human())
    assert alice.state.handover is not None
    assert alice.state.handover.impact == 1


# ---- what is said ----------------------------------------------------------------------------------------------------


def test_help_is_that_of_the_customers_system(write: Write) -> None:
    kettle = KETTLE.replace(
        "help: {en: Look at the label below., nl: Kijk op het etiket onderop.}",
        "help: {en: Look below., nl: Kijk onderop., windows: {en: Open a window., nl: Doe een raam open.}, "
        "macos: {en: Take a bite., nl: Neem een hap.}}",
    )
    alice = Chat(load(write(kettle=kettle), ROOT / "bot/texts"))
    alice.does(c.Start("kettle", {"operating_system": "macos"})).does(c.Answer("yes")).does(c.Help())
    assert _said(alice)[0] == "Look below.\nmacOS: Take a bite."
    alice.does(c.Restart()).does(c.Start("kettle")).does(c.Answer("yes")).does(c.Help())
    assert _said(alice)[0] == "Look below.\nWindows: Open a window.\nmacOS: Take a bite."


def test_texts_mention_what_is_known(write: Write) -> None:
    kettle = KETTLE.replace(
        "{en: Where is it?, nl: Waar staat hij?}", '{en: "Where is the {kettle_kind} one?", nl: "?"}'
    )
    alice = Chat(load(write(kettle=kettle), ROOT / "bot/texts"))
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("glass"))
    alice.does(c.Answer("done")).does(c.Answer("done"))
    assert _said(alice)[-1] == "Where is the Glass one?"


def test_a_long_step_says_how_long(write: Write) -> None:
    kettle = KETTLE.replace("next: works\n    cannot: place", "next: works\n    cannot: place\n    time: 15")
    alice = Chat(load(write(kettle=kettle), ROOT / "bot/texts")).does(c.Start("kettle")).does(c.Answer("no"))
    assert _said(alice)[-1] == "Plug it in. This takes about 15 minutes."


def _said(alice: Chat) -> list[str]:
    messages = [say(alice.catalogue, effect, "en") for effect in alice.effects]  # type: ignore[arg-type]
    return [message["text"] for message in messages if message]


def test_what_is_asked_anew_replaces_what_is_known(write: Write) -> None:
    again = "  again:\n    ask: {en: Which?, nl: Welke?}\n    fact: kettle_kind\n    anew: true\n    next: rest\n"
    kettle = KETTLE.replace("  descale:\n", f"{again}  descale:\n").replace("otherwise: rest", "otherwise: again")
    alice = Chat(load(write(kettle=kettle), ROOT / "bot/texts"))
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("glass"))
    assert alice.hears == ["again"]
    assert facts(alice.catalogue, alice.does(c.Answer("copper")).state.runs[0])["kettle_kind"] == "copper"


# ---- an answer, and another problem ----------------------------------------------------------------------------------


def test_a_number_with_another_problem_behind_it_is_the_answer(alice: Chat) -> None:
    alice.does(c.Start("kettle")).tells_behind("1, and", "the lamp is dark too", "lamp")
    assert alice.command == c.Answer("yes", also=(Problem("lamp"),))
    assert alice.hears[0] == "“queued”"


def test_what_cannot_wait_does_not_wait_behind_an_answer(with_interrupt: AtKettle) -> None:
    alice = with_interrupt("block").tells_behind("1, and", "the kitchen burns", "fire")
    assert alice.hears == ["“digress”", "“intro”", "out"]


def test_a_list_of_problems_answers_no_question(alice: Chat) -> None:
    alice.does(c.Start("kettle"))
    alice.tells_all(
        Segment("the lamp is dark", (("lamp", 0.9),)),
        Segment("no tea", (("kettle", 0.9),)),
        text="1. the lamp is dark 2. no tea",
    )
    assert not isinstance(alice.command, c.Answer)


def test_the_same_trouble_with_another_device_waits_by_its_own_words(alice: Chat) -> None:
    alice.does(c.Start("kettle", facts={"equipment": "kettle"}))
    other = Problem("kettle", {"equipment": "urn"}, said="my urn is cold too")
    alice.does(c.Answer("yes", also=(other, replace(other, facts={"equipment": "kettle"}))))
    assert alice.state.queue == (other,)
    assert alice.state.queue[0].said == "my urn is cold too"
    assert Problem.from_json(other.to_json()).said == other.said
    assert Problem.from_json(["kettle", {}]) == Problem("kettle")
    alice.does(c.Human())
    assert alice.state.handover is not None
    assert alice.state.handover.note == "Also mentioned: my urn is cold too."


def test_the_clear_problem_is_begun_before_the_one_whose_it_has_to_be_guessed(alice: Chat) -> None:
    alice.tells(("it is cold", "kettle"), ("and the lamp is dark too", "lamp"))
    assert alice.state.runs[0].procedure == "lamp"
    assert [(each.procedure, each.said) for each in alice.state.queue] == [("kettle", "it is cold")]
    assert alice.does(c.Start("kettle")).state.queue == ()


# ---- files -----------------------------------------------------------------------------------------------------------


def test_words_that_only_point_at_a_file_leave_the_question_open(alice: Chat) -> None:
    alice.does(c.Start("kettle")).shows("This is what I see on my screen", "how")
    assert alice.hears == ["“file_seen”", "plugged"]
    assert alice.state.misses == 0


def test_without_a_file_the_same_words_point_at_nothing(alice: Chat) -> None:
    assert alice.does(c.Start("kettle")).says("This is what I see", "how").command == c.Help()


def test_an_answer_with_a_file_is_an_answer(alice: Chat) -> None:
    assert alice.does(c.Start("kettle")).shows("yes").command == c.Answer("yes")


def test_a_problem_told_with_a_file_is_begun(alice: Chat) -> None:
    assert alice.shows("see attached, my lamp is dark", "lamp").command == c.Start("lamp")


def test_a_file_alone_is_asked_about(alice: Chat) -> None:
    assert alice.shows("see attached", "lamp").hears == ["“file_seen”", "“vague”"]
