"""A technician goes on with the assistant's procedure, and the assistant with the technician's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.procedures import commands as c
from bot.procedures.state import State
from channels.contract import Author, Owner
from desk import answering, conversations, diagnosis
from desk.answering import Question
from desk.diagnosis import Suggestion
from desk.model.conversation import Reason
from desk.model.errors import Conflict, Invalid
from desk.model.run import Run
from desk.model.technician import Technician
from desk.model.turn import Reply, Turn
from desk.store import conversations as store
from desk.store import runs
from desk.store.database import Database
from tests.desk.conftest import Clock
from tests.desk.kitchen import kitchen, turn

LEASE = timedelta(seconds=30)


class Desk:
    """A conversation in which the assistant has begun with the kettle, and Tess."""

    def __init__(self, database: Database, clock: Clock, tess: Technician, number: int) -> None:
        self.database, self.clock, self.tess, self.number = database, clock, tess, number
        self.catalogue = kitchen()

    def assistant(self, *commands: c.Command, handover: Reason | None = None, resolved: bool = False) -> None:
        """The assistant carries out commands from nothing, and answers with where that leads."""
        question = self.asks()
        with self.database.transaction() as tx:
            answering.finish(tx, question, turn(*commands, handover=handover, resolved=resolved), self.clock())

    def asks(self) -> Question:
        with self.database.transaction() as tx:
            claimed = answering.claim(tx, "w", self.clock(), LEASE)
        assert isinstance(claimed, Question)
        return claimed

    def taken(self, by: Technician | None = None) -> None:
        with self.database.transaction() as tx:
            conversations.take(tx, self.number, by or self.tess, self.clock())

    @property
    def sees(self) -> Suggestion:
        with self.database.snapshot() as tx:
            return diagnosis.next_step(self.catalogue, conversations.view(tx, self.number).procedure_state, "en")

    @property
    def at(self) -> str:
        assert self.sees.pending is not None
        return self.sees.pending.at

    @property
    def step(self) -> str:
        assert self.sees.pending is not None
        return self.sees.pending.title

    def marks(self, answer: str, by: Technician | None = None, at: str | None = None) -> None:
        at = at or self.at
        with self.database.transaction() as tx:
            diagnosis.mark(tx, self.catalogue, self.number, by or self.tess, at, answer, self.clock())

    def gives_back(self) -> None:
        with self.database.transaction() as tx:
            diagnosis.give_back(tx, self.catalogue, self.number, self.tess, self.clock())

    @property
    def view(self) -> conversations.View:
        with self.database.snapshot() as tx:
            return conversations.view(tx, self.number)

    @property
    def runs(self) -> list[Run]:
        return list(self.view.runs)


@pytest.fixture
def desk(database: Database, clock: Clock, tess: Technician, write: Callable[..., int]) -> Desk:
    """Alice has answered the first question, was told to plug the kettle in, and asked for a person; Tess has her."""
    made = Desk(database, clock, tess, write("my kettle stays cold"))
    made.assistant(c.Start("kettle"), c.Answer("no"), c.Human(), handover=Reason.ASKED)
    made.taken()
    return made


def test_the_technician_goes_on_at_the_step_where_the_assistant_stopped(desk: Desk) -> None:
    assert desk.step == "Plug it in"
    desk.marks("option:done")
    (run,) = desk.runs
    assert (run.state, run.pending, desk.step) == ("active", "works", "Does it boil?")
    assert [(step.step, step.answer_text, step.by) for step in run.steps] == [
        ("plugged", "No", None),
        ("plug", "Done", "Tess"),
    ]
    assert run.steps[1].technician == desk.tess.id


def test_an_end_is_advice_and_closes_nothing(desk: Desk) -> None:
    desk.marks("option:cannot")
    desk.marks("skip")
    desk.marks("failed")
    assert desk.sees.pending is None
    assert (desk.sees.ended, desk.sees.advice) == ("1", {"1": "Bring a kettle."})
    assert desk.view.conversation.owner is Owner.TECHNICIAN
    said = len(desk.view.messages)
    with desk.database.transaction() as tx:
        diagnosis.pick(tx, desk.catalogue, desk.number, desk.tess, "1", "pause.off", desk.clock())
    assert desk.step == "Switch it off."
    assert len(desk.view.messages) == said  # the customer hears nothing of it


def test_a_step_that_a_colleague_marked_meanwhile_is_refused(desk: Desk) -> None:
    seen = desk.at
    desk.marks("option:done")
    with pytest.raises(Conflict) as refused:
        desk.marks("option:done", at=seen)
    assert refused.value.state == "passed"


def test_only_who_has_the_conversation_may_go_on(desk: Desk, tom: Technician, write: Callable[..., int]) -> None:
    with pytest.raises(Conflict) as refused:
        desk.marks("option:done", by=tom)
    assert (refused.value.state, refused.value.holder) == ("technician", "Tess")
    other = Desk(desk.database, desk.clock, tom, write("my lamp is dark", "bob"))
    other.assistant(c.Start("lamp"))
    with pytest.raises(Conflict) as early:
        other.marks("option:yes")
    assert early.value.state == "bot"


@pytest.mark.parametrize(
    ("answer", "field"), [("option:purple", "answer"), ("text:", "text"), ("text:" + "x" * 8_001, "text")]
)
def test_an_answer_that_the_step_does_not_have_is_refused(desk: Desk, answer: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        desk.marks(answer)
    assert refused.value.field == field
    assert desk.step == "Plug it in"


def test_a_mark_is_taken_back(desk: Desk) -> None:
    before = desk.sees
    desk.marks("option:done")
    after = desk.sees
    assert (before.can_take_back, after.can_take_back) == (False, True)
    with desk.database.transaction() as tx:
        diagnosis.take_back(tx, desk.catalogue, desk.number, desk.tess, desk.clock())
    assert (desk.step, desk.runs[0].steps[-1].result, desk.runs[0].steps[-1].by) == ("Plug it in", "corrected", "Tess")
    with desk.database.transaction() as tx, pytest.raises(Conflict):
        diagnosis.take_back(tx, desk.catalogue, desk.number, desk.tess, desk.clock())


def test_another_procedure_is_started_and_stopped(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        diagnosis.start(tx, desk.catalogue, desk.number, desk.tess, "lamp", desk.clock())
    assert desk.step == "Is there light with another bulb?"
    assert [run.state for run in desk.runs] == ["suspended", "active"]
    with desk.database.transaction() as tx:
        diagnosis.stop(tx, desk.catalogue, desk.number, desk.tess, desk.at, desk.clock())
    assert desk.step == "Plug it in"
    with desk.database.transaction() as tx, pytest.raises(Invalid):
        diagnosis.start(tx, desk.catalogue, desk.number, desk.tess, "pause", desk.clock())


def test_a_procedure_is_started_where_the_assistant_had_none(
    desk: Desk, write: Callable[..., int], tom: Technician
) -> None:
    other = Desk(desk.database, desk.clock, tom, write("help", "bob"))
    other.taken()
    with desk.database.transaction() as tx:
        diagnosis.start(tx, desk.catalogue, other.number, tom, "lamp", desk.clock())
    assert [run.procedure for run in other.runs] == ["lamp"]


def test_the_assistant_proposes_to_go_on_and_is_told_where(desk: Desk, write: Callable[..., int]) -> None:
    desk.marks("option:cannot")
    with desk.database.transaction() as tx:
        conversations.reply(tx, desk.number, desk.tess, "Leave the plug alone.", desk.clock())
    desk.gives_back()
    view = desk.view
    assert view.conversation.owner is Owner.BOT
    announced, proposed = view.messages[-2:]
    assert announced.text == "Tess has handed you back to the assistant."
    assert (proposed.author, [button.payload for button in proposed.buttons]) == (
        Author.BOT,
        ["command:yes", "command:no"],
    )
    assert "“Where is it?”" in proposed.text
    assert view.conversation.summary == "Tess: Leave the plug alone.\nTess: Plug it in – I can't"

    write("yes")
    question = desk.asks()
    assert question.procedure_state is not None
    assert State.from_json(question.procedure_state).proposal is not None
    with desk.database.transaction() as tx:
        answering.finish(tx, question, Turn((Reply("Where is it?"),), "en"), desk.clock())
    write("in the kitchen")
    assert desk.asks().procedure_state is None  # by now the assistant knows
    assert [(run.key, run.episode) for run in desk.runs] == [("1", 2)]


def test_without_an_unfinished_procedure_the_assistant_asks_what_is_left(desk: Desk) -> None:
    desk.marks("option:done")
    desk.marks("option:yes")
    desk.gives_back()
    last = desk.view.messages[-1]
    assert (last.author, last.text) == (
        Author.DESK,
        "Tess has handed you back to the assistant. What else can I help you with?",
    )


def test_an_answer_of_the_assistant_that_comes_late_does_not_undo_marks(desk: Desk, write: Callable[..., int]) -> None:
    desk.gives_back()
    write("done")
    question = desk.asks()
    late = turn(c.Start("kettle"), c.Answer("no"), c.Answer("done"))
    desk.taken()
    with desk.database.transaction() as tx:  # still true: nobody has marked anything
        answering.finish(tx, question, late, desk.clock())
    assert desk.step == "Does it boil?"
    desk.marks("option:no")
    later = turn(c.Start("kettle"), c.Answer("yes"))
    with desk.database.transaction() as tx:
        diagnosis.report(tx, store.get(tx, desk.number), 2, later, desk.clock())
    assert desk.step == "Which kind is it?"
    assert [step.step for step in desk.runs[0].steps] == ["plugged", "plug", "works"]


def test_a_case_that_ended_well_is_forgotten(desk: Desk, write: Callable[..., int]) -> None:
    desk.gives_back()
    write("it works")
    desk.assistant(c.Start("lamp"), c.Answer("yes"), resolved=True)
    assert desk.sees.pending is None
    with desk.database.snapshot() as tx:
        assert runs.state_of(tx, desk.number) is None


def test_a_case_that_is_reopened_begins_anew(desk: Desk, write: Callable[..., int]) -> None:
    with desk.database.transaction() as tx:
        conversations.resolve(tx, desk.number, desk.tess, "New kettle", desk.clock())
    assert desk.step == "Plug it in"  # to be read, as long as nobody goes on
    write("and my lamp?")
    desk.asks()
    assert desk.sees.pending is None
