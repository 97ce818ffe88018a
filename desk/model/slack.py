"""The technicians' console in Slack: where cards stand, and what is known of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from desk.model.technician import Technician

_PLACE = re.compile(r"(?:([TE][A-Z0-9]{1,30})/)?([CG][A-Z0-9]{1,30})")


@dataclass(frozen=True, slots=True)
class Place:
    """A channel in Slack. Without a workspace: of the only one there is."""

    channel: str
    workspace: str = ""

    def __str__(self) -> str:
        return f"{self.workspace}/{self.channel}" if self.workspace else self.channel


def read_place(text: str) -> Place:
    """A channel as administrators write it: ``C0123ABC``, or with its workspace ``T0123ABC/C0123ABC``.

    Raises:
        ValueError: it is nothing of the kind.
    """
    found = _PLACE.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    return Place(found[2], found[1] or "")


class Announcer(Protocol):
    """Tries a channel out."""

    async def announce(self, place: Place, name: str, language: str) -> str | None:
        """Post there that handovers to the team `name` will appear; what Slack calls the reason why not, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack, as Slack knows them. Who that is at the desk was proved by a code, or is unknown."""

    workspace: str
    user: str

    def __str__(self) -> str:
        return f"{self.workspace}/{self.user}"


@dataclass(frozen=True, slots=True)
class Linked:
    """A technician's account in Slack."""

    person: Person
    technician: Technician
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """What people in a channel see of one conversation: a message, and the thread below it."""

    id: int
    conversation: int
    place: Place
    ts: str | None
    """Slack's name of the message; None until it is posted."""
    open: bool
    """It follows the conversation. One card of a conversation does; the ones before it stay as they were."""
    began: int
    """Number of the conversation's newest message when the card was made: what is below opens the thread."""
    seq: int
    """The thread has every message up to this number."""
    shown: str
    """A digest of the card as it stands in Slack."""
    state: str
    """The state that the thread was told last."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """One message of the conversation in a card's thread."""

    message: int
    seq: int
    ts: str | None
    """Slack's name of what we posted; None when nothing was, or not yet."""
    source: str | None
    """What the technician wrote it by in Slack: a message, or a submitted form; None when it came from elsewhere."""
    delivery: str | None
    """How its delivery stands there; None where nothing is said about it."""

    @property
    def typed(self) -> bool:
        """Whether somebody typed it into the thread; what a form brought is not seen there by itself."""
        return self.source is not None and self.source[:1].isdigit()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A card that one worker keeps in step, until its lease ends."""

    card: Card
    worker: str
    attempts: int
    unsure: bool
    """Whoever had it before was cut off: something may have been posted that is not recorded."""
