"""Technicians go on with the assistant's procedures by hand, and the assistant goes on where they left them.

The desk keeps the state of the procedures beside the conversation; `bot.procedures.continuing` knows what may be done
with it. A mark changes the state and the recorded runs together, and nothing else: a procedure that reaches its end is
advice to the technician, it neither closes nor tells the customer anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.procedures import continuing, trace
from bot.procedures.continuing import NotOffered, Pending
from bot.procedures.model import DEFAULT_LANGUAGE, Catalogue, Escalate, Resolve
from bot.procedures.speak import say
from bot.procedures.state import CANCELLED, ENDED, RESOLVED, State
from channels.contract import Author, Button, Owner
from desk import conversations, outbox
from desk.model import checks
from desk.model.conversation import Conversation
from desk.model.errors import Conflict, Invalid
from desk.model.run import Run, Step, Untried
from desk.model.technician import Technician
from desk.model.turn import Turn
from desk.store import conversations as store
from desk.store import runs, technicians
from desk.store.database import Transaction

_BY = "technician:{}"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a technician can do with the procedures of a conversation. Runs go by their keys."""

    pending: Pending | None
    """The step to be done next."""
    can_take_back: bool
    """A technician's mark can be taken back."""
    open_runs: frozenset[str]
    """Runs of which an untried step can be done next instead."""
    advice: Mapping[str, str]
    """What the procedure says to the technician, of runs that it ended at a person."""
    ended: str | None
    """The run that reached its end, when nothing is pending any more; None when no run did."""


@dataclass(frozen=True, slots=True)
class Startable:
    """A procedure that can be started."""

    procedure: str
    title: str


def next_step(catalogue: Catalogue, kept: Mapping[str, Any] | None, language: str) -> Suggestion:
    """What can be done with the procedures, by their state as it is kept; texts in `language`."""
    state = State.from_json(kept) if kept else State()
    fitting = [run for run in state.runs if run.fits(catalogue)]
    ends = {run.id: catalogue.step(*run.spot) for run in fitting}
    over = [run for run in fitting if isinstance(ends[run.id], (Escalate, Resolve)) and run.state != CANCELLED]
    pending = continuing.pending(catalogue, state, language)
    return Suggestion(
        pending=pending,
        can_take_back=continuing.can_take_back(catalogue, state),
        open_runs=frozenset(run.id for run in fitting if run.state not in (RESOLVED, ENDED, CANCELLED)),
        advice={run: end.note.to(language) for run, end in ends.items() if isinstance(end, Escalate)},
        ended=over[-1].id if over and pending is None else None,
    )


def startable(catalogue: Catalogue, language: str) -> list[Startable]:
    """Every procedure that can be started, by title."""
    found = (Startable(p.id, p.title.to(language)) for p in catalogue.procedures.values() if not (p.shared or p.errand))
    return sorted(found, key=lambda each: each.title.casefold())


def mark(
    tx: Transaction,
    catalogue: Catalogue,
    conversation: int,
    technician: Technician,
    at: str,
    answer: str,
    now: datetime,
) -> None:
    """The pending step `at` is done with, by `answer` (`Way.answer`; of an open question completed by the text).

    Raises:
        Conflict: it is no longer the pending step (``passed``), or the technician does not have the conversation.
        Invalid: the step has no such answer, or the text is empty or too long.
        NotFound: there is no such conversation.
    """
    kind, _, text = answer.partition(":")
    if kind == continuing.TEXT:
        answer = f"{kind}:{checks.text(text, 'text', conversations.MAX_REPLY)}"

    def change(state: State) -> State:
        waits = continuing.pending(catalogue, state, DEFAULT_LANGUAGE)
        if waits is None or waits.at != at:
            raise Conflict("mark", "passed")
        try:
            return continuing.mark(catalogue, state, at, answer, _BY.format(technician.id))
        except NotOffered as error:
            raise Invalid("answer", "not_offered") from error

    _change(tx, catalogue, conversation, technician, change, now)


def pick(
    tx: Transaction,
    catalogue: Catalogue,
    conversation: int,
    technician: Technician,
    run: str,
    step: str,
    now: datetime,
) -> None:
    """Do an untried step of a run next, instead of the pending one.

    Raises:
        Conflict: it has been tried by now, the run is over, or the technician does not have the conversation.
        NotFound: there is no such conversation.
    """
    by = _BY.format(technician.id)
    _change(
        tx, catalogue, conversation, technician, lambda state: continuing.pick(catalogue, state, run, step, by), now
    )


def take_back(tx: Transaction, catalogue: Catalogue, conversation: int, technician: Technician, now: datetime) -> None:
    """The last mark of a technician no longer holds; its step is pending again.

    Raises:
        Conflict: no mark holds, or the technician does not have the conversation.
        NotFound: there is no such conversation.
    """
    _change(tx, catalogue, conversation, technician, lambda state: continuing.take_back(catalogue, state), now)


