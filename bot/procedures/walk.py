"""How a run moves: from step to step, to its end, and what is taken up after it.

Passed-through steps (say, branch, call, return, known facts) are visited until a step waits for the customer or an
action, or ends the run. The loader refuses circles without a turn, so the walk ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from textwrap import shorten

from bot.procedures.effects import Effect, Effects, OpenTicket, Result, RunAction, SayMined, SaySentence, SayStep
from bot.procedures.facts import facts, handover_of, spoken_facts
from bot.procedures.mining import asked
from bot.procedures.model import Ask, Branch, Call, Catalogue, Check, Do, Escalate, Instruct, Resolve, Return, Say
from bot.procedures.state import (
    ACTIVE,
    ANSWERED,
    CANCELLED,
    DONE,
    ENDED,
    ESCALATED,
    RESOLVED,
    RESUME,
    SUSPENDED,
    Problem,
    Proposal,
    Run,
    Spot,
    State,
    Visit,
)
from bot.procedures.style import CHAT, Style

LONG_DIGRESSION = 4
"""Questions and instructions after which nobody remembers what was open before: going on is then proposed."""
CONFIRMATION = ("command:yes", "command:no")
DEVICE_FACT = "equipment"
"""By which two problems of a kind are told apart: the printer and the scanner."""
_QUOTED = 120
"""Characters of the customer's words for a problem."""
_INTRODUCTIONS = ("digress", "intro", "noted", "queued", "next_problem")


