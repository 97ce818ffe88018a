"""What customers send: masked at the door, stored, and only then worked on."""

from __future__ import annotations

from datetime import datetime

from bot.procedures.model import Words
from bot.procedures.secrets import mask
from channels.contract import Accepted, Author, Incoming
from desk import attachments, clocks, letters
from desk.model.conversation import Conversation
from desk.store import conversations, customers, messages, work
from desk.store.database import Transaction
from desk.store.tables import inbox


def accept(tx: Transaction, incoming: Incoming, now: datetime, words: Words) -> Accepted:
    """Store `incoming` and queue it to be answered. A message that is known already is not stored again.

    Passwords and the like (`words` tells how they are given) are stored as `bot.procedures.secrets.MARK`.

    Raises:
        Rejected: UNKNOWN_FILE, an upload that it refers to is not this sender's, or has been sent already.
    """
    if incoming.letter is not None:
        return letters.accept(tx, incoming, now, words)
    conversation = _conversation(tx, incoming, now)
    known = messages.with_external_id(tx, conversation.id, incoming.external_id)
    if known is not None:
        return Accepted(conversation.id, known, duplicate=True)
    choice = incoming.choice
    message, seq = messages.append(
        tx,
        conversation.id,
        Author.CUSTOMER,
        # A pressed button reads, in every transcript, as what stood on it.
        mask(incoming.text, words) or (choice.title if choice else ""),
        now,
        choice=choice,
        language=incoming.language,
        external_id=incoming.external_id,
        attachments=incoming.files,
    )
    attachments.receive(tx, message, incoming, now)
    work.put(tx, inbox, conversation.id, message, seq, now)
    return Accepted(conversation.id, seq, duplicate=False)


def _conversation(tx: Transaction, incoming: Incoming, now: datetime) -> Conversation:
    where = (incoming.channel, incoming.address, incoming.thread)
    found = conversations.find(tx, *where, lock=True)
    if found is None:
        customer = customers.identify(
            tx, incoming.channel, incoming.address, name=incoming.name, language=incoming.language, now=now
        )
        conversations.create(tx, customer, *where, incoming.language, now)
        created = conversations.find(tx, *where, lock=True)
        assert created is not None  # by this transaction, or by one this one waited for
        clocks.follow(tx, created.id, now)
        return created
    return found
