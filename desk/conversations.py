"""What technicians do with conversations. Each move is atomic: of two technicians exactly one wins."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from channels.contract import MAX_FILES, Author, Owner
from desk import alerts, attachments, clocks, handover, outbox, ownership, tickets
from desk.model import checks
from desk.model.conversation import Conversation, Message, Move, Reason, require
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.run import Run
from desk.model.technician import Technician
from desk.model.ticket import Details, State, Ticket
from desk.store import conversations, messages, runs, teams, technicians
from desk.store import tickets as ticket_store
from desk.store.database import Transaction
from desk.store.tickets import Column

MAX_REPLY = 8_000
"""Characters in a reply or a note."""


@dataclass(frozen=True, slots=True)
class View:
    """One conversation with all there is to know about it."""

    conversation: Conversation
    messages: Sequence[Message]
    runs: Sequence[Run]
    tickets: Sequence[Ticket]
    procedure_state: Mapping[str, Any] | None = None
    """Where the procedures stand, for `desk.diagnosis.next_step`."""
    edited: Sequence[Message] = ()
    """Those of its messages, of all, that their sender changed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list: a conversation, its newest message and its unfinished ticket."""

    conversation: Conversation
    last: Message | None
    ticket: Ticket | None


@dataclass(frozen=True, slots=True)
class Lists:
    """What a technician sees at a glance: of those who wait, and of their own, up to `MOST` each."""

    MOST: ClassVar[int] = 100
    """More would not be read, and reading them takes longer than everything else on the page."""

    waiting: Sequence[Listed]
    mine: Sequence[Listed]
    with_assistant: Sequence[Listed]
    closed: Sequence[Listed]
    automatic: Sequence[Listed]
    """What machines have mailed that belongs nowhere else; nobody has to do anything about it."""


def view(tx: Transaction, conversation: int, after: int = 0) -> View:
    """Everything about a conversation, internal notes included; of its messages those numbered above `after`.

    Raises:
        NotFound: there is no such conversation.
    """
    return View(
        conversations.get(tx, conversation),
        messages.after(tx, conversation, after, internal=True),
        runs.of_conversation(tx, conversation),
        ticket_store.of_conversation(tx, conversation),
        runs.state_of(tx, conversation),
        messages.edited(tx, conversation),
    )


def versions(tx: Transaction, conversation: int, seq: int) -> Sequence[tuple[str, datetime]]:
    """How a message read before its sender changed it, and until when; the oldest first.

    Raises:
        NotFound: there is no such message.
    """
    message = messages.in_conversation(tx, conversation, seq)
    if message is None:
        raise NotFound("message", seq)
    return messages.versions(tx, message.id)


def lists(tx: Transaction, technician: Technician, queues: Collection[str] | None = None) -> Lists:
    """The queue, the technician's own, what the assistant is busy with, and what was closed last.

    queues: the teams whose queue it is; None for everybody's.
    """
    return Lists(
        _listed(tx, conversations.waiting(tx, queues, Lists.MOST)),
        _listed(tx, conversations.held_by(tx, technician.id, Lists.MOST)),
        _listed(tx, conversations.recent(tx, closed=False, owner=Owner.BOT)),
        _listed(tx, conversations.recent(tx, closed=True)),
        _listed(tx, conversations.recent(tx, closed=True, automatic=True)),
    )


def _listed(tx: Transaction, found: Sequence[Conversation]) -> list[Listed]:
    ids = [conversation.id for conversation in found]
    last = messages.last(tx, ids)
    cases = ticket_store.some(tx, {c.ticket for c in found if c.ticket is not None})
    return [Listed(c, last.get(c.id), _unfinished(cases.get(c.ticket or 0))) for c in found]


def _unfinished(ticket: Ticket | None) -> Ticket | None:
    return ticket if ticket is not None and ticket.unfinished else None


def take(tx: Transaction, conversation: int, technician: Technician, now: datetime) -> None:
    """Take a conversation over from the assistant or the queue.

    Taking what one already has changes nothing.

    Raises:
        Conflict: another technician was faster (`holder` says who), or it is closed.
        NotFound: there is no such conversation.
    """
    current = conversations.get(tx, conversation, lock=True)
    if current.technician == technician.id:
        return
    _take(tx, current, technician, now)


def _take(tx: Transaction, current: Conversation, technician: Technician, now: datetime) -> Conversation:
    reason = Reason.TAKEN if current.owner is Owner.BOT or current.reason is None else current.reason
    taken = ownership.assign(tx, current, Move.TAKE, technician.id, now, reason)
    who = tickets.acting(technician)
    ticket, _ = tickets.open_ticket(tx, taken, Details(reason), f"take:{current.revision}", now, who)
    tickets.move(tx, ticket, State.OPEN, who, now, {Column.ASSIGNEE: technician.id})
    clocks.follow(tx, current.id, now)
    ownership.announce(tx, taken, "taken", technician.name, now)
    return conversations.get(tx, current.id)


def reply(
    tx: Transaction,
    conversation: int,
    technician: Technician,
    text: str,
    now: datetime,
    *,
    seen: int | None = None,
    keep_open: bool = False,
    uploads: Sequence[int] = (),
) -> int:
    """Answer the customer; takes the conversation over when it is the assistant's or the queue's.

    seen: number of the newest message the technician saw when they wrote it; None when they do not care.
    keep_open: the ticket stays open, instead of waiting for the customer.
    uploads: ids of files that the technician uploaded; with files, a reply needs no text.

    Returns the sequence number of the reply.

    Raises:
        Conflict: another technician has it, it is closed, the customer has no address a reply could go to
            (``unreachable``), or somebody wrote something that the technician has not seen (``changed``).
        Invalid: the text is empty or too long, or an upload is not this technician's own.
    """
    text = _said(text, uploads)
    current = conversations.get(tx, conversation, lock=True)
    if current.closed:
        raise Conflict("reply", current.state)
    if not current.reachable:
        raise Conflict("reply", "unreachable")
    if seen is not None:
        _require_seen(tx, current, technician, seen)
    if current.technician != technician.id:
        current = _take(tx, current, technician, now)
    seq = outbox.say(tx, current, Author.TECHNICIAN, text, now, technician=technician.id, uploads=uploads)
    conversations.change(tx, conversation, waiting_since=None)
    alerts.settle(tx, conversation, now, technician.id)
    ticket = tickets.current(tx, current, lock=True)
    if ticket is not None and ticket.state in {State.NEW, State.OPEN} and not keep_open:
        tickets.move(tx, ticket, State.WAITING_FOR_CUSTOMER, tickets.acting(technician), now)
    clocks.follow(tx, conversation, now)
    return seq


def _require_seen(tx: Transaction, current: Conversation, technician: Technician, seen: int) -> None:
    """What the desk itself said, and one's own words, are no surprise."""
    for message in messages.after(tx, current.id, seen, internal=True):
        if message.author is not Author.DESK and message.technician != technician.id:
            raise Conflict("reply", "changed", message.name)


