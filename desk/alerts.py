"""Telling technicians that somebody needs them, again and again until one of them has seen it.

    raised ─► told at once ─► 2 min ─► told ─► 5 ─► told ─► 10 ─► told ─► every 15 minutes …
       └── seen, taken, answered, given back or closed: it is over

Each time, open consoles show and sound it; those who are not there are sent a mail. Out of hours there is no mail,
except once for what is urgent; the rest is told when the team opens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from desk import duty, hours
from desk.model.alert import WAITS, Alert, Kind, pause
from desk.model.conversation import Conversation
from desk.model.hours import Schedule
from desk.model.technician import Technician
from desk.store import alerts, conversations, teams, technicians, tickets, work
from desk.store.database import Transaction
from desk.store.tables import notices

CHANGED = "alerts"
"""What is announced when alerts were raised, told again or acknowledged."""

LATELY = timedelta(minutes=30)
"""So long is shown who has seen to what."""


def raise_(tx: Transaction, conversation: Conversation, kind: Kind, now: datetime) -> None:
    """Tell people about a conversation. What they are being told about it already goes on, unless it is passed on."""
    if kind is Kind.TRANSFER:
        alerts.settle(tx, conversation.id, None, now)
    ticket = tickets.get(tx, conversation.ticket) if conversation.ticket else None
    added = alerts.add(tx, conversation.id, kind, ticket.team if ticket else None, now)
    if added is not None:
        _tell(tx, added, now)


def _tell(tx: Transaction, alert: Alert, now: datetime) -> None:
    times, schedule = alert.times + 1, _schedule(tx, alert.team)
    closed = schedule is not None and not schedule.is_open(now)
    next_at = now + pause(times)
    opens = schedule.next_opening(now) if schedule is not None and closed else None
    if opens is not None:
        next_at = min(next_at, opens)
    if not alerts.told(tx, alert, next_at):
        return
    if not closed or (alert.urgent and times == 1):
        for technician in _mailed(tx, alert, now):
            work.put(tx, notices, technician, alert.id, times, now)
    tx.announce(CHANGED)


def _schedule(tx: Transaction, team: str | None) -> Schedule | None:
    found = (teams.find(tx, team) if team else None) or teams.fallback(tx)
    return hours.schedule_of(tx, found) if found else None


def _mailed(tx: Transaction, alert: Alert, now: datetime) -> Iterable[int]:
    """Whom to send a mail: who answers for it and is not there; for what is urgent, those who are there as well."""
    responsible = duty.responsible(tx, alert.team)
    there = frozenset[int]() if alert.urgent else duty.there(tx, now)
    wanted = responsible - there
    return [each.id for each in technicians.everybody(tx) if each.id in wanted and each.active and each.mailed]


def tell_due(tx: Transaction, now: datetime) -> int:
    """Tell again what is due; returns how many alerts that were. Of several processes one does it."""
    due = alerts.due(tx, now)
    # In the order of conversations, in which everybody locks them: no two wait for each other.
    for alert in sorted(due, key=lambda alert: alert.conversation):
        _tell(tx, alert, now)
    return len(due)


def raise_waiting(tx: Transaction, now: datetime) -> int:
    """Tell the others of customers who wait for a technician who is not there; returns how many that are."""
    there, raised = duty.there(tx, now), 0
    for conversation, technician in alerts.waiting_for(tx, now - WAITS):
        if technician not in there:
            raise_(tx, conversations.get(tx, conversation), Kind.WAITING, now)
            raised += 1
    return raised


def acknowledge(tx: Transaction, alert: int, technician: Technician, now: datetime) -> bool:
    """`technician` has seen it: nobody is told again. False when somebody else was faster.

    Raises:
        NotFound: there is no such alert.
    """
    found = alerts.get(tx, alert)
    done = alerts.acknowledge(tx, found.id, technician.id, now)
    if done:
        tx.announce(CHANGED)
        tx.touch(found.conversation)
    return done


def settle(tx: Transaction, conversation: int, now: datetime, technician: int | None = None) -> None:
    """Nobody needs to be told of it any longer: `technician` has it, or it is over."""
    if alerts.settle(tx, conversation, technician, now):
        tx.announce(CHANGED)


def open_for(tx: Transaction, technician: Technician) -> Sequence[Alert]:
    """What nobody has seen yet and `technician` answers for, what matters most first."""
    return _answered_by(tx, technician, alerts.all_open(tx))


def seen_for(tx: Transaction, technician: Technician, now: datetime) -> Sequence[Alert]:
    """What colleagues, or `technician`, have seen to lately, the latest first."""
    return _answered_by(tx, technician, alerts.seen_since(tx, now - LATELY))


def _answered_by(tx: Transaction, technician: Technician, found: Sequence[Alert]) -> Sequence[Alert]:
    answers = {team: technician.id in duty.responsible(tx, team) for team in {alert.team for alert in found}}
    return [alert for alert in found if answers[alert.team]]