def start(
    tx: Transaction, catalogue: Catalogue, conversation: int, technician: Technician, procedure: str, now: datetime
) -> None:
    """Start a procedure; what was pending goes on after it.

    Raises:
        Conflict: the technician does not have the conversation.
        Invalid: there is no such procedure.
        NotFound: there is no such conversation.
    """
    known = catalogue.procedures.get(procedure)
    if known is None or known.shared or known.errand:
        raise Invalid("procedure", "unknown")
    _change(tx, catalogue, conversation, technician, lambda state: continuing.begin(catalogue, state, procedure), now)


def stop(
    tx: Transaction, catalogue: Catalogue, conversation: int, technician: Technician, at: str, now: datetime
) -> None:
    """End the run whose step `at` is pending, without a result.

    Raises:
        Conflict: it is no longer the pending step, or the technician does not have the conversation.
        NotFound: there is no such conversation.
    """
    _change(tx, catalogue, conversation, technician, lambda state: continuing.stop(catalogue, state, at), now)


def give_back(tx: Transaction, catalogue: Catalogue, conversation: int, technician: Technician, now: datetime) -> None:
    """Give a conversation back to the assistant. Where a procedure is unfinished, it proposes to go on with it.

    Raises:
        Conflict: another technician has it, or it is already the assistant's or closed.
        NotFound: there is no such conversation.
    """
    current = store.get(tx, conversation, lock=True)
    kept = runs.state_of(tx, conversation)
    if kept is None:
        conversations.give_back(tx, conversation, technician, now)
        return
    state, effects = continuing.handed_back(catalogue, State.from_json(kept))
    language = current.language or DEFAULT_LANGUAGE
    names: dict[str, str] = {}
    lines = []
    for by, what in continuing.marked(catalogue, state, language):
        if by not in names:
            names[by] = technicians.get(tx, int(by.partition(":")[2])).name
        lines.append(f"{names[by]}: {what}")
    conversations.give_back(tx, conversation, technician, now, marked=lines, goes_on=bool(effects))
    given = store.get(tx, conversation)
    runs.move_episode(tx, conversation, current.episode, given.episode)
    _record(tx, catalogue, given, state, now)
    for effect in effects if given.reachable else ():
        said = say(catalogue, effect, language)  # type: ignore[arg-type]
        assert said is not None
        buttons = [Button(each["title"], each["payload"]) for each in said["buttons"]]
        outbox.say(tx, given, Author.BOT, said["text"], now, buttons=buttons, language=language)


def report(tx: Transaction, conversation: Conversation, episode: int, turn: Turn, now: datetime) -> None:
    """Record where the assistant says that its procedures stand, after a turn of that episode.

    Unless a technician has gone on with them meanwhile: then their marks count.
    """
    kept = runs.state_of(tx, conversation.id)
    if kept is not None and conversation.episode != episode:
        return
    if kept is not None and turn.procedure_state is not None:
        ours, theirs = State.from_json(kept), State.from_json(turn.procedure_state)
        if continuing.marks(ours) > continuing.marks(theirs) or len(ours.runs) > len(theirs.runs):
            return
    if turn.runs:
        runs.record(tx, conversation.id, episode, turn.runs, now)
    if turn.procedure_state is not None and conversation.episode == episode:
        runs.keep_state(tx, conversation.id, turn.procedure_state)


def _change(
    tx: Transaction,
    catalogue: Catalogue,
    conversation: int,
    technician: Technician,
    change: Callable[[State], State],
    now: datetime,
) -> None:
    current = store.get(tx, conversation, lock=True)
    if current.owner is not Owner.TECHNICIAN or current.technician != technician.id:
        raise Conflict("mark", current.state, current.technician_name)
    kept = runs.state_of(tx, conversation)
    try:
        state = change(State.from_json(kept) if kept else State())
    except NotOffered as error:
        raise Conflict("mark", "passed") from error
    _record(tx, catalogue, current, state, now)


def _record(tx: Transaction, catalogue: Catalogue, conversation: Conversation, state: State, now: datetime) -> None:
    traced = trace.procedures(catalogue, state, conversation.language or DEFAULT_LANGUAGE)
    runs.record(tx, conversation.id, conversation.episode, [_run(each) for each in traced], now)
    runs.keep_state(tx, conversation.id, state.to_json())


def _run(traced: Mapping[str, Any]) -> Run:
    return Run(
        key=traced["run"],
        procedure=traced["procedure"],
        version=traced["version"],
        title=traced["title"],
        state=traced["state"],
        steps=tuple(Step(**step) for step in traced["steps"]),
        pending=traced["pending"],
        untried=tuple(Untried(**each) for each in traced["untried"]),
        facts=traced["facts"],
    )
