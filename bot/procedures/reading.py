"""Reads a customer's message at this point of the conversation: `read(catalogue, state, turn, asides) -> Command`.

Order while a question is pending: the pressed button; the whole text as one of the step's own answers; a command or
another topic that the classifier is sure of; an answer somewhere in the text; anything else. None means: not ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.procedures import commands as c
from bot.procedures.match import FUZZY, match, normalise
from bot.procedures.meaning import COMMAND_INTENTS, VAGUE_INTENT, YES_NO, Meaning
from bot.procedures.model import TURN_STEPS, Catalogue, TurnStep
from bot.procedures.opening import told
from bot.procedures.pending import Pending
from bot.procedures.state import Run, State
from bot.procedures.topics import DEFAULT_THRESHOLDS, Thresholds, close
from bot.procedures.turn import Turn

BEYOND_INTENT = "other_problem"
"""A problem with IT that no procedure covers."""
NO_ASIDES = frozenset({*COMMAND_INTENTS, BEYOND_INTENT, "affirm", "deny", "nlu_fallback", "out_of_scope"})
"""Intents that are read here, whatever the domain has an answer for."""

_GREETING_INTENT = "greet"


def read(
    catalogue: Catalogue,
    state: State,
    turn: Turn,
    asides: Mapping[str, str],
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> c.Command | None:
    """`asides`: intent -> the action that answers it. With nothing pending these are left to others (None)."""
    return _Reader(catalogue, state, turn, asides, thresholds).read()


@dataclass(frozen=True)
class _Reader(Meaning):
    def read(self) -> c.Command | None:
        if self.turn.choice:
            return self.pressed(self.turn.choice)
        run = self.state.top
        step = self.catalogue.step(*run.spot) if run else None
        confirmed = self._confirmed()
        if confirmed is not None:
            return confirmed
        if run is None:
            return self._returned() if self.turn.returned else self._idle()
        if isinstance(step, TURN_STEPS):
            return self._pending(run, step)
        return self.command() or c.Repeat()  # an action was cut off: it is run again

    def _confirmed(self) -> c.Confirm | None:
        """Yes or no to what was proposed; anything else is read as if nothing had been."""
        if self.state.proposal is None:
            return None
        options = [self.catalogue.standard[name] for name in ("yes", "no")]
        found = match(self.turn.text, options, self.catalogue.words)
        if found is not None:
            return c.Confirm(found.option == "yes")
        intent, confidence = self.turn.top
        sure = intent in YES_NO and confidence >= self.thresholds.command
        return c.Confirm(intent == "affirm") if sure else None

    def _pending(self, run: Run, step: TurnStep) -> c.Command:
        return Pending(self.catalogue, self.state, self.turn, self.asides, self.thresholds, run, step).read()

    def _idle(self) -> c.Command | None:
        intent, confidence = self.turn.top
        works = self.works()
        if works is not None and works.score >= FUZZY:
            return c.Works(works.option == "yes")
        showing = self.showing()
        if showing is not None:
            return showing
        found = self.several()
        if found and not isinstance(self.command(), c.Human):
            return self.start(found[0].procedure)
        near = close(self.catalogue, self.turn.ranking, self.thresholds, least=self.thresholds.start)
        if near:
            return self._told_apart(near) or self.which(near)
        procedure = self.catalogue.by_intent(intent)
        if procedure is not None and confidence >= self.thresholds.start:
            return self.start(procedure)
        offered = self.offered() or self._symptom()
        if offered is not None:
            return offered
        if intent == BEYOND_INTENT and confidence >= self.thresholds.start:
            return c.Beyond()
        if self.turn.letter and intent == VAGUE_INTENT and confidence >= self.thresholds.start:
            return c.Vague()
        if intent in self.asides and confidence >= self.thresholds.start:
            return None
        return self.command() or self._yes_no_idle() or self.not_understood()

    def _returned(self) -> c.Command | None:
        """Whoever was just helped by a technician is no stranger: no greeting, no "I do not understand"."""
        command = self._idle()
        if isinstance(command, (c.Repeat, c.NotUnderstood)):
            return c.Returned()
        return c.Returned() if command is None and self.turn.top[0] == _GREETING_INTENT else command

    def _symptom(self) -> c.Command | None:
        """The classifier is unsure, but the words name a symptom of a procedure that it thinks possible."""
        return self._told_apart(self.topics())

    def _told_apart(self, topics: tuple[str, ...]) -> c.Command | None:
        found = [topic for topic in topics if told(self.catalogue, topic, self.turn.text)]
        return self.start(found[0]) if len(found) == 1 else None

    def _yes_no_idle(self) -> c.Command | None:
        intent, confidence = self.turn.top
        if intent not in YES_NO or confidence < self.thresholds.command:
            return None
        offered = self.state.offered
        if intent == "deny":
            failing = not set(normalise(self.turn.text).split()).isdisjoint(self.catalogue.words.failing)
            return c.Works(False) if failing else c.Decline()
        if len(offered) == 1:
            return self.pressed(offered[0])
        return c.NotUnderstood() if len(offered) > 1 else c.Repeat()
