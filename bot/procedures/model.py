"""The shape of a diagnostic procedure: a graph of steps, in English and Dutch.

A step that waits for the customer (`Ask`, `Instruct`, `Check`) offers options; every other step is passed through
without a turn. Edges are step ids of the same procedure. `Call` enters another procedure and continues at `next` when
that one reaches a `Return`; a `Resolve` or `Escalate` in a called procedure ends the whole run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.procedures.words import Words

LANGUAGES = ("en", "nl")
DEFAULT_LANGUAGE = "en"
SYSTEMS = ("windows", "macos", "linux", "ios", "android")
"""What the fact `operating_system` can be, and what `help` may be specific to."""
SYSTEM_FACT = "operating_system"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
ALLOW, CONFIRM, BLOCK = "allow", "confirm", "block"


@dataclass(frozen=True)
class Text:
    """One sentence, or a few, in every language we speak."""

    en: str
    nl: str

    def to(self, language: str) -> str:
        """In `language`; anything we do not speak is answered in English."""
        return self.nl if language == "nl" else self.en


@dataclass(frozen=True)
class Help(Text):
    """A general sentence, and what only holds for one operating system."""

    systems: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Option:
    """One possible answer. `synonyms` are of both languages: people mix them."""

    id: str
    title: Text
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """An option of a step, and the step it leads to."""

    option: Option
    next: str


@dataclass(frozen=True)
class _Step:
    id: str
    label: Text | None = field(default=None, kw_only=True)
    """What a technician calls the step, a few words; without it the beginning of the text serves."""


@dataclass(frozen=True)
class _Turn(_Step):
    """A step that speaks and waits for the customer."""

    text: Text
    choices: tuple[Choice, ...]
    why: Text | None = field(default=None, kw_only=True)
    """Answer to "why do you ask?"."""
    help: Help | None = field(default=None, kw_only=True)
    """How to find the answer, or how to do what is asked."""
    unknown: str | None = field(default=None, kw_only=True)
    """Where "I don't know" leads; without it we help and ask again."""
    skip: str | None = field(default=None, kw_only=True)
    """Where "skip this" leads; without it the step cannot be skipped."""
    interrupt: str = field(default=ALLOW, kw_only=True)
    """Whether another problem may come first: ALLOW, CONFIRM (the customer is asked), BLOCK (it comes afterwards)."""
    time: int | None = field(default=None, kw_only=True)
    """Minutes that it takes."""

    def choice(self, option: str) -> Choice | None:
        """The choice of that option's id, or None."""
        return next((c for c in self.choices if c.option.id == option), None)


@dataclass(frozen=True)
class Ask(_Turn):
    """A question. With `fact` the answer is remembered under that name (and not asked when already known).
    Without choices it is an open question: any text is the answer, and `next` follows."""

    fact: str | None = None
    next: str | None = None
    anew: bool = False
    """Asked also when the fact is known: the answer replaces it."""
    offered: bool = False
    """Its answers are what the action before it found to choose from (`Run.options`); without, any text is one."""
    verbatim: bool = False
    """What says that the trouble is over is an answer too, not the end of the run."""
    opening: tuple[Option, ...] = ()
    """Answers that the message which starts the procedure may give already ("my password has expired"), with the
    words that give them there."""


@dataclass(frozen=True)
class Instruct(_Turn):
    """Something to do. Options: `done`, and `cannot` where the procedure says what happens then."""

    destructive: bool = False
    """It may lose data: the customer has been warned, and has agreed, just before."""
    already: tuple[str, ...] = ()
    """What a mail says when it has been done before anybody asked: "restarted my laptop"."""


@dataclass(frozen=True)
class Check(_Turn):
    """Does it work now? Options: `yes`, `no`."""


@dataclass(frozen=True)
class Say(_Step):
    """A statement; the next step follows at once."""

    text: Text
    next: str


@dataclass(frozen=True)
class Branch(_Step):
    """Goes on by a fact, without asking."""

    fact: str
    cases: Mapping[str, str]
    otherwise: str


@dataclass(frozen=True)
class Call(_Step):
    """Goes through a shared procedure, then on to `next`."""

    procedure: str
    next: str


@dataclass(frozen=True)
class Do(_Step):
    """Runs a custom action. Its outcome (slot `procedure_outcome`) chooses the next step; none, or an unknown one, is
    `error`: Rasa swallows an action's exceptions, so this branch is never optional."""

    action: str
    outcomes: Mapping[str, str]
    error: str
    facts: tuple[str, ...] = ()
    """What its action may tell besides, by name."""


@dataclass(frozen=True)
class Resolve(_Step):
    """The good end."""

    text: Text


@dataclass(frozen=True)
class Escalate(_Step):
    """The end at a person. `note` is for the technician. None = the procedure's own value."""

    text: Text
    note: Text
    category: str | None = None
    team: str | None = None
    impact: int | None = None
    urgency: int | None = None
    reason: str = "escalated"


