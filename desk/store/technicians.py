"""Technicians and their logins."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, false, func, insert, select, update

from desk.model.errors import NotFound
from desk.model.technician import Account, Login, Role, Technician
from desk.model.ticket import UNFINISHED
from desk.store.database import Transaction
from desk.store.tables import conversations, logins, team_members, technicians, tickets


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
    tx: Transaction,
    email: str,
    name: str,
    role: Role,
    password_hash: str,
    must_change_password: bool,
    now: datetime,
    *,
    active: bool = True,
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
            active=active,
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


def admins(tx: Transaction) -> Collection[int]:
    """The ids of the active administrators, locked: of two who step down at once, one has to see the other do it."""
    query = select(technicians.c.id).where(technicians.c.role == Role.ADMIN.value, technicians.c.active.is_(True))
    # Not against references: an administrator who is just answering somebody need not wait, nor be waited for.
    query = query.order_by(technicians.c.id).with_for_update(key_share=True)
    return tx.connection.execute(query).scalars().all()


def accounts(tx: Transaction) -> Sequence[Account]:
    """Everybody, by name, as administrators see them."""
    teams: dict[int, list[str]] = {}
    for row in tx.connection.execute(select(team_members).order_by(team_members.c.team)):
        teams.setdefault(row.technician_id, []).append(row.team)
    seen = select(logins.c.technician_id, func.max(logins.c.seen_at)).where(logins.c.name.is_(None))
    seen_at = {row[0]: row[1] for row in tx.connection.execute(seen.group_by(logins.c.technician_id))}
    rows = tx.connection.execute(select(technicians).order_by(func.lower(technicians.c.name), technicians.c.id))
    return [Account(_read(row), tuple(teams.get(row.id, ())), row.invited_until, seen_at.get(row.id)) for row in rows]


def change(tx: Transaction, technician: int, **values: object) -> None:
    """Set columns of a technician."""
    tx.connection.execute(update(technicians).where(technicians.c.id == technician).values(**values))


def invite(tx: Transaction, technician: int, token_hash: str, until: datetime) -> None:
    """Remember the one link by which a technician may set a password; an earlier one works no longer."""
    change(tx, technician, invitation_hash=token_hash, invited_until=until)


def invited(tx: Transaction, token_hash: str, now: datetime) -> Technician | None:
    """Whose link it is, if it can still be used."""
    own = technicians.c
    query = select(technicians).where(own.invitation_hash == token_hash, own.invited_until > now)
    row = tx.connection.execute(query).one_or_none()
    return _read(row) if row else None


def accept(tx: Transaction, token_hash: str, now: datetime, name: str, password_hash: str) -> Technician | None:
    """Use a link up: the account gets its name and password, and is active. None when it is used up already."""
    own = technicians.c
    row = tx.connection.execute(
        update(technicians)
        .where(own.invitation_hash == token_hash, own.invited_until > now)
        .values(
            name=name,
            password_hash=password_hash,
            must_change_password=False,
            active=True,
            invitation_hash=None,
            invited_until=None,
        )
        .returning(technicians)
    ).one_or_none()
    return _read(row) if row else None


def assigned_tickets(tx: Transaction, technician: int) -> Sequence[int]:
    """The ids of the unfinished tickets that are `technician`'s."""
    own = tickets.c
    states = [state.value for state in UNFINISHED]
    query = select(own.id).where(own.assignee_id == technician, own.state.in_(states)).order_by(own.id)
    return tx.connection.execute(query).scalars().all()


def held_conversations(tx: Transaction, technician: int) -> Sequence[int]:
    """The ids of the open conversations that `technician` has."""
    own = conversations.c
    query = select(own.id).where(own.technician_id == technician, own.closed.is_(False)).order_by(own.id)
    return tx.connection.execute(query).scalars().all()


def set_password(tx: Transaction, technician: int, password_hash: str, *, must_change: bool) -> None:
    """Set a password; a link by which it could be set works no longer."""
    values = {"password_hash": password_hash, "must_change_password": must_change}
    change(tx, technician, **values, invitation_hash=None, invited_until=None)


def add_login(
    tx: Transaction,
    token_hash: str,
    technician: int,
    now: datetime,
    expires_at: datetime,
    *,
    name: str | None = None,
    address: str | None = None,
    agent: str | None = None,
) -> int:
    """Remember a login, or with a `name` a program's token, and forget those that have run out; returns its id."""
    tx.connection.execute(delete(logins).where(logins.c.expires_at < now))
    added = insert(logins).values(
        token_hash=token_hash,
        technician_id=technician,
        created_at=now,
        expires_at=expires_at,
        seen_at=now,
        name=name,
        address=address,
        agent=agent,
    )
    return int(tx.connection.execute(added.returning(logins.c.id)).scalar_one())


def end_logins(tx: Transaction, technician: int, *, tokens: bool = False, but: str | None = None) -> int:
    """End a technician's logins, except that with the hash `but`, and with `tokens` their programs' tokens too.

    Returns how many there were.
    """
    ended = delete(logins).where(logins.c.technician_id == technician)
    if not tokens:
        ended = ended.where(logins.c.name.is_(None))
    if but is not None:
        ended = ended.where(logins.c.token_hash != but)
    return int(tx.connection.execute(ended).rowcount)


def _logins(token_hash: str | None) -> Select[Any]:
    current = logins.c.token_hash == token_hash if token_hash else false()
    return select(logins, technicians.c.name.label("technician_name"), current.label("current")).join(
        technicians, technicians.c.id == logins.c.technician_id
    )


def _login(row: Row[Any]) -> Login:
    return Login(
        row.id,
        row.technician_id,
        row.technician_name,
        row.name,
        row.created_at,
        row.expires_at,
        row.seen_at,
        row.address,
        row.agent,
        bool(row.current),
    )


def sessions(tx: Transaction, technician: int, now: datetime, token_hash: str | None) -> Sequence[Login]:
    """The browsers somebody is logged in with, the latest seen first; that of `token_hash` is the current one."""
    query = _logins(token_hash).where(
        logins.c.technician_id == technician, logins.c.name.is_(None), logins.c.expires_at > now
    )
    return [_login(row) for row in tx.connection.execute(query.order_by(logins.c.seen_at.desc(), logins.c.id.desc()))]


def tokens(tx: Transaction, now: datetime) -> Sequence[Login]:
    """The tokens of programs, by name."""
    query = _logins(None).where(logins.c.name.is_not(None), logins.c.expires_at > now)
    return [_login(row) for row in tx.connection.execute(query.order_by(logins.c.name, logins.c.id))]


def find_login(tx: Transaction, login: int) -> Login | None:
    """The login or token with this id, if there is one."""
    row = tx.connection.execute(_logins(None).where(logins.c.id == login)).one_or_none()
    return _login(row) if row else None


def remove_login(tx: Transaction, login: int) -> None:
    """End one login or token."""
    tx.connection.execute(delete(logins).where(logins.c.id == login))


def seen(tx: Transaction, token_hash: str, now: datetime) -> None:
    """Note that a technician's console is open at this moment."""
    tx.connection.execute(update(logins).where(logins.c.token_hash == token_hash).values(seen_at=now))


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
