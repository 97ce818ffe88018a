"""Carries out one command: `advance(catalogue, state, command) -> (state, effects)`. Pure.

The walk: passed-through steps (say, branch, call, return, known facts) are visited until a step waits for the customer
or an action, or ends the run. The loader refuses circles without a turn, so the walk ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from bot.procedures import commands as c
from bot.procedures.model import (
    TURN_STEPS,
    Ask,
    Branch,
    Call,
    Catalogue,
    Check,
    Do,
    Escalate,
    Instruct,
    Procedure,
    Resolve,
    Return,
    Say,
    TurnStep,
    successors,
)
from bot.procedures.state import (
    ACTIVE,
    ANSWERED,
    CANCELLED,
    DONE,
    ESCALATED,
    RESOLVED,
    SKIPPED,
    SUSPENDED,
    UNKNOWN,
    Handover,
    Run,
    Spot,
    State,
    Visit,
)

MISSES_TO_A_PERSON = 3
TOPICS_SHOWN = 4
_PERSON = ("command:human",)
_INTRODUCTIONS = ("digress", "intro", "noted")


@dataclass(frozen=True)
class SayStep:
    """Speak a step's `part`: text (with its buttons when it waits), why, help."""

    spot: Spot
    part: str = "text"


@dataclass(frozen=True)
class SaySentence:
    """Speak a general sentence. `procedure` fills {title}, {summary}, {example}; `spot` fills {example}: the
    step's `answer`, or one of its answers."""

    name: str
    procedure: str | None = None
    spot: Spot | None = None
    answer: str | None = None
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunAction:
    """Run an action of Rasa's domain: an aside's, or a `Do` step's (then its outcome is awaited)."""

    action: str
    awaited: bool = False


@dataclass(frozen=True)
class OpenTicket:
    """Hand over to a person; `state.handover` says why."""


Effect = SayStep | SaySentence | RunAction | OpenTicket
Effects = tuple[Effect, ...]
Result = tuple[State, Effects]


def advance(catalogue: Catalogue, state: State, command: c.Command, message_id: str | None = None) -> Result:
    """`message_id` is the customer's message that caused it; it is noted on the trail."""
    stack = tuple(r for r in state.stack if state.run(r).fits(catalogue))
    runs = tuple(replace(r, state=CANCELLED) if r.id in {*state.stack} - {*stack} else r for r in state.runs)
    begun = replace(state, runs=runs, stack=stack, resolved=False, handover=None)
    return _Step(catalogue, message_id).carry_out(begun, command)


def facts(catalogue: Catalogue, run: Run) -> dict[str, str]:
    """Everything known in a run: told unasked, then answered; what was taken back does not count."""
    known = dict(run.known)
    for visit in run.trail:
        step = catalogue.step(*visit.spot)
        if isinstance(step, Ask) and step.fact and visit.result == ANSWERED and visit.answer:
            known[step.fact] = visit.answer
    return known


def handover_of(catalogue: Catalogue, run: Run | None, reason: str, end: Escalate | None = None) -> Handover:
    """A ticket's classification: the ending step's own values, else those of the run's procedure."""
    if run is None:
        return Handover(reason)
    procedure = catalogue.procedures[run.procedure]
    own = {name: getattr(end, name) if end else None for name in ("category", "team", "impact", "urgency")}
    values = {name: getattr(procedure, name) if value is None else value for name, value in own.items()}
    note = end.note.en if end else None
    return Handover(reason, run.procedure, facts=facts(catalogue, run), note=note, **values)


