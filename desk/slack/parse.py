"""What technicians do in Slack, made of what Slack sends: buttons, forms, messages in threads. Pure.

A message is internal unless it begins with exactly ``>>``; everything that is not recognised is nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.shortcodes import shown
from desk.model.slack import Person
from desk.slack import marks

Payload = Mapping[str, Any]

_REPLY = re.compile(r"\s*>>(?!>)\s*(.*)", re.DOTALL)
_REFERENCE = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_WRITTEN = frozenset({None, "file_share", "thread_broadcast", "me_message"})
"""Kinds of messages that somebody wrote."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button."""

    person: Person
    action: str
    value: str
    channel: str
    thread: str
    """Slack's name of the card's message."""
    trigger: str
    """Lets a form be opened, for three seconds."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form that was filled in."""

    person: Person
    form: str
    id: str
    """Slack's id of the form: the same one sent twice is sent once."""
    kept: str
    """`private_metadata`."""
    values: Mapping[str, str]
    chosen: frozenset[str]
    """What was ticked, in all fields."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message in a thread."""

    person: Person
    channel: str
    thread: str
    ts: str
    text: str
    """As its writer sees it."""
    files: Sequence[Payload]
    """What was added to it, as Slack has it."""
    reply: str | None = None
    """What is to go to the customer, with our marks; None: nothing is."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A message in a thread was changed or deleted by who had written it."""

    person: Person
    channel: str
    thread: str
    ts: str
    text: str | None
    """As its writer sees it now; None: it was deleted."""

    @property
    def is_like_reply(self) -> bool:
        """Whether it looks as if it went to the customer."""
        return self.text is not None and reply_in(self.text) is not None


def reply_in(text: str) -> str | None:
    """What a text says to the customer; None when it is internal. ``>>>``, which quotes in Slack, is internal."""
    found = _REPLY.fullmatch(text)
    return found[1].rstrip() if found else None


def reply(message: Payload) -> str | None:
    """What a message says to the customer, with our marks for those that Slack has; None when it is internal."""
    said = reply_in(words(message))
    if said is None:
        return None
    blocks, text = message.get("blocks"), str(message.get("text") or "")
    # Whether it is a reply is told by what is said; a mark around the brackets shall not lose it.
    written = marks.of_blocks(blocks)
    marked = written.replace("\x00", "") if written is not None else readable(marks.of_text(text))
    found = reply_in(shown(marked, blocks))
    return said if found is None else found


def words(message: Payload) -> str:
    """What stands in a message, as its writer sees it."""
    return readable(shown(str(message.get("text") or ""), message.get("blocks")))


def files(message: Payload) -> list[Payload]:
    """The files in a message, as Slack has them."""
    return [one for one in message.get("files") or () if isinstance(one, dict)]


def readable(text: str) -> str:
    """A text as its writer sees it: Slack marks links and mentions with angle brackets and escapes the rest."""
    return html.unescape(_REFERENCE.sub(_shown, text)).replace("\x00", "")


def _shown(found: re.Match[str]) -> str:
    target, label = found[1], found[2]
    if target.startswith("!"):
        return label or "@" + target[1:].partition("^")[0]
    if target[:1] in {"@", "#"}:
        return target[0] + label.lstrip("@#") if label else target
    target = target.removeprefix("mailto:").removeprefix("tel:")
    return target if not label or label in target else f"{label} ({target})"


def pressed(body: Payload) -> Pressed | None:
    """What a ``block_actions`` payload says."""
    actions = body.get("actions") or []
    if not actions:
        return None
    container = body.get("container") or {}
    message = body.get("message") or {}
    ts = str(container.get("message_ts") or message.get("ts") or "")
    thread = str(message.get("thread_ts") or container.get("thread_ts") or ts)
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    return Pressed(
        _person(body),
        str(actions[0].get("action_id", "")),
        str(actions[0].get("value", "")),
        channel,
        thread,
        str(body.get("trigger_id", "")),
    )


def _person(body: Payload) -> Person:
    """Who acts, with their own workspace: in a shared channel it may be another one than the card's."""
    user, team = body.get("user") or {}, body.get("team") or {}
    return Person(str(user.get("team_id") or team.get("id") or ""), str(user.get("id") or ""))


def submitted(body: Payload) -> Submitted:
    """What a ``view_submission`` payload says."""
    view = body["view"]
    values: dict[str, str] = {}
    chosen: set[str] = set()
    for block, elements in (view.get("state") or {}).get("values", {}).items():
        for element in elements.values():
            option = element.get("selected_option") or {}
            values[block] = str(element.get("value") or option.get("value") or "")
            chosen |= {str(each["value"]) for each in element.get("selected_options") or ()}
    form, kept = str(view.get("callback_id", "")), str(view.get("private_metadata", ""))
    return Submitted(_person(body), form, str(view["id"]), kept, values, frozenset(chosen))


def command(body: Payload) -> tuple[Person, str]:
    """Who typed the command, and what stands behind it."""
    person = Person(str(body.get("team_id") or ""), str(body.get("user_id") or ""))
    return person, str(body.get("text") or "").strip()


def message(body: Payload) -> Said | Changed | None:
    """What a ``message`` event says about a thread; None when it is in none, or no person wrote it."""
    event = body.get("event") or {}
    subtype, workspace = event.get("subtype"), str(body.get("team_id") or "")
    if subtype in {"message_changed", "message_deleted"}:
        return _changed(event, workspace)
    if subtype not in _WRITTEN or event.get("bot_id") or event.get("hidden") or not event.get("user"):
        return None
    thread, ts = event.get("thread_ts"), event.get("ts")
    if not thread or thread == ts:
        return None
    person = Person(str(event.get("user_team") or event.get("team") or workspace), str(event["user"]))
    where = str(event["channel"]), str(thread), str(ts)
    return Said(person, *where, words(event), files(event), reply(event))


def _changed(event: Payload, workspace: str) -> Changed | None:
    before, after = event.get("previous_message") or {}, event.get("message") or {}
    if before.get("bot_id") or not before.get("user") or not before.get("thread_ts"):
        return None
    # A preview of a link that was added changes the message too.
    if after and after.get("text") == before.get("text"):
        return None
    gone = not after or after.get("subtype") == "tombstone"
    text = None if gone else words(after)
    person = Person(str(before.get("user_team") or before.get("team") or workspace), str(before["user"]))
    return Changed(person, str(event["channel"]), str(before["thread_ts"]), str(before["ts"]), text)