@dataclass(frozen=True)
class Walk:
    """The moves that every command is made of. `message_id` is noted on the trail."""

    catalogue: Catalogue
    message_id: str | None
    style: Style = CHAT

    # ---- begin -----------------------------------------------------------------------------------------------------

    def begin(self, state: State, problem: Problem, said: Effects) -> Result:
        """A new run on top of the others."""
        procedure = self.catalogue.procedures[problem.procedure]
        if state.top is not None:
            state = state.with_run(replace(state.top, state=SUSPENDED))
        place = (Spot(procedure.id, procedure.start),)
        number = str(len(state.runs) + 1)
        known, already = dict(problem.facts), problem.already
        run = Run(number, procedure.id, procedure.version, place, known=known, already=already)
        queue = tuple(each for each in state.queue if not same_trouble(each, problem))
        state = replace(state, runs=(*state.runs, run), stack=(*state.stack, run.id), misses=0, offered=(), queue=queue)
        state = replace(state, questions=0)
        taken = self._taken(problem)
        state, effects = self.walk(state, (*said, SaySentence("intro", (procedure.id,)), *taken))
        if taken:  # it has all been said
            effects = tuple(e for e in effects if not isinstance(e, SaySentence) or e.name != "noted")
        if state.handover is not None:  # at once, so that there is nothing to introduce
            effects = tuple(e for e in effects if not _introduces(e))
        return state, effects

    def _taken(self, problem: Problem) -> Effects:
        """What is taken from a mail is said at once, so that it can be put right; a chat says it step by step. A called
        procedure has the same instruction for each system: the last of them is the general one."""
        done = {spot.procedure if spot.procedure != problem.procedure else spot: spot for spot in problem.already}
        answers = (*asked(self.catalogue, problem), *((spot, "done") for spot in done.values()))
        return (SayMined(answers),) if self.style.letters and answers else ()

    def to_the_top(self, state: State, run_id: str) -> State:
        """Makes that unfinished run the active one."""
        if state.top is not None and state.top.id != run_id:
            state = state.with_run(replace(state.top, state=SUSPENDED))
        state = replace(state, stack=(*(r for r in state.stack if r != run_id), run_id))
        return state.with_run(replace(state.run(run_id), state=ACTIVE))

    # ---- walk ------------------------------------------------------------------------------------------------------

    def leave(self, state: State, run: Run, target: str, result: str, answer: str | None, asked: bool = True) -> Result:
        """The pending step is done with; on to `target`."""
        run = _moved(run.visited(Visit(run.place, result, answer, self.message_id, asked)), target)
        return self.walk(replace(state.with_run(run), misses=0, offered=(), questions=0), ())

    def walk(self, state: State, said: Effects) -> Result:
        """From the active run's step to the next turn, action or end."""
        while True:
            run = topmost(state)
            step = self.catalogue.step(*run.spot)
            if isinstance(step, Resolve):
                errand = self.catalogue.procedures[run.procedure].errand
                return self.finish(state, run, ENDED if errand else RESOLVED, (*said, self.speak(run)))
            if isinstance(step, Escalate):
                return self.to_a_person(state, step.reason, *said, self.speak(run), end=step)
            if isinstance(step, Do):
                return state, (*said, RunAction(step.action, awaited=True))
            if isinstance(step, Say):
                said = (*said, self.speak(run))
            moved = self._through(run)
            if moved is None:
                return state, (*said, *self.question(state))
            if isinstance(step, Ask):
                said = (*said, SaySentence("noted", spot=run.spot, answer=moved.visits[-1].answer))
            state = state.with_run(moved)

    def _through(self, run: Run) -> Run | None:
        """The run after a step that needs nobody; None when the customer's turn is due."""
        step = self.catalogue.step(*run.spot)
        note: Callable[..., Run] = partial(self._noted, run)
        if isinstance(step, Ask):
            known = facts(self.catalogue, run).get(step.fact or "")
            if known is None or step.anew or any(v.spot == run.spot for v in run.trail):
                return None
            choice = step.choice(known)
            target = choice.next if choice else (None if step.choices else step.next)
            return None if target is None else _moved(note(ANSWERED, known), target)
        if isinstance(step, Say):
            return _moved(note(DONE), step.next)
        if isinstance(step, Branch):
            value = facts(self.catalogue, run).get(step.fact)
            return _moved(note(DONE, value), step.cases.get(value or "", step.otherwise))
        if isinstance(step, Call):
            called = self.catalogue.procedures[step.procedure]
            return replace(note(DONE), place=(*run.place, Spot(called.id, called.start)))
        if isinstance(step, Return):
            return self._returned(note(DONE))
        if isinstance(step, (Instruct, Check)):
            return self._done_already(run, step)
        return None

    def _done_already(self, run: Run, step: Instruct | Check) -> Run | None:
        """The run after an instruction that had been carried out before anybody asked, or after the check behind it: it
        did not help, or nobody would have written."""
        if isinstance(step, Instruct):
            done = step.choice("done")
            due = run.spot in run.already and all(visit.spot != run.spot for visit in run.trail)
            return _moved(self._noted(run, DONE, "done"), done.next) if done and due else None
        no = step.choice("no")
        return _moved(self._noted(run, ANSWERED, "no"), no.next) if no and self._after_done(run) else None

    def _after_done(self, run: Run) -> bool:
        """Whether nothing but calls and branches lies between the step and an instruction that was done already."""
        for visit in reversed(run.trail):
            if not isinstance(self.catalogue.step(*visit.spot), (Branch, Call, Return)):
                return visit.spot in run.already and not visit.asked and self.closes(run)
        return False

    def closes(self, run: Run) -> bool:
        """Whether the run's step asks no more than whether it works now: "yes" ends well, "no" goes on."""
        step = self.catalogue.step(*run.spot)
        yes, no = (step.choice("yes"), step.choice("no")) if isinstance(step, Check) else (None, None)
        if yes is None or no is None:
            return False
        end = _moved(run.visited(Visit(run.place, ANSWERED, "yes")), yes.next)
        while isinstance(self.catalogue.step(*end.spot), (Branch, Call, Return)):
            end = self._through(end) or end
        return isinstance(self.catalogue.step(*end.spot), Resolve)

    def _returned(self, run: Run) -> Run:
        caller = run.place[-2]
        step = self.catalogue.step(*caller)
        target = step.next if isinstance(step, Call) else caller.step
        return replace(run, place=(*run.place[:-2], Spot(caller.procedure, target)))

    def _noted(self, run: Run, result: str, answer: str | None = None) -> Run:
        return run.visited(Visit(run.place, result, answer, self.message_id))

    # ---- end -------------------------------------------------------------------------------------------------------

    def finish(self, state: State, run: Run, how: str, said: Effects) -> Result:
        """Ends the active run. What was open before it is taken up again, else what was mentioned besides."""
        state = state.with_run(replace(run, state=how))
        state = replace(state, stack=state.stack[:-1], misses=0, offered=())
        if state.top is not None:
            state = state.with_run(replace(state.top, state=ACTIVE))
            if sum(visit.asked for visit in run.trail) >= LONG_DIGRESSION:
                return self.propose(state, Proposal(RESUME), *said)
            return state, (*said, SaySentence("resume", (topmost(state).procedure,)), *self.question(state))
        if state.queue:
            following, queue = state.queue[0], state.queue[1:]
            return self.begin(replace(state, queue=queue), following, (*said, naming("next_problem", following)))
        return replace(state, resolved=how == RESOLVED), said

    def propose(self, state: State, proposal: Proposal, *said: Effect) -> Result:
        """Asks whether to do something; `Confirm` is the answer."""
        about = proposal.to.procedure if proposal.to else topmost(state).procedure
        asked = SaySentence(f"propose_{proposal.kind}", (about,), buttons=CONFIRMATION)
        return replace(state, proposal=proposal, misses=0, offered=()), (*said, asked)

    def to_a_person(self, state: State, reason: str, *said: Effect, end: Escalate | None = None) -> Result:
        """Everything ends at a ticket, which mentions what else was open."""
        also = (*(Problem(state.run(r).procedure) for r in state.stack[:-1]), *state.queue)
        titles = [each.said or self.catalogue.procedures[each.procedure].title.en for each in also]
        handover = handover_of(self.catalogue, state.top, reason, end, also=tuple(dict.fromkeys(titles)))
        state = replace(self.end_all(state, ESCALATED), handover=handover)
        return state, (*said, OpenTicket())

    def end_all(self, state: State, how: str) -> State:
        """No run is unfinished any more, and nothing waits."""
        for run_id in state.stack:
            state = state.with_run(replace(state.run(run_id), state=how))
        return replace(state, stack=(), queue=(), misses=0, offered=())

    # ---- say -------------------------------------------------------------------------------------------------------

    def speak(self, run: Run, part: str = "text") -> SayStep:
        """A part of the run's step, with what it depends on."""
        step = self.catalogue.step(*run.spot)
        options = run.options if isinstance(step, Ask) and step.offered and part == "text" else ()
        return SayStep(run.spot, part, spoken_facts(self.catalogue, run, part), options)

    def question(self, state: State) -> Effects:
        """The pending step again, if there is one; an action that was cut off is run again."""
        if state.top is None:
            return ()
        step = self.catalogue.step(*state.top.spot)
        return (RunAction(step.action, awaited=True) if isinstance(step, Do) else self.speak(state.top),)

    def understood(self, state: State, *said: Effect) -> Result:
        """Says it, and repeats the pending question."""
        return replace(state, misses=0, offered=()), (*said, *self.question(state))


