"""Replies that wait to be fetched."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from channels.contract import Author
from desk.model.conversation import Route
from desk.model.work import WorkState
from desk.store.database import Transaction
from desk.store.tables import conversations, messages, outbox

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """A technician's reply that nobody has fetched."""

    row: int
    """Of the outbox."""
    channel: str
    conversation: int
    customer: int


def replies(tx: Transaction, channels: Collection[str], before: datetime) -> Sequence[Waiting]:
    """What technicians wrote before `before` and nobody has fetched on `channels`, the oldest first."""
    query = (
        select(outbox.c.id, outbox.c.channel, outbox.c.lane, conversations.c.customer_id)
        .join(messages, messages.c.id == outbox.c.item)
        .join(conversations, conversations.c.id == outbox.c.lane)
        .where(
            outbox.c.state == WorkState.PENDING.value,
            outbox.c.channel.in_(list(channels)),
            outbox.c.created_at < before,
            messages.c.author == Author.TECHNICIAN.value,
        )
        .order_by(outbox.c.id)
        .limit(_AT_ONCE)
    )
    return [Waiting(row.id, row.channel, row.lane, row.customer_id) for row in tx.connection.execute(query)]


def redirect(tx: Transaction, reply: Waiting, to: Route) -> bool:
    """Send it somewhere else. False when it has been fetched, or redirected, meanwhile."""
    waits = outbox.c.id == reply.row, outbox.c.state == WorkState.PENDING.value, outbox.c.channel == reply.channel
    moved = update(outbox).where(*waits).values(channel=to.channel, address=to.address, thread=to.thread)
    done = tx.connection.execute(moved).rowcount == 1
    tx.announce(outbox.name)
    tx.touch(reply.conversation)
    return done
