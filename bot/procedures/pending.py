"""Reads a customer's message while a question, an instruction or a check is pending. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.procedures import commands as c
from bot.procedures import corrections
from bot.procedures.buttons import UNKNOWN_OPTION
from bot.procedures.corrections import told_in
from bot.procedures.listed import late, of_a_list
from bot.procedures.match import (
    CONTAINED,
    EXACT,
    FUZZY,
    STRIPPED,
    Match,
    clauses,
    match,
    normalise,
    starts_with_any,
    strip_words,
)
from bot.procedures.meaning import VAGUE_INTENT, YES_NO, Meaning
from bot.procedures.model import TURN_STEPS, Ask, Check, Option, Text, TurnStep
from bot.procedures.state import Run
from bot.procedures.told import ahead, cannot_ahead
from bot.procedures.topics import URGENT, close, problems

_FAREWELL_INTENT = "goodbye"
_LANGUAGE_INTENT = "change_language"
_LISTED = re.compile(r"\s*\d{1,2}[.)]\s")
"""The number of a list of problems, which answers nothing."""


@dataclass(frozen=True)
class Pending(Meaning):
    """A message at `step`, where the active run waits for the customer."""

    run: Run
    step: TurnStep

    def read(self) -> c.Command:
        """The first of the readings that holds; that it is not understood is the last."""
        if late(self.catalogue, self.state, self.turn):
            return c.Late()
        with_it = self._asked_with_it()
        if with_it is not None:
            return with_it
        before = self._answer_before()
        if before is not None:
            return before
        of_list = of_a_list(self.catalogue, self.state, self.turn, self.thresholds) if self.run.listed else None
        if of_list is not None:
            return of_list
        works = None if isinstance(self.step, Check) else self._works()
        if works is not None:
            return works
        named = self._named()
        if named is not None:
            return named
        found = match(self.turn.text, self._options(), self.catalogue.words)
        if found is None or found.score == FUZZY:  # "since monday" is no slip for "since today"
            found = told_in(self.catalogue, self.turn.text, self.step) or found
        if found is not None and found.score >= FUZZY:
            return self._answered_by(found)
        return (
            self._waiting()
            or self._showing()
            or self._language()
            or self._taken_back()
            or self.command(self.thresholds.certain if self._opens() else None)
            or self._unknown()
            or self._urgent()
            or self._small_talk()
            or self._free()
            or self.offered()
            or self._contained(found)
            or self._yes_no()
            or self._digression()
            or corrections.earlier(self.catalogue, self.run, self.turn.text)
            or self.not_understood()
        )

    def _answer_before(self) -> c.Answer | c.Tried | None:
        """ "2, and my scanner fails too": the answer counts, and the rest is another problem, for afterwards."""
        segments = self.turn.segments
        before = self.turn.text[: self.turn.text.find(segments[0].text)] if segments else ""
        said = clauses(before, self.catalogue.words)
        if not said or (len(segments) > 1 and _LISTED.match(self.turn.text)):
            return None
        announced = replace(self.thresholds, several=self.thresholds.start)
        also = problems(self.catalogue, segments, announced, self.turn.letter)
        if not also or self.catalogue.procedures[also[0].procedure].urgency == URGENT:
            return None
        turn = replace(self.turn, text=" ".join(said[0]), ranking=(), entities={}, segments=())
        answer = replace(self, turn=turn)._whole()
        return replace(answer, also=also) if isinstance(answer, (c.Answer, c.Tried)) else None

    def _asked_with_it(self) -> c.Command | None:
        """An answer to the question that a letter put with the pending instruction; or what became of this alone."""
        run = ahead(self.catalogue, self.state)
        step = self.catalogue.step(*run.spot) if run else None
        if run is None or not isinstance(step, TURN_STEPS):
            return None
        question = replace(self, state=self.state.with_run(run), run=run, step=step)
        own = None if question._whole() else self._own_words(question)
        if own is not None:
            return self._answer(own)
        answer = question.read()
        return c.Ahead(answer) if isinstance(answer, (c.Answer, c.Unknown)) else None

    def _own_words(self, question: Pending) -> str | None:
        """The answer to the instruction alone: in its words, or the number below those of the question put with it."""
        found = match(
            self.turn.text, [choice.option for choice in self.step.choices], self.catalogue.words, strict=True
        )
        if found is not None and found.score >= STRIPPED:
            return found.option
        cannot = cannot_ahead(self.catalogue, self.run.spot, question.run.spot)
        numbered = [*question._options(), cannot] if cannot else []
        found = match(self.turn.text, numbered, self.catalogue.words)
        return found.option if found is not None and cannot is not None and found == Match(cannot.id, EXACT) else None

    def _whole(self) -> c.Command | None:
        """The message is one of the step's answers, word for word."""
        if self.run.listed:
            return of_a_list(self.catalogue, self.state, self.turn, self.thresholds)
        found = match(self.turn.text, self._options(), self.catalogue.words)
        return self._answered_by(found) if found is not None and found.score >= STRIPPED else None

    def _options(self) -> list[Option]:
        """Those of the buttons, "I don't know" included; an open question has none to be numbered."""
        options = [choice.option for choice in self.step.choices]
        if isinstance(self.step, Ask) and self.step.offered:
            options += [_found(value, title) for value, title in self.run.options]
        if options and isinstance(self.step, Ask) and self.step.unknown:
            options.append(Option(UNKNOWN_OPTION, self.catalogue.sentences["button_unknown"]))
        return options

    def _opens(self) -> bool:
        """Whether any text is an answer."""
        return isinstance(self.step, Ask) and not self._options()

    def _answered_by(self, found: Match) -> c.Command:
        return c.Unknown() if found.option == UNKNOWN_OPTION else self._answer(found.option)

    def _answer(self, option: str) -> c.Answer:
        """With what else the message tells."""
        own = self.step.fact if isinstance(self.step, Ask) else None
        facts = {name: value for name, value in self.turn.entities.items() if name != own}
        return c.Answer(
            option, also=problems(self.catalogue, self.turn.segments, self.thresholds, self.turn.letter), told=facts
        )

    def _waiting(self) -> c.Command | None:
        rest = starts_with_any(self.turn.text, self.catalogue.words.wait)
        return c.Wait() if rest == "" else None

    def _works(self) -> c.Works | None:
        """Said of the trouble rather than of the question: to a question only when nothing else was said, to an
        instruction also among other words, unless a "but" could follow."""
        found = self.works()
        if found is None or (isinstance(self.step, Ask) and self.step.verbatim):
            return None
        joined = not set(normalise(self.turn.text).split()).isdisjoint(self.catalogue.words.conjunction)
        if found.score < FUZZY and (isinstance(self.step, Ask) or joined):
            return None
        return c.Works(found.option == "yes")

    def _taken_back(self) -> c.Command | None:
        """ "Sorry, I meant no": an earlier answer first, then the pending question."""
        words = self.catalogue.words
        rest = starts_with_any(self.turn.text, words.correction)
        if not rest:
            return None
        rest = strip_words(rest, words.article)
        anew = isinstance(self._digression(), c.Start)
        corrected = corrections.another_answer(self.catalogue, self.run, rest, least=FUZZY if anew else CONTAINED)
        if corrected is not None or anew:
            return corrected
        found = match(rest, self._options(), self.catalogue.words)
        if found is not None:
            return self._answered_by(found)
        return corrections.the_other(self.catalogue, self.run, rest) or corrections.told_anew(
            self.catalogue, self.run, rest, self.turn.entities
        )

    def _showing(self) -> c.Command | None:
        """Not where any text is an answer: there it is that of the files."""
        return None if self._opens() else self.showing()

    def _language(self) -> c.Command | None:
        """ "Could you go on in English" holds "go on", and is no answer."""
        intent, confidence = self.turn.top
        known = intent == _LANGUAGE_INTENT and intent in self.asides and confidence >= self.thresholds.digress
        return c.Aside(self.asides[intent]) if known else None

    def _unknown(self) -> c.Command | None:
        """The words of the button, at steps that do not show it."""
        title = self.catalogue.sentences["button_unknown"]
        return c.Unknown() if normalise(self.turn.text) in (normalise(title.en), normalise(title.nl)) else None

    def _free(self) -> c.Command | None:
        text = self.turn.text.strip()
        if isinstance(self.step, Ask) and self.step.unknown and self._says_no():  # "which code was it?" – "none"
            return c.Unknown()
        return self._answer(text[:500]) if self._opens() and text else None

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

    def _yes_no(self) -> c.Command | None:
        intent, confidence = self.turn.top
        for option in YES_NO.get(intent, ()) if confidence >= self.thresholds.command else ():
            if self.step.choice(option) is not None:
                return self._answer(option)
        return None

    def _named(self) -> c.Command | None:
        """Something of the kind asked for, offered or not: "FL-1002" is no slip for the FL-1042 that is offered."""
        asked = isinstance(self.step, Ask) and self.step.offered and self.step.fact in self.turn.entities
        return self._answer(self.turn.entities[self.step.fact or ""]) if asked and isinstance(self.step, Ask) else None

    def _small_talk(self) -> c.Command | None:
        """A question of the customer's, or an errand, is no answer to an open question, when it surely is one."""
        intent, confidence = self.turn.top
        procedure = self.catalogue.by_intent(intent)
        errand = procedure is not None and self.catalogue.procedures[procedure].errand
        sure = self._opens() and (errand or intent in self.asides) and confidence >= self.thresholds.certain
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
            return self.which(near)
        if confidence < self.thresholds.digress:
            return None
        procedure = self.catalogue.by_intent(intent)
        if procedure is not None:
            return self.start(procedure)
        if intent == VAGUE_INTENT:
            return c.Help()
        if intent not in self.asides:
            return None
        return c.Aside(self.asides[intent], ask_again=intent != _FAREWELL_INTENT)

    def _begun(self) -> set[str]:
        return {self.state.run(r).procedure for r in self.state.stack}


def _found(value: str, title: str) -> Option:
    """What an action found: it is also called by its value, that without letters before it, and the title's rest."""
    rest = title.removeprefix(value)
    return Option(value, Text(title, title), tuple(name for name in (value, value.rpartition("-")[2], rest) if name))
