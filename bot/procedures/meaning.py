"""What a message may mean, whether or not a question is pending; `bot.procedures.reading` decides which it is. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.procedures import commands as c
from bot.procedures.buttons import pressed
from bot.procedures.match import FUZZY, Match, match, normalise, starts_with_any
from bot.procedures.model import Catalogue, Option, Text
from bot.procedures.state import Problem, State
from bot.procedures.topics import SHOWN, URGENT, Thresholds, problem, problems, ranked, several, urgent_first
from bot.procedures.turn import Turn

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
VAGUE_INTENT = "vague_problem"
YES_NO = {"affirm": ("yes", "done"), "deny": ("no", "cannot")}
"""What is answered by saying yes or no: ids of options, the likelier first."""

_OUTSIDE_INTENT = "out_of_scope"
_NOTHING = Text("", "")


@dataclass(frozen=True)
class Meaning:
    """A message at this point of the conversation. A method that gives None: it does not mean that."""

    catalogue: Catalogue
    state: State
    turn: Turn
    asides: Mapping[str, str]
    """intent -> the action that answers it"""
    thresholds: Thresholds

    def pressed(self, choice: str) -> c.Command:
        """What a button stands for."""
        return pressed(self.catalogue, self.state, choice, self.turn.entities)

    def works(self) -> Match | None:
        """ "Never mind, it works again": yes or no to the question whether it does, which nobody asked."""
        words = self.catalogue.words
        told = starts_with_any(self.turn.text, words.dismiss) or self.turn.text
        options = [Option("yes", _NOTHING, words.solved), Option("no", _NOTHING, words.unsolved)]
        return match(told, options, words, strict=True)

    def showing(self) -> c.Showing | None:
        """Nothing but that files came with it; which is nothing without files."""
        words = self.catalogue.words
        rest = starts_with_any(self.turn.text, words.showing) if self.turn.files else None
        return c.Showing() if rest is not None and set(words.showing_more).issuperset(rest.split()) else None

    def command(self, least: float | None = None) -> c.Command | None:
        """What forgets everything also needs a word for it: no guess of the classifier is worth that."""
        intent, confidence = self.turn.top
        command = COMMAND_INTENTS.get(intent) if confidence >= (least or self.thresholds.command) else None
        return command if not isinstance(command, c.Restart) or self._names_restart() else None

    def _names_restart(self) -> bool:
        said = f" {normalise(self.turn.text)} "
        return any(f" {normalise(word)} " in said for word in self.catalogue.words.restart)

    def which(self, near: tuple[str, ...]) -> c.Command:
        """Asked of the customer, unless one of them cannot wait for the answer."""
        urgent = [name for name in near if self.catalogue.procedures[name].urgency == URGENT]
        return self.start(urgent[0]) if urgent else c.Clarify(near)

    def start(self, procedure: str) -> c.Start:
        """With the other problems that the message speaks of."""
        found = self.several()
        if not found:
            announced = problems(self.catalogue, self.turn.segments, self.thresholds, True) if self.turn.letter else ()
            others = [each for each in announced if each.procedure != procedure]
            one = problem(self.catalogue, procedure, *self._without(others), self.turn.letter)
            found = urgent_first(self.catalogue, (one, *others))
        return c.Start(found[0].procedure, found[0].facts, also=found[1:], already=found[0].already)

    def _without(self, others: Collection[Problem]) -> tuple[str, Mapping[str, str]]:
        """The message, and what the lexicon found in it, but for what is said of other problems."""
        text, entities = self.turn.text, dict(self.turn.entities)
        for each in others:
            text = text.replace(each.said, "")
        of_others = [each.entities for each in self.turn.segments if any(other.said in each.text for other in others)]
        told = {name: value for name, value in entities.items() if all(own.get(name) != value for own in of_others)}
        return text, told

    def several(self) -> tuple[Problem, ...]:
        """Two or more problems of a chat's message. A mail tells of one, and announces the others."""
        return () if self.turn.letter else several(self.catalogue, self.turn.segments, self.thresholds)

    def offered(self) -> c.Command | None:
        """The number or the title of a button that was shown besides a question's answers."""
        options = [Option(button, self.catalogue.button_title(button)) for button in self.state.offered]
        found = match(self.turn.text, options, self.catalogue.words)
        return self.pressed(found.option) if found and found.score >= FUZZY else None

    def not_understood(self) -> c.NotUnderstood:
        """With what it might be about, unless it surely is nothing of ours."""
        intent, confidence = self.turn.top
        outside = intent == _OUTSIDE_INTENT
        sure = outside and confidence >= self.thresholds.start
        if self.turn.letter:  # whoever takes the trouble to write a mail is not turned away on a guess
            outside = sure
        return c.NotUnderstood(() if sure else self.topics(), out_of_scope=outside)

    def topics(self) -> tuple[str, ...]:
        """The procedures it might be about, likeliest first."""
        found = ranked(self.catalogue, self.turn.ranking, self.thresholds.topic)
        return tuple(name for name, _ in found)[:SHOWN]
