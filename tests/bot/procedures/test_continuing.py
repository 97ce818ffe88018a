"""A technician goes on where the assistant stopped, by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.procedures import commands as c
from bot.procedures.advance import advance
from bot.procedures.continuing import (
    NotOffered,
    Pending,
    begin,
    can_take_back,
    handed_back,
    mark,
    marked,
    marks,
    opened,
    pending,
    pick,
    stop,
    take_back,
)
from bot.procedures.loader import load
from bot.procedures.model import TURN_STEPS, Catalogue, kind
from bot.procedures.speak import say
from bot.procedures.state import ACTIVE, CANCELLED, ESCALATED, RESOLVED, SUSPENDED, Run, State
from bot.procedures.trace import procedures
from tests.bot.procedures.conftest import ROOT, Chat

CATALOGUE = load(ROOT / "data/procedures", ROOT / "bot/texts")
STARTABLE = [p.id for p in CATALOGUE.procedures.values() if not (p.shared or p.errand)]
TESS = "technician:5"


class Tess:
    """Goes on with a state, by hand; it is stored as JSON between her marks."""

    def __init__(self, catalogue: Catalogue, state: State) -> None:
        self.catalogue, self.state = catalogue, state

    @property
    def sees(self) -> Pending:
        found = pending(self.catalogue, self.state, "en")
        assert found is not None
        return found

    @property
    def ways(self) -> list[tuple[str, str, str]]:
        return [(way.answer, way.leads_to.kind, way.leads_to.title) for way in self.sees.ways]

    def marks(self, answer: str) -> Tess:
        state = State.from_json(json.loads(json.dumps(self.state.to_json())))
        self.state = mark(self.catalogue, state, self.sees.at, answer, TESS)
        return self

    @property
    def run(self) -> Run:
        return self.state.runs[-1]


@pytest.fixture
def asked(alice: Chat) -> Chat:
    """Alice answered one question, was told to plug the kettle in, and asked for a person."""
    return alice.does(c.Start("kettle")).does(c.Answer("no")).does(c.Human())


def test_the_step_that_waited_when_the_customer_asked_for_a_person_waits_for_the_technician(asked: Chat) -> None:
    tess = Tess(asked.catalogue, asked.state)
    assert (tess.sees.procedure, tess.sees.title, tess.sees.text) == (
        "Kettle stays cold", "Plug it in", "Plug it in."
    )  # fmt: skip
    assert tess.ways == [("option:done", "check", "Does it boil?"), ("option:cannot", "ask", "Where is it?")]


def test_a_mark_is_a_step_of_the_trace_with_whoever_made_it(asked: Chat) -> None:
    tess = Tess(asked.catalogue, asked.state).marks("option:done")
    (run,) = procedures(tess.catalogue, tess.state, "en")
    assert (run["state"], run["pending"]) == (ACTIVE, "works")
    assert [(step["step"], step["message_id"]) for step in run["steps"]] == [
        ("plugged", "2"),
        ("plug", "technician:5.1"),
    ]


def test_branches_calls_and_facts_behave_as_with_a_customer(asked: Chat) -> None:
    tess = Tess(asked.catalogue, asked.state).marks("option:done").marks("option:no").marks("option:steel")
    assert [visit.spot.step for visit in tess.run.trail][-3:] == ["sort", "descale", "rest"]
    assert tess.run.place[-1] == ("pause", "off")
    tess.marks("option:done").marks("option:done")
    assert [(way.kind, way.title) for way in tess.sees.ways] == [("text", ""), ("unknown", ""), ("skip", "")]
    tess.marks("text: the kitchen ")
    assert procedures(tess.catalogue, tess.state, "en")[0]["facts"] == {"kettle_kind": "steel", "place": "the kitchen"}


def test_what_was_marked_is_told_in_words(asked: Chat) -> None:
    tess = Tess(asked.catalogue, asked.state).marks("option:cannot").marks("skip").marks("failed")
    tess.state = take_back(tess.catalogue, tess.state)
    assert marked(tess.catalogue, tess.state, "nl") == [
        (TESS, "Stekker erin – Lukt niet"),
        (TESS, "Waar staat hij? – overgeslagen"),
    ]
    assert marks(tess.state) == 3


def test_an_action_is_done_by_hand_and_its_outcome_chosen(asked: Chat) -> None:
    tess = Tess(asked.catalogue, asked.state).marks("option:cannot").marks("skip")
    assert tess.sees.kind == "do"
    assert tess.ways == [
        ("outcome:warm", "resolve", "It is warm."),
        ("failed", "escalate", "Somebody comes."),
    ]
    assert tess.marks("outcome:warm").run.state == RESOLVED
    assert pending(tess.catalogue, tess.state, "en") is None


def test_a_mark_for_a_step_that_was_passed_is_refused(asked: Chat) -> None:
    tess = Tess(asked.catalogue, asked.state)
    seen = tess.sees.at
    tess.marks("option:done")
    with pytest.raises(NotOffered):
        mark(tess.catalogue, tess.state, seen, "option:done", TESS)


@pytest.mark.parametrize("answer", ["option:purple", "unknown", "skip", "text:hello", "outcome:warm", "failed", ""])
def test_what_a_step_does_not_offer_is_refused(asked: Chat, answer: str) -> None:
    tess = Tess(asked.catalogue, asked.state)
    with pytest.raises(NotOffered):
        tess.marks(answer)


def test_the_last_mark_is_taken_back_and_stays_in_the_trace(asked: Chat) -> None:
    tess = Tess(asked.catalogue, asked.state)
    assert not can_take_back(tess.catalogue, tess.state)
    tess.marks("option:done").marks("option:yes")
    assert tess.run.state == RESOLVED
    state = take_back(tess.catalogue, tess.state)
    tess.state = state
    assert (tess.sees.title, tess.run.state) == ("Does it boil?", ACTIVE)
    tess.state = take_back(tess.catalogue, tess.state)
    assert tess.sees.title == "Plug it in"
    assert [step["result"] for step in procedures(tess.catalogue, tess.state, "en")[0]["steps"]] == [
        "answered", "corrected", "corrected"
    ]  # fmt: skip
    with pytest.raises(NotOffered):  # the customer's own answers are not the technician's to take back
        take_back(tess.catalogue, tess.state)


def test_a_run_that_a_procedure_ended_goes_on_at_any_step_that_was_not_tried(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Answer("yes")).does(c.Answer("glass")).does(c.Answer("done"))
    alice.does(c.Answer("cannot")).does(c.Unknown()).does(c.Outcome(None))
    assert alice.state.runs[0].state == ESCALATED
    assert pending(alice.catalogue, alice.state, "en") is None
    tess = Tess(alice.catalogue, pick(alice.catalogue, alice.state, "1", "plug", TESS))
    assert (tess.sees.title, tess.run.state) == ("Plug it in", ACTIVE)
    tess.state = take_back(tess.catalogue, tess.state)
    assert (tess.run.state, tess.state.stack) == (ESCALATED, ())
    with pytest.raises(NotOffered):
        pick(alice.catalogue, alice.state, "1", "kind", TESS)  # answered already


def test_another_step_of_a_called_procedure_is_taken_first(asked: Chat) -> None:
    state = pick(asked.catalogue, asked.state, "1", "pause.on", TESS)
    assert [spot.step for spot in state.runs[0].place] == ["rest", "on"]
    (run,) = procedures(asked.catalogue, state, "en")
    assert (run["steps"][-1]["step"], run["steps"][-1]["result"]) == ("plug", "skipped")
    after = mark(asked.catalogue, state, pending(asked.catalogue, state, "en").at, "option:done", TESS)  # type: ignore[union-attr]
    assert after.runs[0].spot.step == "place"


def test_what_was_interrupted_goes_on_after_what_was_on_top(alice: Chat) -> None:
    alice.does(c.Start("kettle")).does(c.Start("lamp")).does(c.Human())
    assert [run.state for run in alice.state.runs] == [ESCALATED, ESCALATED]
    state = opened(alice.catalogue, alice.state)
    assert [state.run(r).procedure for r in state.stack] == ["kettle", "lamp"]
    assert [run.state for run in state.runs] == [SUSPENDED, ACTIVE]
    tess = Tess(alice.catalogue, alice.state).marks("option:yes")
    assert tess.sees.procedure == "Kettle stays cold"


def test_another_procedure_is_started_and_set_aside(asked: Chat) -> None:
    tess = Tess(asked.catalogue, begin(asked.catalogue, asked.state, "lamp"))
    assert tess.sees.procedure == "Lamp is dark"
    tess.state = stop(tess.catalogue, tess.state, tess.sees.at)
    assert (tess.run.state, tess.sees.title) == (CANCELLED, "Plug it in")
    with pytest.raises(NotOffered):
        begin(tess.catalogue, tess.state, "pause")


def test_the_assistant_proposes_to_go_on_where_the_technician_left_it(asked: Chat) -> None:
    tess = Tess(asked.catalogue, asked.state).marks("option:cannot")
    state, (proposal,) = handed_back(tess.catalogue, tess.state)
    message = say(tess.catalogue, proposal, "en")  # type: ignore[arg-type]
    assert message is not None
    assert "“Kettle stays cold”" in message["text"]
    assert "“Where is it?”" in message["text"]
    assert [button["payload"] for button in message["buttons"]] == ["command:yes", "command:no"]
    asked.state = state
    assert asked.says("yes").hears == ["place"]


def test_a_no_to_going_on_ends_it(asked: Chat) -> None:
    asked.state, _ = handed_back(asked.catalogue, asked.state)
    assert asked.says("no").hears == ["“cancelled”"]


def test_an_answer_instead_of_a_yes_is_the_answer(asked: Chat) -> None:
    asked.state, _ = handed_back(asked.catalogue, asked.state)
    assert asked.says("done").hears == ["works"]


def test_an_action_that_was_due_runs_when_the_assistant_goes_on(asked: Chat) -> None:
    tess = Tess(asked.catalogue, asked.state).marks("option:cannot").marks("unknown")
    asked.state, _ = handed_back(tess.catalogue, tess.state)
    assert asked.says("yes").hears == ["action_measure"]


def test_nothing_is_proposed_when_nothing_is_unfinished(asked: Chat) -> None:
    tess = Tess(asked.catalogue, asked.state).marks("option:done").marks("option:yes")
    state, effects = handed_back(tess.catalogue, tess.state)
    assert (effects, state.proposal, state.stack) == ((), None, ())


def test_a_run_whose_steps_are_gone_is_left_alone(asked: Chat) -> None:
    without = replace(
        asked.catalogue, procedures={k: p for k, p in asked.catalogue.procedures.items() if k != "kettle"}
    )
    assert pending(without, asked.state, "en") is None
    with pytest.raises(NotOffered):
        pick(without, asked.state, "1", "plug", TESS)


# ---- of every procedure that is shipped ------------------------------------------------------------------------------


def _command(state: State, number: int) -> tuple[c.Command, str]:
    """One of the ways on from the pending step, as a customer takes it and as a technician marks it."""
    seen = pending(CATALOGUE, state, "en")
    assert seen is not None
    way = seen.ways[number % len(seen.ways)]
    said, _, value = way.answer.partition(":")
    commands: dict[str, tuple[c.Command, str]] = {
        "option": (c.Answer(value), way.answer),
        "text": (c.Answer("somewhere"), "text:somewhere"),
        "unknown": (c.Unknown(), "unknown"),
        "skip": (c.Skip(), "skip"),
    }
    return commands[said]


def _unmarked(run: Run) -> Run:
    return replace(run, visits=tuple(replace(visit, message_id=None) for visit in run.visits))


@pytest.mark.parametrize("procedure", STARTABLE)
@settings(max_examples=4, deadline=None)
@given(
    st.integers(min_value=0, max_value=6), st.lists(st.integers(min_value=0, max_value=20), min_size=40, max_size=40)
)
def test_whoever_answers_the_way_is_the_same(procedure: str, alone: int, chosen: list[int]) -> None:
    customer, _ = advance(CATALOGUE, State(), c.Start(procedure))
    steps = 0
    while customer.top is not None and steps < alone:
        command, _ = _command(customer, chosen[steps])
        customer, _ = advance(CATALOGUE, customer, command)
        steps += 1
    desk, _ = advance(CATALOGUE, customer, c.Human())
    desk = desk if customer.top is not None else customer
    for number in chosen[steps:] * 10:
        if customer.top is None:
            break
        assert isinstance(CATALOGUE.step(*customer.top.spot), TURN_STEPS)
        command, answer = _command(customer, number)
        seen = pending(CATALOGUE, desk, "nl")
        assert seen is not None
        promised = next(way.leads_to.kind for way in seen.ways if answer.startswith(way.answer))
        customer, _ = advance(CATALOGUE, customer, command)
        before, desk = desk, mark(CATALOGUE, desk, seen.at, answer, TESS)
        assert [_unmarked(run) for run in desk.runs] == [_unmarked(run) for run in customer.runs]
        assert promised == kind(CATALOGUE.step(*desk.run(seen.run).spot))
        undone = take_back(CATALOGUE, desk)
        assert undone.top is not None
        assert undone.top.place == opened(CATALOGUE, before).top.place  # type: ignore[union-attr]
    assert customer.top is None
    assert pending(CATALOGUE, desk, "en") is None
