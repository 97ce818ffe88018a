"""What administrators do with technicians who are there: change what they may do, shut them out, let them in again."""

from __future__ import annotations

from datetime import datetime

from desk import conversations, tickets
from desk.model.errors import Conflict
from desk.model.technician import OPERATOR, Account, Permission, Role, Technician, require
from desk.model.ticket import DESK
from desk.store import locks, technicians
from desk.store import tickets as ticket_store
from desk.store.database import Transaction
from desk.technicians import NO_PASSWORD, checked_name


def everybody(tx: Transaction, by: Technician) -> list[Account]:
    """Everybody, by name.

    Raises:
        NotAllowed: `by` may not administer.
    """
    require(by, Permission.ADMINISTER)
    return list(technicians.accounts(tx))


def change(
    tx: Transaction, by: Technician, technician: int, *, name: str | None = None, role: Role | None = None
) -> Technician:
    """Change a technician's name or role; None leaves it. It holds from their next request on.

    Raises:
        Conflict: nobody would be left who may administer (``last_admin``).
        Invalid: the name is not acceptable.
        NotAllowed: `by` may not administer.
        NotFound: there is no such technician.
    """
    require(by, Permission.ADMINISTER)
    if role is not None and role is not Role.ADMIN:
        _require_another_admin(tx, technician, "change role")
    current = technicians.get(tx, technician)
    name = current.name if name is None else checked_name(name)
    technicians.change(tx, technician, name=name, role=(role or current.role).value)
    return technicians.get(tx, technician)


def _require_another_admin(tx: Transaction, technician: int, move: str) -> None:
    if set(technicians.admins(tx)) == {technician}:
        raise Conflict(move, "last_admin")


def deactivate(tx: Transaction, by: Technician, technician: int, now: datetime) -> None:
    """Shut a technician out, at once: logins, tokens and the link end, and what was theirs goes back into the queue.

    Raises:
        Conflict: nobody would be left who may administer (``last_admin``).
        NotAllowed: `by` may not administer.
        NotFound: there is no such technician.
    """
    require(by, Permission.ADMINISTER)
    current = technicians.get(tx, technician)
    _require_another_admin(tx, technician, "deactivate")
    technicians.change(tx, technician, active=False, invitation_hash=None, invited_until=None)
    technicians.end_logins(tx, technician, tokens=True)
    locks.hold(tx, technicians.assigned_tickets(tx, technician), technicians.held_conversations(tx, technician))
    for conversation in technicians.held_conversations(tx, technician):
        conversations.release(tx, conversation, current, now)
    who = DESK if by is OPERATOR else tickets.acting(by)
    for assigned in technicians.assigned_tickets(tx, technician):
        ticket = ticket_store.get(tx, assigned, lock=True)
        ticket_store.change(tx, ticket, {ticket_store.Column.ASSIGNEE: None}, who, now)


def activate(tx: Transaction, by: Technician, technician: int) -> None:
    """Let a technician in again, with the password they had.

    Raises:
        Conflict: they never had one (``invited``): they need a new link.
        NotAllowed: `by` may not administer.
        NotFound: there is no such technician.
    """
    require(by, Permission.ADMINISTER)
    current = technicians.get(tx, technician)
    found = technicians.by_email(tx, current.email)
    if found is not None and found[1] == NO_PASSWORD:
        raise Conflict("activate", "invited")
    technicians.change(tx, technician, active=True)
