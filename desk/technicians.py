"""Technicians: accounts, invitations, passwords, logging in.

Somebody new is invited: whoever has the one-time link chooses a name and a password, and is in. What is stored of the
link, as of every token, is its hash.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from desk.model import checks
from desk.model.errors import Invalid, NotFound
from desk.model.technician import Permission, Role, Technician, require
from desk.store import technicians
from desk.store.database import Database, Transaction

MIN_PASSWORD = 10
"""Characters. Length is what helps; rules about digits and signs do not (NIST SP 800-63B, 3.1.1.2)."""
MAX_PASSWORD = 200
MAX_NAME = 200
LINK_LASTS = timedelta(days=7)
"""How long a one-time link by which a password is set may be used."""

HASHER = PasswordHasher()
"""As hard as the library advises (RFC 9106)."""
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
NO_PASSWORD = ""
"""Instead of a hash: no password fits it, as `_verify` takes it for nobody's."""


@cache
def _nobodys_hash() -> str:
    """Somebody who tries addresses must not learn from the time it takes which of them exist."""
    return HASHER.hash(secrets.token_urlsafe())


def one_time_password() -> str:
    """A password for a first login, to be changed there."""
    return secrets.token_urlsafe(12)


def add(
    tx: Transaction, email: str, name: str, role: Role, password: str, now: datetime, *, one_time: bool
) -> Technician:
    """Add a technician; a `one_time` password must be changed at the first login.

    Raises:
        Invalid: the address, name or password is not acceptable, or the address is taken.
    """
    email, name = _new_address(tx, email), checked_name(name)
    _check_password(password)
    return technicians.create(tx, email, name, role, HASHER.hash(password), one_time, now)


def _new_address(tx: Transaction, email: str) -> str:
    email = email.strip().lower()
    if not _ADDRESS.fullmatch(email) or len(email) > 320:
        raise Invalid("email", "malformed")
    if technicians.by_email(tx, email) is not None:
        raise Invalid("email", "taken")
    return email


def checked_name(name: str) -> str:
    """`name` as one line.

    Raises:
        Invalid: it is empty, too long, or not text.
    """
    return checks.line(name, "name", MAX_NAME)


def ensure_admin(tx: Transaction, email: str, name: str, now: datetime) -> str | None:
    """Make the first administrator when there is none; returns the one-time password, which is shown only once."""
    if technicians.admins(tx):
        return None
    password = one_time_password()
    add(tx, email, name, Role.ADMIN, password, now, one_time=True)
    return password


async def log_in(
    database: Database,
    email: str,
    password: str,
    now: datetime,
    lasts: timedelta,
    *,
    address: str | None = None,
    agent: str | None = None,
) -> str | None:
    """A token for the technician's cookie, or None when address and password do not fit (or the account is off).

    address, agent: from where, and with which browser: what they are told by when they look at their logins.

    Hashing takes tens of milliseconds on purpose: it is done in a thread, and in no transaction.
    """
    found = await database.read(lambda tx: technicians.by_email(tx, email.strip().lower()))
    fits = await asyncio.to_thread(_verify, found[1] if found else None, password)
    if found is None or not fits or not found[0].active:
        return None
    token, hashed, technician = *_token(), found[0].id
    await database.write(
        lambda tx: technicians.add_login(
            tx, hashed, technician, now, now + lasts, address=_cut(address, 64), agent=_cut(agent, 300)
        )
    )
    return token


def _token() -> tuple[str, str]:
    """A new token, and its hash."""
    token = secrets.token_urlsafe(32)
    return token, hash_of(token)


def _cut(text: str | None, longest: int) -> str | None:
    return text[:longest] if text else None


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        return len(password) <= MAX_PASSWORD and HASHER.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False


def who(tx: Transaction, token: str, now: datetime) -> Technician | None:
    """Whose login `token` is, if it is still good."""
    return technicians.by_login(tx, hash_of(token), now)


def seen(tx: Transaction, token: str, now: datetime) -> None:
    """The technician's console is open."""
    technicians.seen(tx, hash_of(token), now)


