"""What an opening message answers already, by the words that procedures list for that. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.procedures.match import mentioned
from bot.procedures.model import Ask, Catalogue


def procedures_of(catalogue: Catalogue, procedure: str) -> tuple[str, ...]:
    """A procedure, and those that it calls."""
    return (procedure, *sorted(catalogue.called_by(procedure)))


def told(catalogue: Catalogue, procedure: str, text: str) -> dict[str, str]:
    """What the opening message answers already, of the questions that allow it; in called procedures too."""
    return answered(catalogue, procedures_of(catalogue, procedure), text)


def answered(catalogue: Catalogue, procedures: Iterable[str], text: str) -> dict[str, str]:
    """The same, of certain procedures only: fact -> option."""
    found = {}
    for step in questions(catalogue, procedures):
        option = mentioned(text, step.opening, catalogue.words)
        if option is not None:
            found[step.fact or ""] = option
    return found


def questions(catalogue: Catalogue, procedures: Iterable[str]) -> Iterator[Ask]:
    """Those that the opening message may answer."""
    for name in procedures:
        for step in catalogue.procedures[name].steps.values():
            if isinstance(step, Ask) and step.fact and step.opening:
                yield step