def same_trouble(one: Problem, other: Problem) -> bool:
    """Whether two are one and the same: of a kind, and not about two devices."""
    devices = {one.facts.get(DEVICE_FACT), other.facts.get(DEVICE_FACT)}
    return one.procedure == other.procedure and (len(devices) == 1 or None in devices)


def naming(sentence: str, *problems: Problem) -> SaySentence:
    """A general sentence about problems: their titles, or the customer's words for them."""
    titled = tuple(each.procedure for each in problems if not each.said)
    quoted = tuple(shorten(each.said, _QUOTED, placeholder=" …") for each in problems if each.said)
    return SaySentence(sentence, titled, quoted=quoted)


def topmost(state: State) -> Run:
    """The active run. Raises ValueError when there is none."""
    if state.top is None:
        raise ValueError("no run is active")
    return state.top


def without_lost_steps(catalogue: Catalogue, state: State) -> State:
    """Runs whose steps no longer exist are cancelled: the procedures may have changed since."""
    stack = tuple(r for r in state.stack if state.run(r).fits(catalogue))
    runs = tuple(replace(r, state=CANCELLED) if r.id in {*state.stack} - {*stack} else r for r in state.runs)
    queue = tuple(each for each in state.queue if each.procedure in catalogue.procedures)
    return replace(state, runs=runs, stack=stack, queue=queue)


def _introduces(effect: Effect) -> bool:
    return isinstance(effect, SayMined) or (isinstance(effect, SaySentence) and effect.name in _INTRODUCTIONS)


def _moved(run: Run, target: str) -> Run:
    return replace(run, place=(*run.place[:-1], Spot(run.spot.procedure, target)))
