"""Where a conversation stands: runs of procedures, the stack of the unfinished ones, and what was promised.

A run keeps every visited step in order (`Visit`). The *trail* is the visits that still hold; a correction or "back"
marks the later ones as superseded and puts the run back to the place of the earliest, so the branch is computed anew.
A place is the whole nest of calls, outermost first, so that going back into a called procedure needs nothing special.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from bot.procedures.model import Catalogue

ANSWERED, SKIPPED, UNKNOWN, DONE = "answered", "skipped", "unknown", "done"
RESUME, SWITCH = "resume", "switch"
ACTIVE, SUSPENDED, RESOLVED, ESCALATED, CANCELLED = "active", "suspended", "resolved", "escalated", "cancelled"
ENDED = "ended"
"""Of an errand that was done: nothing was solved by it."""


class Spot(NamedTuple):
    """A step of a procedure, by ids."""

    procedure: str
    step: str


Place = tuple[Spot, ...]


def place_to_text(place: Place) -> str:
    """`wifi_connect:restart/restart_device:off`"""
    return "/".join(f"{spot.procedure}:{spot.step}" for spot in place)


def place_from_text(text: str) -> Place:
    """The inverse of `place_to_text`."""
    return tuple(Spot(*part.split(":", 1)) for part in text.split("/"))


@dataclass(frozen=True)
class Visit:
    """A step that was passed. `answer` is an option's id, a free text, a branch's fact value or an action's outcome.
    `asked` tells whether the customer had a turn here (a known fact answers without one)."""

    place: Place
    result: str
    answer: str | None = None
    message_id: str | None = None
    asked: bool = False
    superseded: bool = False

    @property
    def spot(self) -> Spot:
        return self.place[-1]

    def to_json(self) -> list[Any]:
        return [
            place_to_text(self.place),
            self.result,
            self.answer,
            self.message_id,
            int(self.asked),
            int(self.superseded),
        ]

    @classmethod
    def from_json(cls, data: list[Any]) -> Visit:
        place, result, answer, message_id, asked, superseded = data
        return cls(place_from_text(place), result, answer, message_id, bool(asked), bool(superseded))


@dataclass(frozen=True)
class Run:
    """One run of a procedure. `place` is the step reached: pending while the run is unfinished, else where it ended."""

    id: str
    procedure: str
    version: int
    place: Place
    state: str = ACTIVE
    visits: tuple[Visit, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    """Facts the customer told without being asked, and those that an action found."""
    options: tuple[tuple[str, str], ...] = ()
    """What the latest action found to choose from: (value, title); titles are data, the same in every language."""
    told: tuple[Place, ...] = ()
    """The instructions that the customer was told at once, the pending one first."""
    already: tuple[Spot, ...] = ()
    """Instructions that had been carried out, without success, before the run began: the customer's mail said so."""

    @property
    def trail(self) -> tuple[Visit, ...]:
        return tuple(v for v in self.visits if not v.superseded)

    @property
    def spot(self) -> Spot:
        return self.place[-1]

    @property
    def listed(self) -> tuple[Place, ...]:
        """`told`, as long as the first of them is pending; else nothing."""
        return self.told if self.told[:1] == (self.place,) else ()

    def fits(self, catalogue: Catalogue) -> bool:
        """Whether every step it mentions still exists: the procedures may have changed since."""
        spots = {
            spot for place in (self.place, *self.told, self.already, *(v.place for v in self.visits)) for spot in place
        }
        known = catalogue.procedures
        return all(s.procedure in known and s.step in known[s.procedure].steps for s in spots)

    def visited(self, visit: Visit) -> Run:
        return replace(self, visits=(*self.visits, visit))

    def rewound(self, index: int) -> Run:
        """Back to the place of `visits[index]`; it and everything after it no longer hold."""
        kept = self.visits[:index]
        dropped = tuple(replace(v, superseded=True) for v in self.visits[index:])
        return replace(self, place=self.visits[index].place, visits=kept + dropped, told=())

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "procedure": self.procedure,
            "version": self.version,
            "place": place_to_text(self.place),
            "state": self.state,
            "visits": [v.to_json() for v in self.visits],
            "known": dict(self.known),
            "options": [list(option) for option in self.options],
            "told": [place_to_text(place) for place in self.told],
            "already": [place_to_text((spot,)) for spot in self.already],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Run:
        return cls(
            id=data["id"],
            procedure=data["procedure"],
            version=data["version"],
            place=place_from_text(data["place"]),
            state=data["state"],
            visits=tuple(Visit.from_json(v) for v in data["visits"]),
            known=data["known"],
            options=tuple((value, title) for value, title in data.get("options", ())),
            told=tuple(place_from_text(place) for place in data.get("told", ())),
            already=tuple(place_from_text(spot)[0] for spot in data.get("already", ())),
        )


