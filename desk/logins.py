"""Logins that technicians can look at and end, and the tokens by which programs act for them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from desk.model import checks
from desk.model.errors import Invalid, NotFound
from desk.model.technician import Login, Permission, Technician, require
from desk.store import technicians
from desk.store.database import Transaction
from desk.technicians import hash_of

TOKEN_LASTS = timedelta(days=365)
TOKEN_PREFIX = "firstline_"
"""Whoever finds a token in a log or a repository, a person or a scanner, sees what it is."""
MAX_NAME = 200


def sessions(
    tx: Transaction, by: Technician, technician: int, now: datetime, token: str | None = None
) -> Sequence[Login]:
    """The browsers `technician` is logged in with, the latest seen first; that of `token` is the current one.

    Raises:
        NotAllowed: they are somebody else's, and `by` may not administer.
    """
    _require_own(by, technician)
    return technicians.sessions(tx, technician, now, hash_of(token) if token else None)


def end_session(tx: Transaction, by: Technician, session: int) -> Login:
    """End one login; returns it.

    Raises:
        NotAllowed: it is somebody else's, and `by` may not administer.
        NotFound: there is no such login.
    """
    found = technicians.find_login(tx, session)
    if found is None or found.name is not None:
        raise NotFound("session", session)
    _require_own(by, found.technician)
    technicians.remove_login(tx, session)
    return found


def end_sessions(tx: Transaction, by: Technician, technician: int, but: str | None = None) -> int:
    """End all logins of `technician`, except that with the token `but`; returns how many there were.

    Raises:
        NotAllowed: they are somebody else's, and `by` may not administer.
    """
    _require_own(by, technician)
    return technicians.end_logins(tx, technician, but=hash_of(but) if but else None)


def _require_own(by: Technician, technician: int) -> None:
    if by.id != technician:
        require(by, Permission.ADMINISTER)


def add_token(
    tx: Transaction, by: Technician, technician: int, name: str, now: datetime, lasts: timedelta = TOKEN_LASTS
) -> str:
    """A token by which a program may do what `technician` may; it cannot be shown again.

    Raises:
        Invalid: the name is empty or too long, or the technician is not active.
        NotAllowed: `by` may not administer.
        NotFound: there is no such technician.
    """
    require(by, Permission.ADMINISTER)
    name = checks.line(name, "name", MAX_NAME)
    if not technicians.get(tx, technician).active:
        raise Invalid("technician", "inactive")
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    technicians.add_login(tx, hash_of(token), technician, now, now + lasts, name=name)
    return token


def tokens(tx: Transaction, by: Technician, now: datetime) -> Sequence[Login]:
    """All tokens of programs that still work, by name.

    Raises:
        NotAllowed: `by` may not administer.
    """
    require(by, Permission.ADMINISTER)
    return technicians.tokens(tx, now)


def revoke_token(tx: Transaction, by: Technician, token: int) -> Login:
    """End a token; returns what it was.

    Raises:
        NotAllowed: `by` may not administer.
        NotFound: there is no such token.
    """
    require(by, Permission.ADMINISTER)
    found = technicians.find_login(tx, token)
    if found is None or found.name is None:
        raise NotFound("token", token)
    technicians.remove_login(tx, token)
    return found
