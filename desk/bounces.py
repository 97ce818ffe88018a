"""Mails of ours that come back.

For good: the address is flagged, people are told. After days in which it was not reached: people are told. Only late:
that is noted.
"""

from __future__ import annotations

from datetime import datetime

from channels.letter import Automatic, Bounce, Letter
from desk import alerts
from desk.model.alert import Kind
from desk.model.conversation import Conversation
from desk.model.letter import Bounced
from desk.store import conversations, identities, mail_threads
from desk.store import letters as store
from desk.store.database import Transaction


def heed(tx: Transaction, conversation: Conversation, letter: Letter, notice: int, now: datetime) -> None:
    """Do what the delivery status notification `letter`, kept as the message `notice` of `conversation`, asks for.

    What is not about a mail of ours, in that conversation, changes nothing: anybody can write such notifications.
    """
    thread = mail_threads.find(tx, conversation.id)
    if letter.automatic is not Automatic.BOUNCE or thread is None or thread.automatic:
        return
    customer = {thread.address, thread.reply_to}
    others = {one.address for one in mail_threads.participants_of(tx, conversation.id)}
    for bounce in letter.bounces:
        message = _message(tx, conversation, thread.channel, letter, bounce)
        if message is None:
            continue
        recipient = bounce.recipient.lower()
        detail = " ".join(f"{bounce.status} {bounce.detail}".split())[:500]
        store.add_bounce(tx, Bounced(message, recipient, detail, given_up=bounce.given_up), notice, now)
        tx.touch(conversation.id)
        if not bounce.given_up:
            continue
        if recipient in others:
            if bounce.permanent:
                mail_threads.remove_participant(tx, conversation.id, recipient, now)
        # Mail is forwarded: what is not known must have been sent to the only one there was.
        elif recipient in customer or not others:
            if bounce.permanent:
                to = recipient if recipient in customer else thread.reply_to or thread.address
                identities.unreachable(tx, thread.channel, to, detail, now)
            store.undelivered(tx, message, detail, now)
        alerts.raise_(tx, conversations.get(tx, conversation.id), Kind.UNDELIVERED, now)


def _message(tx: Transaction, conversation: Conversation, channel: str, letter: Letter, bounce: Bounce) -> int | None:
    """Which message of the conversation came back."""
    known = store.known(tx, bounce.message_id) if bounce.message_id else None
    if known is not None and known.fingerprint is None and known.conversation == conversation.id:
        return known.message
    # Sent, but before that was written down the process ended: the signature says which conversation it was.
    return store.last_sent(tx, conversation.id, channel) if letter.answers_own == conversation.id else None
