"""Who has a conversation: the moves themselves. Who may make them, and what becomes of the ticket, is decided above.

Each move is compare-and-set, stops one clock and starts another; of two people who make one at once exactly one wins.
"""

from __future__ import annotations

from datetime import datetime

from channels.contract import Author, Owner
from desk import alerts, clocks, outbox, posting, texts
from desk.model.alert import Kind
from desk.model.conversation import Conversation, Move, Reason, require
from desk.model.errors import Conflict
from desk.store import conversations
from desk.store.database import Transaction

_ONLY_LIVE = frozenset({"taken", "released"})


def assign(
    tx: Transaction, current: Conversation, move: Move, technician: int, now: datetime, reason: Reason | None = None
) -> Conversation:
    """A technician has it from now on, and the customer waits for them. Returns it as it is then.

    Raises:
        Conflict: `move` is not legal now.
    """
    alerts.settle(tx, current.id, now, technician)
    return _change(
        tx,
        current,
        move,
        now,
        owner=Owner.TECHNICIAN.value,
        technician_id=technician,
        closed=False,
        reason=(reason or current.reason or Reason.TAKEN).value,
        waiting_since=current.waiting_since or now,
    )


def queue(tx: Transaction, current: Conversation, move: Move, reason: Reason, now: datetime) -> Conversation:
    """Nobody has it from now on; who waited goes on waiting, and people are told. Raises and returns as `assign`."""
    waiting = _change(
        tx,
        current,
        move,
        now,
        owner=Owner.QUEUE.value,
        technician_id=None,
        reason=reason.value,
        waiting_since=current.waiting_since or now,
    )
    alerts.raise_(tx, waiting, Kind.TRANSFER if move is Move.TRANSFER else Kind.HANDOVER, now)
    return waiting


def give_back(tx: Transaction, current: Conversation, summary: str | None, now: datetime) -> Conversation:
    """The assistant has it from now on, in a fresh episode. Raises and returns as `assign`."""
    alerts.settle(tx, current.id, now)
    return _change(
        tx,
        current,
        Move.GIVE_BACK,
        now,
        owner=Owner.BOT.value,
        technician_id=None,
        reason=None,
        waiting_since=None,
        episode=current.episode + 1,
        summary=summary,
    )


def begin_again(tx: Transaction, current: Conversation, now: datetime) -> Conversation:
    """Its customer wrote after it was closed: the assistant has it, in a fresh episode. As `assign` otherwise."""
    return _change(
        tx,
        current,
        Move.REOPEN,
        now,
        owner=Owner.BOT.value,
        technician_id=None,
        closed=False,
        episode=current.episode + 1,
        reason=None,
    )


def close(tx: Transaction, current: Conversation, now: datetime) -> Conversation:
    """It is over. Raises and returns as `assign`."""
    alerts.settle(tx, current.id, now)
    return _change(
        tx, current, Move.CLOSE, now, owner=Owner.BOT.value, technician_id=None, closed=True, waiting_since=None
    )


def _change(tx: Transaction, current: Conversation, move: Move, now: datetime, **values: object) -> Conversation:
    require(current, move)
    done = conversations.change_owner(tx, current, **values)
    latest = conversations.get(tx, current.id)
    if not done:
        raise Conflict(move.value, latest.state, latest.technician_name)
    clocks.follow(tx, current.id, now)
    return latest


def announce(tx: Transaction, conversation: Conversation, key: str, name: str, now: datetime, **values: object) -> None:
    """Tell the customer, where there is a way to them, what `name` did; `values` fill the sentence `key`.

    Who has it is told where people watch; a mail that says no more than that would only be one mail more.
    """
    if conversation.reachable and not (key in _ONLY_LIVE and posting.by_mail(tx, conversation)):
        said = texts.sentence(key, conversation.language, name=name, **values)
        outbox.say(tx, conversation, Author.DESK, said, now)
