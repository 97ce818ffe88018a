"""What the assistant tried: runs of diagnostic procedures and their steps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_MARK = re.compile(r"technician:(\d+)\.\d+")


@dataclass(frozen=True, slots=True)
class Step:
    """One step that was taken, in order of `position` (from 1).

    `message_id` is the customer's message that answered it, or the mark of a technician who did.
    """

    position: int
    step: str
    kind: str
    question: str
    answer: str | None
    answer_text: str | None
    result: str
    message_id: str | None = None
    by: str | None = None
    """The name of the technician who marked it; None when the customer answered."""

    @property
    def technician(self) -> int | None:
        """The id of the technician who marked it."""
        found = _MARK.fullmatch(self.message_id or "")
        return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Untried:
    """A step that could still have been tried."""

    step: str
    title: str
    told: bool = False
    """The customer was told to do it, among others, and has not said yet what became of it."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a procedure. `key` tells runs of one episode apart."""

    key: str
    procedure: str
    version: int
    title: str
    state: str
    steps: tuple[Step, ...]
    pending: str | None
    untried: tuple[Untried, ...]
    facts: dict[str, str]
    episode: int = 1
    started_at: datetime | None = None
    updated_at: datetime | None = None
