"""Technicians and their logins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, insert, select, update

from desk.model.errors import NotFound
from desk.model.technician import Role, Technician
from desk.store.database import Transaction
from desk.store.tables import logins, technicians


def _read(row: Row[Any]) -> Technician:
    return Technician(
        row.id,
        row.email,
        row.name,
        Role(row.role),
        row.active,
        row.must_change_password,
        language=row.language,
        mailed=row.mailed,
    )


def create(
    tx: Transaction, email: str, name: str, role: Role, password_hash: str, must_change_password: bool, now: datetime
) -> Technician:
    """Add a technician. The address must be in lower case and not be taken."""
    added = tx.connection.execute(
        insert(technicians)
        .values(
            email=email,
            name=name,
            role=role.value,
            password_hash=password_hash,
            must_change_password=must_change_password,
            created_at=now,
        )
        .returning(technicians)
    ).one()
    return _read(added)


def get(tx: Transaction, technician: int) -> Technician:
    """The technician with this id.

    Raises:
        NotFound: there is no such technician.
    """
    row = tx.connection.execute(select(technicians).where(technicians.c.id == technician)).one_or_none()
    if row is None:
        raise NotFound("technician", technician)
    return _read(row)


def by_email(tx: Transaction, email: str) -> tuple[Technician, str] | None:
    """A technician and the hash of their password."""
    row = tx.connection.execute(select(technicians).where(technicians.c.email == email)).one_or_none()
    return (_read(row), row.password_hash) if row else None


def everybody(tx: Transaction) -> Sequence[Technician]:
    """All technicians, by name."""
    return [_read(row) for row in tx.connection.execute(select(technicians).order_by(technicians.c.name))]


def count_admins(tx: Transaction) -> int:
    """How many active administrators there are."""
    query = select(func.count()).where(technicians.c.role == Role.ADMIN.value, technicians.c.active.is_(True))
    return int(tx.connection.execute(query).scalar_one())


def set_password(tx: Transaction, technician: int, password_hash: str, *, must_change: bool) -> None:
    """Set a password and end all logins made with the old one."""
    values = {"password_hash": password_hash, "must_change_password": must_change}
    tx.connection.execute(update(technicians).where(technicians.c.id == technician).values(**values))
    tx.connection.execute(delete(logins).where(logins.c.technician_id == technician))


def add_login(tx: Transaction, token_hash: str, technician: int, now: datetime, expires_at: datetime) -> None:
    """Remember a login, and forget those that have run out."""
    tx.connection.execute(delete(logins).where(logins.c.expires_at < now))
    tx.connection.execute(
        insert(logins).values(
            token_hash=token_hash, technician_id=technician, created_at=now, expires_at=expires_at, seen_at=now
        )
    )


def seen(tx: Transaction, token_hash: str, now: datetime) -> None:
    """Note that a technician's console is open at this moment."""
    tx.connection.execute(update(logins).where(logins.c.token_hash == token_hash).values(seen_at=now))


def anybody_since(tx: Transaction, moment: datetime) -> bool:
    """Whether any console has been open since `moment`."""
    query = select(exists().where(logins.c.seen_at >= moment))
    return bool(tx.connection.execute(query).scalar())


def by_login(tx: Transaction, token_hash: str, now: datetime) -> Technician | None:
    """Whose login it is, if it is still good and the technician is active."""
    query = (
        select(technicians)
        .join(logins, logins.c.technician_id == technicians.c.id)
        .where(logins.c.token_hash == token_hash, logins.c.expires_at > now, technicians.c.active.is_(True))
    )
    row = tx.connection.execute(query).one_or_none()
    return _read(row) if row else None


def end_login(tx: Transaction, token_hash: str) -> None:
    """Forget a login."""
    tx.connection.execute(delete(logins).where(logins.c.token_hash == token_hash))
