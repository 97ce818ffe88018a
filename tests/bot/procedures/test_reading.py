"""What a message means, given where the conversation stands."""

from __future__ import annotations

import pytest

from bot.procedures import commands as c
from bot.procedures.model import Catalogue
from bot.procedures.reading import read
from bot.procedures.secrets import gives_password
from bot.procedures.state import State
from bot.procedures.turn import Turn
from tests.bot.procedures.conftest import Chat


def test_an_answer_goes_before_an_intent(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes"))
    assert alice.says("glass", intent="lamp", confidence=1.0).command == c.Answer("glass")


def test_a_sure_command_goes_before_an_answer_somewhere_in_the_text(alice: Chat) -> None:
    alice.does(c.Start("kettle"))
    assert alice.says("no, I want to talk to somebody", intent="human").command == c.Human()
    alice.does(c.Start("kettle"))
    assert alice.says("no, it is in the box", intent="human", confidence=0.2).command == c.Answer("no")


@pytest.mark.parametrize(
    ("intent", "command"),
    [
        ("human", c.Human()),
        ("cancel", c.Cancel()),
        ("go_back", c.GoBack()),
        ("skip", c.Skip()),
        ("repeat", c.Repeat()),
        ("dont_know", c.Unknown()),
        ("why", c.Explain()),
        ("affirm", c.Answer("yes")),
        ("deny", c.Answer("no")),
        ("greet", c.Aside("utter_greet")),
        ("lamp", c.Start("lamp")),
        ("kettle", c.Start("kettle")),
        ("nlu_fallback", c.NotUnderstood()),
        ("other_problem", c.NotUnderstood()),
        ("out_of_scope", c.NotUnderstood(out_of_scope=True)),
    ],
)
def test_an_intent_is_read_when_the_text_is_no_answer(alice: Chat, intent: str, command: c.Command) -> None:
    read = alice.does(c.Start("kettle")).says("purple elephants", intent=intent).command
    if isinstance(read, c.NotUnderstood):
        read = c.NotUnderstood((), read.out_of_scope)
    assert read == command


def test_everything_is_forgotten_only_when_that_is_said(alice: Chat) -> None:
    alice.does(c.Start("kettle"))
    assert alice.says("old menus in the canteen", intent="restart_conversation").command == c.NotUnderstood()
    assert alice.says("let us start over", intent="restart_conversation").command == c.Restart()


def test_an_open_question_takes_any_text_but_a_sure_command_or_question(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("glass"))
    alice.does(c.Answer("done")).does(c.Answer("done"))
    assert alice.hears == ["place"]
    assert alice.says("hello there", intent="greet", confidence=0.95).command == c.Aside("utter_greet")
    assert alice.says("skip the stairs, then left", intent="skip", confidence=0.7).command == c.Answer(
        "skip the stairs, then left"
    )
    alice.does(c.GoBack())
    assert alice.says("a person please", intent="human", confidence=0.95).command == c.Human()


def test_a_correction_in_words_changes_the_last_answer(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes"))
    alice.says("sorry, I meant no")
    assert alice.hears == ["“corrected”", "plug"]


def test_a_correction_in_dutch_finds_the_question_it_belongs_to(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("steel")).does(c.Answer("done"))
    assert alice.says("oeps, het is doorzichtig").hears == ["“corrected”", "off"]


def test_the_exact_answer_to_an_earlier_question_corrects_it(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("steel"))
    assert alice.says("Glass").hears == ["“corrected”", "off"]


def test_one_moment_is_no_answer(alice: Chat) -> None:
    alice.does(c.Start("kettle"))
    assert alice.says("momentje").hears == ["“take_your_time”"]
    assert alice.says("yes").hears == ["kind"]


def test_any_text_answers_an_open_question_except_a_command(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no")).does(c.Answer("cannot"))
    assert alice.says("no idea", intent="dont_know").command == c.Unknown()
    alice.does(c.Restart()).does(c.Start("kettle")).does(c.Answer("no")).does(c.Answer("cannot"))
    assert alice.says("on the shelf", intent="lamp").command == c.Answer("on the shelf")


def test_what_was_offered_can_be_typed(alice: Chat) -> None:
    alice.does(c.NotUnderstood(("lamp", "kettle")))
    assert alice.says("2").hears == ["“intro”", "plugged"]
    alice.does(c.Restart()).does(c.NotUnderstood(("lamp", "kettle")))
    assert alice.says("talk to a colleague").hears == ["ticket"]


def test_yes_accepts_the_only_thing_offered(alice: Chat) -> None:
    assert alice.says("my car is broken", intent="other_problem").hears == ["“beyond”"]
    assert alice.says("yes please", intent="affirm").hears == ["ticket"]
    alice.says("my car is broken", intent="other_problem")
    assert alice.says("no", intent="deny").hears == ["“declined”"]


def test_with_nothing_open_small_talk_is_left_to_others(alice: Chat) -> None:
    assert alice.says("hello", intent="greet").command is None


def test_an_unsure_topic_is_asked_for(alice: Chat) -> None:
    assert alice.says("it is dark", intent="lamp", confidence=0.3).hears == ["“clarify”"]
    assert alice.state.offered == ("start:lamp", "command:human")


def test_what_is_known_goes_along_with_the_start(alice: Chat) -> None:
    command = alice.says("my glass kettle is cold", intent="kettle", kettle_kind="glass").command
    assert command == c.Start("kettle", {"kettle_kind": "glass"})


def test_not_knowing_is_an_answer_too_by_name_and_by_number(shipped: Catalogue) -> None:
    for text in ("I don't know", "weet ik niet", "3"):
        alice = Chat(shipped).does(c.Start("printer_offline"))
        assert alice.says(text).hears == ["switch_on"]


def test_not_knowing_answers_an_open_question(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no")).does(c.Answer("cannot"))
    assert alice.says("I don't know").command == c.Unknown()


@pytest.mark.parametrize(
    ("procedure", "text", "told"),
    [
        ("account_locked", "my password has expired", {"sign_in_message": "expired"}),
        ("account_locked", "mijn account is geblokkeerd", {"sign_in_message": "locked"}),
        ("account_locked", "I cannot log in", {}),
        ("account_locked", "I can't log in because my password expired", {"sign_in_message": "expired"}),
        ("printer_offline", "Mijn printer print niet, papier vast!", {"printer_message": "paper"}),
        ("account_locked", "is my password expired or is my account locked?", {}),
        ("printer_offline", "er zit papier vast in de printer", {"printer_message": "paper"}),
        ("printer_offline", "it is not a paper jam but nothing prints", {}),
        ("printer_offline", "nothing comes out of the printer", {}),
        ("wifi_connect", "my windows laptop has no wifi", {}),
    ],
)
def test_the_opening_message_may_answer_a_question(
    shipped: Catalogue, procedure: str, text: str, told: dict[str, str]
) -> None:
    assert Chat(shipped).says(text, intent=procedure).command == c.Start(procedure, told)


def test_a_symptom_in_words_starts_its_procedure_when_the_classifier_is_unsure(shipped: Catalogue) -> None:
    ranking = (("other_problem", 0.52), ("account_locked", 0.3), ("wifi_connect", 0.01))
    turn = Turn("help, my account was hacked", ranking=ranking)
    assert read(shipped, State(), turn, {}) == c.Start("account_locked", {"sign_in_message": "not_me"})
    assert read(shipped, State(), Turn("my mac is slow", ranking=ranking), {}) == c.Beyond()


def test_what_was_noted_wrongly_is_corrected_in_words(shipped: Catalogue) -> None:
    alice = Chat(shipped).says("my account was locked", intent="account_locked")
    assert alice.hears == ["“intro”", "“noted”", "before_lock"]
    assert alice.says("no wait, I forgot my password").hears == ["“corrected”", "self_service"]


def test_not_yet_is_no_refusal_of_an_instruction(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no"))
    assert alice.says("not yet", intent="deny").hears == ["“take_your_time”"]


@pytest.mark.parametrize(
    "text", ["oh it works again!", "Hij doet het weer", "never mind, it is solved", "✅ it works now"]
)
def test_it_works_again_ends_any_procedure_well(shipped: Catalogue, text: str) -> None:
    alice = Chat(shipped).does(c.Start("wifi_connect")).does(c.Answer("only_me"))
    assert alice.says(text.removeprefix("✅ ")).hears == ["solved"]
    assert alice.state.resolved


@pytest.mark.parametrize(
    "text",
    [
        "it works again, thanks a lot!",
        "Great, it is working again. Thank you for your help!",
        "Het werkt weer, super bedankt!",
        "top, opgelost, dankjewel",
    ],
)
def test_thanks_beside_it_do_not_hide_from_a_question_that_it_works_again(shipped: Catalogue, text: str) -> None:
    alice = Chat(shipped).does(c.Start("wifi_connect"))
    assert alice.says(text, intent="thanks").state.resolved


@pytest.mark.parametrize("text", ["after that it worked again, thanks", "na stap 1 werkte het weer, super bedankt!"])
def test_an_instruction_after_which_it_worked_again_ends_well(shipped: Catalogue, text: str) -> None:
    alice = Chat(shipped).does(c.Start("wifi_connect")).does(c.Answer("only_me"))
    assert alice.says(text, intent="thanks").state.resolved


@pytest.mark.parametrize(
    "text", ["het doet het niet", "hij doet het niet", "it does not work", "it works now but only for a minute"]
)
def test_what_only_sounds_like_solved_is_not(shipped: Catalogue, text: str) -> None:
    alice = Chat(shipped).does(c.Start("wifi_connect")).does(c.Answer("only_me"))
    assert not alice.says(text).state.resolved
    assert not isinstance(Chat(shipped).says(text).command, c.Works)


def test_still_not_answers_the_check_after_an_instruction(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no"))
    assert alice.says("still does not work").hears == ["kind"]
    assert alice.trail == ["plugged", "plug", "works"]


def test_still_not_is_no_answer_to_a_question(alice: Chat) -> None:
    alice.does(c.Start("kettle"))
    assert alice.says("it still does not work").hears == ["“not_solved_yet”", "plugged"]


def test_solved_without_a_procedure_is_good_to_hear(alice: Chat) -> None:
    assert alice.says("laat maar, is al opgelost", intent="cancel").hears == ["“glad”"]
    assert alice.says("it still does not work", intent="deny").hears == ["“unsolved”"]
    assert alice.says("het werkt niet", intent="deny").hears == ["“unsolved”"]


@pytest.mark.parametrize("text", ["the second one", "de tweede", "second", "optie 2"])
def test_an_ordinal_chooses(alice: Chat, text: str) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes"))
    assert alice.says(text).command == c.Answer("glass")


def test_a_thumb_answers(alice: Chat) -> None:
    alice.does(c.Start("kettle"))
    assert alice.says("👍🏽").command == c.Answer("yes")
    alice.does(c.GoBack())
    assert alice.says("👎").command == c.Answer("no")


def test_another_topic_is_no_correction(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes"))
    assert alice.says("actually my lamp is also not working", intent="lamp").command == c.Start("lamp")


def test_the_customer_may_correct_themselves_in_one_message(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes"))
    assert alice.says("no wait, it is glass").command == c.Answer("glass")


def test_how_gets_help_and_the_question_again(alice: Chat) -> None:
    alice.does(c.Start("kettle"))
    assert alice.says("how do I see that?", intent="how").hears == ["“no_help”", "plugged"]
    alice.does(c.Answer("yes"))
    assert alice.says("how do I see that?", intent="how").hears == ["kind?help", "kind"]


def test_who_leaves_is_not_asked_again(alice: Chat) -> None:
    alice.does(c.Start("kettle"))
    read_ = read(alice.catalogue, alice.state, Turn("bye", ranking=(("goodbye", 0.9),)), {"goodbye": "utter_goodbye"})
    assert read_ == c.Aside("utter_goodbye", ask_again=False)
    assert alice.does(read_).hears == ["utter_goodbye"]


@pytest.mark.parametrize(
    ("text", "intent", "command"),
    [
        ("ok", "affirm", c.Returned()),
        ("hello", "greet", c.Returned()),
        ("blah", "nlu_fallback", c.Returned()),
        ("no", "deny", c.Decline()),
        ("it still does not work", "deny", c.Works(False)),
        ("it works now", "affirm", c.Works(True)),
        ("my lamp is dark", "lamp", c.Start("lamp")),
        ("a person please", "human", c.Human()),
    ],
)
def test_after_a_technician_the_customer_is_no_stranger(
    kitchen: Catalogue, text: str, intent: str, command: c.Command
) -> None:
    turn = Turn(text, ranking=((intent, 0.9),), returned=True)
    assert read(kitchen, State(), turn, {"greet": "utter_greet"}) == command
    assert Chat(kitchen).does(command).effects


STORY = (
    "Hello, since this morning I have not been able to print on the printer in our corridor, my colleagues can print "
    "without any problem, and I already restarted my computer. I am on windows 11. Could you please help?"
)


@pytest.mark.parametrize(
    ("procedure", "text", "told"),
    [
        ("printer_offline", STORY, {"colleagues_can_print": "yes", "printer_connection": "network"}),
        (
            "printer_offline",
            "hoi, mijn printer doet het niet, hij staat wel aan maar hij geeft aan dat het papier vastzit, help je me?",
            {"printer_on": "yes", "printer_message": "paper"},
        ),
        ("printer_offline", "het papier zit niet vast maar de printer print niet", {}),
        ("wifi_connect", "nobody has wifi on this floor", {"others_affected": "everyone"}),
    ],
)
def test_a_whole_story_is_not_asked_for_again(
    shipped: Catalogue, procedure: str, text: str, told: dict[str, str]
) -> None:
    assert Chat(shipped).says(text, intent=procedure).command == c.Start(procedure, told)


def test_what_only_resembles_an_answer_yields_to_what_is_one(shipped: Catalogue) -> None:
    alice = Chat(shipped).does(c.Start("report_problem"))
    for said in ("The screen is old", "Old screen", "everyone"):
        alice.says(said)
    assert alice.hears == ["since"]
    assert alice.says("since monday").command == c.Answer("this_week")


def test_what_was_told_can_also_be_said_later(shipped: Catalogue) -> None:
    alice = Chat(shipped).does(c.Start("printer_offline")).does(c.Answer("no"))
    assert alice.says("toch wel, hij staat aan").hears == ["“corrected”", "message"]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("my password is Welkom123! and it fails", True),
        ("wachtwoord: zomer2024", True),
        ("ww is hunter-two", True),
        ("my password is expired.", False),
        ("mijn wachtwoord is verlopen, denk ik", False),
        ("password reset 12345678", False),
        ("the password is", False),
    ],
)
def test_a_typed_password_is_noticed(shipped: Catalogue, text: str, given: bool) -> None:
    assert gives_password(text, shipped.words) is given


def test_chatting_beside_the_point_calls_nobody(alice: Chat) -> None:
    for _ in range(5):
        assert alice.says("who won the match?", intent="out_of_scope").state.handover is None
        assert alice.state.handover is None
