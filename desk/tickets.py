"""Tickets: opened once for what caused them, moved only as the table of states allows, with a line of history each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.contract import Author, Owner
from desk import ownership
from desk.model import checks
from desk.model import ticket as model
from desk.model.conversation import Conversation, Move, Reason
from desk.model.errors import Conflict, Invalid
from desk.model.event import EventType, about_ticket
from desk.model.letter import bare_subject
from desk.model.technician import Permission, Technician
from desk.model.technician import require as require_permission
from desk.model.ticket import BOT, DESK, HIGHEST, LOWEST, MAJOR, Change, Details, Link, State, Ticket, Who
from desk.store import (
    cases,
    conversations,
    events,
    letters,
    links,
    locks,
    merges,
    messages,
    runs,
    teams,
    technicians,
    tickets,
)
from desk.store.database import Transaction
from desk.store.tickets import Column

MAX_SUBJECT = 300
MAX_TEXT = 8_000
"""Characters in what is added, and in a resolution."""
_SUBJECT_LENGTH = 120
_URGENCY = 2
"""When nothing else is known."""


def open_ticket(
    tx: Transaction, conversation: Conversation, details: Details, cause: str, now: datetime, who: Who = BOT
) -> tuple[Ticket, bool]:
    """The ticket of `conversation`, opened now unless there is an unfinished one; and whether it is new.

    A ticket that was resolved lately, about the same problem, is opened again instead (its team says how long that is
    so); an older one gets a successor, linked to it. `cause` (the id of the message that led to it) makes a repeated
    call harmless, even when the ticket was finished in between. `conversation` must be locked.
    """
    cause_key = f"{conversation.id}:{cause}"
    caused = tickets.caused_by(tx, cause_key)
    if caused is not None:
        return standing(tx, caused), False
    before = tickets.get(tx, conversation.ticket, lock=True) if conversation.ticket else None
    if before is not None and before.unfinished:
        return before, False
    same = before is not None and _same_problem(before, details)
    if before is not None and same and before.reopens(reopen_days(tx, before), now):
        return move(tx, before, State.OPEN, who, now), False
    ticket = create(tx, conversation, details, cause_key, now, who)
    if before is not None and same:
        links.add(tx, ticket.id, before.id, Link.FOLLOWS, now)
    return ticket, True


def _same_problem(ticket: Ticket, details: Details) -> bool:
    return details.procedure is None or ticket.procedure in {None, details.procedure}


def standing(tx: Transaction, ticket: Ticket) -> Ticket:
    """The ticket that `ticket` has become part of, however often; itself when it was not merged."""
    return tickets.get(tx, merges.chain(tx, ticket.id)[-1])


def reopen_days(tx: Transaction, ticket: Ticket) -> int:
    """How many days after its resolution the ticket may be opened again."""
    team = teams.find(tx, ticket.team) if ticket.team else teams.fallback(tx)
    return team.reopen_days if team else 0


def create(
    tx: Transaction,
    conversation: Conversation,
    details: Details,
    cause_key: str,
    now: datetime,
    who: Who,
    *,
    from_seq: int | None = None,
) -> Ticket:
    """A new ticket for `conversation`, whatever tickets that has; it begins with message `from_seq` (None: guessed)."""
    category = teams.find_category(tx, details.category) if details.category else None
    named = teams.find(tx, details.team or (category and category.team) or "")
    team = named if named is not None and named.active else teams.fallback(tx)
    impact = details.impact or (category.impact if category else None) or LOWEST
    urgency = details.urgency or _URGENCY
    begins = from_seq or _begins(tx, conversation)
    new = tickets.New(
        customer=conversation.customer,
        subject=details.subject or _subject(tx, conversation, details, begins),
        channel=conversation.channel,
        details=details,
        category=category.key if category else None,
        team=team.key if team else None,
        impact=impact,
        urgency=urgency,
        priority=teams.matrix(tx)[impact, urgency],
        cause_key=cause_key,
    )
    ticket = tickets.create(tx, new, now)
    tickets.record(tx, ticket.id, who, "created", None, details.reason.value, now)
    cases.attach(tx, ticket.id, conversation.id, begins, now)
    events.emit(tx, EventType.TICKET_CREATED, lambda: about_ticket(ticket), now)
    return ticket


def _begins(tx: Transaction, conversation: Conversation) -> int:
    """Where a new case begins: behind everything that belonged to the earlier ones of this conversation."""
    earlier = [t.resolved_at or t.updated_at for t in tickets.of_conversation(tx, conversation.id)]
    return messages.first_since(tx, conversation.id, max(earlier)) if earlier else 1


def _subject(tx: Transaction, conversation: Conversation, details: Details, begins: int) -> str:
    """What the ticket is about: the procedure's title, else the mail's subject, else what the customer says most."""
    for run in reversed(runs.of_conversation(tx, conversation.id)):
        if run.procedure == details.procedure:
            return run.title
    written = bare_subject(letters.subject_since(tx, conversation.id, begins) or "")
    if written:
        return written[:MAX_SUBJECT]
    said = [m for m in messages.after(tx, conversation.id) if m.author is Author.CUSTOMER and m.choice is None]
    said = ([m for m in said if m.seq >= begins] or said)[-5:]
    longest = max((m.text for m in said), key=len, default="") or (said[-1].gist if said else "")
    words = " ".join(longest.split())
    if len(words) <= _SUBJECT_LENGTH:
        return words or "…"
    return words[:_SUBJECT_LENGTH].rsplit(" ", 1)[0] + " …"


def current(tx: Transaction, conversation: Conversation, *, lock: bool = False) -> Ticket | None:
    """The unfinished ticket a conversation is about, if there is one."""
    ticket = tickets.get(tx, conversation.ticket, lock=lock) if conversation.ticket else None
    return ticket if ticket is not None and ticket.unfinished else None


def lock(tx: Transaction, number: str) -> Ticket:
    """The ticket people call `number`, locked with its conversations; nothing may be locked before.

    Raises:
        NotFound: there is no such ticket.
    """
    found = tickets.by_number(tx, number)
    locks.hold(tx, [found.id])
    return tickets.get(tx, found.id)


def move(
    tx: Transaction,
    ticket: Ticket,
    state: State,
    who: Who,
    now: datetime,
    changes: Mapping[Column, object] | None = None,
) -> Ticket:
    """Move a locked ticket to `state`, and make the other `changes` that go with it.

    Raises:
        Conflict: the move is not legal from where the ticket stands.
    """
    model.require(ticket, state)
    values: dict[Column, object] = {**(changes or {}), Column.STATE: state}
    if state in {State.RESOLVED, State.CLOSED} and ticket.resolved_at is None:
        return tickets.change(tx, ticket, values, who, now, resolved_at=now)
    if ticket.state is State.RESOLVED and state is State.OPEN:
        return tickets.change(tx, ticket, values, who, now, resolved_at=None)
    return tickets.change(tx, ticket, values, who, now)


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants changed on a ticket; None leaves it. ``""`` empties team, category and assignee."""

    subject: str | None = None
    state: State | None = None
    category: str | None = None
    team: str | None = None
    assignee: int | None = None
    unassign: bool = False
    impact: int | None = None
    urgency: int | None = None
    major: bool | None = None
    cause: str | None = None
    resolution: str | None = None


