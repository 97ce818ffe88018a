"""How a conversation goes: in a chat, where a question costs seconds, or by letters, where it costs hours. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """What is said at once, and how soon a person is called. The defaults are a chat's."""

    letters: bool = False
    """One message says all there is to say, and is answered hours later."""
    misses: int = 3
    """Messages in a row that are not understood, until a person is called."""
    questions: int | None = None
    """How often the customer may be asked what they mean, until a person is called. None: `misses` decides."""
    instructions: int = 1
    """How many instructions are told at once, at most."""
    start: float = 0.0
    """The least confidence (0..1) with which a procedure is begun, if that is more than `Thresholds.start`."""


CHAT = Style()
LETTER = Style(letters=True, misses=1, questions=1, instructions=5, start=0.5)
"""A misunderstanding costs the customer a day, and a person reads the mail anyway: one is enough. What is asked back is
asked once. Five instructions are a screen of text, and half an hour's work."""

STYLES = {"chat": CHAT, "letter": LETTER}