def note(
    tx: Transaction,
    conversation: int,
    technician: Technician,
    text: str,
    now: datetime,
    *,
    uploads: Sequence[int] = (),
) -> int:
    """Add an internal note, which no customer ever sees. Anybody may, whoever owns the conversation.

    uploads: ids of files that the technician uploaded; with files, a note needs no text.

    Raises:
        Invalid: the text is empty or too long, or an upload is not this technician's own.
        NotFound: there is no such conversation.
    """
    text = _said(text, uploads)
    current = conversations.get(tx, conversation, lock=True)
    message, seq = messages.append(
        tx,
        current.id,
        Author.TECHNICIAN,
        text,
        now,
        technician=technician.id,
        internal=True,
        attachments=len(uploads),
    )
    attachments.bind(tx, message, uploads, attachments.technician(technician.id))
    return seq


def release(tx: Transaction, conversation: int, technician: Technician, now: datetime) -> None:
    """Put one's conversation back into the queue.

    Raises:
        Conflict: it is not this technician's.
    """
    current = _own(tx, conversation, technician, Move.RELEASE)
    _to_queue(tx, current, Move.RELEASE, Reason.RELEASED, technician, now)


def transfer(
    tx: Transaction,
    conversation: int,
    technician: Technician,
    note: str,
    now: datetime,
    *,
    team: str | None = None,
    colleague: int | None = None,
) -> None:
    """Pass a conversation on, to a team's queue or to a colleague, with a note on what they need to know.

    Raises:
        Conflict: another technician has it, or the assistant has, or it is closed.
        Invalid: not exactly one of team and colleague is given, the note is empty, or the colleague is not active.
        NotFound: there is no such conversation, team or colleague.
    """
    if (team is None) == (colleague is None):
        raise Invalid("to", "one")
    text = checks.text(note, "note", MAX_REPLY)
    current = _own(tx, conversation, technician, Move.TRANSFER)
    target = teams.get(tx, team) if team is not None else None
    to = technicians.get(tx, colleague) if colleague is not None else None
    if to is not None and not to.active:
        raise Invalid("colleague", "inactive")
    messages.append(tx, current.id, Author.TECHNICIAN, text, now, technician=technician.id, internal=True)
    if target is not None:
        _edit(tx, current, {Column.TEAM: target.key}, technician, now)
        _to_queue(tx, current, Move.TRANSFER, Reason.TRANSFERRED, technician, now)
    elif to is not None and to.id != current.technician:
        ownership.announce(tx, current, "released", technician.name, now)
        held = ownership.assign(tx, current, Move.TRANSFER, to.id, now)
        _edit(tx, held, {Column.ASSIGNEE: to.id}, technician, now)
        ownership.announce(tx, held, "taken", to.name, now)


