"""Carries out one command: `advance(catalogue, state, command) -> (state, effects)`. Pure; `walk` has the moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.procedures import commands as c
from bot.procedures.effects import (
    CANNOT,
    DID,
    FAILED,
    WORKED,
    Effect,
    Effects,
    Result,
    RunAction,
    SaySentence,
    SayTried,
)
from bot.procedures.facts import facts
from bot.procedures.fallback import Fallback
from bot.procedures.model import (
    ALLOW,
    BLOCK,
    TURN_STEPS,
    Ask,
    Catalogue,
    Check,
    Do,
    Instruct,
    Procedure,
    Resolve,
    TurnStep,
    successors,
)
from bot.procedures.state import (
    ANSWERED,
    CANCELLED,
    DONE,
    SKIPPED,
    SWITCH,
    UNKNOWN,
    Problem,
    Proposal,
    Run,
    Spot,
    State,
    Visit,
)
from bot.procedures.style import CHAT, Style
from bot.procedures.told import tell
from bot.procedures.topics import URGENT, refers
from bot.procedures.walk import naming, same_trouble, topmost, without_lost_steps


def advance(
    catalogue: Catalogue, state: State, command: c.Command, message_id: str | None = None, style: Style = CHAT
) -> Result:
    """`message_id` is the customer's message that caused it; it is noted on the trail. `style`: how they are told."""
    begun = replace(without_lost_steps(catalogue, state), resolved=False, handover=None, proposal=None)
    turn = _Turn(catalogue, message_id, style)
    if isinstance(command, c.Confirm):
        after, effects = turn.confirm(begun, state.proposal, command.agreed)
    else:
        after, effects = turn.carry_out(begun, command)
    return tell(catalogue, after, effects, style)


