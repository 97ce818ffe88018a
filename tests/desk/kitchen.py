"""A few procedures to go on with (a kettle, a lamp, and a pause that the kettle calls), and an assistant that does."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.procedures.advance import advance
from bot.procedures.commands import Command
from bot.procedures.loader import load
from bot.procedures.model import Catalogue
from bot.procedures.state import State
from bot.procedures.style import CHAT, Style
from bot.procedures.trace import procedures
from desk.engine import read_turn
from desk.model.conversation import Reason
from desk.model.turn import Turn
from tests.bot.procedures.conftest import KETTLE, LAMP, PAUSE, ROOT, VOCABULARY


@cache
def kitchen() -> Catalogue:
    """The procedures."""
    with TemporaryDirectory() as folder:
        for name, text in {"kettle": KETTLE, "pause": PAUSE, "lamp": LAMP, "_vocabulary": VOCABULARY}.items():
            (Path(folder) / f"{name}.yml").write_text(text, encoding="utf-8")
        return load(Path(folder), ROOT / "bot/texts")


def turn(*commands: Command, handover: Reason | None = None, resolved: bool = False, style: Style = CHAT) -> Turn:
    """What the desk reads when the assistant has carried out these commands, from nothing."""
    state = State()
    for number, command in enumerate(commands, start=1):
        state, _ = advance(kitchen(), state, command, str(number), style)
    answer = {
        "messages": [{"text": "…"}],
        "language": "en",
        "procedures": procedures(kitchen(), state, "en"),
        "procedure_state": state.to_json(),
        "handover": {"reason": handover.value} if handover else None,
        "resolved": resolved,
    }
    return read_turn(json.dumps(answer).encode())
