"""What the assistant tried: runs of diagnostic procedures and their steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step that was taken, in order of `position` (from 1)."""

    position: int
    step: str
    kind: str
    question: str
    answer: str | None
    answer_text: str | None
    result: str
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Untried:
    """A step that could still have been tried."""

    step: str
    title: str


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
