"""The people who pick up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desk.model.errors import NotAllowed


class Role(StrEnum):
    """What a technician may do: each role may do what the ones before it may."""

    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"


_RANK = {Role.AGENT: 0, Role.LEAD: 1, Role.ADMIN: 2}


@dataclass(frozen=True, slots=True)
class Technician:
    """A person who answers customers."""

    id: int
    email: str
    name: str
    role: Role
    active: bool
    must_change_password: bool


def require_role(technician: Technician, role: Role) -> None:
    """Raises `NotAllowed` unless `technician` has at least `role`."""
    if _RANK[technician.role] < _RANK[role]:
        raise NotAllowed(role.value)
