"""What the assistant made of one message: the answer of its engine to one turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.contract import Button
from desk.model.conversation import Reason
from desk.model.run import Run


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing the assistant says."""

    text: str
    buttons: tuple[Button, ...] = ()


def joined(replies: Sequence[Reply]) -> Reply:
    """All of it as one reply: a paragraph each, and the buttons of the last question."""
    buttons = next((reply.buttons for reply in reversed(replies) if reply.buttons), ())
    return Reply("\n\n".join(reply.text for reply in replies), buttons)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the assistant: at least one reply."""

    replies: tuple[Reply, ...]
    language: str
    runs: tuple[Run, ...] = ()
    handover: Reason | None = None
    """The assistant wants people to go on, and why."""
    resolved: bool = False
    """The case ended well: the next message starts a new episode."""
    procedure_state: Mapping[str, Any] | None = None
    """Where its procedures stand, as `bot.procedures.state` writes it; None when it has begun none."""


class EngineError(Exception):
    """The assistant did not answer. `reason` is what the conversation goes to the queue with."""

    reason: Reason = Reason.ENGINE_FAILED


class EngineDown(EngineError):
    """It cannot be reached: trying again within the customer's patience makes sense."""

    reason = Reason.ENGINE_DOWN


class EngineLate(EngineError):
    """It did not answer in time; it may still be working, and a repeated turn is not applied twice."""

    reason = Reason.ENGINE_LATE


class EngineFailed(EngineError):
    """It answered with an error, or with nothing to say."""

    reason = Reason.ENGINE_FAILED