class _Turn(Fallback):
    def carry_out(self, state: State, command: c.Command) -> Result:
        if isinstance(command, c.Human):
            return self.to_a_person(state, "asked")
        if isinstance(command, c.Restart):
            return self.end_all(state, CANCELLED), (SaySentence("restarted", buttons=self.topic_buttons()),)
        if isinstance(command, c.Start):
            return self._start(state, command)
        if isinstance(command, c.Correct):
            return self._correct(state, command)
        if isinstance(command, c.Clarify):
            return self.clarify(state, command.topics)
        if isinstance(command, c.Vague):
            return self.vague(state)
        if isinstance(command, (c.NotUnderstood, c.Beyond)):
            return self.not_understood(state, command)
        if isinstance(command, c.Aside):
            return state, (RunAction(command.action), *(self.question(state) if command.ask_again else ()))
        if isinstance(command, c.Showing):
            return self._shown(state)
        if isinstance(command, (c.Stale, c.Late)):
            said = "old_button" if isinstance(command, c.Stale) else "moved_on"
            return state, (SaySentence(said), *self.question(state))
        if isinstance(command, (c.Answer, c.Tried)):
            told = self._told(state, command)
            after, effects = self._on(told, command)
            return after, (*_queued_sentence(_added(state, told)), *effects)
        return self._on(state, command)

    def _on(self, state: State, command: c.Command) -> Result:
        if state.top is None:
            return self._outside(state, command)
        return self._in_procedure(state, state.top, command)

    def _shown(self, state: State) -> Result:
        """What the question was stays the question; where there is none, it is what does not work."""
        if state.top is not None:
            return self.understood(state, SaySentence("file_seen"))
        state, effects = self.vague(state)
        return state, (SaySentence("file_seen"), *effects)

    def _outside(self, state: State, command: c.Command) -> Result:
        """No procedure is running, and none is to begin."""
        if isinstance(command, c.Decline):
            return replace(state, misses=0, offered=()), (SaySentence("declined"),)
        if isinstance(command, c.Returned):
            return replace(state, misses=0), (SaySentence("returned", buttons=self.person),)
        if command == c.Works(True):
            return replace(state, misses=0, offered=()), (SaySentence("glad"),)
        if isinstance(command, c.Works):
            buttons = (*self.topic_buttons(), *self.person)
            return replace(state, misses=0), (SaySentence("unsolved", buttons=buttons),)
        return replace(state, misses=0), (SaySentence("nothing_pending", buttons=self.topic_buttons()),)

    def _in_procedure(self, state: State, run: Run, command: c.Command) -> Result:
        step = self.catalogue.step(*run.spot)
        if isinstance(command, c.Outcome) and isinstance(step, Do):
            target = step.outcomes.get(command.value or "", step.error)
            run = replace(run, known={**run.known, **command.facts}, options=command.options)
            return self.leave(state, run, target, DONE, command.value or "error", asked=False)
        if isinstance(command, c.Cancel):
            return self.finish(state, run, CANCELLED, (SaySentence("cancelled", (run.procedure,)),))
        if isinstance(command, c.GoBack):
            return self._go_back(state, run, command.visit)
        if not isinstance(step, TURN_STEPS):
            return self.walk(state, ())
        return self._in_step(state, run, step, command)

    def _in_step(self, state: State, run: Run, step: TurnStep, command: c.Command) -> Result:
        if isinstance(command, c.Answer):
            return self._answer(state, run, step, command.option)
        if isinstance(command, c.Ahead):
            done, _ = self._answer(state, run, step, "done")
            return self.carry_out(done, command.answer)
        if isinstance(command, c.Tried):
            return self._tried(state, run, command.results, command.person)
        if isinstance(command, c.Unknown):
            return self._unknown(state, run, step)
        if isinstance(command, c.Works):
            listed = len(run.listed) > 1
            return self._list_works(state, run, command.now) if listed else self._works(state, run, step, command.now)
        if isinstance(command, c.Skip):
            if step.skip:
                return self.leave(state, run, step.skip, SKIPPED, None)
            return self.understood(state, SaySentence("cannot_skip", buttons=self.person))
        if isinstance(command, c.Wait):
            return replace(state, misses=0), (SaySentence("take_your_time"),)
        return self.understood(state, *self._explained(run, step, command))

    def _explained(self, run: Run, step: TurnStep, command: c.Command) -> tuple[Effect, ...]:
        if isinstance(command, c.Explain):
            return (self.speak(run, "why") if step.why else SaySentence("no_reason"),)
        if isinstance(command, c.Help):
            return (self.speak(run, "help") if step.help else SaySentence("no_help"),)
        return ()

    # ---- answers ---------------------------------------------------------------------------------------------------

    def _told(self, state: State, command: c.Answer | c.Tried) -> State:
        """What came with an answer: the run it is for, facts beyond it, other problems."""
        if command.run:
            state = self.to_the_top(state, command.run)
        if command.told and state.top is not None:
            run = state.top
            state = state.with_run(replace(run, known={**command.told, **run.known}))
        return self._queued(state, command.also)

    def _answer(self, state: State, run: Run, step: TurnStep, option: str) -> Result:
        if isinstance(step, Ask) and not step.choices and step.next:
            return self.leave(state, run, step.next, ANSWERED, option)
        choice = step.choice(option)
        if choice is None:
            return self.not_understood(state, c.NotUnderstood())
        result = DONE if isinstance(step, Instruct) and option == "done" else ANSWERED
        return self.leave(state, run, choice.next, result, option)

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
            return self.understood(state, SaySentence("not_solved_yet", buttons=self.person))
        end = nearest_resolve(self.catalogue.procedures[run.procedure], run.place[0].step)
        if end is None:
            return self.understood(state)
        return self.walk(state.with_run(replace(run, place=(Spot(run.procedure, end),))), ())

    def _tried(self, state: State, run: Run, results: tuple[str, ...], person: bool = False) -> Result:
        """One instruction of the list after the other, each as if it had been told by itself. Where one leads elsewhere
        than the list went on, the rest no longer counts. Who wants a `person` besides is asked nothing more."""
        effects: Effects = self.question(state)
        seen: list[tuple[Spot, str]] = []
        for place, result in zip(run.listed, results, strict=False):
            current = state.top
            if current is None or (current.id, current.place) != (run.id, place):
                break
            state, effects = self._carried_on(state, current, result)
            seen.append((place[-1], result))
        said = (SayTried(tuple(seen)),) if seen else ()
        if person and state.handover is None:
            return self.to_a_person(state, "asked", *said)
        return state, (*said, *effects)

    def _list_works(self, state: State, run: Run, now: bool) -> Result:
        """It works, and nobody knows since which of them: the first has been done, and that is all that is noted."""
        if not now:
            return self._tried(state, run, (FAILED,) * len(run.listed))
        end = nearest_resolve(self.catalogue.procedures[run.procedure], run.place[0].step)
        if end is None:
            return self._tried(state, run, (FAILED,) * (len(run.listed) - 1) + (WORKED,))
        run = run.visited(Visit(run.place, DONE, "done", self.message_id, asked=True))
        return self.walk(state.with_run(replace(run, place=(Spot(run.procedure, end),))), ())

    def _carried_on(self, state: State, run: Run, result: str) -> Result:
        step = self.catalogue.step(*run.spot)
        if not isinstance(step, Instruct):
            raise ValueError(f"{run.spot} is no instruction")
        if result == CANNOT:
            return self._answer(state, run, step, "cannot" if step.choice("cannot") else "done")
        if result == DID:
            return self._answer(state, run, step, "done")
        return self._works(state, run, step, result == WORKED)

    def _unknown(self, state: State, run: Run, step: TurnStep) -> Result:
        if step.unknown:
            return self.leave(state, run, step.unknown, UNKNOWN, None)
        return self.no_answer_known(state, run, step)

    def _correct(self, state: State, command: c.Correct) -> Result:
        state = self.to_the_top(state, command.run)
        run = state.run(command.run).rewound(command.visit)
        step = self.catalogue.step(*run.spot)
        state = state.with_run(run)
        if not isinstance(step, TURN_STEPS):
            return self.walk(state, ())
        state, effects = self._answer(state, run, step, command.option)
        return state, (SaySentence("corrected"), *effects)

    def _go_back(self, state: State, run: Run, visit: int | None) -> Result:
        asked = [i for i, each in enumerate(run.visits) if each.asked and not each.superseded]
        if not asked:
            return self.understood(state, SaySentence("nothing_before"))
        said = SaySentence("back" if visit is None else "back_to")
        return self.understood(state.with_run(run.rewound(asked[-1] if visit is None else visit)), said)

    # ---- starting, switching, resuming -----------------------------------------------------------------------------

    def _start(self, state: State, command: c.Start) -> Result:
        problem = Problem(command.procedure, command.facts, command.already)
        state, noted = (
            self._queued(state, command.also),
            _queued_sentence(map(self._named, command.also)),
        )
        held = next((r for r in state.stack if state.run(r).procedure == problem.procedure), None)
        if held is not None:
            top = state.top is not None and state.top.id == held
            state = self.to_the_top(state, held)
            return self.understood(state, *noted, *(() if top else (SaySentence("resume", (problem.procedure,)),)))
        if state.top is None:
            return self.begin(state, problem, noted)
        interrupt = self._interruptible(state.top, problem)
        if interrupt == BLOCK:
            said = SaySentence("finish_first", (problem.procedure,))
            return self.understood(self._queued(state, (problem,)), *noted, said)
        if interrupt == ALLOW:
            return self._switch(state, problem, noted)
        return self.propose(state, Proposal(SWITCH, problem), *noted)

    def _interruptible(self, run: Run, problem: Problem) -> str:
        step = self.catalogue.step(*run.spot)
        if self.catalogue.procedures[problem.procedure].urgency == URGENT or not isinstance(step, TURN_STEPS):
            return ALLOW
        return step.interrupt

    def _switch(self, state: State, problem: Problem, said: Effects) -> Result:
        return self.begin(state, problem, (*said, SaySentence("digress", (topmost(state).procedure,))))

    def confirm(self, state: State, proposal: Proposal | None, agreed: bool) -> Result:
        """Yes or no to a proposal. A problem that may not come first is kept for afterwards."""
        run = state.top
        if proposal is None or run is None:
            return self.carry_out(state, c.Stale())
        if proposal.to is not None:
            if agreed:
                return self._switch(state, proposal.to, ())
            state = self._queued(state, (proposal.to,))
            return self.understood(state, SaySentence("finish_first", (proposal.to.procedure,)))
        if agreed:  # also where an action was due
            return self._in_procedure(replace(state, misses=0, offered=()), run, c.Repeat())
        return self.carry_out(state, c.Cancel())

    def _queued(self, state: State, problems: tuple[Problem, ...]) -> State:
        """Behind those that wait already. What is being worked on needs no waiting."""
        begun = [Problem(run.procedure, facts(self.catalogue, run)) for run in map(state.run, state.stack)]
        queue = [each for each in state.queue if not any(same_trouble(each, other) for other in begun)]
        for problem in problems:
            known = (*begun, *queue)
            if not any(same_trouble(problem, each) for each in known):
                alike = any(each.procedure == problem.procedure for each in known)
                queue.append(problem if alike else self._named(problem))
        return replace(state, queue=tuple(queue))

    def _named(self, problem: Problem) -> Problem:
        """By its procedure's title, unless that is a guess of what "it" is."""
        return problem if refers(self.catalogue, problem.said) else replace(problem, said="")


def _added(before: State, after: State) -> tuple[Problem, ...]:
    """What waits since."""
    return tuple(each for each in after.queue if each not in before.queue)


def _queued_sentence(problems: Iterable[Problem]) -> Effects:
    named = tuple(problems)
    return (naming("queued", *named),) if named else ()


def nearest_resolve(procedure: Procedure, start: str) -> str | None:
    """The good end that the fewest steps lead to from `start`, or None."""
    waiting = [start]
    for step_id in waiting:
        step = procedure.steps[step_id]
        if isinstance(step, Resolve):
            return step_id
        waiting.extend(s for s in successors(step) if s not in waiting)
    return None
