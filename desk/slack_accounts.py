"""Who is who between Slack and the desk: proved by a code that the console shows and its owner types in Slack."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from desk.model.errors import Invalid
from desk.model.slack import Linked, Person
from desk.model.technician import OPERATOR, Permission, Technician, require
from desk.store import slack_technicians as store
from desk.store import technicians
from desk.store.database import Transaction

CODE_LASTS = timedelta(minutes=15)
"""How long a code may be used, once."""
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are mistaken for each other."""
_MENTION = re.compile(r"(?<!\w)@([UW][A-Z0-9]{1,20})\b")
_LENGTH = 10
"""Letters of a code: 49 bits, for a quarter of an hour."""


def new_code(tx: Transaction, technician: Technician, now: datetime) -> str:
    """A code by which `technician` says in Slack who they are; an earlier one stops working."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    store.put_code(tx, technician.id, _hash(code), now + CODE_LASTS)
    return f"{code[:5]}-{code[5:]}"


def _hash(code: str) -> str:
    letters = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()


def link(tx: Transaction, person: Person, code: str, now: datetime) -> Technician:
    """`person` in Slack is from now on whose code it is.

    Raises:
        Invalid: there is no such code, it was used or is too old, or its owner is no longer active.
    """
    found = store.use_code(tx, _hash(code), now)
    technician = technicians.get(tx, found) if found is not None else None
    if technician is None or not technician.active:
        raise Invalid("code", "unknown")
    store.link(tx, person, technician.id, now)
    return technician


def technician_of(tx: Transaction, person: Person) -> Technician | None:
    """The active technician that `person` has proved to be."""
    found = store.technician_of(tx, person)
    technician = technicians.get(tx, found) if found is not None else None
    return technician if technician is not None and technician.active else None


def named(tx: Transaction, text: str, workspace: str) -> str:
    """`text` with the names of the technicians who are mentioned in it; of anybody else what Slack calls them stays."""

    def name(found: re.Match[str]) -> str:
        technician = technician_of(tx, Person(workspace, found[1]))
        return f"@{technician.name}" if technician is not None else found[0]

    return _MENTION.sub(name, text)


def visit(tx: Transaction, person: Person, now: datetime) -> Technician | None:
    """As `technician_of`, of somebody who does something at this moment: they are there."""
    technician = technician_of(tx, person)
    if technician is not None:
        store.seen(tx, person, now)
    return technician


def of(tx: Transaction, technician: int, by: Technician) -> Sequence[Linked]:
    """Who a technician is in Slack, the newest link first.

    Raises:
        NotAllowed: it is somebody else, and `by` may not administer.
    """
    _require_own(technician, by)
    return store.of_technician(tx, technician)


def unlink(tx: Transaction, technician: int, by: Technician, person: Person | None = None) -> int:
    """A technician is no longer `person` in Slack (None: nobody there); returns how many links that ended.

    Raises:
        NotAllowed: it is somebody else, and `by` may not administer.
    """
    _require_own(technician, by)
    return store.unlink(tx, technician, person)


def _require_own(technician: int, by: Technician) -> None:
    if by is OPERATOR or by.id != technician:
        require(by, Permission.ADMINISTER)
