"""A catalogue to try things on, written as an author would write it, and a customer who talks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.procedures.advance import advance
from bot.procedures.commands import Command
from bot.procedures.effects import (
    Effects,
    OpenTicket,
    RunAction,
    SayAhead,
    SayList,
    SayMined,
    SaySentence,
    SayStep,
    SayTried,
)
from bot.procedures.loader import load
from bot.procedures.model import Catalogue
from bot.procedures.reading import read
from bot.procedures.speak import merge, say
from bot.procedures.state import State
from bot.procedures.style import CHAT, LETTER, Style
from bot.procedures.topics import Segment
from bot.procedures.turn import Turn

ROOT = Path(__file__).parents[3]
ASIDES = {"greet": "utter_greet", "ticket_status": "action_ticket_status"}

KETTLE = """\
id: kettle
version: 3
title: {en: Kettle stays cold, nl: Waterkoker blijft koud}
summary: {en: Let us warm it up., nl: We maken hem warm.}
examples: {en: [My kettle stays cold], nl: [Mijn waterkoker blijft koud]}
category: hardware
team: onsite
impact: 3
urgency: 2
start: plugged
steps:
  plugged:
    ask: {en: Is it plugged in?, nl: Zit de stekker erin?}
    why: {en: No power no heat., nl: Geen stroom geen warmte.}
    options:
      "yes": {next: kind}
      "no": {next: plug}
  plug:
    label: {en: Plug it in, nl: Stekker erin}
    instruct: {en: Plug it in., nl: Steek de stekker erin.}
    next: works
    cannot: place
  works:
    check: {en: Does it boil?, nl: Kookt hij?}
    yes: solved
    no: kind
  kind:
    ask: {en: Which kind is it?, nl: Welke soort is het?}
    fact: kettle_kind
    help: {en: Look at the label below., nl: Kijk op het etiket onderop.}
    options:
      steel:
        title: {en: Steel, nl: Staal}
        synonyms: {en: [metal], nl: [metaal]}
        next: sort
      glass:
        title: {en: Glass, nl: Glas}
        synonyms: {en: [see-through], nl: [doorzichtig]}
        next: sort
  sort:
    branch: kettle_kind
    cases: {steel: descale}
    otherwise: rest
  descale:
    say: {en: Steel likes chalk., nl: Staal houdt van kalk.}
    next: rest
  rest:
    call: pause
    next: place
  place:
    ask: {en: Where is it?, nl: Waar staat hij?}
    fact: place
    unknown: measure
    skippable: measure
    next: measure
  measure:
    do: action_measure
    outcomes: {warm: solved}
    error: person
  solved:
    resolve: {en: It is warm., nl: Hij is warm.}
  person:
    escalate: {en: Somebody comes., nl: Er komt iemand.}
    note: {en: Bring a kettle., nl: Neem een waterkoker mee.}
    urgency: 1
"""

PAUSE = """\
id: pause
version: 1
shared: true
title: {en: Pause, nl: Pauze}
summary: {en: We wait., nl: We wachten.}
start: off
steps:
  off:
    instruct: {en: Switch it off., nl: Zet hem uit.}
    next: on
  on:
    instruct: {en: Switch it on., nl: Zet hem aan.}
    next: back
    cannot: back
  back:
    return: true
"""

LAMP = """\
id: lamp
version: 1
title: {en: Lamp is dark, nl: Lamp is uit}
summary: {en: Let there be light., nl: Er zij licht.}
examples: {en: [My lamp is dark], nl: [Mijn lamp is uit]}
category: hardware
team: onsite
impact: 3
urgency: 3
start: bulb
steps:
  bulb:
    check: {en: Is there light with another bulb?, nl: Is er licht met een andere lamp?}
    yes: solved
    no: person
  solved:
    resolve: {en: Light., nl: Licht.}
  person:
    escalate: {en: Somebody comes., nl: Er komt iemand.}
    note: {en: Bring a lamp., nl: Neem een lamp mee.}
    reason: security
"""

FIRE = """\
id: fire
version: 1
title: {en: Fire, nl: Brand}
summary: {en: Keep calm., nl: Blijf kalm.}
examples: {en: [The kitchen burns], nl: [De keuken brandt]}
category: hardware
team: onsite
impact: 1
urgency: 1
start: out
steps:
  out:
    ask: {en: Is it out?, nl: Is het uit?}
    options:
      "yes": {next: person}
      "no": {next: person}
  person:
    escalate: {en: Somebody comes., nl: Er komt iemand.}
    note: {en: Bring water., nl: Neem water mee.}