def _to_queue(
    tx: Transaction, current: Conversation, move: Move, reason: Reason, technician: Technician, now: datetime
) -> None:
    waiting = ownership.queue(tx, current, move, reason, now)
    _edit(tx, current, {Column.ASSIGNEE: None}, technician, now)
    expected = handover.expectation(tx, waiting, tickets.current(tx, waiting), now)
    ownership.announce(tx, waiting, "passed_on", technician.name, now, expectation=expected)


def _edit(
    tx: Transaction, current: Conversation, values: Mapping[Column, object], technician: Technician, now: datetime
) -> None:
    """Change the conversation's unfinished ticket, if it has one."""
    ticket = tickets.current(tx, current, lock=True)
    if ticket is not None:
        ticket_store.change(tx, ticket, values, tickets.acting(technician), now)


def give_back(
    tx: Transaction,
    conversation: int,
    technician: Technician,
    now: datetime,
    *,
    marked: Sequence[str] = (),
    goes_on: bool = False,
) -> None:
    """Give a conversation back to the assistant, which starts a fresh session and is told what happened.

    Its ticket waits for the customer, nobody's, until the assistant or the customer resolves it. What the assistant's
    procedures make of it is known to `desk.diagnosis.give_back`, by which technicians do this.

    marked: the steps that technicians did, a line each. goes_on: the assistant will propose to go on with a procedure.

    Raises:
        Conflict: another technician has it, or it is already the assistant's or closed.
    """
    current = _own(tx, conversation, technician, Move.GIVE_BACK)
    ownership.announce(tx, current, "given_back_going_on" if goes_on else "given_back", technician.name, now)
    said = [m for m in messages.after(tx, current.id) if m.author is Author.TECHNICIAN]
    words = [f"{m.name}: {m.text}" for m in said[-5:] if m.text]
    ownership.give_back(tx, current, "\n".join((*words, *marked)), now)
    ticket = tickets.current(tx, current, lock=True)
    if ticket is not None:
        who = tickets.acting(technician)
        tickets.move(tx, ticket, State.WAITING_FOR_CUSTOMER, who, now, {Column.ASSIGNEE: None})


def resolve(
    tx: Transaction, conversation: int, technician: Technician, resolution: str, now: datetime, *, cause: str = ""
) -> None:
    """Close a conversation with what was done, and the cause where it was found; its ticket is resolved with it.

    Raises:
        Conflict: another technician has it, or it is closed already.
        Invalid: the resolution is empty, or a text is too long.
    """
    resolution = checks.text(resolution, "resolution", MAX_REPLY)
    found = checks.text(cause, "cause", MAX_REPLY) if cause.strip() else None
    current = _own(tx, conversation, technician, Move.CLOSE)
    ticket = tickets.current(tx, current, lock=True)
    if ticket is not None:
        changes: dict[Column, object] = {Column.RESOLUTION: resolution, Column.CAUSE: found or ticket.cause}
        if ticket.assignee is None:
            changes[Column.ASSIGNEE] = technician.id
        tickets.move(tx, ticket, State.RESOLVED, tickets.acting(technician), now, changes)
    messages.append(tx, current.id, Author.TECHNICIAN, resolution, now, technician=technician.id, internal=True)
    ownership.announce(tx, current, "closed", technician.name, now)
    ownership.close(tx, current, now)


def reopen(tx: Transaction, conversation: int, technician: Technician, now: datetime) -> None:
    """Take up a closed conversation again, to write to its customer; its resolved ticket is open again.

    Raises:
        Conflict: it is not closed.
        NotFound: there is no such conversation.
    """
    current = conversations.get(tx, conversation, lock=True)
    held = ownership.assign(tx, current, Move.REOPEN, technician.id, now, Reason.REOPENED)
    who = tickets.acting(technician)
    ticket, _ = tickets.open_ticket(tx, held, Details(Reason.REOPENED), f"reopen:{current.revision}", now, who)
    tickets.move(tx, ticket, State.OPEN, who, now, {Column.ASSIGNEE: technician.id})
    clocks.follow(tx, conversation, now)


def _own(tx: Transaction, conversation: int, technician: Technician, move: Move) -> Conversation:
    """The conversation, locked, if `move` is legal and no other technician has it."""
    current = conversations.get(tx, conversation, lock=True)
    require(current, move)
    if current.technician is not None and current.technician != technician.id:
        raise Conflict(move.value, current.state, current.technician_name)
    return current


def _said(text: str, uploads: Sequence[int]) -> str:
    if len(uploads) > MAX_FILES:
        raise Invalid("attachments", "too_many")
    return "" if uploads and not text.strip() else checks.text(text, "text", MAX_REPLY)
