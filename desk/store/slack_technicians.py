"""Who technicians are in Slack, and the codes by which they prove it."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime

from sqlalchemy import delete, select, update

from desk.model.slack import Linked, Person
from desk.store import dialects, technicians
from desk.store.database import Transaction
from desk.store.tables import slack_codes, slack_technicians


def technician_of(tx: Transaction, person: Person) -> int | None:
    """The id of the technician somebody in Slack is."""
    own = slack_technicians.c
    query = select(own.technician_id).where(own.workspace == person.workspace, own.slack_user == person.user)
    return tx.connection.execute(query).scalar()


def link(tx: Transaction, person: Person, technician: int, now: datetime) -> None:
    """`person` is `technician` from now on, and nobody else."""
    values = {"technician_id": technician, "linked_at": now, "seen_at": now}
    added = dialects.insert(tx, slack_technicians).values(workspace=person.workspace, slack_user=person.user, **values)
    tx.connection.execute(added.on_conflict_do_update(index_elements=["workspace", "slack_user"], set_=values))


def seen(tx: Transaction, person: Person, now: datetime) -> None:
    """Somebody did something in Slack."""
    own = slack_technicians.c
    noted = update(slack_technicians).where(own.workspace == person.workspace, own.slack_user == person.user)
    tx.connection.execute(noted.values(seen_at=now))


def seen_since(tx: Transaction, moment: datetime) -> Set[int]:
    """Technicians who did something in Slack since `moment`."""
    own = slack_technicians.c
    return frozenset(tx.connection.execute(select(own.technician_id).where(own.seen_at >= moment)).scalars())


def unlink(tx: Transaction, technician: int, person: Person | None = None) -> int:
    """A technician is no longer `person` (None: nobody) in Slack; returns how many links that ended."""
    own = slack_technicians.c
    removed = delete(slack_technicians).where(own.technician_id == technician)
    if person is not None:
        removed = removed.where(own.workspace == person.workspace, own.slack_user == person.user)
    return int(tx.connection.execute(removed).rowcount)


def of_technician(tx: Transaction, technician: int) -> Sequence[Linked]:
    """Who a technician is in Slack, the newest link first."""
    who = technicians.get(tx, technician)
    query = select(slack_technicians).where(slack_technicians.c.technician_id == technician)
    rows = tx.connection.execute(query.order_by(slack_technicians.c.linked_at.desc()))
    return [Linked(Person(row.workspace, row.slack_user), who, row.linked_at) for row in rows]


def put_code(tx: Transaction, technician: int, hashed: str, until: datetime) -> None:
    """Keep the code of a technician; an earlier one is forgotten."""
    values = {"code_hash": hashed, "expires_at": until}
    added = dialects.insert(tx, slack_codes).values(technician_id=technician, **values)
    tx.connection.execute(added.on_conflict_do_update(index_elements=["technician_id"], set_=values))


def use_code(tx: Transaction, hashed: str, now: datetime) -> int | None:
    """The technician whose code it is; it works this once."""
    own = slack_codes.c
    used = delete(slack_codes).where(own.code_hash == hashed, own.expires_at > now).returning(own.technician_id)
    return tx.connection.execute(used).scalar()