def edit(
    tx: Transaction, number: str, wanted: Edit, technician: Technician, revision: int | None, now: datetime
) -> Ticket:
    """Change a ticket as a technician wants it, all of it or nothing; its conversations follow assignee and state.

    revision: the one the technician saw; None to change it whatever happened since.

    Raises:
        Conflict: it was changed since `revision`, the move of its state is not legal, or it is to be finished while
            another technician is answering in one of its conversations.
        Invalid: a value is not acceptable; a resolved ticket needs a resolution.
        NotAllowed: an incident is declared major (or no longer so) without the permission.
        NotFound: there is no such ticket, team, category or colleague.
    """
    ticket = lock(tx, number)
    if revision is not None and ticket.revision != revision:
        raise Conflict("edit", "changed", ticket.assignee_name)
    values = _values(tx, ticket, wanted, technician)
    if wanted.state is not None and wanted.state is not ticket.state:
        changed = move(tx, ticket, _reachable_state(ticket, wanted), acting(technician), now, values)
    else:
        changed = tickets.change(tx, ticket, values, acting(technician), now)
    _follow(tx, ticket, changed, technician, now)
    return changed


def _reachable_state(ticket: Ticket, wanted: Edit) -> State:
    assert wanted.state is not None
    if wanted.state is State.MERGED:
        # Into which one? That is `desk.merging`.
        raise Invalid("state", "merge")
    if wanted.state is State.RESOLVED and not (wanted.resolution or ticket.resolution):
        raise Invalid("resolution", "empty")
    return wanted.state


def _follow(tx: Transaction, before: Ticket, after: Ticket, technician: Technician, now: datetime) -> None:
    """The conversations that are about a ticket go where it goes."""
    for number in cases.pointing_at(tx, after.id):
        conversation = conversations.get(tx, number)
        with_people = not conversation.closed and conversation.owner is not Owner.BOT
        if before.unfinished and not after.unfinished and with_people:
            if conversation.technician not in {None, technician.id}:
                raise Conflict("resolve", conversation.state, conversation.technician_name)
            ownership.announce(tx, conversation, "closed", technician.name, now)
            ownership.close(tx, conversation, now)
        elif after.unfinished and before.state is State.RESOLVED and conversation.closed:
            ownership.assign(tx, conversation, Move.REOPEN, after.assignee or technician.id, now, Reason.REOPENED)
        elif before.assignee != after.assignee and with_people and conversation.technician != after.assignee:
            _reassign(tx, conversation, after, technician.name, now)


