"""Going on by hand: a technician sees where a run stopped, marks steps, takes marks back, starts procedures. Pure.

A mark is carried out by `advance`, as a customer's answer is: branches, calls and facts behave alike. What differs: a
`do` step is done by hand, so its outcome is chosen; nothing is refused because the customer is in the middle of
something; and a run that ended at a person goes on, at the step it had reached or at any that was not tried.

    state ─► opened ─► pending: the step, its ways on, where each leads ─► mark ─► state
                                                     handed_back ─► state, what the customer is told
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.procedures import commands as c
from bot.procedures.advance import advance
from bot.procedures.effects import Effects, Result, SaySentence, SayStep
from bot.procedures.facts import spoken_facts
from bot.procedures.model import TURN_STEPS, Ask, Catalogue, Do, Escalate, Step, kind
from bot.procedures.speak import say
from bot.procedures.state import (
    ACTIVE,
    CANCELLED,
    ENDED,
    ESCALATED,
    RESOLVED,
    RESUME,
    SKIPPED,
    SUSPENDED,
    Problem,
    Proposal,
    Run,
    State,
    Visit,
)
from bot.procedures.trace import name_of, title_of, untried
from bot.procedures.walk import CONFIRMATION, Walk, without_lost_steps

OPTION, TEXT, UNKNOWN, SKIP, OUTCOME, FAILED = "option", "text", "unknown", "skip", "outcome", "failed"
"""The kinds of ways on from a step: one of its answers, any text (to an open question), "does not know", "skipped",
and of a `do` step an outcome or none of them."""
_WAITING = (*TURN_STEPS, Do)
_MARK = re.compile(r"(technician:\d+)\.(\d+)")


class NotOffered(ValueError):
    """There is no such step, answer or mark now; the state is as it was."""


@dataclass(frozen=True)
class Reached:
    """Where a way leads: the next step that waits, or an end (`kind` resolve or escalate)."""

    kind: str
    title: str


@dataclass(frozen=True)
class Way:
    """One way on. `answer` is what `mark` takes; of an open question it has to be completed by the text.

    title: how the procedure calls it; empty where it has no name for it (TEXT, UNKNOWN, SKIP, FAILED).
    leads_to: None for an open question whose answer decides.
    """

    kind: str
    answer: str
    title: str
    leads_to: Reached


@dataclass(frozen=True)
class Pending:
    """The step to be done next. `at` names it exactly: it differs after every mark."""

    run: str
    at: str
    procedure: str
    kind: str
    title: str
    text: str
    help: str | None
    ways: tuple[Way, ...]


def opened(catalogue: Catalogue, state: State) -> State:
    """The state as somebody goes on with it: runs that ended at a person although a step waited are unfinished again.

    On top is the one that was being worked on.
    """
    kept = without_lost_steps(catalogue, state)
    begun = {kept.run(r).procedure for r in kept.stack}
    again: dict[str, str] = {}
    for run in kept.runs:
        waits = run.state == ESCALATED and run.fits(catalogue) and isinstance(catalogue.step(*run.spot), _WAITING)
        if waits and run.procedure not in begun and not catalogue.procedures[run.procedure].errand:
            again[run.procedure] = run.id  # of two runs of one procedure the later
    last = again.pop(state.handover.procedure or "", None) if state.handover else None
    below = (*again.values(), *([last] if last else ()))
    stack = (*below, *kept.stack)
    for run_id in below:
        kept = kept.with_run(replace(kept.run(run_id), state=ACTIVE if run_id == stack[-1] else SUSPENDED))
    proposal = kept.proposal if stack else None
    return replace(kept, stack=stack, misses=0, offered=(), handover=None, resolved=False, proposal=proposal)


def pending(catalogue: Catalogue, state: State, language: str) -> Pending | None:
    """The step that waits, with every way on; None when nothing is unfinished. Texts in `language`."""
    state = opened(catalogue, state)
    run = state.top
    if run is None:
        return None
    step = catalogue.step(*run.spot)
    return Pending(
        run=run.id,
        at=_at(run),
        procedure=catalogue.procedures[run.procedure].title.to(language),
        kind=kind(step),
        title=title_of(step, language),
        text=_spoken(catalogue, run, "text", language) or title_of(step, language),
        help=_spoken(catalogue, run, "help", language),
        ways=tuple(_ways(catalogue, state, run, step, language)),
    )


def mark(catalogue: Catalogue, state: State, at: str, answer: str, by: str) -> State:
    """The pending step is done with, by `answer` (`Way.answer`). `by`: `technician:<id>`.

    Raises:
        NotOffered: the pending step is not `at`, or has no such answer.
    """
    state = opened(catalogue, state)
    run = state.top
    if run is None or _at(run) != at:
        raise NotOffered(f"the step {at} does not wait any more")
    step = catalogue.step(*run.spot)
    command = _command(step, answer)
    if command is None:
        raise NotOffered(f"{answer} is no answer to {at}")
    return _marked(catalogue, state, command, f"{by}.{marks(state) + 1}")


def pick(catalogue: Catalogue, state: State, run_id: str, name: str, by: str) -> State:
    """Make an untried step of a run (by its name in the trace) the pending one, and that run the active one.

    The step that waited is skipped.

    Raises:
        NotOffered: the run is over, or the step is not among those it has not tried.
    """
    state = opened(catalogue, state)
    run = next((r for r in state.runs if r.id == run_id and r.fits(catalogue)), None)
    if run is None or run.state in (RESOLVED, ENDED, CANCELLED):
        raise NotOffered(f"run {run_id} is over")
    place = next((p for p in untried(catalogue, run) if name_of(run, p[-1]) == name and p != run.place), None)
    if place is None:
        raise NotOffered(f"{name} is not untried in run {run_id}")
    waited = isinstance(catalogue.step(*run.spot), TURN_STEPS)
    skipped = Visit(run.place, SKIPPED, None, f"{by}.{marks(state) + 1}", asked=waited)
    state = state.with_run(replace(run.visited(skipped), place=place))
    return Walk(catalogue, None).to_the_top(state, run_id)


def begin(catalogue: Catalogue, state: State, procedure: str) -> State:
    """Start a procedure on top of what is unfinished; one that is unfinished itself comes to the top.

    Raises:
        NotOffered: there is no such procedure, others only call it, or it is an errand of a customer's.
    """
    known = catalogue.procedures.get(procedure)
    if known is None or known.shared or known.errand:
        raise NotOffered(f"{procedure} cannot be started")
    state = opened(catalogue, state)
    walk = Walk(catalogue, None)
    held = next((r for r in state.stack if state.run(r).procedure == procedure), None)
    if held is not None:
        return replace(walk.to_the_top(state, held), proposal=None)
    begun, _ = walk.begin(state, Problem(procedure), ())
    return replace(begun, proposal=None)


def stop(catalogue: Catalogue, state: State, at: str) -> State:
    """End the active run without a result; what was unfinished below it is pending then.

    Raises:
        NotOffered: the pending step is not `at`.
    """
    state = opened(catalogue, state)
    if state.top is None or _at(state.top) != at:
        raise NotOffered(f"the step {at} does not wait any more")
    stopped, _ = advance(catalogue, state, c.Cancel())
    return replace(stopped, proposal=None)


def take_back(catalogue: Catalogue, state: State) -> State:
    """The last mark no longer holds: its step waits again.

    Raises:
        NotOffered: no mark holds.
    """
    state = opened(catalogue, state)
    last = _last_mark(catalogue, state)
    if last is None:
        raise NotOffered("no mark holds")
    run_id, index = last
    run = state.run(run_id).rewound(index)
    state = replace(state.with_run(run), proposal=None)
    if isinstance(catalogue.step(*run.spot), _WAITING):
        return Walk(catalogue, None).to_the_top(state, run_id)
    ended = replace(state.with_run(replace(run, state=ESCALATED)), stack=tuple(r for r in state.stack if r != run_id))
    return ended if ended.top is None else ended.with_run(replace(ended.top, state=ACTIVE))


def can_take_back(catalogue: Catalogue, state: State) -> bool:
    """Whether a mark of a technician holds."""
    return _last_mark(catalogue, opened(catalogue, state)) is not None


def marks(state: State) -> int:
    """How often a technician has marked a step, taken back or not."""
    found = (_MARK.fullmatch(visit.message_id or "") for run in state.runs for visit in run.visits)
    return max((int(each[2]) for each in found if each), default=0)


def marked(catalogue: Catalogue, state: State, language: str) -> list[tuple[str, str]]:
    """(who, "step – answer") of every mark that holds, run by run. `who` is the `by` that was given to `mark`."""
    lines = []
    for run in state.runs:
        for index, visit in enumerate(run.visits) if run.fits(catalogue) else ():
            found = _by_hand(catalogue, run, index)
            step = catalogue.step(*visit.spot)
            if found and not isinstance(step, Escalate):
                lines.append((found[1], f"{title_of(step, language)} – {_said(catalogue, step, visit, language)}"))
    return lines


def handed_back(catalogue: Catalogue, state: State) -> tuple[State, Effects]:
    """The state with which the assistant goes on, and what it proposes; nothing when nothing is unfinished."""
    state = replace(opened(catalogue, state), proposal=None)
    run = state.top
    if run is None:
        return state, ()
    asked = SaySentence("propose_continue", (run.procedure,), spot=run.spot, buttons=CONFIRMATION)
    return replace(state, proposal=Proposal(RESUME)), (asked,)


# ---- marks -----------------------------------------------------------------------------------------------------------


def _at(run: Run) -> str:
    return f"{run.id}.{len(run.visits)}.{name_of(run, run.spot)}"


def _marked(catalogue: Catalogue, state: State, command: c.Command, mark_id: str | None) -> State:
    after, _ = _carried_out(catalogue, state, command, mark_id)
    return replace(after, proposal=None)


def _carried_out(catalogue: Catalogue, state: State, command: c.Command, mark_id: str | None) -> Result:
    return advance(catalogue, replace(state, proposal=None), command, mark_id)


def _command(step: Step, answer: str) -> c.Command | None:
    """What `answer` means at `step`; None when the step does not offer it."""
    said, _, value = answer.partition(":")
    if isinstance(step, TURN_STEPS):
        is_open = isinstance(step, Ask) and not step.choices
        if said == OPTION and step.choice(value) is not None:
            return c.Answer(value)
        if said == TEXT and is_open and value.strip():
            return c.Answer(value.strip())
        if answer == UNKNOWN and step.unknown:
            return c.Unknown()
        return c.Skip() if answer == SKIP and step.skip else None
    if isinstance(step, Do):
        if said == OUTCOME and value in step.outcomes:
            return c.Outcome(value)
        return c.Outcome(None) if answer == FAILED else None
    return None


def _ways(catalogue: Catalogue, state: State, run: Run, step: Step, language: str) -> Iterator[Way]:
    offered: list[tuple[str, str, str]] = []
    if isinstance(step, TURN_STEPS):
        options = (choice.option for choice in step.choices)
        offered += [(OPTION, f"{OPTION}:{option.id}", option.title.to(language)) for option in options]
        offered += [(TEXT, f"{TEXT}:", "")] if isinstance(step, Ask) and not step.choices else []
        offered += [(UNKNOWN, UNKNOWN, "")] if step.unknown else []
        offered += [(SKIP, SKIP, "")] if step.skip else []
    elif isinstance(step, Do):
        offered += [(OUTCOME, f"{OUTCOME}:{name}", name.replace("_", " ")) for name in step.outcomes]
        offered.append((FAILED, FAILED, ""))
    for way, answer, title in offered:
        command = _command(step, f"{answer}…" if way == TEXT else answer)
        assert command is not None
        after, _ = _carried_out(catalogue, state, command, None)
        reached = catalogue.step(*after.run(run.id).spot)
        yield Way(way, answer, title, Reached(kind(reached), title_of(reached, language)))


def _spoken(catalogue: Catalogue, run: Run, part: str, language: str) -> str | None:
    """A part of the pending step as the customer is told it; None when it has none."""
    said = say(catalogue, SayStep(run.spot, part, spoken_facts(catalogue, run, part)), language)
    return said["text"] if said else None


def _said(catalogue: Catalogue, step: Step, visit: Visit, language: str) -> str:
    words = {UNKNOWN: "button_unknown", SKIPPED: "part_skipped"}.get(visit.result)
    if words is not None:
        return catalogue.sentences[words].to(language)
    choice = step.choice(visit.answer) if isinstance(step, TURN_STEPS) and visit.answer else None
    return choice.option.title.to(language) if choice else (visit.answer or "").replace("_", " ")


def _by_hand(catalogue: Catalogue, run: Run, index: int) -> re.Match[str] | None:
    """The mark on a visit, if it holds. What was only passed through because of it has the same number."""
    visit = run.visits[index]
    marks_step = visit.asked or isinstance(catalogue.step(*visit.spot), (Do, Escalate))
    return _MARK.fullmatch(visit.message_id or "") if marks_step and not visit.superseded else None


def _last_mark(catalogue: Catalogue, state: State) -> tuple[str, int] | None:
    """(run, index of the visit) of the latest mark that holds."""
    holding = [
        (int(found[2]), run.id, index)
        for run in state.runs
        if run.fits(catalogue)
        for index in range(len(run.visits))
        if (found := _by_hand(catalogue, run, index))
    ]
    return max(holding)[1:] if holding else None
