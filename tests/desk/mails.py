"""What the tests of mails have people and machines write, and what the desk makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.procedures.words import Words
from channels.contract import Author, File, Incoming, Receipt
from channels.letter import Authentication, Automatic, Bounce, Letter, OutgoingLetter, Person
from desk import answering, inbox, outbox
from desk import conversations as people_at_work
from desk.answering import Question
from desk.model.conversation import Conversation, Message
from desk.model.letter import Kept
from desk.model.technician import Technician
from desk.model.ticket import Ticket
from desk.model.turn import Reply, Turn
from desk.store import conversations, letters, messages
from desk.store import tickets as ticket_store
from desk.store.database import Database

if TYPE_CHECKING:
    from tests.desk.conftest import Clock  # which makes the fixture from this module

DESK = "help@desk.test"
ALICE, BOB, MALLORY = "alice@example.org", "bob@example.org", "mallory@elsewhere.test"
SPOOFED = Authentication("mx.desk.test", spf="fail", dkim="none", dmarc="fail")
PROVED = Authentication("mx.desk.test", dkim="pass", dmarc="pass")
LEASE = timedelta(seconds=30)


def people(*addresses: str) -> tuple[Person, ...]:
    return tuple(Person(address, address.partition("@")[0].capitalize()) for address in addresses)


@dataclass(frozen=True)
class Sent:
    """A mail that went out."""

    to: str
    text: str
    letter: OutgoingLetter
    message_id: str
    join_code: str | None


class Mails:
    """Mail that comes and goes."""

    SECRET = b"secret"

    def __init__(self, database: Database, tick: Callable[[], datetime], words: Words) -> None:
        self.database = database
        self._tick = tick
        self._words = words
        self._count = 0

    def incoming(
        self,
        text: str = "My printer is broken",
        by: str = ALICE,
        *,
        subject: str = "Printer",
        answers: str | Sequence[str] = (),
        id: str | None = None,  # noqa: A002
        files: tuple[File, ...] = (),
        **letter: Any,
    ) -> Incoming:
        """A mail as a channel hands it in. `answers`: the Message-IDs it refers to; `id`: its own."""
        self._count += 1
        own = id or f"{self._count}@{by.partition('@')[2]}"
        references = (answers,) if isinstance(answers, str) else tuple(answers)
        (sender,) = people(by)
        made = Letter(
            subject=subject,
            message_id=own,
            references=references,
            mailbox=letter.pop("mailbox", DESK),
            sender=sender,
            full_text=letter.pop("full_text", text),
            source=letter.pop("source", f"Subject: {subject}\r\n\r\n{text}".encode("utf-8", "replace")),
            **letter,
        )
        return Incoming("email", by, own, text, self._tick(), name=sender.name, attachments=files, letter=made)

    def accept(self, incoming: Incoming) -> int:
        """Returns the conversation's id."""
        with self.database.transaction() as tx:
            return inbox.accept(tx, incoming, self._tick(), self._words).conversation

    def write(self, text: str = "My printer is broken", by: str = ALICE, **letter: Any) -> int:
        """Have somebody write a mail; returns the conversation's id."""
        return self.accept(self.incoming(text, by, **letter))

    def automatic(self, kind: Automatic = Automatic.AUTO_REPLY, text: str = "I am away", **letter: Any) -> int:
        """Have a machine write."""
        return self.write(text, automatic=kind, reason="header auto-submitted", **letter)

    def bounce(
        self,
        of: Sent,
        *,
        permanent: bool = True,
        expired: bool = False,
        recipient: str | None = None,
        **letter: Any,
    ) -> int:
        """Have a mail of ours come back."""
        status, said = (
            ("5.1.1", "No such user") if permanent else ("4.4.7", "Expired") if expired else ("4.2.2", "Full")
        )
        bounce = Bounce(recipient or of.to, permanent, status, said, of.message_id, expired)
        return self.automatic(
            Automatic.BOUNCE, "Undelivered", by="mailer-daemon@example.org", bounces=(bounce,), **letter
        )

    def send(self) -> list[Sent]:
        """Have everything that waits in the outbox sent."""
        sent: list[Sent] = []
        while True:
            with self.database.transaction() as tx:
                delivery = outbox.claim(tx, "d", ["email"], self._tick(), LEASE, letters=["email"], secret=self.SECRET)
                if delivery is None:
                    return sent
                message = delivery.message
                own = f"{message.conversation}.{message.seq}@desk.test"
                assert message.letter is not None
                outbox.delivered(tx, delivery.claim, Receipt(own), self._tick(), letter=True)
            sent.append(Sent(message.address, message.text, message.letter, own, message.join_code))

    def answer(self, text: str = "Is it switched on?") -> list[Sent]:
        """Have the assistant answer everything that is its own to answer, and send that."""
        while True:
            with self.database.transaction() as tx:
                question = answering.claim(tx, "a", self._tick(), LEASE)
                if question is None:
                    break
                if isinstance(question, Question):
                    answering.finish(tx, question, Turn((Reply(text),), "en"), self._tick())
        return self.send()

    def asked(self) -> list[str]:
        """What the assistant is asked next, without answering it."""
        with self.database.transaction() as tx:
            question = answering.claim(tx, "a", self._tick(), LEASE)
        return [question.message.text] if isinstance(question, Question) else []

    def now(self) -> datetime:
        """A moment after everything."""
        return self._tick()

    def conversation(self, conversation: int) -> Conversation:
        with self.database.snapshot() as tx:
            return conversations.get(tx, conversation)

    def messages(self, conversation: int) -> Sequence[Message]:
        """All of them, notes included."""
        with self.database.snapshot() as tx:
            return messages.after(tx, conversation, internal=True)

    def said(self, conversation: int) -> list[str]:
        """What was written to us in a conversation, notes included."""
        return [m.text for m in self.messages(conversation) if m.author is Author.CUSTOMER]

    def kept(self, conversation: int) -> list[Kept]:
        """The mails of a conversation, in order."""
        with self.database.snapshot() as tx:
            found = letters.of_messages(tx, [m.id for m in messages.after(tx, conversation, internal=True)])
        return [found[message] for message in sorted(found)]


def ticket_of(database: Database, conversation: int) -> Ticket:
    with database.snapshot() as tx:
        return ticket_store.of_conversation(tx, conversation)[0]


def taken(mails: Mails, clock: Clock, conversation: int, technician: Technician) -> Ticket:
    """The conversation's ticket, once a technician has taken it."""
    with mails.database.transaction() as tx:
        people_at_work.take(tx, conversation, technician, clock.tick())
    return ticket_of(mails.database, conversation)


def closed(mails: Mails, clock: Clock, conversation: int, technician: Technician) -> Ticket:
    mails.answer()
    taken(mails, clock, conversation, technician)
    with mails.database.transaction() as tx:
        people_at_work.resolve(tx, conversation, technician, "New toner.", clock.tick())
    return ticket_of(mails.database, conversation)
