"""Where a channel keeps what must outlive its process, besides messages: installations, and work it has promised."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Keep(Protocol):
    """One channel's own cupboard in the record: small texts by kind and key, sealed before they are stored.

    Channels decide what a kind is and how its texts read. Whoever cannot open a text any more (it was sealed with
    another key) does not see it.
    """

    async def put(self, kind: str, key: str, text: str) -> None:
        """Keep `text` in the place of whatever was there; committed when this returns."""
        ...

    async def get(self, kind: str, key: str) -> str | None:
        """What is kept there."""
        ...

    async def take(self, kind: str, key: str) -> str | None:
        """The same, and it is kept no more: of several who ask, one gets it."""
        ...

    async def kept(self, kind: str, *, until: datetime) -> dict[str, str]:
        """All of a kind that has been kept since before `until`, by key, the oldest first."""
        ...
