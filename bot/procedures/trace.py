"""A state as the desk records it: the "procedures" of a turn's answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.procedures.facts import facts
from bot.procedures.model import (
    TURN_STEPS,
    Ask,
    Branch,
    Call,
    Catalogue,
    Do,
    Escalate,
    Instruct,
    Step,
    Text,
    kind,
    placeholders,
    successors,
)
from bot.procedures.state import ACTIVE, ENDED, RESOLVED, SUSPENDED, Place, Run, Spot, State, Visit

_LABEL_LENGTH = 60


def procedures(catalogue: Catalogue, state: State, language: str) -> list[dict[str, Any]]:
    """Every run of the episode, whole, oldest first (but those of steps that no longer exist):
    {run, procedure, version, title, state, steps, pending, untried, facts, note}, texts in `language`.
    Of the untried steps it says which the customer was told already, and is asked about.
    The note is what the procedure tells the technician at an end that escalates, else None."""
    return [_run(catalogue, run, language) for run in state.runs if run.fits(catalogue)]


def _run(catalogue: Catalogue, run: Run, language: str) -> dict[str, Any]:
    root = catalogue.procedures[run.procedure]
    pending = _pending(catalogue, run)
    return {
        "run": run.id,
        "procedure": run.procedure,
        "version": run.version,
        "title": root.title.to(language),
        "state": run.state,
        "steps": list(_steps(catalogue, run, language)),
        "pending": name_of(run, pending) if pending else None,
        "untried": [
            {
                "step": name_of(run, place[-1]),
                "title": title_of(catalogue.step(*place[-1]), language),
                "told": place in run.listed,
            }
            for place in untried(catalogue, run)
        ],
        "facts": facts(catalogue, run),
        "note": _note(catalogue, run, language),
    }


def _note(catalogue: Catalogue, run: Run, language: str) -> str | None:
    step = catalogue.step(*run.spot)
    return step.note.to(language) if isinstance(step, Escalate) else None


def title_of(step: Step, language: str) -> str:
    """A few words for the step: its label, else the beginning of its text, else its id."""
    if step.label is not None:
        return step.label.to(language)
    text = getattr(step, "text", None)
    words = text.to(language).split("\n")[0] if isinstance(text, Text) else step.id
    return words if len(words) <= _LABEL_LENGTH else words[: _LABEL_LENGTH - 1].rsplit(" ", 1)[0] + "…"


def name_of(run: Run, spot: Spot) -> str:
    """A step's id; one of a called procedure is `<procedure>.<step>`."""
    return spot.step if spot.procedure == run.procedure else f"{spot.procedure}.{spot.step}"


def _pending(catalogue: Catalogue, run: Run) -> Spot | None:
    return run.spot if isinstance(catalogue.step(*run.spot), TURN_STEPS) else None


def _steps(catalogue: Catalogue, run: Run, language: str) -> Iterator[dict[str, Any]]:
    """The steps the customer or an action had a part in. One that was taken back stays, as `corrected`."""
    position = 0
    for visit in run.visits:
        step = catalogue.step(*visit.spot)
        if not isinstance(step, (*TURN_STEPS, Do)):
            continue
        position += 1
        yield {
            "position": position,
            "step": name_of(run, visit.spot),
            "kind": kind(step),
            "question": _question(step, language),
            "answer": visit.answer,
            "answer_text": _answer_text(step, visit, language),
            "result": "corrected" if visit.superseded else visit.result,
            "message_id": visit.message_id,
        }


def _question(step: Step, language: str) -> str:
    """As it was asked; what mentions facts goes by its name, for they stand beside it."""
    asked = isinstance(step, TURN_STEPS) and not placeholders(step)
    return step.text.to(language) if asked and isinstance(step, TURN_STEPS) else title_of(step, language)


def _answer_text(step: Step, visit: Visit, language: str) -> str | None:
    choice = step.choice(visit.answer) if isinstance(step, TURN_STEPS) and visit.answer else None
    return choice.option.title.to(language) if choice else visit.answer


def untried(catalogue: Catalogue, run: Run) -> list[Place]:
    """What could still be asked or done from the pending step on. When a run ended at a person, whatever the procedure
    would have had the customer do elsewhere. Nothing when it is solved."""
    if run.state in (RESOLVED, ENDED):
        return []
    done = {visit.spot for visit in run.trail}
    if run.state in (ACTIVE, SUSPENDED) or _pending(catalogue, run):
        found = _reachable(catalogue, run, run.place)
        kinds: tuple[type[Step], ...] = (Ask, Instruct, Do)
    else:
        start = catalogue.procedures[run.procedure].start
        found = _reachable(catalogue, run, (Spot(run.procedure, start),))
        kinds = (Instruct, Do)
    return [place for place in found if place[-1] not in done and isinstance(catalogue.step(*place[-1]), kinds)]


def _reachable(catalogue: Catalogue, run: Run, start: Place) -> list[Place]:
    """Breadth first; calls are entered, and after a called procedure its callers go on. A branch whose fact
    is known, or will never be asked, leads one way only."""
    known = facts(catalogue, run)
    askable = _askable(catalogue, run.procedure)
    waiting: list[Place] = [start[:depth] for depth in range(len(start), 0, -1)]
    seen: dict[Spot, Place] = {}
    while waiting:
        place = waiting.pop(0)
        spot = place[-1]
        if spot in seen:
            continue
        seen[spot] = place
        step = catalogue.step(*spot)
        if isinstance(step, Call):
            waiting.append((*place, Spot(step.procedure, catalogue.procedures[step.procedure].start)))
        if isinstance(step, Branch) and (step.fact in known or step.fact not in askable):
            targets: tuple[str, ...] = (step.cases.get(known.get(step.fact, ""), step.otherwise),)
        else:
            targets = successors(step)
        waiting.extend((*place[:-1], Spot(spot.procedure, target)) for target in targets)
    return list(seen.values())


def _askable(catalogue: Catalogue, procedure: str) -> set[str]:
    """The facts that a procedure, or one it calls, asks or looks for."""
    found: set[str] = set()
    for step in catalogue.procedures[procedure].steps.values():
        if isinstance(step, Ask) and step.fact:
            found.add(step.fact)
        if isinstance(step, Do):
            found |= set(step.facts)
        if isinstance(step, Call):
            found |= _askable(catalogue, step.procedure)
    return found
