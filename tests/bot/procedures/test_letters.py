"""By mail: a person sooner."""

from __future__ import annotations

from bot.procedures import commands as c
from bot.procedures.style import CHAT, LETTER
from tests.bot.procedures.conftest import Chat


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