@dataclass(frozen=True)
class Return(_Step):
    """The end of a shared procedure: back to the caller."""


TurnStep = Ask | Instruct | Check
Step = Ask | Instruct | Check | Say | Branch | Call | Do | Resolve | Escalate | Return
TURN_STEPS = (Ask, Instruct, Check)
END_STEPS = (Resolve, Escalate, Return)


@dataclass(frozen=True)
class Procedure:
    """One file of `data/procedures`. A `shared` one is only called by others: nothing starts it, and it may `Return`.
    An `errand` is no trouble with IT: its good end solves nothing, and it needs no classification.
    impact and urgency: 1 (high) to 3 (low)."""

    id: str
    version: int
    title: Text
    summary: Text
    start: str
    steps: Mapping[str, Step]
    shared: bool = False
    errand: bool = False
    intents: tuple[str, ...] = ()
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    category: str | None = None
    team: str | None = None
    impact: int | None = None
    urgency: int | None = None


def kind(step: Step) -> str:
    """The step's name in YAML, JSON and the trace: ask, instruct, check, say, branch, call, do, resolve, …"""
    return type(step).__name__.lower()


def placeholders(step: Step) -> tuple[str, ...]:
    """The facts that the step's text mentions as `{fact}`."""
    text = getattr(step, "text", None)
    return tuple(dict.fromkeys(PLACEHOLDER.findall(f"{text.en} {text.nl}"))) if isinstance(text, Text) else ()


def successors(step: Step) -> tuple[str, ...]:
    """Every step id (of the same procedure) that may follow `step`, without doubles."""
    return tuple(dict.fromkeys(target for _, target in edges(step)))


def edges(step: Step) -> Iterator[tuple[str, str]]:
    """(name of the field in YAML, target) of every edge."""
    if isinstance(step, TURN_STEPS):
        for choice in step.choices:
            yield choice.option.id, choice.next
        yield from _present(("unknown", step.unknown), ("skip", step.skip))
    if isinstance(step, (Ask, Say, Call)):
        yield from _present(("next", step.next))
    if isinstance(step, Branch):
        yield from step.cases.items()
        yield "otherwise", step.otherwise
    if isinstance(step, Do):
        yield from step.outcomes.items()
        yield "error", step.error


def _present(*pairs: tuple[str, str | None]) -> Iterator[tuple[str, str]]:
    for name, target in pairs:
        if target is not None:
            yield name, target


@dataclass(frozen=True)
class Catalogue:
    """Everything the policy knows: one JSON file inside the model."""

    procedures: Mapping[str, Procedure]
    sentences: Mapping[str, Text] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    standard: Mapping[str, Option] = field(default_factory=dict)
    """The options every procedure shares: yes, no, done, cannot."""
    impacts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Fact -> answer -> the impact a ticket then has at least (1 is the highest), whichever procedure it is."""
    common: tuple[str, ...] = ()
    """The procedures most asked for: offered when nothing better is known."""

    def step(self, procedure: str, step: str) -> Step:
        """Raises KeyError when there is no such step (any more)."""
        return self.procedures[procedure].steps[step]

    def button_title(self, button: str) -> Text:
        """The title of `start:<procedure>` or `command:<name>`."""
        kind, _, name = button.partition(":")
        return self.procedures[name].title if kind == "start" else self.sentences[f"button_{name}"]

    def fact_title(self, fact: str, value: str) -> Text:
        """How a fact's value is called: the title of the option that gives it, else the customer's own words."""
        return self._fact_titles.get((fact, value)) or Text(value, value)

    @cached_property
    def _fact_titles(self) -> dict[tuple[str, str], Text]:
        own_last = sorted(self.procedures.values(), key=lambda p: p.shared)  # a shared question words it for all
        asks = (s for p in own_last for s in p.steps.values() if isinstance(s, Ask) and s.fact)
        return {(ask.fact or "", c.option.id): c.option.title for ask in asks for c in ask.choices}

    def by_intent(self, intent: str) -> str | None:
        """The id of the procedure that `intent` starts, or None."""
        return self._started_by.get(intent)

    def called_by(self, procedure: str) -> frozenset[str]:
        """The procedures that it calls, and those that they call."""
        return self._calls.get(procedure, frozenset())

    @cached_property
    def _calls(self) -> dict[str, frozenset[str]]:
        return {name: frozenset(self._reached(name)) - {name} for name in self.procedures}

    def _reached(self, start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            name = waiting.pop()
            if name not in seen and name in self.procedures:
                seen.add(name)
                waiting.extend(s.procedure for s in self.procedures[name].steps.values() if isinstance(s, Call))
        return seen

    @cached_property
    def _started_by(self) -> dict[str, str]:
        return {intent: procedure.id for procedure in self.procedures.values() for intent in procedure.intents}
