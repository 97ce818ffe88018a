"""Reads what a customer says of instructions that were told at once, and mails that come too late. Pure."""

from __future__ import annotations

from bot.procedures import commands as c
from bot.procedures.buttons import pressed
from bot.procedures.match import FUZZY, is_number, match, normalise, strip_words
from bot.procedures.model import Catalogue, Option
from bot.procedures.speak import list_buttons
from bot.procedures.state import State
from bot.procedures.told import as_list
from bot.procedures.topics import Thresholds, problems
from bot.procedures.tried import tried
from bot.procedures.turn import Turn

_PERSON_INTENT = "human"


def late(catalogue: Catalogue, state: State, turn: Turn) -> bool:
    """A mail that may answer an earlier one: it says "2" or "yes", and the pending question was put in the chat."""
    if not turn.letter or state.by_letter:
        return False
    said = strip_words(normalise(turn.text), catalogue.words.filler)
    each = (match(said, [option], catalogue.words, strict=True) for option in catalogue.standard.values())
    return is_number(said) or any(found is not None and found.score >= FUZZY for found in each)


def of_a_list(catalogue: Catalogue, state: State, turn: Turn, thresholds: Thresholds) -> c.Command | None:
    """What became of the instructions of the active run's list: by a button's title or number, else in their words.
    None: the message does not say."""
    run = state.top
    if run is None:
        return None
    options = [Option(payload, title) for payload, title in list_buttons(catalogue, as_list(catalogue, run))]
    found = match(turn.text, options, catalogue.words)
    if found is not None and found.score >= FUZZY:
        return pressed(catalogue, state, found.option, turn.entities)
    results = tried(turn.text, len(run.listed), catalogue.words)
    if results is None:
        return None
    intent, confidence = turn.top
    person = intent == _PERSON_INTENT and confidence >= thresholds.command
    also = problems(catalogue, turn.segments, thresholds, turn.letter)
    return c.Tried(results, run.id, also, turn.entities, person)
