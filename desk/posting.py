"""Mails that go out: what they need besides their words, and what is remembered of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from channels.contract import Author, Outgoing
from channels.letter import OutgoingLetter, Person
from desk.model.conversation import Conversation
from desk.model.letter import DAY, MOST_AUTOMATIC, Thread
from desk.store import letters, mail_threads, messages, tickets
from desk.store.database import Transaction

_REFERENCES = 20
"""So many of the last Message-IDs stand in a mail, and the first: more would be cut off on the way."""
_LONGEST_SUBJECT = 70


def letter(tx: Transaction, conversation: Conversation, going: Outgoing) -> Outgoing:
    """`going` as a mail: to where the customer wants answers, with copies to all who take part."""
    thread = mail_threads.find(tx, conversation.id)
    cc = () if thread is None else _copies(tx, thread)
    to = going.address
    if thread is not None and thread.reply_to and to == thread.address:
        to = thread.reply_to
    written = OutgoingLetter(
        subject=_subject(tx, conversation, thread),
        ticket=tickets.number_of(conversation.ticket) if conversation.ticket else None,
        references=tuple(letters.references(tx, conversation.id, going.seq, _REFERENCES)),
        cc=tuple(one for one in cc if one.address != to),
        automatic=going.author in {Author.BOT, Author.DESK},
        mailbox=thread.mailbox if thread else "",
    )
    return replace(going, address=to, letter=written)


def _copies(tx: Transaction, thread: Thread) -> tuple[Person, ...]:
    those = mail_threads.participants_of(tx, thread.conversation)
    return tuple(Person(one.address, one.name) for one in those if one.address != thread.address)


def _subject(tx: Transaction, conversation: Conversation, thread: Thread | None) -> str:
    if thread is not None and thread.subject:
        return thread.subject
    if conversation.ticket is not None:
        return tickets.get(tx, conversation.ticket).subject
    said = next((m.text for m in messages.after(tx, conversation.id) if m.author is Author.CUSTOMER and m.text), "")
    line = " ".join(said.split())
    return line if len(line) <= _LONGEST_SUBJECT else f"{line[:_LONGEST_SUBJECT].rsplit(' ', 1)[0]} …"


def sent(tx: Transaction, conversation: int, message: int, mail_id: str, now: datetime) -> None:
    """A mail went out: whatever refers to it belongs to its conversation."""
    letters.remember(tx, mail_id, conversation, message, None, now)


def answered_too_often(tx: Transaction, conversation: Conversation, now: datetime) -> bool:
    """Whether machines may be writing to each other in it: so many mails were answered automatically in a day."""
    thread = mail_threads.find(tx, conversation.id)
    if thread is None or conversation.channel != thread.channel:
        return False
    return letters.automatic_answers(tx, conversation.id, thread.channel, now - DAY) >= MOST_AUTOMATIC
