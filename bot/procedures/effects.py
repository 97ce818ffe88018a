"""What carrying out a command leads to: words, actions, a ticket."""

from __future__ import annotations

from dataclasses import dataclass

from bot.procedures.state import Spot, State


@dataclass(frozen=True)
class SayStep:
    """Speak a step's `part`: text (with its buttons when it waits), why, help. `known`: the facts (name, value) that
    the words depend on; `options`: (value, title) of the buttons that an action found."""

    spot: Spot
    part: str = "text"
    known: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class SaySentence:
    """Speak a general sentence. `procedures` fill {title} (all of them), {summary} and {example} (the first); `spot`
    fills {step} with what it is called, and {example}: the step's `answer`, or one of its answers."""

    name: str
    procedures: tuple[str, ...] = ()
    spot: Spot | None = None
    answer: str | None = None
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunAction:
    """Run an action of Rasa's domain: an aside's, or a `Do` step's (then its outcome is awaited)."""

    action: str
    awaited: bool = False


@dataclass(frozen=True)
class OpenTicket:
    """Hand over to a person; `state.handover` says why."""


Effect = SayStep | SaySentence | RunAction | OpenTicket
Effects = tuple[Effect, ...]
Result = tuple[State, Effects]


def payload(spot: Spot, option: str) -> str:
    """The payload of a button: `answer:<procedure>:<step>:<option>`."""
    return f"answer:{spot.procedure}:{spot.step}:{option}"
