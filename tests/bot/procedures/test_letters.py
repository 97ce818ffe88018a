"""By mail: a person sooner, and instructions at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.procedures import commands as c
from bot.procedures import continuing, trace
from bot.procedures.loader import load
from bot.procedures.style import CHAT, LETTER
from tests.bot.procedures.conftest import ROOT, Chat, Write, results, spoken


def test_a_first_mail_that_is_not_understood_goes_to_a_person(bob: Chat) -> None:
    bob.says("lorem ipsum dolor")
    assert bob.hears == ["“giving_up”", "ticket"]
    assert bob.state.handover is not None
    assert bob.state.handover.reason == "not_understood"


def test_in_a_procedure_one_misunderstanding_is_enough(bob: Chat) -> None:
    bob.does(c.Start("kettle")).says("lorem ipsum dolor")
    assert bob.hears == ["“giving_up”", "ticket"]
    assert bob.state.handover is not None
    assert bob.state.handover.procedure == "kettle"


def test_in_a_chat_the_question_is_put_in_other_words_first(alice: Chat) -> None:
    assert alice.does(c.Start("kettle")).says("lorem ipsum dolor").hears == ["“rephrase_step”", "plugged"]


def test_which_topic_it_is_is_asked_once(bob: Chat) -> None:
    bob.mumbles("something with the lamp or the kettle", kettle=0.4, lamp=0.39)
    assert bob.hears == ["“clarify”"]
    bob.mumbles("well the lamp or the kettle", kettle=0.4, lamp=0.39)
    assert bob.hears == ["“giving_up”", "ticket"]


def test_the_answer_to_which_topic_it_is_begins_it(bob: Chat) -> None:
    bob.mumbles("something with the lamp or the kettle", kettle=0.4, lamp=0.39).says("2")
    assert bob.hears == ["“intro”", "bulb"]
    assert bob.state.questions == 0


def test_a_vague_mail_is_asked_once_what_does_not_work(bob: Chat) -> None:
    bob.says("it does not work", "vague_problem")
    assert bob.hears == ["“vague”"]
    assert bob.says("it really does not work", "vague_problem").hears == ["“giving_up”", "ticket"]


def test_what_is_surely_no_matter_of_it_is_told_so_once(bob: Chat) -> None:
    assert bob.says("what is for lunch", "out_of_scope").hears == ["“out_of_scope”"]
    assert bob.says("and for dinner", "out_of_scope").hears == ["“giving_up”", "ticket"]


def test_nobody_is_turned_away_on_a_guess(bob: Chat) -> None:
    assert bob.says("what about the thing", "out_of_scope", 0.3).hears == ["“giving_up”", "ticket"]


def test_whoever_does_not_know_is_told_how_to_find_out_before_a_person_is_called(bob: Chat) -> None:
    bob.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Unknown())
    assert bob.hears == ["kind?help", "kind"]
    assert bob.does(c.Unknown()).hears == ["“giving_up”", "ticket"]


def test_a_chat_that_goes_on_by_mail_is_read_as_mails_are(bob: Chat) -> None:
    bob.by(CHAT).does(c.Start("kettle")).says("lorem ipsum")
    assert bob.hears == ["“rephrase_step”", "plugged"]
    assert bob.by(LETTER).says("dolor sit amet").hears == ["“giving_up”", "ticket"]


# ---- instructions told at once ---------------------------------------------------------------------------------------

TOASTER = """\
id: toaster
version: 1
title: {en: Toaster stays cold, nl: Broodrooster blijft koud}
summary: {en: Let us warm it up., nl: We maken hem warm.}
examples: {en: [My toaster stays cold], nl: [Mijn broodrooster blijft koud]}
category: hardware
team: onsite
impact: 3
urgency: 2
start: plug
steps:
  plug:
    label: {en: Other socket, nl: Ander stopcontact}
    instruct: {en: Try another socket., nl: Probeer een ander stopcontact.}
    next: works_plugged
    cannot: crumbs
  works_plugged:
    check: {en: Does it get warm?, nl: Wordt hij warm?}
    yes: solved
    no: crumbs
  crumbs:
    label: {en: Crumbs, nl: Kruimels}
    instruct: {en: Shake the crumbs out., nl: Schud de kruimels eruit.}
    time: 5
    next: switched
    cannot: person
  switched:
    call: pause
    next: works_switched
  works_switched:
    check: {en: Is it warm now?, nl: Is hij nu warm?}
    yes: solved
    no: agreed
  agreed:
    ask: {en: May I reset it?, nl: Mag ik hem resetten?}
    options:
      "yes": {next: reset}
      "no": {next: person}
  reset:
    instruct: {en: Press reset., nl: Druk op reset.}
    destructive: true
    next: works_reset
    cannot: person
  works_reset:
    check: {en: Is it warm after all?, nl: Is hij toch warm?}
    yes: solved
    no: person
  solved:
    resolve: {en: It is warm., nl: Hij is warm.}
  person:
    escalate: {en: Somebody comes., nl: Er komt iemand.}
    note: {en: Bring a toaster., nl: Neem een broodrooster mee.}
