"""A conversation with the procedures alone: the customer types, and in the end the diagnosis is told.

The assistant's messages are those of the product, with numbered buttons. What Rasa would do is left out or asked for:
intents are guessed (`guess.py`), and the player says how an action ends.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.procedures.advance import advance
from bot.procedures.buttons import COMMAND_BUTTONS
from bot.procedures.commands import Outcome
from bot.procedures.effects import Effects, OpenTicket, RunAction, SaySentence, SayStep
from bot.procedures.model import Catalogue, Do, Procedure
from bot.procedures.reading import read
from bot.procedures.secrets import gives_password
from bot.procedures.speak import Message, merge, say
from bot.procedures.state import State
from bot.procedures.turn import Turn
from firstline.procedures.diagnosis import diagnosis
from firstline.procedures.dialogue import Dialogue
from firstline.procedures.guess import Guesser, sure
from firstline.procedures.texts import texts


def play(
    catalogue: Catalogue,
    dialogue: Dialogue,
    procedure: Procedure | None,
    language: str,
    message: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Play until nothing is asked any more, or nothing more is typed. `procedure` begins at once, as if the customer
    had written `message`; without a procedure the first message decides. `facts` are told with it."""
    player = _Player(catalogue, dialogue, language)
    player.begin(procedure, message, facts or {})
    dialogue.say(*diagnosis(catalogue, player.state, language))


class _Player:
    """The conversation as it stands: `state`, and the buttons of the last message."""

    def __init__(self, catalogue: Catalogue, dialogue: Dialogue, language: str) -> None:
        self.catalogue, self.dialogue, self.language = catalogue, dialogue, language
        self.state = State()
        self._texts = texts(language)
        self._guesser = Guesser(catalogue)
        self._commands = " ".join(f":{name}" for name in self._guesser.commands)
        self._buttons: list[dict[str, str]] = []
        self._messages = 0

    def begin(self, procedure: Procedure | None, message: str | None, facts: Mapping[str, str]) -> None:
        self._tell("hello", commands=self._commands)
        if message is None and procedure is None:
            titles = [p.title.to(self.language) for p in self.catalogue.procedures.values() if not p.shared]
            self._tell("opening", titles=", ".join(titles))
            message = self.dialogue.hear()
        if message is None and procedure is None:
            return
        choice = f"start:{procedure.id}" if procedure and message is None else None
        ranking = sure(procedure.intents[0]) if procedure else self._guesser.ranking(message or "")
        going = self._turn(Turn(message or "", choice, ranking, dict(facts)))
        while going and (text := self.dialogue.hear()) is not None:
            turn = self._heard(text)
            going = turn is None or self._turn(turn)

    def _heard(self, text: str) -> Turn | None:
        """A pressed button, a command or a sentence; None for a command that does not exist."""
        if text.isdecimal() and 0 < int(text) <= len(self._buttons):
            button = self._buttons[int(text) - 1]
            return Turn(button["title"], button["payload"])
        if not text.startswith(":"):
            return Turn(text, ranking=self._guesser.ranking(text))
        try:
            name = text[1:].lower()
            payload = f"command:{name}" if name in COMMAND_BUTTONS else None
            return Turn("", payload, self._guesser.command(name))
        except KeyError:
            self._tell("no_command", command=text, commands=self._commands)
            return None

    def _turn(self, turn: Turn) -> bool:
        """Answer one message of the customer. Whether the conversation goes on."""
        command = read(self.catalogue, self.state, turn, self._guesser.asides)
        if command is None:
            self._tell("left_to_rasa")
            return True
        self._messages += 1
        self.state, effects = advance(self.catalogue, self.state, command, str(self._messages))
        if gives_password(turn.text, self.catalogue.words):
            effects = (SaySentence("secret_seen"), *effects)
        while (awaited := self._show(effects)) is not None:
            self._tell("action", action=awaited.action)
            outcome = self._outcome()
            if outcome is None:
                return False
            self.state, effects = advance(self.catalogue, self.state, outcome, str(self._messages))
        return self.state.handover is None and bool(self.state.stack or self._buttons or not self.state.runs)

    def _show(self, effects: Effects) -> RunAction | None:
        """Say what is to be said, as one message; the action that is to be waited for, or None."""
        said: list[Message] = []
        awaited = None
        for effect in effects:
            if isinstance(effect, (SayStep, SaySentence)):
                message = say(self.catalogue, effect, self.language)
                said.extend([message] if message else [])
            elif isinstance(effect, RunAction) and effect.awaited:
                awaited = effect
            elif isinstance(effect, RunAction):
                self._tell("left_to_rasa")
        message = merge(said)
        self._buttons = message["buttons"]
        if message["text"] or self._buttons:
            titles = [button["title"] for button in self._buttons]
            self.dialogue.say(*message["text"].split("\n"), *_numbered(titles))
        if any(isinstance(effect, OpenTicket) for effect in effects):
            self._ticket()
        return awaited

    def _outcome(self) -> Outcome | None:
        """How the player lets the awaited action end; None when nothing more is typed."""
        run = self.state.top
        step = self.catalogue.step(*run.spot) if run else None
        known = [*step.outcomes] if isinstance(step, Do) else []
        choices = [*known, "error"]
        self.dialogue.say(*_numbered(choices))
        while (text := self.dialogue.hear()) is not None:
            picked = choices[int(text) - 1] if text.isdecimal() and 0 < int(text) <= len(choices) else text
            if picked in choices:
                return Outcome(picked if picked in known else None)
            self._tell("no_outcome")
        return None

    def _ticket(self) -> None:
        handover = self.state.handover
        shown = ("reason", "category", "team", "impact", "urgency")
        values = {name: getattr(handover, name) for name in shown}
        told = ", ".join(f"{name} {value}" for name, value in values.items() if value is not None)
        self._tell("ticket", values=told)

    def _tell(self, name: str, **values: str) -> None:
        self.dialogue.say(self._texts[name].format(**values))


def _numbered(titles: list[str]) -> list[str]:
    return [f"  [{number}] {title}" for number, title in enumerate(titles, 1)]
