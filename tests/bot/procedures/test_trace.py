"""What the desk records of a conversation, and what a customer hears."""

from __future__ import annotations

from bot.procedures import commands as c
from bot.procedures.effects import SaySentence, SayStep
from bot.procedures.names import action_name, action_names
from bot.procedures.speak import merge, say
from bot.procedures.trace import procedures
from tests.bot.procedures.conftest import Chat


def test_a_run_is_told_whole(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no")).does(c.Answer("done")).does(c.Answer("no"))
    assert procedures(alice.catalogue, alice.state, "nl") == [
        {
            "run": "1",
            "procedure": "kettle",
            "version": 3,
            "title": "Waterkoker blijft koud",
            "state": "active",
            "steps": [
                {
                    "position": 1,
                    "step": "plugged",
                    "kind": "ask",
                    "question": "Zit de stekker erin?",
                    "answer": "no",
                    "answer_text": "Nee",
                    "result": "answered",
                    "message_id": "2",
                },
                {
                    "position": 2,
                    "step": "plug",
                    "kind": "instruct",
                    "question": "Steek de stekker erin.",
                    "answer": "done",
                    "answer_text": "Gedaan",
                    "result": "done",
                    "message_id": "3",
                },
                {
                    "position": 3,
                    "step": "works",
                    "kind": "check",
                    "question": "Kookt hij?",
                    "answer": "no",
                    "answer_text": "Nee",
                    "result": "answered",
                    "message_id": "4",
                },
            ],
            "pending": "kind",
            "untried": [
                {"step": "kind", "title": "Welke soort is het?", "told": False},
                {"step": "pause.off", "title": "Zet hem uit.", "told": False},
                {"step": "place", "title": "Waar staat hij?", "told": False},
                {"step": "pause.on", "title": "Zet hem aan.", "told": False},
                {"step": "measure", "title": "measure", "told": False},
            ],
            "facts": {},
            "note": None,
        }
    ]


def test_what_was_taken_back_stays_as_corrected(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("steel")).does(c.Correct("1", 1, "glass"))
    steps = procedures(alice.catalogue, alice.state, "en")[0]["steps"]
    told = [(step["position"], step["step"], step["answer"], step["result"]) for step in steps]
    assert told == [
        (1, "plugged", "yes", "answered"),
        (2, "kind", "steel", "corrected"),
        (3, "kind", "glass", "answered"),
    ]


def test_a_step_of_a_called_procedure_names_it(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("glass")).does(c.Answer("done"))
    told = procedures(alice.catalogue, alice.state, "en")[0]
    assert told["steps"][-1]["step"] == "pause.off"
    assert told["pending"] == "pause.on"
    assert told["facts"] == {"kettle_kind": "glass"}


def test_a_solved_run_has_nothing_untried(alice: Chat) -> None:
    alice.does(c.Start("lamp")).does(c.Answer("yes"))
    told = procedures(alice.catalogue, alice.state, "en")[0]
    assert (told["state"], told["pending"], told["untried"]) == ("resolved", None, [])


def test_an_escalated_run_tells_what_could_have_been_done(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("glass")).does(c.Answer("done"))
    alice.does(c.Answer("done")).does(c.Answer("here")).does(c.Outcome(None))
    told = procedures(alice.catalogue, alice.state, "en")[0]
    assert told["untried"] == [{"step": "plug", "title": "Plug it in", "told": False}]
    assert told["steps"][-1]["answer"] == "error"
    assert told["note"] == "Bring a kettle."


def test_who_asks_for_a_person_leaves_the_question_pending(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Human())
    told = procedures(alice.catalogue, alice.state, "en")[0]
    assert (told["state"], told["pending"]) == ("escalated", "plugged")


def test_a_question_has_its_answers_as_buttons(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no")).does(c.Answer("cannot"))
    effect = alice.effects[-1]
    assert isinstance(effect, SayStep)
    assert say(alice.catalogue, effect, "nl") == {
        "text": "Waar staat hij?",
        "buttons": [{"title": "Weet ik niet", "payload": "answer:kettle:place:unknown"}],
    }


def test_paragraphs_become_one_message(alice: Chat) -> None:
    alice.does(c.Start("kettle"))
    spoken = [say(alice.catalogue, e, "en") for e in alice.effects if isinstance(e, (SayStep, SaySentence))]
    assert merge(message for message in spoken if message) == {
        "text": "Let us warm it up.\n\nIs it plugged in?",
        "buttons": [
            {"title": "Yes", "payload": "answer:kettle:plugged:yes"},
            {"title": "No", "payload": "answer:kettle:plugged:no"},
        ],
    }


def test_every_effect_has_an_action_in_the_domain(alice: Chat) -> None:
    names = action_names(alice.catalogue)
    alice.does(c.Start("kettle")).does(c.NotUnderstood())
    for effect in alice.effects:
        assert isinstance(effect, (SayStep, SaySentence))
        assert action_name(effect) in names
    assert {"action_open_ticket", "action_measure", "utter_kettle__plugged", "utter_pause__off"} <= set(names)
