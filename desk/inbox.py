"""What customers send: masked at the door, stored, and only then worked on."""

from __future__ import annotations

from datetime import datetime

from bot.procedures.secrets import mask
from bot.procedures.words import Words
from channels.contract import Accepted, Author, Choice, Incoming, Rejected, RejectReason
from desk import attachments, clocks, letters, storable_mail
from desk.model.conversation import Conversation, Route
from desk.store import conversations, customers, identities, messages, work
from desk.store.database import Transaction
from desk.store.tables import inbox


def accept(tx: Transaction, incoming: Incoming, now: datetime, words: Words) -> Accepted:
    """Store `incoming` and queue it to be answered. A message that is known already is not stored again.

    Passwords and the like (`words` tells how they are given) are stored as `bot.procedures.secrets.MARK`.

    Raises:
        Rejected: UNKNOWN_FILE, an upload that it refers to is not this sender's, or has been sent already;
            UNKNOWN_BUTTON, the button that was pressed was never shown in this conversation.
    """
    if incoming.letter is not None:
        return letters.accept(tx, storable_mail.read(incoming, words), now)
    route = Route(incoming.channel, incoming.address, incoming.thread)
    conversation = _conversation(tx, incoming, route, now)
    known = messages.with_external_id(tx, conversation.id, incoming.external_id)
    if known is not None:
        return Accepted(conversation.id, known, duplicate=True)
    if conversation.route != route:
        conversations.answer_at(tx, conversation.id, route)
    choice = incoming.choice or _pressed(tx, conversation, incoming)
    message, seq = messages.append(
        tx,
        conversation.id,
        Author.CUSTOMER,
        # A pressed button reads, in every transcript, as what stood on it.
        mask(incoming.text, words) or (choice.title if choice else ""),
        now,
        choice=choice,
        command=incoming.command,
        came_by=None if route == (conversation.origin or conversation.route) else route,
        language=incoming.language,
        external_id=incoming.external_id,
        attachments=incoming.files,
    )
    attachments.receive(tx, message, incoming, now)
    work.put(tx, inbox, conversation.id, message, seq, now)
    return Accepted(conversation.id, seq, duplicate=False)


def _pressed(tx: Transaction, conversation: Conversation, incoming: Incoming) -> Choice | None:
    """The button that was pressed: what stood at that place of a message that the customer was shown."""
    press = incoming.press
    if press is None:
        return None
    shown = messages.in_conversation(tx, conversation.id, press.seq) if press.conversation == conversation.id else None
    if shown is None or shown.internal or not 0 <= press.index < len(shown.buttons):
        raise Rejected(RejectReason.UNKNOWN_BUTTON)
    button = shown.buttons[press.index]
    return Choice(button.title, button.payload)


def _conversation(tx: Transaction, incoming: Incoming, route: Route, now: datetime) -> Conversation:
    where = (route.channel, route.address, route.thread)
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
    identities.reachable(tx, route.channel, route.address)
    return found
