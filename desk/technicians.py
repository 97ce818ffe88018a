"""Technicians: accounts, passwords, logins."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from desk.model.errors import Conflict, Invalid
from desk.model.technician import Role, Technician
from desk.store import technicians
from desk.store.database import Database, Transaction

MIN_PASSWORD = 10
"""Characters. Length is what helps; rules about digits and signs do not (NIST SP 800-63B, 3.1.1.2)."""
MAX_PASSWORD = 200
PRESENCE = timedelta(seconds=90)
"""A console that was heard of within this time counts as open."""

_HASHER = PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """Somebody who tries addresses must not learn from the time it takes which of them exist."""
    return _HASHER.hash(secrets.token_urlsafe())


def one_time_password() -> str:
    """A password for a first login, to be changed there."""
    return secrets.token_urlsafe(12)


def add(
    tx: Transaction, email: str, name: str, role: Role, password: str, now: datetime, *, one_time: bool
) -> Technician:
    """Add a technician; a `one_time` password must be changed at the first login.

    Raises:
        Invalid: the address, name or password is not acceptable.
        Conflict: the address is taken.
    """
    email = email.strip().lower()
    if "@" not in email or len(email) > 320:
        raise Invalid("email", "malformed")
    if not name.strip() or len(name) > 200:
        raise Invalid("name", "empty" if not name.strip() else "too_long")
    _check_password(password)
    if technicians.by_email(tx, email) is not None:
        raise Conflict("add technician", "taken")
    return technicians.create(tx, email, name.strip(), role, _HASHER.hash(password), one_time, now)


def ensure_admin(tx: Transaction, email: str, name: str, now: datetime) -> str | None:
    """Make the first administrator when there is none; returns the one-time password, which is shown only once."""
    if technicians.count_admins(tx):
        return None
    password = one_time_password()
    add(tx, email, name, Role.ADMIN, password, now, one_time=True)
    return password


async def log_in(database: Database, email: str, password: str, now: datetime, lasts: timedelta) -> str | None:
    """A token for the technician's cookie, or None when address and password do not fit (or the account is off).

    Hashing takes tens of milliseconds on purpose: it is done in a thread, and in no transaction.
    """
    found = await database.read(lambda tx: technicians.by_email(tx, email.strip().lower()))
    fits = await asyncio.to_thread(_verify, found[1] if found else None, password)
    if found is None or not fits or not found[0].active:
        return None
    token = secrets.token_urlsafe(32)
    technician = found[0].id
    await database.write(lambda tx: technicians.add_login(tx, _hash(token), technician, now, now + lasts))
    return token


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        return len(password) <= MAX_PASSWORD and _HASHER.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False


def who(tx: Transaction, token: str, now: datetime) -> Technician | None:
    """Whose login `token` is, if it is still good."""
    return technicians.by_login(tx, _hash(token), now)


def seen(tx: Transaction, token: str, now: datetime) -> None:
    """The technician's console is open."""
    technicians.seen(tx, _hash(token), now)


def anybody_there(tx: Transaction, now: datetime) -> bool:
    """Whether any technician has a console open."""
    return technicians.anybody_since(tx, now - PRESENCE)


def log_out(tx: Transaction, token: str) -> None:
    """End a login."""
    technicians.end_login(tx, _hash(token))


async def change_password(database: Database, technician: Technician, old: str, new: str) -> None:
    """Set a new password; all logins of the technician end.

    Raises:
        Invalid: the old password is wrong, or the new one is too short, too long or the old one.
    """
    found = await database.read(lambda tx: technicians.by_email(tx, technician.email))
    if found is None or not await asyncio.to_thread(_verify, found[1], old):
        raise Invalid("old_password", "wrong")
    _check_password(new)
    if new == old:
        raise Invalid("password", "unchanged")
    hashed = await asyncio.to_thread(_HASHER.hash, new)
    await database.write(lambda tx: technicians.set_password(tx, technician.id, hashed, must_change=False))


def reset_password(tx: Transaction, email: str) -> str:
    """A new one-time password for somebody who forgot theirs.

    Raises:
        Invalid: nobody has this address.
    """
    found = technicians.by_email(tx, email.strip().lower())
    if found is None:
        raise Invalid("email", "unknown")
    password = one_time_password()
    technicians.set_password(tx, found[0].id, _HASHER.hash(password), must_change=True)
    return password


def _check_password(password: str) -> None:
    if len(password) < MIN_PASSWORD:
        raise Invalid("password", "too_short")
    if len(password) > MAX_PASSWORD:
        raise Invalid("password", "too_long")


def _hash(token: str) -> str:
    # A plain hash is enough: tokens are random, there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()
