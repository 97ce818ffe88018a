"""How messages stand in the transcript: under which day, continuing whom, and delivered or not. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from desk.model.conversation import Message
from desk.model.work import WorkState

_CONTINUES_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Line:
    """One message in the transcript."""

    message: Message
    new_day: datetime | None
    """A moment of the day that begins with this message."""
    continued: bool
    """The same person goes on: their name need not stand there again."""


def lines(messages: Sequence[Message], zone: tzinfo, after: int = 0) -> list[Line]:
    """The messages numbered above `after`; the ones before them only tell what the first of them continues."""
    found: list[Line] = []
    before: Message | None = None
    for message in messages:
        if message.seq > after:
            new = before is None or _day(message, zone) != _day(before, zone)
            found.append(Line(message, message.created_at if new else None, not new and _continues(before, message)))
        before = message
    return found


def _day(message: Message, zone: tzinfo) -> date:
    return message.created_at.astimezone(zone).date()


def _continues(before: Message | None, message: Message) -> bool:
    return (
        before is not None
        and (before.author, before.technician, before.internal)
        == (message.author, message.technician, message.internal)
        and message.created_at - before.created_at < _CONTINUES_WITHIN
    )


def standing(message: Message) -> str | None:
    """A word for the state of delivery, or None when there is nothing left to happen."""
    if message.delivery in {None, WorkState.DONE.value}:
        return None
    if message.delivery == WorkState.CLAIMED.value:
        # For people the same as waiting: it would only flicker.
        return WorkState.PENDING.value
    return "retrying" if message.delivery == WorkState.PENDING.value and message.delivery_error else message.delivery


def last_edit(messages: Iterable[Message]) -> str:
    """When the last of `messages` was changed, as text that the browser gives back."""
    return max((m.edited_at.isoformat() for m in messages if m.edited_at is not None), default="")


def edited(messages: Iterable[Message], shown: str, up_to: int) -> list[Message]:
    """Messages the browser shows (up to number `up_to`) that were changed after what `last_edit` was then."""
    return [m for m in messages if m.seq <= up_to and m.edited_at is not None and m.edited_at.isoformat() > shown]


def unsettled(messages: Iterable[Message]) -> dict[int, str]:
    """What is not yet delivered, by number."""
    return {message.seq: standing(message) or "" for message in messages if standing(message)}


def written(states: Mapping[int, str]) -> str:
    """`states` as one line of text, which the browser gives back: ``7:pending 9:failed``."""
    return " ".join(f"{seq}:{state}" for seq, state in states.items())


def read(text: str) -> dict[int, str]:
    """The reverse of `written`; whatever is not of that form is left out."""
    return {int(seq): state for seq, state in re.findall(r"(?<!\S)([0-9]{1,9}):([a-z]+)(?!\S)", text)}


def moved(messages: Iterable[Message], shown: Mapping[int, str], up_to: int) -> list[Message]:
    """Messages the browser shows (up to number `up_to`) whose delivery is not as it shows it."""
    return [m for m in messages if m.seq <= up_to and standing(m) != shown.get(m.seq)]