"""


@pytest.fixture
def carol(write: Write) -> Chat:
    """Writes mails about her toaster."""
    return Chat(load(write(toaster=TOASTER), ROOT / "bot/texts"), style=LETTER).does(c.Start("toaster"))


def test_the_instructions_up_to_the_next_question_are_told_at_once(carol: Chat) -> None:
    assert carol.hears == ["“intro”", "1.plug 2.crumbs 3.off 4.on"]
    text, buttons = spoken(carol)
    assert text == (
        "Let us warm it up.\n\n"
        "Please try these steps in this order, and stop as soon as it works:\n\n"
        "1. Try another socket. Does it get warm?\n"
        "2. Shake the crumbs out. This takes about 5 minutes.\n"
        "3. Switch it off.\n"
        "4. Switch it on. Is it warm now?\n\n"
        "After which step did it work? If a step cannot be done, tell me which one and what happens."
    )
    assert buttons == [*(f"After step {n}" for n in range(1, 5)), "It still does not work"]
    assert spoken(carol, "nl")[1][-2:] == ["Na stap 4", "Het werkt nog steeds niet"]


def test_in_a_chat_they_are_told_one_by_one(carol: Chat) -> None:
    chat = Chat(carol.catalogue).does(c.Start("toaster"))
    assert chat.hears == ["“intro”", "plug"]
    assert chat.state.runs[0].told == ()


def test_the_number_after_which_it_works_ends_it_well(carol: Chat) -> None:
    carol.says("2")
    assert carol.hears == ["plug=failed crumbs=worked", "solved"]
    assert results(carol) == [("plug", "done"), ("works_plugged", "no"), ("crumbs", "done")]
    assert carol.state.resolved
    assert "– Other socket: did not help\n– Crumbs: it works since" in spoken(carol)[0]


def test_where_a_check_follows_it_is_answered_too(carol: Chat) -> None:
    carol.says("the first one did it, thank you!")
    assert results(carol) == [("plug", "done"), ("works_plugged", "yes")]


def test_none_goes_on_to_the_next_question_with_each_step_on_the_trail(carol: Chat) -> None:
    carol.says("None of it worked.")
    assert carol.hears == ["plug=failed crumbs=failed off=failed on=failed", "agreed"]
    assert results(carol) == [
        ("plug", "done"), ("works_plugged", "no"), ("crumbs", "done"), ("off", "done"), ("on", "done"),
        ("works_switched", "no"),
    ]  # fmt: skip
    assert carol.state.runs[0].told == ()


def test_who_says_that_the_last_one_did_not_help_is_not_asked_whether_it_did(write: Write) -> None:
    asks = "check: {en: Is it warm now?, nl: Is hij nu warm?}\n    yes: "
    half = load(write(toaster=TOASTER.replace(f"{asks}solved", f"{asks}person")), ROOT / "bot/texts")
    carol = Chat(half, style=LETTER).does(c.Start("toaster"))
    assert carol.says("None of it worked.").hears[-1] == "agreed"
    assert results(carol)[-1] == ("works_switched", "no")


def test_a_step_that_cannot_be_done_goes_its_own_way(carol: Chat) -> None:
    carol.says("I did 1, at 2 I get an error: E-7")
    assert carol.hears == ["plug=failed crumbs=cannot", "person", "ticket"]
    assert results(carol)[-1] == ("crumbs", "cannot")


def test_the_rest_of_the_list_is_told_again_when_only_the_beginning_was_done(carol: Chat) -> None:
    carol.says("I have only done step 1 so far, no difference")
    assert carol.hears == ["plug=failed", "1.crumbs 2.off 3.on"]
    assert carol.says("3").state.resolved
    assert results(carol)[-1] == ("works_switched", "yes")


def test_whoever_has_done_everything_and_says_no_more_is_asked_whether_it_works(carol: Chat) -> None:
    carol.says("done")
    assert carol.hears == ["plug=failed crumbs=failed off=failed on=did", "works_switched"]


@pytest.mark.parametrize("text", ["None of it helped, I want to talk to a person", "Step 1 did not help. Call me!"])
def test_whoever_asks_for_a_person_beside_it_gets_one_who_sees_what_was_tried(carol: Chat, text: str) -> None:
    carol.says(text, intent="human")
    assert (carol.hears[-1], carol.state.handover is not None) == ("ticket", True)
    assert results(carol)[:2] == [("plug", "done"), ("works_plugged", "no")]
    assert len(carol.hears) == 2, "what was noted, and the ticket: nothing is asked any more"


def test_it_works_without_a_number_ends_it_well_and_does_not_guess_since_when(carol: Chat) -> None:
    carol.says("It works again")
    assert carol.state.resolved
    assert results(carol) == [("plug", "done")]


def test_nothing_that_may_lose_data_is_told_with_others(carol: Chat) -> None:
    carol.says("none").says("yes")
    assert carol.hears == ["reset"]
    assert spoken(carol)[1] == ["Done", "I can't"]


def test_one_instruction_and_its_check_are_one_mail(bob: Chat) -> None:
    bob.does(c.Start("kettle")).does(c.Answer("no"))
    assert bob.hears == ["1.plug"]
    assert spoken(bob) == ("Plug it in. Does it boil?", ["It works now", "It still does not work", "I can't"])
    assert bob.says("3").hears == ["place"]


def test_a_list_that_mends_nothing_itself_is_asked_about_as_done(bob: Chat) -> None:
    bob.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("glass"))
    assert bob.hears == ["1.off 2.on"]
    assert spoken(bob)[1] == ["I have done them all"]
    assert bob.says("Both done").hears == ["off=failed on=did", "place"]


def test_more_than_five_are_never_told_at_once(carol: Chat) -> None:
    short = Chat(carol.catalogue, style=replace(LETTER, instructions=2)).does(c.Start("toaster"))
    assert short.hears == ["“intro”", "1.plug 2.crumbs"]
    assert short.says("none").hears == ["plug=failed crumbs=failed", "1.off 2.on"]


# ---- whichever channel answers first ---------------------------------------------------------------------------------


def test_a_list_is_answered_by_its_buttons_in_the_chat(carol: Chat) -> None:
    carol.by(CHAT).presses("answer:pause:off:worked")
    assert carol.hears == ["plug=failed crumbs=failed off=worked", "solved"]


def test_the_chat_goes_on_with_the_question_after_the_list(carol: Chat) -> None:
    carol.by(CHAT).presses("answer:pause:on:failed")
    assert carol.hears == ["plug=failed crumbs=failed off=failed on=failed", "agreed"]
    assert carol.presses("answer:toaster:crumbs:worked").hears == ["“old_button”", "agreed"]


def test_yes_in_the_chat_is_the_first_step_of_the_list(carol: Chat) -> None:
    assert carol.by(CHAT).says("yes").hears == ["works_plugged"]
    assert carol.says("no").hears == ["crumbs"]
    assert carol.state.runs[0].told == ()


def test_the_chat_says_the_pending_step_alone_when_it_is_asked_to(carol: Chat) -> None:
    assert carol.by(CHAT).does(c.Repeat()).hears == ["plug"]
    assert carol.says("2").hears == ["crumbs"], "the second of the buttons that were shown last: I can't"
    assert carol.by(LETTER).does(c.Repeat()).hears == ["1.crumbs 2.off 3.on"]


def test_a_button_of_the_step_itself_answers_that_step_alone(carol: Chat) -> None:
    carol.presses("answer:toaster:plug:done")
    assert carol.hears == ["works_plugged"]


def test_a_mail_that_comes_after_the_chat_moved_on_is_not_taken_for_an_answer_to_what_was_asked_there(
    carol: Chat,
) -> None:
    carol.by(CHAT).says("none")
    assert carol.hears[-1] == "agreed"
    for late in ("2", "yes"):
        carol.by(CHAT).does(c.Repeat())
        carol.by(LETTER).says(late)
        assert carol.hears == ["“moved_on”", "agreed"]
    assert carol.says("yes").hears == ["reset"], "by now it has been asked by mail"


def test_a_mail_that_says_what_it_answers_counts_wherever_it_was_asked(bob: Chat) -> None:
    bob.by(CHAT).does(c.Start("kettle")).does(c.Answer("yes"))
    assert bob.hears[-1] == "kind"
    assert bob.by(LETTER).says("it is a steel one").hears == ["descale", "1.off 2.on"]


def test_going_back_asks_one_step_and_its_list_anew(carol: Chat) -> None:
    carol.says("none").does(c.GoBack())
    assert carol.hears == ["“back”", "works_switched"]


# ---- what technicians see --------------------------------------------------------------------------------------------


def test_the_trace_says_which_steps_the_customer_was_told(carol: Chat) -> None:
    (run,) = trace.procedures(carol.catalogue, carol.state, "en")
    assert run["pending"] == "plug"
    told = [each["step"] for each in run["untried"] if each["told"]]
    assert told == ["plug", "crumbs", "pause.off", "pause.on"]
    assert "reset" in [each["step"] for each in run["untried"] if not each["told"]]


def test_a_technician_who_goes_on_marks_the_first_and_nothing_is_left_told(carol: Chat) -> None:
    waits = continuing.pending(carol.catalogue, carol.state, "en")
    assert waits is not None
    assert waits.title == "Other socket"
    state = continuing.mark(carol.catalogue, carol.state, waits.at, "option:done", "technician:1")
    (run,) = trace.procedures(carol.catalogue, state, "en")
    assert (run["pending"], any(each["told"] for each in run["untried"])) == ("works_plugged", False)
