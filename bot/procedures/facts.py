"""What is known in a run, and what of it a ticket needs."""

from __future__ import annotations

from collections.abc import Sequence

from bot.procedures.model import SYSTEM_FACT, Ask, Catalogue, Escalate, placeholders
from bot.procedures.state import ANSWERED, Handover, Run


def facts(catalogue: Catalogue, run: Run) -> dict[str, str]:
    """Everything known in a run: told unasked, then answered; what was taken back does not count."""
    known = dict(run.known)
    for visit in run.trail:
        step = catalogue.step(*visit.spot)
        if isinstance(step, Ask) and step.fact and visit.result == ANSWERED and visit.answer:
            known[step.fact] = visit.answer
    return known


def spoken_facts(catalogue: Catalogue, run: Run, part: str = "text") -> tuple[tuple[str, str], ...]:
    """The facts that a part of the run's step depends on: those its text mentions, or the operating system for help."""
    names = (SYSTEM_FACT,) if part == "help" else placeholders(catalogue.step(*run.spot))
    if not names:
        return ()
    known = facts(catalogue, run)
    return tuple((name, known[name]) for name in names if name in known)


def handover_of(
    catalogue: Catalogue, run: Run | None, reason: str, end: Escalate | None = None, also: Sequence[str] = ()
) -> Handover:
    """A ticket's classification: the ending step's own values, else those of the run's procedure; a fact may raise the
    impact. `also`: what other problems are called that were mentioned or begun, and are not finished."""
    note = _note(catalogue, end, also)
    if run is None:
        return Handover(reason, note=note)
    procedure = catalogue.procedures[run.procedure]
    own = {name: getattr(end, name) if end else None for name in ("category", "team", "impact", "urgency")}
    values = {name: getattr(procedure, name) if value is None else value for name, value in own.items()}
    known = facts(catalogue, run)
    raised = [of[known[fact]] for fact, of in catalogue.impacts.items() if known.get(fact) in of]
    values["impact"] = min((i for i in (values["impact"], *raised) if i is not None), default=None)
    return Handover(reason, run.procedure, facts=known, note=note, **values)


def _note(catalogue: Catalogue, end: Escalate | None, also: Sequence[str]) -> str | None:
    parts = [end.note.en] if end else []
    if also:
        parts.append(catalogue.sentences["part_also_mentioned"].en.format(title=", ".join(also)))
    return " ".join(parts) or None
