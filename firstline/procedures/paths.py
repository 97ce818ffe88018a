"""How many ways lead through a procedure, how long they are and where they end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from bot.procedures.model import TURN_STEPS, Catalogue, Procedure
from bot.procedures.paths import Way, ways

_HEADER = ("procedure", "steps", "questions", "ways", "shortest", "longest", "resolved", "escalated")
_NONE = "–"


@dataclass(frozen=True)
class Count:
    """`questions`: steps that wait for the customer. `shortest` and `longest` are in messages of the customer, the
    opening one included; None when there is no way (a shared procedure). `complete`: every way was counted; if not,
    the numbers from `ways` on are those of the first ways only."""

    procedure: str
    shared: bool
    steps: int
    questions: int
    ways: int
    shortest: int | None
    longest: int | None
    resolved: int
    escalated: int
    complete: bool


def count(catalogue: Catalogue, procedure: Procedure, limit: int) -> Count:
    """Go every way, but no more than `limit` of them: there may be millions."""
    going = ways(catalogue, procedure)
    lengths: list[int] = []
    resolved = 0
    for way in islice(going, limit):
        lengths.append(_length(way))
        resolved += way.end.resolved
    return Count(
        procedure=procedure.id,
        shared=procedure.shared,
        steps=len(procedure.steps),
        questions=sum(isinstance(step, TURN_STEPS) for step in procedure.steps.values()),
        ways=len(lengths),
        shortest=min(lengths, default=None),
        longest=max(lengths, default=None),
        resolved=resolved,
        escalated=len(lengths) - resolved,
        complete=next(going, None) is None,
    )


def as_table(counts: Sequence[Count]) -> str:
    """A line for each procedure, and the total below when there are several."""
    rows = [_HEADER, *(_row(each) for each in counts)]
    if len(counts) > 1:
        rows.append(_row(_total(counts)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    lines = [_line(row, widths) for row in rows]
    if not all(each.complete for each in counts):
        lines.append("“>”: more than that; lengths and ends are those of the ways that were counted.")
    return "\n".join(lines) + "\n"


def as_json(counts: Sequence[Count]) -> str:
    """The counts, and their total, as one object."""
    total = asdict(_total(counts))
    del total["procedure"], total["shared"]
    return json.dumps({"procedures": [asdict(each) for each in counts], "total": total}, indent=2) + "\n"


def _length(way: Way) -> int:
    """An action's outcome is no message: it has no text."""
    return sum(bool(turn.text) for turn in way.turns)


def _total(counts: Sequence[Count]) -> Count:
    def lengths(of: Iterable[int | None]) -> list[int]:
        return [length for length in of if length is not None]

    return Count(
        procedure=f"total: {len(counts)}",
        shared=False,
        steps=sum(each.steps for each in counts),
        questions=sum(each.questions for each in counts),
        ways=sum(each.ways for each in counts),
        shortest=min(lengths(each.shortest for each in counts), default=None),
        longest=max(lengths(each.longest for each in counts), default=None),
        resolved=sum(each.resolved for each in counts),
        escalated=sum(each.escalated for each in counts),
        complete=all(each.complete for each in counts),
    )


def _row(each: Count) -> tuple[str, ...]:
    more = "" if each.complete else "> "
    name = f"{each.procedure} (shared)" if each.shared else each.procedure
    if not each.ways:
        return (name, str(each.steps), str(each.questions), *[_NONE] * 5)
    counted = (each.shortest, each.longest, each.resolved, each.escalated)
    return (name, str(each.steps), str(each.questions), f"{more}{each.ways:,}", *(f"{number:,}" for number in counted))


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    first, *numbers = (
        cell.ljust(width) if not i else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *numbers])
