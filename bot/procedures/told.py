"""Instructions told at once: what a letter lists where a chat would go step by step. Pure.

    instruct ─► check "does it work now?" ─no─► instruct ─► instruct ─► check ─no─► ask …
    └─────────────── 1 ────────────────┘     └── 2 ──┘  └──────── 3 ──────┘

The list ends before everything whose way on the customer decides: a question, an action, a statement, an end, a step
that may lose data, a check that is about more than "it works". One instruction alone is told with the question that
follows it: whoever answers that has carried it out. The pending step is the first of the list, as in a chat;
`Run.told` says what was told with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.procedures.effects import CANNOT, Effects, Result, SayAhead, SayList, SayStep
from bot.procedures.model import TURN_STEPS, Ask, Branch, Call, Catalogue, Check, Instruct, Option, Return
from bot.procedures.state import ANSWERED, DONE, Place, Run, Spot, State
from bot.procedures.style import Style
from bot.procedures.walk import Walk

_PASSED = (Branch, Call, Return, Instruct, Check)
"""Steps that may be passed without a word: the last two where the customer had been there before anybody asked."""


def tell(catalogue: Catalogue, state: State, effects: Effects, style: Style) -> Result:
    """The pending instruction, with those that follow it when the answer goes out as a letter.

    Wherever a question is put, `Run.told` is set anew: it says how the customer was asked last.
    """
    run = state.top
    asked = SayStep(run.spot) if run else None
    at = next((i for i, e in enumerate(effects) if asked and _puts(e, asked)), None)
    if run is None or at is None:
        return state, effects
    state = replace(state, by_letter=style.letters)
    items = _Ahead(catalogue, None, style).items(run) if style.letters else ()
    if not items:
        state = state.with_run(replace(run, told=()))
        following = ahead(catalogue, state)
        if following is None:
            return state, effects
        walk = Walk(catalogue, None)
        said = SayAhead(walk.speak(run), walk.speak(following))
        return state, (*effects[:at], said, *effects[at + 1 :])
    state = state.with_run(replace(run, told=tuple(place for place, _ in items)))
    return state, (*effects[:at], _list(catalogue, run, items), *effects[at + 1 :])


def ahead(catalogue: Catalogue, state: State) -> Run | None:
    """The active run at the question that a letter put together with the pending instruction, as if that had been
    carried out; None where no letter did."""
    run = state.top
    return _Ahead(catalogue, None).question_behind(run) if run and state.by_letter and not run.listed else None


def cannot_ahead(catalogue: Catalogue, instruction: Spot, question: Spot) -> Option | None:
    """What is said of an instruction that cannot be carried out, beside the answers to the question put with it."""
    step, asked = catalogue.step(*instruction), catalogue.step(*question)
    cannot = step.choice(CANNOT) if isinstance(step, TURN_STEPS) else None
    taken = isinstance(asked, TURN_STEPS) and (not asked.choices or asked.choice(CANNOT) is not None)
    return cannot.option if cannot is not None and not taken else None


def as_list(catalogue: Catalogue, run: Run) -> SayList:
    """What the customer was told at once (`Run.listed`), as it was said."""
    items = _Ahead(catalogue, None, Style(instructions=len(run.listed))).items(run)
    return _list(catalogue, run, items)


def _puts(effect: object, asked: SayStep) -> bool:
    return isinstance(effect, SayStep) and (effect.spot, effect.part) == (asked.spot, asked.part)


def _list(catalogue: Catalogue, run: Run, items: tuple[tuple[Place, Place | None], ...]) -> SayList:
    walk = Walk(catalogue, None)

    def spoken(place: Place) -> SayStep:
        return walk.speak(replace(run, place=place))

    return SayList(tuple((spoken(place), spoken(check) if check else None) for place, check in items))


class _Ahead(Walk):
    def items(self, run: Run) -> tuple[tuple[Place, Place | None], ...]:
        """(instruction, the check that follows it) of what can be told at once; nothing when that is one instruction
        alone, which is asked about as in a chat."""
        found = tuple(self._following(run))
        return found if len(found) > 1 or any(check for _, check in found) else ()

    def question_behind(self, run: Run) -> Run | None:
        """The run at the question behind the pending instruction; None where something else comes first."""
        step = self.catalogue.step(*run.spot)
        done = step.choice("done") if isinstance(step, Instruct) and not step.destructive else None
        if done is None:
            return None
        after = self._settled(self._on(run, DONE, "done", done.next))
        asks = isinstance(self.catalogue.step(*after.spot), (Ask, Check))
        return after if asks and self._through(after) is None else None

    def _following(self, run: Run) -> Iterator[tuple[Place, Place | None]]:
        seen: set[Place] = set()
        while len(seen) < self.style.instructions and run.place not in seen:
            step = self.catalogue.step(*run.spot)
            done = step.choice("done") if isinstance(step, Instruct) and not step.destructive else None
            if done is None:
                return
            seen.add(run.place)
            place, run = run.place, self._settled(self._on(run, DONE, "done", done.next))
            if not self.closes(run):
                yield place, None
                continue
            check = self.catalogue.step(*run.spot)
            assert isinstance(check, Check)
            yield place, run.place
            no = check.choice("no")
            assert no is not None
            run = self._settled(self._on(run, ANSWERED, "no", no.next))

    def _settled(self, run: Run) -> Run:
        """Past what needs nobody and says nothing."""
        while isinstance(self.catalogue.step(*run.spot), _PASSED):
            moved = self._through(run)
            if moved is None:
                break
            run = moved
        return run

    def _on(self, run: Run, result: str, answer: str, target: str) -> Run:
        visited = self._noted(run, result, answer)
        return replace(visited, place=(*run.place[:-1], Spot(run.spot.procedure, target)))
