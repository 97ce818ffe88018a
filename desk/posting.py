"""Mails that go out: what they need besides their words, and what is remembered of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from channels.contract import MAX_TEXT, Author, Outgoing, Owner
from channels.letter import OutgoingLetter, Person
from desk.model import join_code
from desk.model.conversation import Conversation, Message
from desk.model.letter import DAY, MOST_AUTOMATIC, Rule, Thread, bare_subject, unsigned
from desk.store import letters, mail_threads, messages, tickets
from desk.store.database import Transaction

_REFERENCES = 20
"""So many of the last Message-IDs stand in a mail, and the first: more would be cut off on the way."""
_LONGEST_SUBJECT = 70


def letter(tx: Transaction, conversation: Conversation, going: Outgoing, secret: bytes, now: datetime) -> Outgoing:
    """`going` as a mail: to where the customer wants answers, with copies to all who take part.

    Whoever has the code in it may go on as the customer (`desk.model.join_code`; `secret` signs it): it is only in
    mails that nobody but the customer gets. Without a secret there is none.
    """
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
        with_people=conversation.owner is not Owner.BOT,
        mailbox=thread.mailbox if thread else "",
    )
    alone = bool(secret) and to == going.address and not written.cc
    code = join_code.make(conversation.id, now + join_code.IN_A_LETTER, secret) if alone else None
    return replace(going, address=to, letter=written, join_code=code)


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
    """Whether machines may be writing to each other by mail: so much was answered automatically in a day.

    In a conversation, or in those that its customer's address began: a machine may acknowledge each answer with a mail
    that refers to nothing.
    """
    since, thread = now - DAY, mail_threads.find(tx, conversation.id)
    if letters.automatic_answers(tx, conversation.id, conversation.channel, since) >= MOST_AUTOMATIC:
        return True
    return thread is not None and letters.begun_since(tx, thread.address, since) > MOST_AUTOMATIC


def heard(tx: Transaction, message: Message) -> Message:
    """`message` as the assistant hears it: without the sender's own name below it, which answers nothing; and with its
    subject, if it begins something: what a mail is about often stands nowhere else."""
    mail = letters.of_messages(tx, [message.id]).get(message.id)
    if mail is None:
        return message
    text = unsigned(message.text, mail.sender)
    subject = bare_subject(mail.subject) if mail.rule is Rule.NEW or mail.new_subject else ""
    if subject and subject.casefold() not in text.casefold():
        text = f"{subject}\n{text}"
    return replace(message, text=text[:MAX_TEXT])


def by_mail(tx: Transaction, conversation: Conversation) -> bool:
    """Whether answers in a conversation go out by mail."""
    thread = mail_threads.find(tx, conversation.id)
    return thread is not None and conversation.channel == thread.channel
