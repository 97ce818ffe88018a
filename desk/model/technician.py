"""The people who pick up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk.model.errors import NotAllowed

PRESENCE = timedelta(seconds=90)
"""A console that was heard of within this time counts as open."""
SLACK_PRESENCE = timedelta(minutes=10)
"""Who did something in Slack within this time counts as there: Slack says nothing between two deeds."""


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


class Standing(StrEnum):
    """Where an account stands."""

    ACTIVE = "active"
    INVITED = "invited"
    """The one-time link has not been used yet."""
    EXPIRED = "expired"
    """The one-time link was not used in time."""
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Account:
    """A technician, as administrators see them."""

    technician: Technician
    teams: tuple[str, ...]
    """The keys of the teams they are in."""
    invited_until: datetime | None
    """Until when the one-time link works by which they set a password; None when there is none."""
    seen_at: datetime | None
    """When a console of theirs was last heard of, among the logins that still exist."""

    def standing(self, now: datetime) -> Standing:
        """Where the account stands at `now`."""
        if self.technician.active:
            return Standing.ACTIVE
        if self.invited_until is None:
            return Standing.INACTIVE
        return Standing.INVITED if self.invited_until > now else Standing.EXPIRED


@dataclass(frozen=True, slots=True)
class Login:
    """A browser somebody is logged in with, or, with a name, a token by which a program acts for them."""

    id: int
    technician: int
    technician_name: str
    name: str | None
    created_at: datetime
    expires_at: datetime
    seen_at: datetime
    address: str | None
    agent: str | None
    current: bool = False
    """It is the one that asks."""


OPERATOR = Technician(0, "", "", Role.ADMIN, active=True, must_change_password=False)
"""Whoever runs commands on the machine: may everything, and stands in no table."""


def require(technician: Technician, permission: Permission) -> None:
    """Raises `NotAllowed` unless the role permits it."""
    if not technician.may(permission):
        raise NotAllowed(permission.value)
