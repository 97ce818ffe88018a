"""What could not be done, in the technician's language. Pure."""

from __future__ import annotations

from desk.conversations import MAX_REPLY
from desk.model.errors import Conflict, DeskError, Invalid
from desk.wording import Texts


def explain(texts: Texts, error: DeskError) -> str:
    """A sentence, in plain text."""
    match error:
        case Conflict(state="technician") if error.holder:
            return texts("conflict.held", holder=error.holder)
        case Conflict() if texts.has(f"conflict.{error.state}"):
            return texts(f"conflict.{error.state}")
        case Invalid():
            return invalid(texts, error)
    return texts("conflict.other")


def invalid(texts: Texts, error: Invalid) -> str:
    """What is wrong with a value."""
    key = f"invalid.{error.rule}"
    return texts(key if texts.has(key) else "invalid.other", maximum=MAX_REPLY)
