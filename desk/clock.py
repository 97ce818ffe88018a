"""The one place where the time of day is read. Everything else is given it, so that tests choose it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)
