"""Going on with a conversation on another channel, and proving by it who one is.

A code is given out where only the customer reads it (their chat, their mail); whoever brings it back on another channel
is taken to be the same person. It stands for one conversation and says itself until when: nothing is stored for it.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import Struct

from channels.contract import Author
from desk import outbox, texts
from desk.model.conversation import Conversation, Route
from desk.store import conversations, identities, messages
from desk.store.database import Transaction

ASKED_FOR = timedelta(hours=1)
"""So long a code works that the customer asked for."""
IN_A_LETTER = timedelta(days=14)
"""So long one works that stands in a mail: mails are answered late."""


_PURPOSE = b"firstline join\x00"  # keeps signatures made with the same key for other uses apart
_CLAIM = Struct(">QL")
_MAC = 12


def code(conversation: int, until: datetime, secret: bytes) -> str:
    """A code for `conversation`: 32 characters of ``[A-Za-z0-9_-]``, which fits the start parameter of Telegram."""
    claim = _CLAIM.pack(conversation, int(until.timestamp()))
    return urlsafe_b64encode(claim + _mac(claim, secret)).decode()


def conversation_of(code: str, now: datetime, secret: bytes) -> int | None:
    """The conversation a code is for; None when it is not ours, or too old."""
    try:
        given = urlsafe_b64decode(code.strip().encode("ascii"))
    except (Error, UnicodeEncodeError):
        return None
    claim, mac = given[: _CLAIM.size], given[_CLAIM.size :]
    if len(claim) != _CLAIM.size or not hmac.compare_digest(mac, _mac(claim, secret)):
        return None
    conversation, until = _CLAIM.unpack(claim)
    return conversation if now < datetime.fromtimestamp(until, UTC) else None


def _mac(claim: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, _PURPOSE + claim, sha256)[:_MAC]


def join(tx: Transaction, conversation: int, route: Route, now: datetime, *, catch_up: bool) -> Conversation:
    """What arrives by `route` belongs to `conversation` from now on, and both are one customer.

    catch_up: answers go there from now on, beginning with what was said last: its network's own client shows nothing of
        it yet. Without, answers go there when something has come from there: programs open links too, before people do.

    Raises:
        NotFound: there is no such conversation.
    """
    joined = conversations.get(tx, conversation, lock=True)
    here = conversations.find(tx, route.channel, route.address, route.thread)
    if here is not None and here.id == conversation and (joined.route == route or not catch_up):
        return joined  # a network told us twice
    if here is None or here.id != conversation:
        conversations.add_route(tx, conversation, route, now)
    identities.link(tx, route.channel, route.address, joined.customer, now)
    if catch_up:
        conversations.answer_at(tx, conversation, route)
        joined = conversations.get(tx, conversation)
        outbox.say(tx, joined, Author.DESK, texts.sentence("joined", joined.language), now)
        _repeat(tx, joined, now)
    tx.touch(conversation)
    return joined


def _repeat(tx: Transaction, joined: Conversation, now: datetime) -> None:
    """Say again what the customer is to answer, if it is theirs to answer."""
    said = [m for m in messages.after(tx, joined.id, max(joined.last_seq - 10, 0)) if m.author is not Author.DESK]
    if not said or said[-1].author is not Author.BOT or joined.closed:
        return
    last = said[-1]
    outbox.say(tx, joined, Author.BOT, last.text, now, buttons=last.buttons, language=last.language)


def leave(tx: Transaction, channel: str, address: str, now: datetime) -> bool:
    """Undo every `join` of `address`: it is on its own again. False when there was none."""
    conversations.remove_routes(tx, channel, address)
    return identities.unlink(tx, channel, address, now) is not None
