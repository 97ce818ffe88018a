"""Who asks for help, and by which addresses channels know them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from channels.contract import Language


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who asks for help."""

    id: int
    name: str | None
    email: str | None
    language: Language | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """A customer's address on one channel."""

    channel: str
    address: str
    created_at: datetime
    linked_at: datetime | None = None
    """When its owner proved to be this customer, by a code; None: it was theirs from the beginning."""
    unreachable: str | None = None
    """Why it takes no messages, as the network said; None: it does."""
