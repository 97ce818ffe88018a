"""What a customer's message means at this point of the conversation.

`bot.procedures.reading` makes one of these of a message; `bot.procedures.advance` carries it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.procedures.state import Problem, Spot


@dataclass(frozen=True)
class Answer:
    """An answer to the pending step of `run` (None = the active one): an option's id; any text to an open question.
    `also`: what the same message mentions besides; `told`: facts beyond the answer."""

    option: str
    run: str | None = None
    also: tuple[Problem, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tried:
    """What became of the instructions that were told at once, from the first on: of each one of `effects.WORKED`,
    FAILED, DID, CANNOT. `run`, `also` and `told` as those of an answer; `person`: and they want to talk to one."""

    results: tuple[str, ...]
    run: str | None = None
    also: tuple[Problem, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    person: bool = False


@dataclass(frozen=True)
class Correct:
    """Another answer to a step passed earlier: `visit` is its index in the run's visits."""

    run: str
    visit: int
    option: str


@dataclass(frozen=True)
class Start:
    """Begin a procedure, or come back to it. `also`: further problems of the same message, for afterwards; `already`:
    instructions that have been carried out without success."""

    procedure: str
    facts: Mapping[str, str] = field(default_factory=dict)
    also: tuple[Problem, ...] = ()
    already: tuple[Spot, ...] = ()


@dataclass(frozen=True)
class Clarify:
    """It is about one of these procedures, likeliest first, and too close to call."""

    topics: tuple[str, ...]


@dataclass(frozen=True)
class Confirm:
    """Yes or no to what the assistant itself has proposed (`State.proposal`)."""

    agreed: bool


@dataclass(frozen=True)
class NotUnderstood:
    """`topics`: the procedures it might be about, likeliest first."""

    topics: tuple[str, ...] = ()
    out_of_scope: bool = False


@dataclass(frozen=True)
class Vague:
    """Something does not work, and the message does not say what."""


@dataclass(frozen=True)
class Beyond:
    """A problem that no procedure covers: a person can be offered at once."""


@dataclass(frozen=True)
class Aside:
    """Small talk, or a question answered elsewhere: `action` answers it, then the pending question is repeated,
    unless the customer is leaving."""

    action: str
    ask_again: bool = True


@dataclass(frozen=True)
class Works:
    """ "It works again" or "still does not work", whatever was asked."""

    now: bool


@dataclass(frozen=True)
class Decline:
    """ "No", while nothing is asked: what was offered is not wanted."""


@dataclass(frozen=True)
class Returned:
    """The first words after a technician gave the conversation back, when they begin nothing new."""


@dataclass(frozen=True)
class Outcome:
    """The action of a `Do` step has run. None = it failed. `facts`: what it found out; `options`: (value, title) of
    what it found to choose from."""

    value: str | None
    facts: Mapping[str, str] = field(default_factory=dict)
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Unknown:
    """ "I don't know"."""


@dataclass(frozen=True)
class Ahead:
    """The pending instruction has been carried out, and `answer` is that to the question which was put with it."""

    answer: Answer | Unknown


@dataclass(frozen=True)
class Skip:
    """ "Let's skip this"."""


@dataclass(frozen=True)
class GoBack:
    """ "Back to the previous question", or to that of the run's visit with index `visit`."""

    visit: int | None = None


@dataclass(frozen=True)
class Cancel:
    """ "Never mind": ends the active run."""


@dataclass(frozen=True)
class Explain:
    """ "Why do you ask?" """


@dataclass(frozen=True)
class Help:
    """ "How do I do that?", "what do you mean?" """


@dataclass(frozen=True)
class Repeat:
    """ "Say that again", and the button that goes on with the pending question."""


@dataclass(frozen=True)
class Showing:
    """ "This is what I see", and files with it: only people can look into them."""


@dataclass(frozen=True)
class Wait:
    """ "One moment": the customer is still at it."""


@dataclass(frozen=True)
class Restart:
    """Begin again from nothing."""


@dataclass(frozen=True)
class Human:
    """A person is wanted."""


@dataclass(frozen=True)
class Late:
    """An answer to a question that somebody has answered meanwhile on another channel."""


@dataclass(frozen=True)
class Stale:
    """A button of a question that is no longer there."""


Command = (
    Answer | Correct | Start | Clarify | Confirm | NotUnderstood | Beyond | Aside | Outcome | Unknown | Skip
    | GoBack | Cancel | Explain | Repeat | Wait | Restart | Human | Stale | Works | Decline | Returned
    | Help | Vague | Tried | Late | Showing | Ahead
)  # fmt: skip