@dataclass(frozen=True)
class Handover:
    """What the ticket needs to know. reason: asked, escalated, not_understood, security."""

    reason: str
    procedure: str | None = None
    category: str | None = None
    team: str | None = None
    impact: int | None = None
    urgency: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {**self.__dict__, "facts": dict(self.facts)}


@dataclass(frozen=True)
class Problem:
    """What a procedure is begun for. `facts`: what the customer told of it unasked; `already`: instructions of it that
    they have carried out without success."""

    procedure: str
    facts: Mapping[str, str] = field(default_factory=dict)
    already: tuple[Spot, ...] = ()
    said: str = field(default="", compare=False)
    """The customer's words for it, where the procedure's title would not tell it from another one of the kind."""

    def to_json(self) -> list[Any]:
        return [self.procedure, dict(self.facts), [list(spot) for spot in self.already], self.said]

    @classmethod
    def from_json(cls, data: list[Any]) -> Problem:
        procedure, facts, *more = data
        already, said = more[0] if more else (), more[1] if len(more) > 1 else ""
        return cls(procedure, facts, tuple(Spot(*spot) for spot in already), said)


@dataclass(frozen=True)
class Proposal:
    """What the assistant has proposed and awaits a yes or no for. `kind`: RESUME the topmost run, SWITCH to `to`."""

    kind: str
    to: Problem | None = None


@dataclass(frozen=True)
class State:
    """`misses` counts messages in a row that were not understood, `questions` how often the customer was asked what is
    meant, since a step was done with; `offered` are the payloads of the buttons shown besides a question's own; `queue`
    are the problems for afterwards. Round-trips through JSON."""

    runs: tuple[Run, ...] = ()
    stack: tuple[str, ...] = ()
    misses: int = 0
    offered: tuple[str, ...] = ()
    handover: Handover | None = None
    resolved: bool = False
    queue: tuple[Problem, ...] = ()
    proposal: Proposal | None = None
    questions: int = 0
    by_letter: bool = False
    """The pending question was put in a letter."""

    @property
    def top(self) -> Run | None:
        return self.run(self.stack[-1]) if self.stack else None

    def run(self, run_id: str) -> Run:
        return next(run for run in self.runs if run.id == run_id)

    def with_run(self, run: Run) -> State:
        return replace(self, runs=tuple(run if r.id == run.id else r for r in self.runs))

    def to_json(self) -> dict[str, Any]:
        return {
            "runs": [run.to_json() for run in self.runs],
            "stack": list(self.stack),
            "misses": self.misses,
            "offered": list(self.offered),
            "handover": self.handover.to_json() if self.handover else None,
            "resolved": self.resolved,
            "queue": [each.to_json() for each in self.queue],
            "proposal": self.proposal and [self.proposal.kind, self.proposal.to and self.proposal.to.to_json()],
            "questions": self.questions,
            "by_letter": self.by_letter,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> State:
        return cls(
            runs=tuple(Run.from_json(r) for r in data["runs"]),
            stack=tuple(data["stack"]),
            misses=data["misses"],
            offered=tuple(data["offered"]),
            handover=Handover(**data["handover"]) if data["handover"] else None,
            resolved=data["resolved"],
            queue=tuple(Problem.from_json(each) for each in data.get("queue", ())),
            proposal=_proposal(data.get("proposal")),
            questions=data.get("questions", 0),
            by_letter=data.get("by_letter", False),
        )


def _proposal(data: list[Any] | None) -> Proposal | None:
    return Proposal(data[0], Problem.from_json(data[1]) if data[1] else None) if data else None
