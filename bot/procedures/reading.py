"""Reads a customer's message at this point of the conversation: `read(catalogue, state, turn, asides) -> Command`.

Order while a question is pending: the pressed button; the whole text as one of the step's own answers; a command or
another topic that the classifier is sure of; an answer somewhere in the text; anything else. None means: not ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.procedures import commands as c
from bot.procedures import corrections
from bot.procedures.buttons import UNKNOWN_OPTION, pressed
from bot.procedures.corrections import told_in
from bot.procedures.listed import late, of_a_list
from bot.procedures.match import CONTAINED, FUZZY, Match, match, normalise, starts_with_any, strip_words
from bot.procedures.model import TURN_STEPS, Ask, Catalogue, Check, Option, Text, TurnStep
from bot.procedures.opening import told
from bot.procedures.state import Problem, Run, State
from bot.procedures.topics import (
    DEFAULT_THRESHOLDS,
    SHOWN,
    URGENT,
    Thresholds,
    close,
    problem,
    problems,
    ranked,
    several,
    urgent_first,
)
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
BEYOND_INTENT = "other_problem"
"""A problem with IT that no procedure covers."""
NO_ASIDES = frozenset({*COMMAND_INTENTS, BEYOND_INTENT, "affirm", "deny", "nlu_fallback", "out_of_scope"})
"""Intents that are read here, whatever the domain has an answer for."""

_FAREWELL_INTENT = "goodbye"
_GREETING_INTENT = "greet"
_OUTSIDE_INTENT = "out_of_scope"
_LANGUAGE_INTENT = "change_language"
_VAGUE_INTENT = "vague_problem"
_NOTHING = Text("", "")
_YES_NO = {"affirm": ("yes", "done"), "deny": ("no", "cannot")}


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
class _Reader:
    catalogue: Catalogue
    state: State
    turn: Turn
    asides: Mapping[str, str]
    thresholds: Thresholds

    def read(self) -> c.Command | None:
        if self.turn.choice:
            return self._pressed(self.turn.choice)
        run = self.state.top
        step = self.catalogue.step(*run.spot) if run else None
        confirmed = self._confirmed()
        if confirmed is not None:
            return confirmed
        if run is None:
            return self._returned() if self.turn.returned else self._idle()
        if isinstance(step, TURN_STEPS):
            return self._in_step(run, step)
        return self._command() or c.Repeat()  # an action was cut off: it is run again

    def _confirmed(self) -> c.Confirm | None:
        """Yes or no to what was proposed; anything else is read as if nothing had been."""
        if self.state.proposal is None:
            return None
        options = [self.catalogue.standard[name] for name in ("yes", "no")]
        found = match(self.turn.text, options, self.catalogue.words)
        if found is not None:
            return c.Confirm(found.option == "yes")
        intent, confidence = self.turn.top
        sure = intent in _YES_NO and confidence >= self.thresholds.command
        return c.Confirm(intent == "affirm") if sure else None

    def _pressed(self, choice: str) -> c.Command:
        return pressed(self.catalogue, self.state, choice, self.turn.entities)

    # ---- a question is pending -------------------------------------------------------------------------------------

    def _in_step(self, run: Run, step: TurnStep) -> c.Command:
        if late(self.catalogue, self.state, self.turn):
            return c.Late()
        of_list = of_a_list(self.catalogue, self.state, self.turn, self.thresholds) if run.listed else None
        if of_list is not None:
            return of_list
        works = None if isinstance(step, Check) else self._works(step)
        if works is not None:
            return works
        named = self._named(step)
        if named is not None:
            return named
        found = match(self.turn.text, self._options(step), self.catalogue.words)
        if found is None or found.score == FUZZY:  # "since monday" is no slip for "since today"
            found = told_in(self.catalogue, self.turn.text, step) or found
        if found is not None and found.score >= FUZZY:
            return self._answered_by(found)
        return (
            self._waiting()
            or self._language()
            or self._taken_back(run, step)
            or self._command(self.thresholds.certain if self._opens(step) else None)
            or self._unknown()
            or self._urgent()
            or self._small_talk(step)
            or self._free(step)
            or self._offered()
            or self._contained(found)
            or self._yes_no(step)
            or self._digression()
            or corrections.earlier(self.catalogue, run, self.turn.text)
            or self._not_understood()
        )

    def _options(self, step: TurnStep) -> list[Option]:
        """Those of the buttons, "I don't know" included; an open question has none to be numbered."""
        options = [choice.option for choice in step.choices]
        run = self.state.top
        if run is not None and isinstance(step, Ask) and step.offered:
            options += [_found(value, title) for value, title in run.options]
        if options and isinstance(step, Ask) and step.unknown:
            options.append(Option(UNKNOWN_OPTION, self.catalogue.sentences["button_unknown"]))
        return options

    def _opens(self, step: TurnStep) -> bool:
        """Whether any text is an answer."""
        return isinstance(step, Ask) and not self._options(step)

    def _answered_by(self, found: Match) -> c.Command:
        return c.Unknown() if found.option == UNKNOWN_OPTION else self._answer(found.option)

    def _answer(self, option: str) -> c.Answer:
        """With what else the message tells."""
        run = self.state.top
        step = self.catalogue.step(*run.spot) if run else None
        own = step.fact if isinstance(step, Ask) else None
        facts = {name: value for name, value in self.turn.entities.items() if name != own}
        return c.Answer(
            option, also=problems(self.catalogue, self.turn.segments, self.thresholds, self.turn.letter), told=facts
        )

    def _waiting(self) -> c.Command | None:
        rest = starts_with_any(self.turn.text, self.catalogue.words.wait)
        return c.Wait() if rest == "" else None

    def _works(self, step: TurnStep) -> c.Works | None:
        """Said of the trouble rather than of the question: to a question only when nothing else was said, to an
        instruction also among other words, unless a "but" could follow."""
        words = self.catalogue.words
        found = match(self._undismissed(), self._how_it_works(), words, strict=True)
        if found is None or (isinstance(step, Ask) and step.verbatim):
            return None
        clauses = not set(normalise(self.turn.text).split()).isdisjoint(words.conjunction)
        if found.score < FUZZY and (isinstance(step, Ask) or clauses):
            return None
        return c.Works(found.option == "yes")

    def _undismissed(self) -> str:
        """ "Never mind, it works again": what is left without the beginning."""
        return starts_with_any(self.turn.text, self.catalogue.words.dismiss) or self.turn.text

    def _how_it_works(self) -> list[Option]:
        words = self.catalogue.words
        return [Option("yes", _NOTHING, words.solved), Option("no", _NOTHING, words.unsolved)]

    def _taken_back(self, run: Run, pending: TurnStep) -> c.Command | None:
        """ "Sorry, I meant no": an earlier answer first, then the pending question."""
        words = self.catalogue.words
        rest = starts_with_any(self.turn.text, words.correction)
        if not rest:
            return None
        rest = strip_words(rest, words.article)
        anew = isinstance(self._digression(), c.Start)
        corrected = corrections.another_answer(self.catalogue, run, rest, least=FUZZY if anew else CONTAINED)
        if corrected is not None or anew:
            return corrected
        found = match(rest, self._options(pending), self.catalogue.words)
        if found is not None:
            return self._answered_by(found)
        return corrections.the_other(self.catalogue, run, rest) or corrections.told_anew(
            self.catalogue, run, rest, self.turn.entities
        )

    def _language(self) -> c.Command | None:
        """ "Could you go on in English" holds "go on", and is no answer."""
        intent, confidence = self.turn.top
        known = intent == _LANGUAGE_INTENT and intent in self.asides and confidence >= self.thresholds.digress
        return c.Aside(self.asides[intent]) if known else None

    def _command(self, least: float | None = None) -> c.Command | None:
        """What forgets everything also needs a word for it: no guess of the classifier is worth that."""
        intent, confidence = self.turn.top
        command = COMMAND_INTENTS.get(intent) if confidence >= (least or self.thresholds.command) else None
        return command if not isinstance(command, c.Restart) or self._names_restart() else None

    def _names_restart(self) -> bool:
        said = f" {normalise(self.turn.text)} "
        return any(f" {normalise(word)} " in said for word in self.catalogue.words.restart)

    def _unknown(self) -> c.Command | None:
        """The words of the button, at steps that do not show it."""
        title = self.catalogue.sentences["button_unknown"]
        return c.Unknown() if normalise(self.turn.text) in (normalise(title.en), normalise(title.nl)) else None

    def _free(self, step: TurnStep) -> c.Command | None:
        text = self.turn.text.strip()
        if isinstance(step, Ask) and step.unknown and self._says_no():  # "which code was it?" – "none"
            return c.Unknown()
        return self._answer(text[:500]) if self._opens(step) and text else None

    def _says_no(self) -> bool:
        """Nothing but a no."""
        options = [self.catalogue.standard[name] for name in ("no", "cannot")]
        phrases = {normalise(p) for o in options for p in (o.title.en, o.title.nl, *o.synonyms)}
        return strip_words(normalise(self.turn.text), self.catalogue.words.filler) in phrases

    def _contained(self, found: Match | None) -> c.Command | None:
        """Not when something is taken back ("no wait, …"): that is about another question, or a new thought."""
        taken_back = starts_with_any(self.turn.text, self.catalogue.words.correction)
        if found is None or taken_back or self._is_news(found):
            return None
        return self._answered_by(found)

    def _is_news(self, found: Match) -> bool:
        """ "My printer does not print": a yes or no in the middle of another problem answers nothing."""
        option = self.catalogue.standard.get(found.option)
        if option is None or starts_with_any(self.turn.text, (option.title.en, option.title.nl, *option.synonyms)):
            return False
        other = self._digression()
        return isinstance(other, c.Start) and other.procedure not in self._begun()

    def _yes_no(self, step: TurnStep) -> c.Command | None:
        intent, confidence = self.turn.top
        for option in _YES_NO.get(intent, ()) if confidence >= self.thresholds.command else ():
            if step.choice(option) is not None:
                return self._answer(option)
        return None

    def _named(self, step: TurnStep) -> c.Command | None:
        """Something of the kind asked for, offered or not: "FL-1002" is no slip for the FL-1042 that is offered."""
        asked = isinstance(step, Ask) and step.offered and step.fact in self.turn.entities
        return self._answer(self.turn.entities[step.fact or ""]) if asked and isinstance(step, Ask) else None

    def _small_talk(self, step: TurnStep) -> c.Command | None:
        """A question of the customer's, or an errand, is no answer to an open question, when it surely is one."""
        intent, confidence = self.turn.top
        procedure = self.catalogue.by_intent(intent)
        errand = procedure is not None and self.catalogue.procedures[procedure].errand
        sure = self._opens(step) and (errand or intent in self.asides) and confidence >= self.thresholds.certain
        return self._digression() if sure else None

    def _urgent(self) -> c.Command | None:
        """What must not be taken for an answer to an open question."""
        procedure = self.catalogue.by_intent(self.turn.top[0])
        urgent = procedure is not None and self.catalogue.procedures[procedure].urgency == URGENT
        return self._digression() if urgent else None

    def _digression(self) -> c.Command | None:
        intent, confidence = self.turn.top
        near = close(self.catalogue, self.turn.ranking, self.thresholds, least=self.thresholds.digress)
        if near and self._begun().isdisjoint(near):
            return self._which(near)
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

    def _which(self, near: tuple[str, ...]) -> c.Command:
        """Asked of the customer, unless one of them cannot wait for the answer."""
        urgent = [name for name in near if self.catalogue.procedures[name].urgency == URGENT]
        return self._start(urgent[0]) if urgent else c.Clarify(near)

    def _begun(self) -> set[str]:
        return {self.state.run(r).procedure for r in self.state.stack}

    def _start(self, procedure: str) -> c.Start:
        """With the other problems that the message speaks of."""
        found = self._several()
        if not found:
            one = problem(self.catalogue, procedure, self.turn.text, self.turn.entities, self.turn.letter)
            others = problems(self.catalogue, self.turn.segments, self.thresholds, True) if self.turn.letter else ()
            found = urgent_first(self.catalogue, (one, *(each for each in others if each.procedure != procedure)))
        return c.Start(found[0].procedure, found[0].facts, also=found[1:], already=found[0].already)

    def _several(self) -> tuple[Problem, ...]:
        """Two or more problems of a chat's message. A mail tells of one, and announces the others."""
        return () if self.turn.letter else several(self.catalogue, self.turn.segments, self.thresholds)

    # ---- nothing is pending ----------------------------------------------------------------------------------------

    def _idle(self) -> c.Command | None:
        intent, confidence = self.turn.top
        works = match(self._undismissed(), self._how_it_works(), self.catalogue.words, strict=True)
        if works is not None and works.score >= FUZZY:
            return c.Works(works.option == "yes")
        found = self._several()
        if found and not isinstance(self._command(), c.Human):
            return self._start(found[0].procedure)
        near = close(self.catalogue, self.turn.ranking, self.thresholds, least=self.thresholds.start)
        if near:
            return self._told_apart(near) or self._which(near)
        procedure = self.catalogue.by_intent(intent)
        if procedure is not None and confidence >= self.thresholds.start:
            return self._start(procedure)
        offered = self._offered() or self._symptom()
        if offered is not None:
            return offered
        if intent == BEYOND_INTENT and confidence >= self.thresholds.start:
            return c.Beyond()
        if self.turn.letter and intent == _VAGUE_INTENT and confidence >= self.thresholds.start:
            return c.Vague()
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
        return self._told_apart(self._topics())

    def _told_apart(self, topics: tuple[str, ...]) -> c.Command | None:
        found = [topic for topic in topics if told(self.catalogue, topic, self.turn.text)]
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
            return self._pressed(offered[0])
        return c.NotUnderstood() if len(offered) > 1 else c.Repeat()

    def _offered(self) -> c.Command | None:
        """The number or the title of a button that was shown besides a question's answers."""
        options = [Option(button, self.catalogue.button_title(button)) for button in self.state.offered]
        found = match(self.turn.text, options, self.catalogue.words)
        return self._pressed(found.option) if found and found.score >= FUZZY else None

    def _not_understood(self) -> c.NotUnderstood:
        intent, confidence = self.turn.top
        outside = intent == _OUTSIDE_INTENT
        sure = outside and confidence >= self.thresholds.start
        if self.turn.letter:  # whoever takes the trouble to write a mail is not turned away on a guess
            outside = sure
        return c.NotUnderstood(() if sure else self._topics(), out_of_scope=outside)

    def _topics(self) -> tuple[str, ...]:
        """The procedures it might be about, likeliest first."""
        found = ranked(self.catalogue, self.turn.ranking, self.thresholds.topic)
        return tuple(name for name, _ in found)[:SHOWN]


def _found(value: str, title: str) -> Option:
    """What an action found: it is also called by its value, that without letters before it, and the title's rest."""
    rest = title.removeprefix(value)
    return Option(value, Text(title, title), tuple(name for name in (value, value.rpartition("-")[2], rest) if name))
