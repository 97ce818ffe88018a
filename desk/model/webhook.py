"""A webhook: where another program wants to be told what happens, and how that goes."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from desk.model.event import Event
from desk.model.work import Claim, WorkState


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of events. Its secret, which signs them, is not part of it."""

    id: int
    url: str
    events: tuple[str, ...]
    """Types of events; none means all."""
    active: bool
    created_at: datetime
    failing_since: datetime | None
    """Since when nothing got through any more."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook, or arrived."""

    id: int
    webhook: int
    delivery_id: str
    """The same at every attempt: by it a receiver knows what it has already."""
    event: int
    type: str
    state: WorkState
    attempts: int
    status: int | None
    """The HTTP status of the last answer."""
    error: str | None
    created_at: datetime
    next_at: datetime | None
    """When it is tried next."""
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sending:
    """A claimed delivery with all that is needed to send it."""

    claim: Claim
    delivery_id: str
    event: Event
    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The receiver did not take it.

    status: of its answer, if there was one.
    retry_after: how many seconds it wants to be left alone.
    gone: it wants no more events, ever (410).
    """

    detail: str
    status: int | None = None
    retry_after: float | None = None
    gone: bool = False


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What proves that a request is ours and of this moment: ``sha256=`` and the HMAC of timestamp, dot and body."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
