"""Going on with a conversation on another channel, and proving by it who one is.

A code is given out where only the customer reads it (their chat, their mail); whoever brings it back on another channel
is taken to be the same person. How codes are made and read: `desk.model.join_code`.
"""

from __future__ import annotations

from datetime import datetime

from channels.contract import Author
from desk import outbox, texts
from desk.model.conversation import Conversation, Route
from desk.store import conversations, identities, messages
from desk.store.database import Transaction


def join(tx: Transaction, conversation: int, route: Route, now: datetime, *, catch_up: bool) -> Conversation:
    """What arrives by `route` belongs to `conversation` from now on, and both are one customer.

    catch_up: answers go there from now on, beginning with what was said last: its network's own client shows nothing of
        it yet. Without, answers go there when something has come from there: programs open links too, before people do.

    Raises:
        NotFound: there is no such conversation.
    """
    joined = conversations.get(tx, conversation, lock=True)
    identities.reachable(tx, route.channel, route.address)  # who comes by a link has let us in again
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
