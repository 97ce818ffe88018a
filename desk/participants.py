"""Who takes part in a conversation by mail besides its customer, and the strangers of whom a technician says whether.

a stranger's case ─ approve ─► they take part: what they wrote stands in the conversation, and their case ends
                  └ keep apart ─► a case like any other (and may still be approved)
"""

from __future__ import annotations

from datetime import datetime

from channels.letter import Letter, Person
from desk import merging, ownership, tickets
from desk.model.conversation import Conversation, Move, Reason
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.letter import Standing, might_be_machine
from desk.model.technician import Technician
from desk.model.ticket import DESK, Link, State, Ticket
from desk.store import attachments, cases, conversations, letters, links, locks, mail_threads, messages, work
from desk.store import tickets as store
from desk.store.database import Transaction
from desk.store.tables import inbox

MOST = 20
"""Whoever else is written to does not take part: a mail to a hundred people is no conversation of a hundred."""
_MAX_ADDRESS = 320


def join(tx: Transaction, conversation: int, letter: Letter, now: datetime) -> None:
    """To whom else the sender wrote takes part from now on; machines, and whom a technician removed, do not."""
    room = MOST - len(mail_threads.participants_of(tx, conversation))
    for person in (*letter.to, *letter.cc):
        if room > 0 and _may_join(tx, conversation, person, letter):
            room -= mail_threads.add_participant(tx, conversation, person.address, person.name, now)


def _may_join(tx: Transaction, conversation: int, person: Person, letter: Letter) -> bool:
    address = person.address
    if address in {"", letter.mailbox, letter.sender.address if letter.sender else ""}:
        return False
    return not might_be_machine(address) and not mail_threads.takes_part(tx, conversation, address)


def add(tx: Transaction, conversation: int, address: str, technician: Technician, now: datetime) -> None:
    """A technician lets somebody take part.

    Raises:
        Invalid: it is no mail address.
        NotFound: there is no such conversation, or none by mail.
    """
    address = address.strip().lower()
    local, _, host = address.rpartition("@")
    if not local or not host or len(address) > _MAX_ADDRESS or any(c.isspace() or ord(c) < 32 for c in address):
        raise Invalid("participant", "malformed")
    current = conversations.get(tx, conversation, lock=True)
    if mail_threads.find(tx, conversation) is None:
        raise NotFound("conversation", conversation)
    if not mail_threads.takes_part(tx, conversation, address):
        mail_threads.add_participant(tx, conversation, address, "", now, technician.id)
        _record(tx, current.ticket, technician, "participant_added", address, now)
    tx.touch(conversation)


def remove(tx: Transaction, conversation: int, address: str, technician: Technician, now: datetime) -> None:
    """They get no copies any more, and what they write in reply is a stranger's."""
    current = conversations.get(tx, conversation, lock=True)
    if mail_threads.remove_participant(tx, conversation, address, now):
        _record(tx, current.ticket, technician, "participant_removed", address, now)
    tx.touch(conversation)


def _record(
    tx: Transaction, ticket: int | None, technician: Technician, field: str, address: str, now: datetime
) -> None:
    if ticket is not None:
        store.record(tx, ticket, tickets.acting(technician), field, None, address, now)
        store.touch(tx, ticket)


def relate(tx: Transaction, conversation: int, original: int, now: datetime) -> None:
    """The ticket of a stranger's case is related to that of the conversation it is in reply to, if that has one."""
    mine, theirs = conversations.get(tx, conversation).ticket, conversations.get(tx, original).ticket
    if mine is None or theirs is None or mine == theirs or not links.add(tx, mine, theirs, Link.RELATED, now):
        return
    for one, other in ((mine, theirs), (theirs, mine)):
        said = f"{Link.RELATED.value} {store.number_of(other)}"
        store.record(tx, one, DESK, "link", None, said, now)


