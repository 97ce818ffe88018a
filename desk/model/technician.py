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


class Permission(StrEnum):
    """What not everybody may do."""

    DECLARE_MAJOR = "declare_major"
    """Call an incident major, which is above all priorities."""
    SHARE = "share"
    """Edit what everybody sees: canned replies, and saved views for all."""
    ADMINISTER = "administer"
    """Technicians, teams, categories, priorities, channels, webhooks."""


_LEAD = frozenset({Permission.DECLARE_MAJOR, Permission.SHARE})
_MAY: dict[Role, frozenset[Permission]] = {Role.AGENT: frozenset(), Role.LEAD: _LEAD, Role.ADMIN: frozenset(Permission)}


@dataclass(frozen=True, slots=True)
class Technician:
    """A person who answers customers."""

    id: int
    email: str
    name: str
    role: Role
    active: bool
    must_change_password: bool
    language: str | None = None
    mailed: bool = True
    """Handovers are told by mail as well."""

    def may(self, permission: Permission) -> bool:
        """Whether the role permits it."""
        return permission in _MAY[self.role]


def require(technician: Technician, permission: Permission) -> None:
    """Raises `NotAllowed` unless the role permits it."""
    if not technician.may(permission):
        raise NotAllowed(permission.value)
