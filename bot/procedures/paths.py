"""Every way through a procedure, from its start to an end, as a customer would go it.

Two answers that lead to the same step count as one unless a branch tells them apart later; a circle is gone round once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.procedures.advance import advance
from bot.procedures.commands import Answer, Command, Outcome, Skip, Start, Unknown
from bot.procedures.effects import Effects
from bot.procedures.model import TURN_STEPS, Ask, Branch, Catalogue, Do, Procedure, TurnStep
from bot.procedures.state import Run, State

OPEN_ANSWER = "second floor, room 2.14"
OPENING = "help me"
"""A first message that answers no question already, as "my password has expired" would."""


@dataclass(frozen=True)
class Turn:
    """What is done, and what follows. `text` is how a customer would say it in English ("" for an action's outcome)."""

    command: Command
    text: str
    effects: Effects


@dataclass(frozen=True)
class Way:
    """One way through a procedure: its turns, and the state at the end."""

    procedure: str
    turns: tuple[Turn, ...]
    end: State


def ways(catalogue: Catalogue, procedure: Procedure) -> Iterator[Way]:
    """Depth first. Shared procedures have no ways of their own: they are walked where they are called."""
    if procedure.shared:
        return
    yield from _Walker(catalogue, procedure).walk((), State(), Start(procedure.id), OPENING)


@dataclass(frozen=True)
class _Walker:
    catalogue: Catalogue
    procedure: Procedure

    def walk(self, turns: tuple[Turn, ...], state: State, command: Command, text: str) -> Iterator[Way]:
        state, effects = advance(self.catalogue, state, command)
        turns = (*turns, Turn(command, text, effects))
        if state.top is None:
            yield Way(self.procedure.id, turns, state)
            return
        for following, said in self._answers(state.top):
            yield from self.walk(turns, state, following, said)

    def _answers(self, run: Run) -> Iterator[tuple[Command, str]]:
        step = self.catalogue.step(*run.spot)
        if isinstance(step, Do):
            for outcome in (*step.outcomes, None):
                yield Outcome(outcome), ""
        elif isinstance(step, TURN_STEPS):
            passed = {v.answer or v.result for v in run.trail if v.spot == run.spot}
            targets: set[str] = set()
            for target, key, command, text in self._edges(step):
                if key not in passed and target not in targets:
                    targets.update(() if self._told_apart(step) else (target,))
                    yield command, text

    def _edges(self, step: TurnStep) -> Iterator[tuple[str, str, Command, str]]:
        for choice in step.choices:
            yield choice.next, choice.option.id, Answer(choice.option.id), choice.option.title.en
        if isinstance(step, Ask) and step.next:
            yield step.next, OPEN_ANSWER, Answer(OPEN_ANSWER), OPEN_ANSWER
        led = {choice.next for choice in step.choices} | {getattr(step, "next", None)}
        if step.unknown and step.unknown not in led:
            yield step.unknown, "unknown", Unknown(), self.catalogue.sentences["button_unknown"].en
        if step.skip and step.skip not in led:
            yield step.skip, "skipped", Skip(), "skip"

    def _told_apart(self, step: TurnStep) -> bool:
        fact = step.fact if isinstance(step, Ask) else None
        return fact is not None and any(
            isinstance(s, Branch) and s.fact == fact
            for procedure in self.catalogue.procedures.values()
            for s in procedure.steps.values()
        )
