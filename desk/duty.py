"""Who answers for a team, and who of them is there now."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime

from desk.model.technician import PRESENCE, SLACK_PRESENCE
from desk.store import duty, slack_technicians, teams
from desk.store.database import Transaction


def responsible(tx: Transaction, team: str | None) -> Set[int]:
    """The technicians who answer for `team`; None is for what no team is named for.

    That is its members. Whoever is in no team belongs to the fallback team, which also answers for teams that have
    nobody; when it has nobody either, everybody does.
    """
    everybody = duty.active(tx)
    members = {technician for technician, own in everybody.items() if team in own}
    fallback = teams.fallback(tx)
    if members and not (fallback is not None and fallback.key == team):
        return members
    named = fallback.key if fallback else None
    return {technician for technician, own in everybody.items() if not own or named in own} or everybody.keys()


def there(tx: Transaction, now: datetime) -> Set[int]:
    """Technicians who have a console open, or have just done something in Slack."""
    return duty.seen_since(tx, now - PRESENCE) | slack_technicians.seen_since(tx, now - SLACK_PRESENCE)


def anybody_there(tx: Transaction, team: str | None, now: datetime) -> bool:
    """Whether somebody who answers for `team` is there."""
    return not there(tx, now).isdisjoint(responsible(tx, team))


def forget_expired(tx: Transaction, now: datetime) -> int:
    """Forget logins that have run out; returns how many there were."""
    return duty.forget_expired(tx, now)
