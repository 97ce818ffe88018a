"""Reads a customer's message at this point of the conversation: `read(catalogue, state, turn, asides) -> Command`.

Order while a question is pending: the pressed button; the whole text as one of the step's own answers; a command or
another topic that the classifier is sure of; an answer somewhere in the text; anything else. None means: not ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.procedures import commands as c
from bot.procedures.match import CONTAINED, FUZZY, Match, match, mentioned, normalise, starts_with_any
from bot.procedures.model import TURN_STEPS, Ask, Catalogue, Check, Option, Text, TurnStep
from bot.procedures.state import Run, Spot, State, Visit

COMMAND_INTENTS: Mapping[str, c.Command] = {
    "human": c.Human(),
    "cancel": c.Cancel(),
    "go_back": c.GoBack(),
    "skip": c.Skip(),
    "dont_know": c.Unknown(),
    "why": c.Explain(),
    "how": c.Help(),
    "repeat": c.Repeat(),
    "restart_conversation": c.Restart(),
}
COMMAND_BUTTONS: Mapping[str, c.Command] = {
    "human": c.Human(),
    "cancel": c.Cancel(),
    "back": c.GoBack(),
    "skip": c.Skip(),
    "explain": c.Explain(),
    "repeat": c.Repeat(),
    "resume": c.Repeat(),
    "restart": c.Restart(),
}
BEYOND_INTENT = "other_problem"
"""A problem with IT that no procedure covers."""
UNKNOWN_OPTION = "unknown"
"""The option id of the "I don't know" button; no procedure may use it."""

_FAREWELL_INTENT = "goodbye"
_GREETING_INTENT = "greet"
_VAGUE_INTENT = "vague_problem"
_NOTHING = Text("", "")
_YES_NO = {"affirm": ("yes", "done"), "deny": ("no", "cannot")}
_TOPICS = 3


@dataclass(frozen=True)
class Thresholds:
    """Confidences (0..1) from which an intent is acted upon."""

    start: float = 0.45
    """A procedure, while nothing is pending."""
    digress: float = 0.65
    """Another procedure, or an aside, while a question is pending."""
    command: float = 0.5
    topic: float = 0.08
    """Worth being offered as a button."""


@dataclass(frozen=True)
class Turn:
    """One message. `ranking`: (intent, confidence), best first; `entities`: name -> value; `returned`: a technician has
    given the conversation back just before it."""

    text: str
    choice: str | None = None
    ranking: tuple[tuple[str, float], ...] = ()
    entities: Mapping[str, str] = field(default_factory=dict)
    returned: bool = False

    @property
    def top(self) -> tuple[str, float]:
        return self.ranking[0] if self.ranking else ("nlu_fallback", 0.0)


def read(
    catalogue: Catalogue,
    state: State,
    turn: Turn,
    asides: Mapping[str, str],
    thresholds: Thresholds = Thresholds(),
) -> c.Command | None:
    """`asides`: intent -> the action that answers it. With nothing pending these are left to others (None)."""
    return _Reader(catalogue, state, turn, asides, thresholds).read()


@dataclass(frozen=True)
class _Reader:
    catalogue: Catalogue
    state: State
    turn: Turn
    asides: Mapping[str, str]
    thresholds: Thresholds

    def read(self) -> c.Command | None:
        if self.turn.choice:
            return self._button(self.turn.choice)
        run = self.state.top
        step = self.catalogue.step(*run.spot) if run else None
        if run is None:
            return self._returned() if self.turn.returned else self._idle()
        if isinstance(step, TURN_STEPS):
            return self._in_step(run, step)
        return self._command() or c.Repeat()  # an action was cut off: it is run again

    # ---- buttons ---------------------------------------------------------------------------------------------------

    def _button(self, choice: str) -> c.Command:
        kind, _, rest = choice.partition(":")
        if kind == "answer" and rest.count(":") == 2:
            procedure, step, option = rest.split(":")
            return self._answer_button(Spot(procedure, step), option)
        if kind == "start" and rest in self.catalogue.procedures and not self.catalogue.procedures[rest].shared:
            return c.Start(rest, dict(self.turn.entities))
        if kind == "command" and rest in COMMAND_BUTTONS:
            return COMMAND_BUTTONS[rest]
        return c.Stale()

    def _answer_button(self, spot: Spot, option: str) -> c.Command:
        """The pending step of any unfinished run first (the active one before the others), then their trails."""
        runs = [self.state.run(r) for r in reversed(self.state.stack)]
        for run in runs:
            if run.spot == spot and self._offers(spot, option):
                return c.Unknown() if option == UNKNOWN_OPTION else c.Answer(option, run.id)
        for run in runs:
            visit = _last_visit(run, spot)
            if visit is not None and option != UNKNOWN_OPTION and self._offers(spot, option):
                return c.Correct(run.id, visit, option)
        return c.Stale()

    def _offers(self, spot: Spot, option: str) -> bool:
        step = self.catalogue.step(*spot)
        return isinstance(step, TURN_STEPS) and (option == UNKNOWN_OPTION or step.choice(option) is not None)

    # ---- a question is pending -------------------------------------------------------------------------------------

    def _in_step(self, run: Run, step: TurnStep) -> c.Command:
        works = None if isinstance(step, Check) else self._works(step)
        if works is not None:
            return works
        found = match(self.turn.text, self._options(step), self.catalogue.words) or self._told_in(self.turn.text, step)
        if found is not None and found.score >= FUZZY:
            return self._answered_by(found)
        return (
            self._waiting()
            or self._taken_back(run, step)
            or self._command()
            or self._unknown()
            or self._free(step)
            or self._offered()
            or self._contained(found)
            or self._yes_no(step)
            or self._digression()
            or self._earlier(run)
            or self._not_understood()
        )

    def _told_in(self, text: str, step: TurnStep) -> Match | None:
        """What would have answered the question in the first message answers it later too."""
        option = mentioned(text, step.opening, self.catalogue.words) if isinstance(step, Ask) else None
        return Match(option, CONTAINED) if option else None

    def _options(self, step: TurnStep) -> list[Option]:
        """Those of the buttons, "I don't know" included; an open question has none to be numbered."""
        options = [choice.option for choice in step.choices]
        if options and isinstance(step, Ask) and step.unknown:
            options.append(Option(UNKNOWN_OPTION, self.catalogue.sentences["button_unknown"]))
        return options

    def _answered_by(self, found: Match) -> c.Command:
        return c.Unknown() if found.option == UNKNOWN_OPTION else c.Answer(found.option)

    def _waiting(self) -> c.Command | None:
        rest = starts_with_any(self.turn.text, self.catalogue.words.wait)
        return c.Wait() if rest == "" else None

    def _works(self, step: TurnStep) -> c.Works | None:
        """Said of the trouble rather than of the question: to a question only when nothing else was said, to an
        instruction also among other words, unless a "but" could follow."""
        words = self.catalogue.words
        found = match(self.turn.text, self._how_it_works(), words, strict=True)
        if found is None:
            return None
        clauses = not set(normalise(self.turn.text).split()).isdisjoint(words.conjunction)
        if found.score < FUZZY and (isinstance(step, Ask) or clauses):
            return None
        return c.Works(found.option == "yes")

    def _how_it_works(self) -> list[Option]:
        words = self.catalogue.words
        return [Option("yes", _NOTHING, words.solved), Option("no", _NOTHING, words.unsolved)]

    def _taken_back(self, run: Run, pending: TurnStep) -> c.Command | None:
        """ "Sorry, I meant no": the last answer first, then the earlier ones, then the pending question."""
        rest = starts_with_any(self.turn.text, self.catalogue.words.correction)
        if not rest or isinstance(self._digression(), c.Start):
            return None
        for index, visit, step in self._answered(run):
            options = [choice.option for choice in step.choices]
            found = self._told_in(rest, step) or match(rest, options, self.catalogue.words)
            if found is not None and found.option != visit.answer:
                return c.Correct(run.id, index, found.option)
        found = match(rest, self._options(pending), self.catalogue.words)
        return self._answered_by(found) if found else None

    def _earlier(self, run: Run) -> c.Command | None:
        """A text that is exactly an answer to one earlier question (other than yes and no) corrects that one."""
        for index, visit, step in self._answered(run):
            if isinstance(step, Ask):
                found = match(self.turn.text, [choice.option for choice in step.choices], self.catalogue.words)
                if found and found.score >= FUZZY and found.option not in ("yes", "no", visit.answer):
                    return c.Correct(run.id, index, found.option)
        return None

    def _answered(self, run: Run) -> list[tuple[int, Visit, TurnStep]]:
        found = []
        for index, visit in reversed(list(enumerate(run.visits))):
            step = self.catalogue.step(*visit.spot)
            if not visit.superseded and isinstance(step, TURN_STEPS) and step.choices:
                found.append((index, visit, step))
        return found

    def _command(self) -> c.Command | None:
        intent, confidence = self.turn.top
        return COMMAND_INTENTS.get(intent) if confidence >= self.thresholds.command else None

    def _unknown(self) -> c.Command | None:
        """The words of the button, at steps that do not show it."""
        title = self.catalogue.sentences["button_unknown"]
        return c.Unknown() if normalise(self.turn.text) in (normalise(title.en), normalise(title.nl)) else None

    def _free(self, step: TurnStep) -> c.Command | None:
        text = self.turn.text.strip()
        return c.Answer(text[:500]) if isinstance(step, Ask) and not step.choices and text else None

    def _contained(self, found: Match | None) -> c.Command | None:
        """Not when something is taken back ("no wait, …"): that is about another question, or a new thought."""
        taken_back = starts_with_any(self.turn.text, self.catalogue.words.correction)
        return self._answered_by(found) if found and not taken_back else None

    def _yes_no(self, step: TurnStep) -> c.Command | None:
        intent, confidence = self.turn.top
        for option in _YES_NO.get(intent, ()) if confidence >= self.thresholds.command else ():
            if step.choice(option) is not None:
                return c.Answer(option)
        return None

    def _digression(self) -> c.Command | None:
        intent, confidence = self.turn.top
        if confidence < self.thresholds.digress:
            return None
        procedure = self.catalogue.by_intent(intent)
        if procedure is not None:
            return self._start(procedure)
        if intent == _VAGUE_INTENT:
            return c.Help()
        if intent not in self.asides:
            return None
        return c.Aside(self.asides[intent], ask_again=intent != _FAREWELL_INTENT)

    def _start(self, procedure: str) -> c.Start:
        return c.Start(procedure, {**self._told(procedure), **self.turn.entities})

    def _told(self, procedure: str) -> dict[str, str]:
        """What the opening message answers already, of the questions that allow it."""
        told = {}
        for step in self.catalogue.procedures[procedure].steps.values():
            if isinstance(step, Ask) and step.fact:
                found = mentioned(self.turn.text, step.opening, self.catalogue.words)
                if found is not None:
                    told[step.fact] = found
        return told

    # ---- nothing is pending ----------------------------------------------------------------------------------------

    def _idle(self) -> c.Command | None:
        intent, confidence = self.turn.top
        works = match(self.turn.text, self._how_it_works(), self.catalogue.words, strict=True)
        if works is not None and works.score >= FUZZY:
            return c.Works(works.option == "yes")
        procedure = self.catalogue.by_intent(intent)
        if procedure is not None and confidence >= self.thresholds.start:
            return self._start(procedure)
        offered = self._offered() or self._symptom()
        if offered is not None:
            return offered
        if intent == BEYOND_INTENT and confidence >= self.thresholds.start:
            return c.Beyond()
        if intent in self.asides and confidence >= self.thresholds.start:
            return None
        return self._command() or self._yes_no_idle() or self._not_understood()

    def _returned(self) -> c.Command | None:
        """Whoever was just helped by a technician is no stranger: no greeting, no "I do not understand"."""
        command = self._idle()
        if isinstance(command, (c.Repeat, c.NotUnderstood)):
            return c.Returned()
        return c.Returned() if command is None and self.turn.top[0] == _GREETING_INTENT else command

    def _symptom(self) -> c.Command | None:
        """The classifier is unsure, but the words name a symptom of a procedure that it thinks possible."""
        found = [topic for topic in self._topics() if self._told(topic)]
        return self._start(found[0]) if len(found) == 1 else None

    def _yes_no_idle(self) -> c.Command | None:
        intent, confidence = self.turn.top
        if intent not in _YES_NO or confidence < self.thresholds.command:
            return None
        offered = self.state.offered
        if intent == "deny":
            failing = not set(normalise(self.turn.text).split()).isdisjoint(self.catalogue.words.failing)
            return c.Works(False) if failing else c.Decline()
        if len(offered) == 1:
            return self._button(offered[0])
        return c.NotUnderstood() if len(offered) > 1 else c.Repeat()

    def _offered(self) -> c.Command | None:
        """The number or the title of a button that was shown besides a question's answers."""
        options = [Option(button, self.catalogue.button_title(button)) for button in self.state.offered]
        found = match(self.turn.text, options, self.catalogue.words)
        return self._button(found.option) if found and found.score >= FUZZY else None

    def _not_understood(self) -> c.NotUnderstood:
        return c.NotUnderstood(self._topics(), out_of_scope=self.turn.top[0] == "out_of_scope")

    def _topics(self) -> tuple[str, ...]:
        """The procedures it might be about, likeliest first."""
        ranked = (
            (self.catalogue.by_intent(intent), confidence)
            for intent, confidence in self.turn.ranking
            if confidence >= self.thresholds.topic
        )
        return tuple(dict.fromkeys(procedure for procedure, _ in ranked if procedure))[:_TOPICS]


def _last_visit(run: Run, spot: Spot) -> int | None:
    """Index of the visit of `spot` that holds."""
    return next((i for i in range(len(run.visits) - 1, -1, -1) if _holds(run.visits[i], spot)), None)


def _holds(visit: Visit, spot: Spot) -> bool:
    return visit.spot == spot and not visit.superseded
