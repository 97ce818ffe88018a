"""One command after the other."""

from __future__ import annotations

from dataclasses import replace

from bot.procedures import commands as c
from bot.procedures.facts import facts
from bot.procedures.model import Catalogue
from bot.procedures.state import ACTIVE, CANCELLED, ESCALATED, RESOLVED, SUSPENDED, Spot
from tests.bot.procedures.conftest import Chat


def test_a_procedure_begins_with_its_summary_and_first_question(alice: Chat) -> None:
    alice.does(c.Start("kettle"))
    assert alice.hears == ["“intro”", "plugged"]


def test_answers_lead_to_a_good_end(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no")).does(c.Answer("done")).does(c.Answer("yes"))
    assert alice.hears == ["solved"]
    assert alice.state.resolved
    assert alice.state.runs[0].state == RESOLVED
    assert alice.state.top is None


def test_resolved_is_said_in_one_turn_only(alice: Chat) -> None:
    alice.does(c.Start("lamp")).does(c.Answer("yes"))
    assert alice.state.resolved
    assert not alice.does(c.Repeat()).state.resolved


def test_statements_and_branches_are_passed_without_a_turn(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("steel"))
    assert alice.hears == ["descale", "off"]
    assert alice.trail == ["plugged", "kind", "sort", "descale", "rest"]


def test_a_shared_procedure_returns_to_its_caller(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("glass")).does(c.Answer("done"))
    assert alice.hears == ["on"]
    alice.does(c.Answer("done"))
    assert alice.hears == ["place"]
    assert alice.state.top is not None
    assert alice.state.top.place == (Spot("kettle", "place"),)


def test_a_correction_truncates_the_trail(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("steel")).does(c.Answer("done"))
    visits = alice.state.runs[0].visits
    kind = next(i for i, visit in enumerate(visits) if visit.spot.step == "kind")
    alice.does(c.Correct("1", kind, "glass"))
    assert alice.hears == ["“corrected”", "off"]
    assert alice.trail == ["plugged", "kind", "sort", "rest"]
    dropped = [v.spot.step for v in alice.state.runs[0].visits if v.superseded]
    assert dropped == [
        "kind",
        "sort",
        "descale",
        "rest",
        "off",
    ]
    assert facts(alice.catalogue, alice.state.runs[0]) == {"kettle_kind": "glass"}


def test_a_correction_in_a_suspended_run_makes_it_the_active_one(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Start("lamp")).does(c.Correct("1", 0, "no"))
    assert alice.hears == ["“corrected”", "plug"]
    assert [run.state for run in alice.state.runs] == [ACTIVE, SUSPENDED]


def test_back_asks_the_question_before(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no")).does(c.Answer("done")).does(c.GoBack())
    assert alice.hears == ["“back”", "plug"]
    assert alice.trail == ["plugged"]


def test_back_into_a_called_procedure_keeps_the_caller(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("glass"))
    alice.does(c.Answer("done")).does(c.Answer("done")).does(c.GoBack())
    assert alice.hears == ["“back”", "on"]
    assert alice.does(c.Answer("cannot")).hears == ["place"]


def test_back_at_the_first_question_says_so(alice: Chat) -> None:
    assert alice.does(c.Start("kettle")).does(c.GoBack()).hears == ["“nothing_before”", "plugged"]


def test_a_digression_is_resumed_when_it_ends(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no")).does(c.Start("lamp"))
    assert alice.hears == ["“digress”", "“intro”", "bulb"]
    assert [run.state for run in alice.state.runs] == [SUSPENDED, ACTIVE]
    alice.does(c.Answer("yes"))
    assert alice.hears == ["solved", "“resume”", "plug"]
    assert not alice.state.resolved
    assert [run.state for run in alice.state.runs] == [ACTIVE, RESOLVED]


def test_a_cancelled_digression_is_resumed_too(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Start("lamp")).does(c.Cancel())
    assert alice.hears == ["“cancelled”", "“resume”", "plugged"]
    assert alice.does(c.Cancel()).hears == ["“cancelled”"]
    assert alice.state.stack == ()


def test_starting_what_is_suspended_goes_on_with_it(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Start("lamp")).does(c.Start("kettle"))
    assert alice.hears == ["“resume”", "plugged"]
    assert alice.state.stack == ("2", "1")


def test_starting_what_is_active_repeats_the_question(alice: Chat) -> None:
    assert alice.does(c.Start("lamp")).does(c.Start("lamp")).hears == ["bulb"]
    assert len(alice.state.runs) == 1


def test_an_escalation_hands_over_with_the_values_of_step_and_procedure(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("glass")).does(c.Answer("done"))
    alice.does(c.Answer("done")).does(c.Answer("kitchen"))
    assert alice.hears == ["action_measure"]
    alice.does(c.Outcome(None))
    assert alice.hears == ["person", "ticket"]
    handover = alice.state.handover
    assert handover is not None
    assert handover.to_json() == {
        "reason": "escalated",
        "procedure": "kettle",
        "category": "hardware",
        "team": "onsite",
        "impact": 3,
        "urgency": 1,
        "facts": {"kettle_kind": "glass", "place": "kitchen"},
        "note": "Bring a kettle.",
    }
    assert alice.state.runs[0].state == ESCALATED


def test_an_actions_outcome_chooses_the_next_step(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no")).does(c.Answer("cannot")).does(c.Skip())
    assert alice.hears == ["action_measure"]
    assert alice.does(c.Outcome("warm")).hears == ["solved"]


def test_an_action_that_was_cut_off_is_run_again_with_the_next_message(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no")).does(c.Answer("cannot")).does(c.Unknown())
    assert alice.says("hello?").hears == ["action_measure"]


def test_a_step_names_its_own_reason(alice: Chat) -> None:
    alice.does(c.Start("lamp")).does(c.Answer("no"))
    assert alice.state.handover is not None
    assert alice.state.handover.reason == "security"


def test_a_person_is_one_command_away_and_everything_open_goes_along(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Start("lamp")).does(c.Human())
    assert alice.hears == ["ticket"]
    assert alice.state.stack == ()
    assert {run.state for run in alice.state.runs} == {ESCALATED}
    assert alice.state.handover is not None
    assert (alice.state.handover.reason, alice.state.handover.procedure) == ("asked", "lamp")


def test_not_understood_while_idle_ends_at_a_person_in_three_steps(alice: Chat) -> None:
    assert alice.does(c.NotUnderstood()).hears == ["“rephrase”"]
    assert alice.does(c.NotUnderstood()).hears == ["“clarify”"]
    assert alice.state.offered == ("start:kettle", "start:lamp", "command:human")
    assert alice.does(c.NotUnderstood()).hears == ["“giving_up”", "ticket"]
    assert alice.state.handover is not None
    assert alice.state.handover.reason == "not_understood"


def test_likely_topics_are_offered_at_once_and_then_a_rephrasing_is_asked_for(alice: Chat) -> None:
    assert alice.does(c.NotUnderstood(("lamp",))).hears == ["“clarify”"]
    assert alice.state.offered == ("start:lamp", "command:human")
    assert alice.does(c.NotUnderstood(("lamp",))).hears == ["“rephrase”"]
    assert alice.does(c.NotUnderstood(("lamp",))).hears == ["“giving_up”", "ticket"]


def test_not_understood_in_a_procedure_helps_then_offers_then_fetches_a_person(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes"))
    assert alice.does(c.NotUnderstood()).hears == ["“rephrase_step”", "kind?help", "kind"]
    assert alice.does(c.NotUnderstood()).hears == ["“clarify_in_step”"]
    assert alice.state.offered == ("command:resume", "start:lamp", "command:human")
    assert alice.does(c.NotUnderstood()).hears == ["“giving_up”", "ticket"]


def test_an_understood_answer_forgets_the_misses(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.NotUnderstood()).does(c.NotUnderstood()).does(c.Answer("yes"))
    assert alice.state.misses == 0
    assert alice.does(c.NotUnderstood()).hears[0] == "“rephrase_step”"


def test_not_knowing_helps_once_then_offers_then_fetches_a_person(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes"))
    assert alice.does(c.Unknown()).hears == ["kind?help", "kind"]
    assert alice.does(c.Unknown()).hears == ["“unknown_offer”", "kind"]
    assert alice.does(c.Unknown()).hears == ["“giving_up”", "ticket"]


def test_not_knowing_goes_where_the_step_says(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("no")).does(c.Answer("cannot")).does(c.Unknown())
    assert alice.hears == ["action_measure"]
    assert alice.state.runs[0].visits[-1].result == "unknown"


def test_only_a_skippable_step_is_skipped(alice: Chat) -> None:
    assert alice.does(c.Start("kettle")).does(c.Skip()).hears == ["“cannot_skip”", "plugged"]


def test_why_is_answered_and_the_question_repeated(alice: Chat) -> None:
    assert alice.does(c.Start("kettle")).does(c.Explain()).hears == ["plugged?why", "plugged"]
    assert alice.does(c.Answer("no")).does(c.Explain()).hears == ["“no_reason”", "plug"]


def test_an_aside_is_answered_and_the_question_repeated(alice: Chat) -> None:
    assert alice.does(c.Start("kettle")).does(c.Aside("action_weather")).hears == ["action_weather", "plugged"]


def test_a_known_fact_is_not_asked_for(alice: Chat) -> None:
    alice.does(c.Start("kettle", {"kettle_kind": "glass"})).does(c.Answer("yes"))
    assert alice.hears == ["“noted”", "off"]
    assert alice.does(c.GoBack()).hears == ["“back”", "plugged"]


def test_a_fact_that_is_no_answer_is_asked_for(alice: Chat) -> None:
    assert alice.does(c.Start("kettle", {"kettle_kind": "wood"})).does(c.Answer("yes")).hears == ["kind"]


def test_beginning_again_ends_everything(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Start("lamp")).does(c.Restart())
    assert alice.hears == ["“restarted”"]
    assert {run.state for run in alice.state.runs} == {CANCELLED}
    assert alice.does(c.Start("kettle")).state.runs[-1].id == "3"


def test_with_nothing_open_every_command_is_answered(alice: Chat) -> None:
    for command in (c.Answer("yes"), c.Skip(), c.Unknown(), c.GoBack(), c.Cancel(), c.Explain(), c.Repeat(), c.Wait()):
        assert alice.does(command).hears == ["“nothing_pending”"]
    assert alice.does(c.Stale()).hears == ["“old_button”"]
    assert alice.does(c.Beyond()).hears == ["“beyond”"]


def test_a_run_whose_steps_no_longer_exist_is_put_aside(alice: Chat, kitchen: Catalogue) -> None:
    alice.does(c.Start("kettle"))
    kettle = kitchen.procedures["kettle"]
    steps = {name: step for name, step in kettle.steps.items() if name != "plugged"}
    changed = replace(kettle, start="kind", steps=steps)
    alice.catalogue = replace(kitchen, procedures={**kitchen.procedures, "kettle": changed})
    assert alice.does(c.Answer("yes")).hears == ["“nothing_pending”"]
    assert alice.state.runs[0].state == CANCELLED
    assert alice.does(c.Start("kettle")).hears == ["“intro”", "kind"]
