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
    """Speak a general sentence. `procedures` fill {title} (all of them, then what is `quoted`), {summary} and {example}
    (the first); `spot` fills {step} with its name, and {example}: the step's `answer`, or one of its answers."""

    name: str
    procedures: tuple[str, ...] = ()
    spot: Spot | None = None
    answer: str | None = None
    buttons: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()


@dataclass(frozen=True)
class SayList:
    """Speak instructions as one numbered list, each with the check that follows it, and ask after which it works."""

    items: tuple[tuple[SayStep, SayStep | None], ...]


@dataclass(frozen=True)
class SayAhead:
    """Speak an instruction and, at once, the question that follows it. The buttons are the question's, and the
    instruction's "I can't"."""

    step: SayStep
    question: SayStep


@dataclass(frozen=True)
class SayTried:
    """Quote what became of the instructions of a list: (step, one of WORKED, FAILED, DID, CANNOT)."""

    results: tuple[tuple[Spot, str], ...]


WORKED, FAILED, DID, CANNOT = "worked", "failed", "did", "cannot"
"""What became of an instruction: it works since, it did not help, it was done (and nobody said more), it could not be
done. All but DID are the options of the buttons below a list, too."""


@dataclass(frozen=True)
class SayMined:
    """Quote what was taken from the customer's own words unasked: (step, answer)."""

    answers: tuple[tuple[Spot, str], ...]


@dataclass(frozen=True)
class RunAction:
    """Run an action of Rasa's domain: an aside's, or a `Do` step's (then its outcome is awaited)."""

    action: str
    awaited: bool = False


@dataclass(frozen=True)
class OpenTicket:
    """Hand over to a person; `state.handover` says why."""


Spoken = SayStep | SaySentence | SayList | SayAhead | SayTried | SayMined
"""What `speak` has words for."""
Effect = Spoken | RunAction | OpenTicket
Effects = tuple[Effect, ...]
Result = tuple[State, Effects]


def payload(spot: Spot, option: str) -> str:
    """The payload of a button: `answer:<procedure>:<step>:<option>`."""
    return f"answer:{spot.procedure}:{spot.step}:{option}"
