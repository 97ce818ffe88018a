"""A message as it was parsed, made ready for `bot.procedures.reading`. Needs nothing of Rasa: the policy uses it, and
so does whoever asks what the policy would make of a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.procedures.mining import SINCE_FACT, says_since
from bot.procedures.model import Catalogue
from bot.procedures.reading import NO_ASIDES
from bot.procedures.topics import Ranking, Segment
from bot.procedures.turn import Turn

NOT_OURS = ("restart", "back", "session_start")
"""Intents by which Rasa itself is commanded."""


def turn_of(
    catalogue: Catalogue,
    text: str,
    parsed: Mapping[str, Any],
    choice: str | None = None,
    returned: bool = False,
    letter: bool = False,
    files: int = 0,
) -> Turn:
    """`parsed`: `intent_ranking` (or `intent`), `entities` and `segments` as the components leave them."""
    entities = parsed.get("entities") or ()
    if letter:
        entities = [each for each in entities if _tells(catalogue, text, each)]
    return Turn(
        text=text,
        choice=choice,
        ranking=_ranking(parsed.get("intent_ranking") or [parsed.get("intent") or {}]),
        returned=returned,
        entities=_facts(entities),
        letter=letter,
        files=files,
        segments=tuple(_segment(each, entities) for each in parsed.get("segments") or ()),
    )


def _tells(catalogue: Catalogue, text: str, entity: Mapping[str, Any]) -> bool:
    """Of the times that a mail mentions those that say since when it is so."""
    start, end = entity.get("start", 0), entity.get("end", 0)
    return entity.get("entity") != SINCE_FACT or says_since(catalogue, text[start:end], text[:start])


def asides_of(catalogue: Catalogue, intents: Iterable[str], actions: Iterable[str]) -> dict[str, str]:
    """Intents that have an answer of their own among the domain's actions: `utter_<intent>` or `action_<intent>`."""
    own = {intent for procedure in catalogue.procedures.values() for intent in procedure.intents}
    known = set(actions)
    found = {}
    for intent in set(intents) - own - NO_ASIDES - set(NOT_OURS):
        action = next((each for each in (f"utter_{intent}", f"action_{intent}") if each in known), None)
        if action is not None:
            found[intent] = action
    return found


def _ranking(ranking: Iterable[Mapping[str, Any]]) -> Ranking:
    return tuple((each["name"], each.get("confidence") or 0.0) for each in ranking if each.get("name"))


def _segment(segment: Mapping[str, Any], entities: Iterable[Mapping[str, Any]]) -> Segment:
    """A part of the message, with the entities that stand in it."""
    first, last = segment["start"], segment["start"] + len(segment["text"])
    within = [each for each in entities if first <= each.get("start", -1) < last]
    return Segment(segment["text"], _ranking(segment["ranking"]), _facts(within))


def _facts(entities: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Of several of a kind the first: "Excel crashes when I paste from Word" is about Excel."""
    found: dict[str, str] = {}
    for each in entities:
        if each.get("value") is not None:
            found.setdefault(each["entity"], str(each["value"]))
    return found
