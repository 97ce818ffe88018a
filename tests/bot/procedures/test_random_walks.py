"""Whatever a customer does, in whatever order: never stuck, never an exception, and the record stays a path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.procedures import commands as c
from bot.procedures.advance import advance
from bot.procedures.buttons import COMMAND_BUTTONS
from bot.procedures.effects import DID, FAILED, WORKED, Effects, OpenTicket, RunAction
from bot.procedures.loader import load
from bot.procedures.model import END_STEPS, TURN_STEPS, Call, Catalogue, Do, Instruct, Resolve, Return, successors
from bot.procedures.reading import read
from bot.procedures.speak import merge, say
from bot.procedures.state import CANCELLED, ENDED, ESCALATED, RESOLVED, Run, State
from bot.procedures.style import CHAT, LETTER, Style
from bot.procedures.topics import Segment
from bot.procedures.trace import procedures
from bot.procedures.turn import Turn
from tests.bot.procedures.conftest import ASIDES, ROOT

CATALOGUE = load(ROOT / "data/procedures", ROOT / "bot/texts")
STARTABLE = [p.id for p in CATALOGUE.procedures.values() if not p.shared]
INTENTS = [
    "affirm",
    "deny",
    "human",
    "cancel",
    "go_back",
    "skip",
    "dont_know",
    "why",
    "repeat",
    "restart_conversation",
    "greet",
    "ticket_status",
    "out_of_scope",
    "nlu_fallback",
    "other_problem",
    "how",
    "vague_problem",
    "goodbye",
    *STARTABLE,
]
TEXTS = [
    "yes",
    "no",
    "done",
    "1",
    "2",
    "network",
    "sorry, I meant no",
    "momentje",
    "Mac",
    "it works again",
    "still not working",
    "purple elephants",
    "none",
    "the first one helped",
    "I did 1, at 2 I get an error",
    "2 did not help",
    "",
    "  ",
]


def payloads() -> list[str]:
    """Every button there is, and a few that are not."""
    found = [f"command:{name}" for name in COMMAND_BUTTONS] + [f"start:{p}" for p in STARTABLE] + ["answer:a:b:c"]
    for procedure in CATALOGUE.procedures.values():
        for step in procedure.steps.values():
            if isinstance(step, TURN_STEPS):
                found.extend(f"answer:{procedure.id}:{step.id}:{choice.option.id}" for choice in step.choices)
                found.extend(f"answer:{procedure.id}:{step.id}:{result}" for result in (WORKED, FAILED, DID))
    return found


texts = st.one_of(st.sampled_from(TEXTS), st.text(max_size=30))
rankings = st.lists(st.tuples(st.sampled_from(INTENTS), st.sampled_from([0.2, 0.5, 0.95])), min_size=1, max_size=3)
sorted_rankings = rankings.map(lambda found: tuple(sorted(found, key=lambda each: -each[1])))
entities = st.sampled_from([{}, {"operating_system": "windows"}, {"operating_system": "beos", "place": "here"}])
messages = st.one_of(
    st.builds(
        Turn,
        text=texts,
        ranking=sorted_rankings,
        entities=entities,
        segments=st.lists(st.builds(Segment, texts, sorted_rankings, entities), max_size=3).map(tuple),
        letter=st.booleans(),
    ),
    st.builds(Turn, text=st.just(""), choice=st.sampled_from(payloads()), letter=st.booleans()),
)
answers = st.integers(min_value=0, max_value=20)


def is_edge(catalogue: Catalogue, run: Run) -> bool:
    """Whether each place of the trail follows from the one before, through calls and returns."""
    places = [visit.place for visit in run.trail] + [run.place]
    for before, after in pairwise(places):
        step = catalogue.step(*before[-1])
        if isinstance(step, Call):
            expected = [(*before, (step.procedure, catalogue.procedures[step.procedure].start))]
        elif isinstance(step, Return):
            caller = catalogue.step(*before[-2])
            expected = [(*before[:-2], (before[-2].procedure, target)) for target in successors(caller)]
        else:
            expected = [(*before[:-1], (before[-1].procedure, target)) for target in successors(step)]
        ended = after is run.place and isinstance(
            catalogue.step(*after[-1]), Resolve
        )  # "it works again", from anywhere
        if after not in expected and not ended:
            return False
    return not run.trail or places[0] == ((run.procedure, catalogue.procedures[run.procedure].start),)


def style(turn: Turn) -> Style:
    return LETTER if turn.letter else CHAT


def check(state: State) -> None:
    assert State.from_json(json.loads(json.dumps(state.to_json()))) == state
    for run in state.runs:
        assert is_edge(CATALOGUE, run), run
        unfinished = run.id in state.stack
        assert unfinished == (run.state not in (RESOLVED, ESCALATED, CANCELLED, ENDED))
        if unfinished:
            assert isinstance(CATALOGUE.step(*run.spot), (*TURN_STEPS, Do))
        assert all(isinstance(CATALOGUE.step(*place[-1]), Instruct) for place in run.listed)
    assert len({state.run(r).procedure for r in state.stack}) == len(state.stack)
    waiting = [each.procedure for each in state.queue]
    assert len(set(waiting)) == len(waiting)
    assert {state.run(r).procedure for r in state.stack}.isdisjoint(waiting)
    for language in ("en", "nl"):
        for traced in procedures(CATALOGUE, state, language):
            assert [step["position"] for step in traced["steps"]] == list(range(1, len(traced["steps"]) + 1))


def words(effects: Effects, language: str) -> Iterator[str]:
    for effect in effects:
        if not isinstance(effect, (RunAction, OpenTicket)):
            message = say(CATALOGUE, effect, language)
            assert message is not None
            assert merge([message])["text"]
            yield message["text"]
        else:
            yield "action"


@settings(max_examples=150, deadline=None)
@given(st.lists(messages, max_size=25))
def test_no_message_breaks_a_conversation_and_each_is_answered(said: list[Turn]) -> None:
    state = State()
    for number, turn in enumerate(said):
        command = read(CATALOGUE, state, turn, ASIDES)
        if command is None:
            assert state.top is None
            continue
        state, effects = advance(CATALOGUE, state, command, str(number), style(turn))
        check(state)
        assert list(words(effects, "en"))
        assert list(words(effects, "nl"))


def plain_answer(run: Run, number: int) -> c.Command:
    """One of the answers of the step that waits, or of the outcomes of the action that runs."""
    step = CATALOGUE.step(*run.spot)
    if isinstance(step, Do):
        return c.Outcome([*step.outcomes, None][number % (len(step.outcomes) + 1)])
    assert isinstance(step, TURN_STEPS)
    return c.Answer(step.choices[number % len(step.choices)].option.id if step.choices else "somewhere")


@settings(max_examples=150, deadline=None)
@given(st.lists(messages, max_size=12), st.lists(answers, min_size=30, max_size=30))
def test_from_anywhere_plain_answers_lead_to_an_end(said: list[Turn], chosen: list[int]) -> None:
    state = State()
    for turn in said:
        command = read(CATALOGUE, state, turn, ASIDES)
        if command is not None:
            state, _ = advance(CATALOGUE, state, command, style=style(turn))
    for number in chosen * 20:
        if state.top is None:
            break
        state, _ = advance(CATALOGUE, state, plain_answer(state.top, number))
    assert state.top is None
    assert all(isinstance(CATALOGUE.step(*r.spot), END_STEPS) or r.state in (CANCELLED, ESCALATED) for r in state.runs)


@pytest.mark.parametrize("procedure", STARTABLE)
@settings(max_examples=40, deadline=None)
@given(st.lists(answers, min_size=40, max_size=40))
def test_back_undoes_exactly_one_answer(procedure: str, chosen: list[int]) -> None:
    state, _ = advance(CATALOGUE, State(), c.Start(procedure))
    while state.top is not None and chosen:
        before = state.top
        answer = plain_answer(before, chosen.pop())
        state, _ = advance(CATALOGUE, state, answer)
        if state.top is None:
            break
        if isinstance(answer, c.Outcome):
            continue
        undone, _ = advance(CATALOGUE, state, c.GoBack())
        assert undone.top is not None
        assert (undone.top.place, undone.top.trail) == (before.place, before.trail)