def log_out(tx: Transaction, token: str) -> None:
    """End a login."""
    technicians.end_login(tx, hash_of(token))


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
    hashed = await asyncio.to_thread(HASHER.hash, new)

    def work(tx: Transaction) -> None:
        technicians.set_password(tx, technician.id, hashed, must_change=False)
        technicians.end_logins(tx, technician.id)

    await database.write(work)


def reset_password(tx: Transaction, email: str) -> str:
    """A new one-time password for somebody who forgot theirs.

    Raises:
        Invalid: nobody has this address.
    """
    found = technicians.by_email(tx, email.strip().lower())
    if found is None:
        raise Invalid("email", "unknown")
    password = one_time_password()
    technicians.set_password(tx, found[0].id, HASHER.hash(password), must_change=True)
    technicians.end_logins(tx, found[0].id)
    return password


def by_email(tx: Transaction, email: str) -> Technician:
    """The technician with this address.

    Raises:
        Invalid: nobody has it.
    """
    found = technicians.by_email(tx, email.strip().lower())
    if found is None:
        raise Invalid("email", "unknown")
    return found[0]


def invite(tx: Transaction, by: Technician, email: str, name: str, role: Role, now: datetime) -> tuple[Technician, str]:
    """Add a technician who has yet to choose a password; also returns the token of the link by which they do.

    Raises:
        Invalid: the address or the name is not acceptable, or the address is taken.
        NotAllowed: `by` may not administer.
    """
    require(by, Permission.ADMINISTER)
    email, name = _new_address(tx, email), checked_name(name)
    added = technicians.create(tx, email, name, role, NO_PASSWORD, False, now, active=False)
    return added, new_link(tx, by, added.id, now)


def new_link(tx: Transaction, by: Technician, technician: int, now: datetime) -> str:
    """The token of a one-time link by which `technician` sets a password; an earlier one works no longer.

    For whoever lost their invitation or their password, or comes back. What they have works until the link is used.

    Raises:
        NotAllowed: `by` may not administer.
        NotFound: there is no such technician.
    """
    require(by, Permission.ADMINISTER)
    token, hashed = _token()
    technicians.invite(tx, technicians.get(tx, technician).id, hashed, now + LINK_LASTS)
    return token


def invited(tx: Transaction, token: str, now: datetime) -> Technician:
    """Whose link `token` is.

    Raises:
        NotFound: nobody's: it is wrong, too old, or used up.
    """
    found = technicians.invited(tx, hash_of(token), now)
    if found is None:
        raise NotFound("invitation", "")
    return found


async def accept(database: Database, token: str, name: str, password: str, now: datetime) -> Technician:
    """Use a link up: the technician has a name and a password now, and earlier logins end.

    Raises:
        Invalid: the name or the password is not acceptable.
        NotFound: the link is wrong, too old, or used up.
    """
    await database.read(lambda tx: invited(tx, token, now))
    name = checked_name(name)
    _check_password(password)
    hashed = await asyncio.to_thread(HASHER.hash, password)

    def work(tx: Transaction) -> Technician:
        accepted = technicians.accept(tx, hash_of(token), now, name, hashed)
        if accepted is None:
            raise NotFound("invitation", "")
        technicians.end_logins(tx, accepted.id)
        return accepted

    return await database.write(work)


def prefer(tx: Transaction, technician: Technician, *, mailed: bool | None = None, language: str | None = None) -> None:
    """What somebody wants for themselves: handovers by mail as well, and in which language; None leaves it."""
    technicians.change(
        tx,
        technician.id,
        mailed=technician.mailed if mailed is None else mailed,
        language=technician.language if language is None else language,
    )


def _check_password(password: str) -> None:
    if len(password) < MIN_PASSWORD:
        raise Invalid("password", "too_short")
    if len(password) > MAX_PASSWORD:
        raise Invalid("password", "too_long")


def hash_of(token: str) -> str:
    """What is stored of a token."""
    # A plain hash is enough: tokens are random, there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()
