"""When the assistant is not sure: likely topics as buttons, the question in other words, in the end a person.

In letters there is no ladder: what could be meant is asked once, and what is not understood goes to a person.
"""

from __future__ import annotations

from dataclasses import replace

from bot.procedures import commands as c
from bot.procedures.effects import Result, SaySentence
from bot.procedures.model import TURN_STEPS, TurnStep
from bot.procedures.state import Run, State
from bot.procedures.walk import Walk

TOPICS_SHOWN = 4
_LEAST_UNKNOWN = 2
"""That they do not know is understood: they are told how to find out before a person is called."""


class Fallback(Walk):
    """Three rungs: say it otherwise (with an example), likely topics as buttons, a person."""

    person = ("command:human",)

    def clarify(self, state: State, topics: tuple[str, ...]) -> Result:
        """Two or three topics are about as likely: the customer says which."""
        if self._asked_enough(state):
            return self._give_up(state)
        state = replace(state, questions=state.questions + 1)
        if state.top is not None:
            return self.offer(replace(state, misses=0), topics, "clarify_switch", "command:resume", after=self.person)
        return self.offer(replace(state, misses=0), topics, "clarify", after=self.person)

    def vague(self, state: State) -> Result:
        """Something does not work, and nobody can tell what."""
        if self._asked_enough(state):
            return self._give_up(state)
        state = replace(state, questions=state.questions + 1, misses=0)
        return self.offer(state, self.startable(), "vague", after=self.person)

    def _asked_enough(self, state: State) -> bool:
        return self.style.questions is not None and state.questions >= self.style.questions

    def _give_up(self, state: State) -> Result:
        return self.to_a_person(state, "not_understood", SaySentence("giving_up"))

    def not_understood(self, state: State, command: c.NotUnderstood | c.Beyond) -> Result:
        """A rung further up, unless the problem is known to be beyond the procedures."""
        if isinstance(command, c.Beyond):
            if state.top is None:
                return self.offer(replace(state, misses=0), (), "beyond", *self.person)
            command = c.NotUnderstood()
        if self.style.letters:
            return self._unclear_letter(state, command)
        chat = command.out_of_scope and state.top is None  # no trouble in sight that a person should be called for
        limit = self.style.misses
        state = replace(state, misses=min(state.misses + 1, limit - 1 if chat else limit))
        if state.misses >= limit:
            return self._give_up(state)
        if state.top is not None:
            return self._not_understood_in(state, state.top, command)
        if not state.offered and (command.topics or state.misses == 2):
            return self.offer(state, command.topics or self.startable(), "clarify", after=self.person)
        buttons = (*self.topic_buttons(), *self.person)
        if command.out_of_scope:
            return state, (SaySentence("out_of_scope", buttons=buttons),)
        return state, (SaySentence("rephrase", self.startable()[:1], buttons=buttons),)

    def _unclear_letter(self, state: State, command: c.NotUnderstood) -> Result:
        """What is surely no matter of IT is told so once: that too is a question what they mean."""
        if command.out_of_scope and state.top is None and not self._asked_enough(state):
            buttons = (*self.topic_buttons(), *self.person)
            state = replace(state, questions=state.questions + 1, offered=buttons)
            return state, (SaySentence("out_of_scope", buttons=buttons),)
        state = replace(state, misses=state.misses + 1)
        if state.misses >= self.style.misses:
            return self._give_up(state)
        return state, (SaySentence("rephrase", self.startable()[:1], buttons=self.person), *self.question(state))

    def _not_understood_in(self, state: State, run: Run, command: c.NotUnderstood) -> Result:
        if state.misses == 2:
            topics = command.topics or self.startable()
            return self.offer(state, topics, "clarify_in_step", "command:resume", after=self.person)
        step = self.catalogue.step(*run.spot)
        helped = (self.speak(run, "help"),) if isinstance(step, TURN_STEPS) and step.help else ()
        return state, (SaySentence("rephrase_step", spot=run.spot, buttons=self.person), *helped, *self.question(state))

    def no_answer_known(self, state: State, run: Run, step: TurnStep) -> Result:
        """ "I don't know" at a step that says nothing of it."""
        state = replace(state, misses=state.misses + 1)
        if state.misses >= max(self.style.misses, _LEAST_UNKNOWN):
            return self._give_up(state)
        if state.misses == 1 and step.help:
            return state, (self.speak(run, "help"), *self.question(state))
        return state, (SaySentence("unknown_offer", buttons=self.person), *self.question(state))

    def offer(
        self, state: State, topics: tuple[str, ...], sentence: str, *before: str, after: tuple[str, ...] = ()
    ) -> Result:
        """Buttons for the topics that are not being worked on already."""
        held = {state.run(r).procedure for r in state.stack}
        starts = [f"start:{t}" for t in topics if t not in held][:TOPICS_SHOWN]
        buttons = (*before, *starts, *after)
        return replace(state, offered=buttons), (SaySentence(sentence, buttons=buttons),)

    def startable(self) -> tuple[str, ...]:
        """The procedures that a customer can begin, the most asked for first."""
        return self.catalogue.common or tuple(p.id for p in self.catalogue.procedures.values() if not p.shared)

    def topic_buttons(self) -> tuple[str, ...]:
        """A few of them, to choose from."""
        return tuple(f"start:{t}" for t in self.startable()[:TOPICS_SHOWN])
