"""What mails of a conversation have in common, who takes part in it, and who wants to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, or_, select, union_all, update

from desk.model.errors import NotFound
from desk.model.letter import Participant, Standing, Stranger, Thread
from desk.store import dialects
from desk.store.customers import MAIL
from desk.store.database import Transaction
from desk.store.tables import conversations, customers, identities, mail_threads, participants, strangers

# Built once: every turn asks, and building a statement takes longer than running it.
_OF_CONVERSATION = select(mail_threads).where(mail_threads.c.conversation_id == bindparam("conversation"))


def find(tx: Transaction, conversation: int) -> Thread | None:
    """What its mails have in common; None: there were none."""
    row = tx.connection.execute(_OF_CONVERSATION, {"conversation": conversation}).one_or_none()
    if row is None:
        return None
    return Thread(
        conversation=row.conversation_id,
        channel=row.channel,
        address=row.address,
        thread=row.thread,
        subject=row.subject,
        mailbox=row.mailbox,
        reply_to=row.reply_to,
        automatic=row.automatic,
    )


def keep(tx: Transaction, thread: Thread) -> None:
    """Keep it for a conversation, as it is now."""
    values = {
        "channel": thread.channel,
        "address": thread.address,
        "thread": thread.thread,
        "subject": thread.subject,
        "mailbox": thread.mailbox,
        "reply_to": thread.reply_to,
        "automatic": thread.automatic,
    }
    new = dialects.insert(tx, mail_threads).values(conversation_id=thread.conversation, **values)
    tx.connection.execute(new.on_conflict_do_update(index_elements=["conversation_id"], set_=values))


def automatic(tx: Transaction, ids: Collection[int]) -> set[int]:
    """Those of these conversations in which only machines have written."""
    own = mail_threads.c
    query = select(own.conversation_id).where(own.conversation_id.in_(list(ids)), own.automatic.is_(True))
    return set(tx.connection.execute(query).scalars())


def takes_part(tx: Transaction, conversation: int, address: str) -> bool:
    """Whether whoever writes from `address` takes part: it is the customer's, or a participant's."""
    if not address:
        return False
    whose = select(conversations.c.customer_id).where(conversations.c.id == conversation).scalar_subquery()
    theirs = union_all(
        select(identities.c.id).where(
            identities.c.customer_id == whose, identities.c.channel == MAIL, identities.c.address == address
        ),
        select(customers.c.id).where(customers.c.id == whose, customers.c.email == address),
        select(participants.c.id).where(
            participants.c.conversation_id == conversation,
            participants.c.address == address,
            participants.c.removed_at.is_(None),
        ),
    )
    return tx.connection.execute(theirs.limit(1)).first() is not None


def add_participant(
    tx: Transaction, conversation: int, address: str, name: str, now: datetime, approved_by: int | None = None
) -> bool:
    """From now on they take part. Whom a technician removed is let in by a technician only. False: nothing changed."""
    values: dict[str, object] = {"name": name, "added_at": now, "removed_at": None, "approved_by": approved_by}
    new = dialects.insert(tx, participants).values(conversation_id=conversation, address=address, **values)
    key = ["conversation_id", "address"]
    if approved_by is None:
        new = new.on_conflict_do_nothing(index_elements=key)
    else:
        new = new.on_conflict_do_update(index_elements=key, set_=values)
    return tx.connection.execute(new.returning(participants.c.id)).first() is not None


def remove_participant(tx: Transaction, conversation: int, address: str, now: datetime) -> bool:
    """They take part no longer. False when they did not."""
    own = participants.c
    these = own.conversation_id == conversation, own.address == address, own.removed_at.is_(None)
    return tx.connection.execute(update(participants).where(*these).values(removed_at=now)).rowcount == 1


def participants_of(tx: Transaction, conversation: int) -> Sequence[Participant]:
    """Who takes part in a conversation besides its customer, in the order of their coming."""
    own = participants.c
    query = select(participants).where(own.conversation_id == conversation, own.removed_at.is_(None)).order_by(own.id)
    return [Participant(row.address, row.name, row.approved_by is not None) for row in tx.connection.execute(query)]


def _stranger(row: Row[Any]) -> Stranger:
    return Stranger(row.conversation_id, row.original_id, row.address, Standing(row.standing))


def add_stranger(tx: Transaction, conversation: int, original: int, address: str, now: datetime) -> None:
    """Somebody who does not take part in `original` wrote in reply to it: that began `conversation`."""
    new = dialects.insert(tx, strangers).values(
        conversation_id=conversation,
        original_id=original,
        address=address,
        standing=Standing.WAITING.value,
        created_at=now,
    )
    tx.connection.execute(new)


def stranger_at(tx: Transaction, original: int, address: str) -> Stranger | None:
    """The case that began when `address` wrote in reply to `original`."""
    query = select(strangers).where(strangers.c.original_id == original, strangers.c.address == address)
    row = tx.connection.execute(query).one_or_none()
    return _stranger(row) if row else None


def stranger(tx: Transaction, conversation: int, *, lock: bool = False) -> Stranger:
    """What a stranger's case is about; with `lock`, nobody else decides it until this transaction ends.

    Raises:
        NotFound: it is no stranger's case.
    """
    query = select(strangers).where(strangers.c.conversation_id == conversation)
    row = tx.connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("stranger", conversation)
    return _stranger(row)


def strangers_about(tx: Transaction, conversation: int) -> Sequence[Stranger]:
    """The case itself, if a stranger began it, and those of strangers who wrote in reply to it."""
    own = strangers.c
    query = select(strangers).where(or_(own.conversation_id == conversation, own.original_id == conversation))
    return [_stranger(row) for row in tx.connection.execute(query.order_by(own.conversation_id))]


def decide(tx: Transaction, conversation: int, standing: Standing, technician: int | None, now: datetime) -> None:
    """A technician has decided about a stranger's case."""
    values = {"standing": standing.value, "decided_by": technician, "decided_at": now}
    tx.connection.execute(update(strangers).where(strangers.c.conversation_id == conversation).values(values))
