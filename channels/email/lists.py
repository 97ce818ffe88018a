"""Lists, such as a group at Google or Microsoft, or Mailman: our own, through which customers' mail comes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from email.message import Message

from channels.email import headers, people
from channels.letter import Person

_NAMING = ("list-post", "list-unsubscribe", "list-subscribe", "list-help", "list-owner")
"""Fields in which a list gives addresses of its own, as ``<mailto:…>``."""
_PLAIN = ("x-beenthere", "x-mailing-list", "sender", "return-path")
_ONCE = ("list-id", "list-post", "list-unsubscribe")
"""A list writes them once: what has them twice came from another list."""
_MAX_FIELD = 2_000
_MAX_FIELDS = 20
_MAILTO = re.compile(r"<\s*mailto:([^<>?\s]{3,320})", re.IGNORECASE)
_LIST_ID = re.compile(r"<([^<>\s]{3,320})>|([^<>\s]{3,320})\s*\Z")
_LIST_NAMED = re.compile(r"\blist\s+([^\s;<>]+@[^\s;<>]+)", re.IGNORECASE)
_HELPER = re.compile(r"-(?:bounces?|request|owner|owners|join|leave|subscribe|unsubscribe|help|confirm|admin)\Z")
_VIA = re.compile(r"\s+via\s+\S.*\Z", re.IGNORECASE)


def is_through_own(message: Message, own: Set[str]) -> bool:
    """Whether `message` came through a list that is one of our addresses (`own`, lower case), and through no other."""
    ids = _ids(message)
    dotted = {address.replace("@", ".") for address in own}
    if any(name not in dotted for name in ids):
        return False
    if any(len(message.get_all(name) or []) > 1 and not _all_own(message, name, own) for name in _ONCE):
        return False
    return bool(ids) or any(_is_own(address, own) for address in _addresses(message))


def poster(message: Message, own: Set[str]) -> Person | None:
    """Who wrote a mail in which one of our own lists put itself in the sender's place; None when it did not.

    Lists do so for domains whose mail nobody else may send (DMARC).
    """
    written = next(iter(people.named_in(message, "from")), None)
    if written is None or not people.is_own(written.address, own) or not is_through_own(message, own):
        return None
    # Google's group names the sender there, who may want answers somewhere else.
    fields = ["x-original-from"]
    if _VIA.search(written.name):
        fields += ["x-original-sender", "reply-to", "cc"]
    for name in fields:
        for person in people.named_in(message, name):
            if person.address and not people.is_own(person.address, own):
                return Person(person.address, person.name or _VIA.sub("", written.name).strip("'\""))
    return None


def _ids(message: Message) -> list[str]:
    found = [_LIST_ID.search(headers.decode(value)) for value in _values(message, "list-id")]
    return [(one[1] or one[2]).lower() for one in found if one]


def _addresses(message: Message) -> Iterator[str]:
    for name in _NAMING:
        for value in _values(message, name):
            yield from _MAILTO.findall(value)
    for value in _values(message, "mailing-list"):
        yield from _LIST_NAMED.findall(value)
    for name in _PLAIN:
        yield from (person.address for person in people.named_in(message, name))


def _all_own(message: Message, name: str, own: Set[str]) -> bool:
    if name == "list-id":
        return True  # looked at before
    named = [_MAILTO.findall(value) for value in _values(message, name)]
    return all(any(_is_own(address, own) for address in addresses) for addresses in named)


def _values(message: Message, name: str) -> list[str]:
    return [str(value)[:_MAX_FIELD] for value in (message.get_all(name) or [])[:_MAX_FIELDS]]


def _is_own(address: str, own: Set[str]) -> bool:
    """Whether `address` is one of ours, or what a list there has for its business (``support-bounces``)."""
    local, _, domain = people.without_extension(address).rpartition("@")
    return people.is_own(address, own) or f"{_HELPER.sub('', local).removeprefix('owner-')}@{domain}" in own