@dataclass(frozen=True)
class _Step:
    catalogue: Catalogue
    message_id: str | None

    def carry_out(self, state: State, command: c.Command) -> Result:
        if isinstance(command, c.Human):
            return self._to_a_person(state, "asked")
        if isinstance(command, c.Restart):
            return self._restart(state)
        if isinstance(command, c.Start):
            return self._start(state, command)
        if isinstance(command, c.Correct):
            return self._correct(state, command)
        if isinstance(command, c.Answer) and command.run:
            state = self._to_the_top(state, command.run)
        if isinstance(command, (c.NotUnderstood, c.Beyond)):
            return self._not_understood(state, command)
        if isinstance(command, c.Aside):
            return state, (RunAction(command.action), *(self._question(state) if command.ask_again else ()))
        if isinstance(command, c.Stale):
            return state, (SaySentence("old_button"), *self._question(state))
        if state.top is None:
            return self._outside(state, command)
        return self._in_procedure(state, state.top, command)

    def _outside(self, state: State, command: c.Command) -> Result:
        """No procedure is running, and none is to begin."""
        if isinstance(command, c.Decline):
            return replace(state, misses=0, offered=()), (SaySentence("declined"),)
        if isinstance(command, c.Returned):
            return replace(state, misses=0), (SaySentence("returned", buttons=_PERSON),)
        if command == c.Works(True):
            return replace(state, misses=0, offered=()), (SaySentence("glad"),)
        if isinstance(command, c.Works):
            return replace(state, misses=0), (SaySentence("unsolved", buttons=(*self._topics(), *_PERSON)),)
        return replace(state, misses=0), (SaySentence("nothing_pending", buttons=self._topics()),)

    def _in_procedure(self, state: State, run: Run, command: c.Command) -> Result:
        step = self.catalogue.step(*run.spot)
        if isinstance(command, c.Outcome) and isinstance(step, Do):
            target = step.outcomes.get(command.value or "", step.error)
            return self._pass(state, run, target, DONE, command.value or "error", asked=False)
        if isinstance(command, c.Cancel):
            return self._cancel(state, run)
        if isinstance(command, c.GoBack):
            return self._go_back(state, run)
        if not isinstance(step, TURN_STEPS):
            return self._walk(state, ())
        if isinstance(command, c.Answer):
            return self._answer(state, run, step, command.option)
        if isinstance(command, c.Unknown):
            return self._unknown(state, run, step)
        if isinstance(command, c.Works):
            return self._works(state, run, step, command.now)
        if isinstance(command, c.Skip):
            if step.skip:
                return self._pass(state, run, step.skip, SKIPPED, None)
            return self._understood(state, SaySentence("cannot_skip", buttons=_PERSON))
        if isinstance(command, c.Wait):
            return replace(state, misses=0), (SaySentence("take_your_time"),)
        return self._understood(state, *_explained(run, step, command))

    # ---- answers ---------------------------------------------------------------------------------------------------

    def _answer(self, state: State, run: Run, step: TurnStep, option: str) -> Result:
        if isinstance(step, Ask) and not step.choices and step.next:
            return self._pass(state, run, step.next, ANSWERED, option)
        choice = step.choice(option)
        if choice is None:
            return self._not_understood(state, c.NotUnderstood())
        result = DONE if isinstance(step, Instruct) and option == "done" else ANSWERED
        return self._pass(state, run, choice.next, result, option)

    def _works(self, state: State, run: Run, step: TurnStep, now: bool) -> Result:
        """After an instruction it has been carried out, and a check that follows is answered too. Where nobody asked
        how it went, "it works" ends the run well and "still not" gets the question again."""
        if isinstance(step, Instruct):
            state, effects = self._answer(state, run, step, "done")
            if state.top is None or state.top.id != run.id:
                return state, effects
            run = state.top
            following = self.catalogue.step(*run.spot)
            if isinstance(following, Check):
                return self._answer(state, run, following, "yes" if now else "no")
            if not now:
                return state, effects
        if not now:
            return self._understood(state, SaySentence("not_solved_yet", buttons=_PERSON))
        end = nearest_resolve(self.catalogue.procedures[run.procedure], run.place[0].step)
        if end is None:
            return self._understood(state)
        return self._walk(state.with_run(replace(run, place=(Spot(run.procedure, end),))), ())

    def _unknown(self, state: State, run: Run, step: TurnStep) -> Result:
        if step.unknown:
            return self._pass(state, run, step.unknown, UNKNOWN, None)
        state = replace(state, misses=state.misses + 1)
        if state.misses >= MISSES_TO_A_PERSON:
            return self._to_a_person(state, "not_understood", SaySentence("giving_up"))
        if state.misses == 1 and step.help:
            return state, (SayStep(run.spot, "help"), *self._question(state))
        return state, (SaySentence("unknown_offer", buttons=_PERSON), *self._question(state))

    def _correct(self, state: State, command: c.Correct) -> Result:
        state = self._to_the_top(state, command.run)
        run = state.run(command.run).rewound(command.visit)
        step = self.catalogue.step(*run.spot)
        state = state.with_run(run)
        if not isinstance(step, TURN_STEPS):
            return self._walk(state, ())
        state, effects = self._answer(state, run, step, command.option)
        return state, (SaySentence("corrected"), *effects)

    def _go_back(self, state: State, run: Run) -> Result:
        asked = [i for i, visit in enumerate(run.visits) if visit.asked and not visit.superseded]
        if not asked:
            return self._understood(state, SaySentence("nothing_before"))
        return self._understood(state.with_run(run.rewound(asked[-1])), SaySentence("back"))

    # ---- starting, stopping, resuming ------------------------------------------------------------------------------

    def _start(self, state: State, command: c.Start) -> Result:
        held = next((r for r in state.stack if state.run(r).procedure == command.procedure), None)
        if held is not None:
            top = state.top is not None and state.top.id == held
            state = self._to_the_top(state, held)
            return self._understood(state, *(() if top else (SaySentence("resume", command.procedure),)))
        procedure = self.catalogue.procedures[command.procedure]
        said: Effects = (SaySentence("intro", procedure.id),)
        if state.top is not None:
            said = (SaySentence("digress", state.top.procedure), *said)
            state = state.with_run(replace(state.top, state=SUSPENDED))
        place = (Spot(procedure.id, procedure.start),)
        run = Run(str(len(state.runs) + 1), procedure.id, procedure.version, place, known=dict(command.facts))
        state = replace(state, runs=(*state.runs, run), stack=(*state.stack, run.id), misses=0, offered=())
        state, effects = self._walk(state, said)
        if state.handover is not None:  # at once, so that there is nothing to introduce
            effects = tuple(e for e in effects if not isinstance(e, SaySentence) or e.name not in _INTRODUCTIONS)
        return state, effects

    def _to_the_top(self, state: State, run_id: str) -> State:
        if state.top is not None and state.top.id != run_id:
            state = state.with_run(replace(state.top, state=SUSPENDED))
        state = replace(state, stack=(*(r for r in state.stack if r != run_id), run_id))
        return state.with_run(replace(state.run(run_id), state=ACTIVE))

    def _cancel(self, state: State, run: Run) -> Result:
        return self._finish(state, run, CANCELLED, (SaySentence("cancelled", run.procedure),))

    def _finish(self, state: State, run: Run, how: str, said: Effects) -> Result:
        """Ends the active run; a suspended one below it is taken up again."""
        state = state.with_run(replace(run, state=how))
        state = replace(state, stack=state.stack[:-1], misses=0, offered=())
        if state.top is None:
            return replace(state, resolved=how == RESOLVED), said
        state = state.with_run(replace(state.top, state=ACTIVE))
        return state, (*said, SaySentence("resume", _top(state).procedure), *self._question(state))

    def _restart(self, state: State) -> Result:
        state = self._end_all(state, CANCELLED)
        return state, (SaySentence("restarted", buttons=self._topics()),)

    def _end_all(self, state: State, how: str) -> State:
        for run_id in state.stack:
            state = state.with_run(replace(state.run(run_id), state=how))
        return replace(state, stack=(), misses=0, offered=())

    # ---- not understood, a person ----------------------------------------------------------------------------------

    def _not_understood(self, state: State, command: c.NotUnderstood | c.Beyond) -> Result:
        """Three rungs: say it otherwise (with an example), likely topics as buttons, a person."""
        if isinstance(command, c.Beyond):
            if state.top is None:
                return self._offer(replace(state, misses=0), (), "beyond", *_PERSON)
            command = c.NotUnderstood()
        chat = command.out_of_scope and state.top is None  # no trouble in sight that a person should be called for
        state = replace(state, misses=min(state.misses + 1, MISSES_TO_A_PERSON - 1 if chat else MISSES_TO_A_PERSON))
        if state.misses >= MISSES_TO_A_PERSON:
            return self._to_a_person(state, "not_understood", SaySentence("giving_up"))
        if state.top is not None:
            return self._not_understood_in(state, state.top, command)
        if not state.offered and (command.topics or state.misses == 2):
            return self._offer(state, command.topics or self._startable(), "clarify", after=_PERSON)
        if command.out_of_scope:
            return state, (SaySentence("out_of_scope", buttons=(*self._topics(), *_PERSON)),)
        example = next(iter(self._startable()), None)
        return state, (SaySentence("rephrase", example, buttons=(*self._topics(), *_PERSON)),)

    def _not_understood_in(self, state: State, run: Run, command: c.NotUnderstood) -> Result:
        if state.misses == 2:
            topics = command.topics or self._startable()
            return self._offer(state, topics, "clarify_in_step", "command:resume", after=_PERSON)
        step = self.catalogue.step(*run.spot)
        helped = (SayStep(run.spot, "help"),) if isinstance(step, TURN_STEPS) and step.help else ()
        return state, (SaySentence("rephrase_step", spot=run.spot, buttons=_PERSON), *helped, *self._question(state))

    def _offer(
        self, state: State, topics: tuple[str, ...], sentence: str, *before: str, after: tuple[str, ...] = ()
    ) -> Result:
        """Buttons for the topics that are not being worked on already."""
        held = {state.run(r).procedure for r in state.stack}
        starts = [f"start:{t}" for t in topics if t not in held][:TOPICS_SHOWN]
        buttons = (*before, *starts, *after)
        return replace(state, offered=buttons), (SaySentence(sentence, buttons=buttons),)

    def _to_a_person(self, state: State, reason: str, *said: Effect, end: Escalate | None = None) -> Result:
        handover = handover_of(self.catalogue, state.top, reason, end)
        state = replace(self._end_all(state, ESCALATED), handover=handover)
        return state, (*said, OpenTicket())

    # ---- the walk --------------------------------------------------------------------------------------------------

    def _pass(self, state: State, run: Run, target: str, result: str, answer: str | None, asked: bool = True) -> Result:
        run = self._moved(run.visited(Visit(run.place, result, answer, self.message_id, asked)), target)
        return self._walk(replace(state.with_run(run), misses=0, offered=()), ())

    def _moved(self, run: Run, target: str) -> Run:
        return replace(run, place=(*run.place[:-1], Spot(run.spot.procedure, target)))

    def _walk(self, state: State, said: Effects) -> Result:
        while True:
            run = _top(state)
            step = self.catalogue.step(*run.spot)
            if isinstance(step, Resolve):
                return self._finish(state, run, RESOLVED, (*said, SayStep(run.spot)))
            if isinstance(step, Escalate):
                return self._to_a_person(state, step.reason, *said, SayStep(run.spot), end=step)
            if isinstance(step, Do):
                return state, (*said, RunAction(step.action, awaited=True))
            if isinstance(step, Say):
                said = (*said, SayStep(run.spot))
            moved = self._through(run)
            if moved is None:
                return state, (*said, SayStep(run.spot))
            if isinstance(step, Ask):
                said = (*said, SaySentence("noted", spot=run.spot, answer=moved.visits[-1].answer))
            state = state.with_run(moved)

    def _through(self, run: Run) -> Run | None:
        """The run after a step that needs nobody; None when the customer's turn is due."""
        step = self.catalogue.step(*run.spot)
        note: Callable[..., Run] = partial(self._noted, run)
        if isinstance(step, Ask):
            known = facts(self.catalogue, run).get(step.fact or "")
            if known is None or any(v.spot == run.spot for v in run.trail):
                return None
            choice = step.choice(known)
            target = choice.next if choice else (None if step.choices else step.next)
            return None if target is None else self._moved(note(ANSWERED, known), target)
        if isinstance(step, Say):
            return self._moved(note(DONE), step.next)
        if isinstance(step, Branch):
            value = facts(self.catalogue, run).get(step.fact)
            return self._moved(note(DONE, value), step.cases.get(value or "", step.otherwise))
        if isinstance(step, Call):
            called = self.catalogue.procedures[step.procedure]
            return replace(note(DONE), place=(*run.place, Spot(called.id, called.start)))
        if isinstance(step, Return):
            return self._returned(note(DONE))
        return None

    def _returned(self, run: Run) -> Run:
        caller = run.place[-2]
        step = self.catalogue.step(*caller)
        target = step.next if isinstance(step, Call) else caller.step
        return replace(run, place=(*run.place[:-2], Spot(caller.procedure, target)))

    def _noted(self, run: Run, result: str, answer: str | None = None) -> Run:
        return run.visited(Visit(run.place, result, answer, self.message_id))

    # ---- saying ----------------------------------------------------------------------------------------------------

    def _understood(self, state: State, *said: Effect) -> Result:
        return replace(state, misses=0, offered=()), (*said, *self._question(state))

    def _question(self, state: State) -> Effects:
        return (SayStep(state.top.spot),) if state.top is not None else ()

    def _startable(self) -> tuple[str, ...]:
        return tuple(p.id for p in self.catalogue.procedures.values() if not p.shared)

    def _topics(self) -> tuple[str, ...]:
        return tuple(f"start:{t}" for t in self._startable()[:TOPICS_SHOWN])


def _explained(run: Run, step: TurnStep, command: c.Command) -> tuple[Effect, ...]:
    if isinstance(command, c.Explain):
        return (SayStep(run.spot, "why") if step.why else SaySentence("no_reason"),)
    if isinstance(command, c.Help):
        return (SayStep(run.spot, "help") if step.help else SaySentence("no_help"),)
    return ()


def _top(state: State) -> Run:
    if state.top is None:
        raise ValueError("no run is active")
    return state.top


def nearest_resolve(procedure: Procedure, start: str) -> str | None:
    """The good end that the fewest steps lead to from `start`, or None."""
    waiting = [start]
    for step_id in waiting:
        step = procedure.steps[step_id]
        if isinstance(step, Resolve):
            return step_id
        waiting.extend(s for s in successors(step) if s not in waiting)
    return None


def payload(spot: Spot, option: str) -> str:
    """The payload of a button: `answer:<procedure>:<step>:<option>`."""
    return f"answer:{spot.procedure}:{spot.step}:{option}"