def _reassign(tx: Transaction, conversation: Conversation, ticket: Ticket, by: str, now: datetime) -> None:
    """Its ticket has another assignee, or none."""
    if conversation.technician is not None:
        ownership.announce(tx, conversation, "released", by, now)
    if ticket.assignee is None:
        ownership.queue(tx, conversation, Move.RELEASE, Reason.RELEASED, now)
        return
    move = Move.TRANSFER if conversation.technician is not None else Move.TAKE
    held = ownership.assign(tx, conversation, move, ticket.assignee, now)
    ownership.announce(tx, held, "taken", ticket.assignee_name or "", now)


def acting(technician: Technician) -> Who:
    """A technician, as the one who did something."""
    return Who(Author.TECHNICIAN, technician.id, technician.name)


def _values(tx: Transaction, ticket: Ticket, wanted: Edit, technician: Technician) -> dict[Column, object]:
    values: dict[Column, object] = {}
    if wanted.subject is not None:
        values[Column.SUBJECT] = checked(wanted.subject, "subject", MAX_SUBJECT)
    if wanted.category is not None:
        values[Column.CATEGORY] = _existing_category(tx, wanted.category)
    if wanted.team is not None:
        values[Column.TEAM] = teams.get(tx, wanted.team).key if wanted.team else None
    if wanted.assignee is not None or wanted.unassign:
        values[Column.ASSIGNEE] = None if wanted.unassign else _colleague(tx, ticket, wanted.assignee or 0)
    for column, text in ((Column.CAUSE, wanted.cause), (Column.RESOLUTION, wanted.resolution)):
        if text is not None:
            values[column] = checked(text, column.value) if text.strip() else None
    return values | _levels(tx, ticket, wanted, technician)


def _colleague(tx: Transaction, ticket: Ticket, technician: int) -> int:
    found = technicians.get(tx, technician)
    if not found.active and found.id != ticket.assignee:
        raise Invalid("assignee", "inactive")
    return found.id


def _existing_category(tx: Transaction, key: str) -> str | None:
    if key and teams.find_category(tx, key) is None:
        raise Invalid("category", "unknown")
    return key or None


def _levels(tx: Transaction, ticket: Ticket, wanted: Edit, technician: Technician) -> dict[Column, object]:
    """Impact and urgency, and the priority that follows from them."""
    for field, level in (("impact", wanted.impact), ("urgency", wanted.urgency)):
        if level is not None and not HIGHEST <= level <= LOWEST:
            raise Invalid(field, "range")
    was_major = ticket.priority == MAJOR
    major = was_major if wanted.major is None else wanted.major
    if major is not was_major:
        require_permission(technician, Permission.DECLARE_MAJOR)
    impact, urgency = wanted.impact or ticket.impact, wanted.urgency or ticket.urgency
    same = (impact, urgency, major) == (ticket.impact, ticket.urgency, was_major)
    priority = ticket.priority if same else MAJOR if major else teams.matrix(tx)[impact, urgency]
    return {Column.IMPACT: impact, Column.URGENCY: urgency, Column.PRIORITY: priority}


def checked(text: str, field: str, longest: int = MAX_TEXT) -> str:
    """`text` without blanks around it.

    Raises:
        Invalid: it is empty, too long, or not text.
    """
    return checks.text(text, field, longest)


def of_customer(tx: Transaction, customer: int) -> Sequence[Ticket]:
    """A customer's tickets, the newest first."""
    return tickets.of_customer(tx, customer)


def history(tx: Transaction, ticket: Ticket) -> Sequence[Change]:
    """Everything that happened to a ticket, in order."""
    return tickets.history(tx, ticket.id)


def close_old(tx: Transaction, now: datetime) -> int:
    """Close what was resolved so long ago that it cannot be opened again; returns how many tickets that were."""
    closed = 0
    old: list[Ticket] = []
    for team in (None, *teams.everyone(tx)):
        days = team.reopen_days if team else 0
        old += tickets.resolved_before(tx, now - timedelta(days=days), team.key if team else None)
    # In the order in which everybody locks them.
    for found in sorted(old, key=lambda ticket: ticket.id):
        ticket = tickets.get(tx, found.id, lock=True)
        # Several processes look at once, and customers object meanwhile.
        if ticket.revision == found.revision:
            move(tx, ticket, State.CLOSED, DESK, now)
            closed += 1
    return closed
