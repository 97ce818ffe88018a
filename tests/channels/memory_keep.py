"""A channel's cupboard, in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class MemoryKeep:
    """Implements `channels.keeping.Keep`; survives a restart of the channel in front of it."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], tuple[datetime, str]] = {}

    def age(self, by: timedelta = timedelta(hours=1)) -> None:
        """Let time pass for everything that is kept."""
        self.texts = {key: (at - by, text) for key, (at, text) in self.texts.items()}

    async def put(self, kind: str, key: str, text: str) -> None:
        self.texts[kind, key] = (datetime.now(UTC), text)

    async def get(self, kind: str, key: str) -> str | None:
        return self.texts[kind, key][1] if (kind, key) in self.texts else None

    async def take(self, kind: str, key: str) -> str | None:
        return self.texts.pop((kind, key), (None, None))[1]

    async def kept(self, kind: str, *, until: datetime) -> dict[str, str]:
        found = sorted((at, key, text) for (its, key), (at, text) in self.texts.items() if its == kind and at < until)
        return {key: text for _, key, text in found}