def approve(tx: Transaction, conversation: int, technician: Technician, now: datetime) -> int:
    """The stranger of this case takes part: what they wrote stands in the conversation it is in reply to.

    It is answered there like anything its customer writes. The case is merged into that conversation's ticket; where
    there is none that goes on, its own ticket becomes the conversation's, and people have it. Returns the conversation.

    Raises:
        Conflict: it was approved already, or another technician has the case.
        NotFound: it is no stranger's case.
    """
    read = mail_threads.stranger(tx, conversation)
    involved = [conversations.get(tx, one).ticket for one in (read.conversation, read.original)]
    locks.hold(tx, [one for one in involved if one is not None], [read.conversation, read.original])
    stranger = mail_threads.stranger(tx, conversation, lock=True)
    if stranger.standing is Standing.APPROVED:
        raise Conflict("approve", stranger.standing.value)
    case, original = conversations.get(tx, stranger.conversation), conversations.get(tx, stranger.original)
    if case.technician not in {None, technician.id}:
        raise Conflict("approve", case.state, case.technician_name)
    copies = _copy(tx, case, original, now)
    mail_threads.add_participant(tx, original.id, stranger.address, case.customer_name or "", now, technician.id)
    mail_threads.decide(tx, case.id, Standing.APPROVED, technician.id, now)
    if not case.closed:
        ownership.close(tx, case, now)
    ticket = _one_ticket(tx, case, original, min(copies.values(), default=original.last_seq), technician, now)
    if ticket is not None:
        _record(tx, ticket.id, technician, "stranger_approved", stranger.address, now)
    if copies:
        last = max(copies)
        work.put(tx, inbox, original.id, last, copies[last], now)
    return original.id


def _copy(tx: Transaction, case: Conversation, original: Conversation, now: datetime) -> dict[int, int]:
    """What the stranger wrote, said in the other conversation. Returns the numbers of the copies, by their ids."""
    written = messages.after(tx, case.id)
    mails = letters.of_messages(tx, [message.id for message in written])
    moved: dict[int, int] = {}
    copies: dict[int, int] = {}
    for message in written:
        # What was copied when they were approved before stands there already.
        if message.id not in mails or _stands(tx, original.id, message.external_id):
            continue
        copy, seq = messages.append(
            tx,
            original.id,
            message.author,
            message.text,
            now,
            language=message.language,
            external_id=message.external_id,
            attachments=len(message.attachments),
        )
        attachments.copy(tx, message.id, copy)
        letters.copy(tx, message.id, copy)
        moved[message.id], copies[copy] = copy, seq
    letters.move_ids(tx, case.id, original.id, moved)
    return copies


def _stands(tx: Transaction, conversation: int, external_id: str | None) -> bool:
    return external_id is not None and messages.with_external_id(tx, conversation, external_id) is not None


def _one_ticket(
    tx: Transaction, case: Conversation, original: Conversation, first: int, technician: Technician, now: datetime
) -> Ticket | None:
    """Both are one case from now on. Returns its ticket."""
    mine = store.get(tx, case.ticket) if case.ticket else None
    theirs = tickets.standing(tx, store.get(tx, original.ticket)) if original.ticket else None
    if mine is None or mine.state is State.MERGED:
        return theirs
    if theirs is not None and theirs.id != mine.id and theirs.unfinished:
        return merging.merge(tx, mine.number, theirs.number, technician, now)
    cases.attach(tx, mine.id, original.id, first, now)
    standing = conversations.get(tx, original.id)
    if standing.closed:
        standing = ownership.begin_again(tx, standing, now)
    if standing.state == "bot":
        ownership.queue(tx, standing, Move.HAND_OVER, Reason.UNKNOWN_SENDER, now)
    return store.get(tx, mine.id)


def keep_apart(tx: Transaction, conversation: int, technician: Technician, now: datetime) -> None:
    """What the stranger wrote is a case of its own.

    Raises:
        Conflict: it was approved already.
        NotFound: it is no stranger's case.
    """
    current = conversations.get(tx, conversation, lock=True)
    stranger = mail_threads.stranger(tx, conversation, lock=True)
    if stranger.standing is Standing.APPROVED:
        raise Conflict("approve", stranger.standing.value)
    if stranger.standing is Standing.WAITING:
        mail_threads.decide(tx, conversation, Standing.APART, technician.id, now)
        _record(tx, current.ticket, technician, "stranger_apart", stranger.address, now)
        # By this those who look from time to time, such as cards in Slack, see that it is otherwise now.
        conversations.change(tx, conversation, updated_at=now)
    tx.touch(conversation)
