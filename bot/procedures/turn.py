"""One message of a customer, as the components of the engine have read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.procedures.topics import Segment


@dataclass(frozen=True)
class Turn:
    """One message. `ranking`: (intent, confidence), best first; `entities`: name -> value; `returned`: a technician has
    given the conversation back just before it."""

    text: str
    choice: str | None = None
    ranking: tuple[tuple[str, float], ...] = ()
    entities: Mapping[str, str] = field(default_factory=dict)
    returned: bool = False
    segments: tuple[Segment, ...] = ()
    """Its parts, where several could be problems of their own."""
    letter: bool = False
    """It came by mail."""
    files: int = 0
    """How many came with it."""

    @property
    def top(self) -> tuple[str, float]:
        return self.ranking[0] if self.ranking else ("nlu_fallback", 0.0)