"""

VOCABULARY = """\
categories: [hardware, network]
teams: [onsite, servicedesk]
impacts:
  place: {everywhere: 1}
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a folder of procedures: kettle, pause and lamp, changed as told (None leaves a file out)."""

    def _write(**changed: str | None) -> Path:
        files: dict[str, str | None] = {
            "_vocabulary": VOCABULARY, "kettle": KETTLE, "pause": PAUSE, "lamp": LAMP, **changed
        }  # fmt: skip
        for name, text in files.items():
            if text is not None:
                (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
        return tmp_path

    return _write


@pytest.fixture
def kitchen(write: Write) -> Catalogue:
    return load(write(), ROOT / "bot/texts")


@pytest.fixture(scope="session")
def shipped() -> Catalogue:
    return load(ROOT / "data/procedures", ROOT / "bot/texts")


@dataclass
class Chat:
    """Alice talks; what she hears is kept as the names of the sentences and steps."""

    catalogue: Catalogue
    state: State = field(default_factory=State)
    effects: Effects = ()
    command: Command | None = None
    style: Style = CHAT
    _messages: int = 0

    def by(self, style: Style) -> Chat:
        """Goes on in that style: by mail, or in the chat again."""
        self.style = style
        return self

    def says(self, text: str, intent: str = "nlu_fallback", confidence: float = 0.9, **entities: str) -> Chat:
        return self._turn(Turn(text, None, ((intent, confidence),), entities))

    def tells(self, *parts: tuple[str, str], sure: float = 0.9) -> Chat:
        """A message of several parts: (text, the intent of that part). The whole is taken for what the last part is."""
        segments = tuple(Segment(text, ((intent, sure),)) for text, intent in parts)
        return self._turn(Turn(" ".join(text for text, _ in parts), None, segments[-1].ranking, segments=segments))

    def tells_behind(self, before: str, text: str, intent: str) -> Chat:
        """`text` is a problem of its own, and `before` is none."""
        ranking = ((intent, 0.9),)
        return self._turn(Turn(f"{before} {text}", None, ranking, segments=(Segment(text, ranking),)))

    def shows(self, text: str, intent: str = "nlu_fallback") -> Chat:
        """A message with a file."""
        return self._turn(Turn(text, None, ((intent, 0.9),), files=1))

    def tells_all(self, *segments: Segment, text: str = "all of it") -> Chat:
        return self._turn(Turn(text, None, segments[-1].ranking, segments=segments))

    def mumbles(self, text: str, **ranking: float) -> Chat:
        return self._turn(Turn(text, None, tuple(ranking.items())))

    def presses(self, payload: str) -> Chat:
        return self._turn(Turn("", payload))

    def does(self, command: Command) -> Chat:
        self._messages += 1
        self.state = State.from_json(self.state.to_json())
        self.command = command
        self.state, self.effects = advance(self.catalogue, self.state, command, str(self._messages), self.style)
        return self

    def _turn(self, turn: Turn) -> Chat:
        turn = replace(turn, letter=self.style.letters)
        command = read(self.catalogue, self.state, turn, ASIDES)
        self.command = command
        if command is None:
            self.effects = ()
            return self
        return self.does(command)

    @property
    def hears(self) -> list[str]:
        names = []
        for effect in self.effects:
            if isinstance(effect, SayStep):
                names.append(effect.spot.step + ("" if effect.part == "text" else f"?{effect.part}"))
            elif isinstance(effect, SaySentence):
                names.append(f"“{effect.name}”")
            elif isinstance(effect, SayList):
                names.append(" ".join(f"{n}.{step.spot.step}" for n, (step, _) in enumerate(effect.items, start=1)))
            elif isinstance(effect, SayAhead):
                names.append(f"{effect.step.spot.step}+{effect.question.spot.step}")
            elif isinstance(effect, SayTried):
                names.append(" ".join(f"{spot.step}={result}" for spot, result in effect.results))
            elif isinstance(effect, SayMined):
                names.append(" ".join(f"{spot.step}:{answer}" for spot, answer in effect.answers))
            else:
                names.append(getattr(effect, "action", "ticket"))
        return names

    @property
    def trail(self) -> list[str]:
        assert self.state.runs
        return [visit.spot.step for visit in self.state.runs[-1].trail]


@pytest.fixture
def alice(kitchen: Catalogue) -> Chat:
    return Chat(kitchen)


@pytest.fixture
def bob(kitchen: Catalogue) -> Chat:
    """Writes mails."""
    return Chat(kitchen, style=LETTER)


def spoken(chat: Chat, language: str = "en") -> tuple[str, list[str]]:
    """What is said, and the titles of the buttons below."""
    found = [say(chat.catalogue, e, language) for e in chat.effects if not isinstance(e, (RunAction, OpenTicket))]
    message = merge(each for each in found if each)
    return message["text"], [button["title"] for button in message["buttons"]]


def results(chat: Chat) -> list[tuple[str, str | None]]:
    """The steps of the trail that the customer had a part in, and their answers."""
    return [(visit.spot.step, visit.answer) for visit in chat.state.runs[0].trail if visit.asked]
