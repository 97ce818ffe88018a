"""Notes when channels last worked and failed, for administrators: a write a minute at most, whatever the traffic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.store import channel_states
from desk.store.database import Database

EVERY = timedelta(minutes=1)
"""How often the same news of a channel is written."""
_LONGEST = 500
"""Characters of an error that are kept."""


@dataclass(frozen=True, slots=True)
class _Noted:
    error: str | None
    at: datetime


class ChannelWatch:
    """What one process knows of its channels. A change is written at once, the same again after `EVERY` only."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._noted: dict[str, _Noted] = {}

    async def worked(self, kind: str) -> None:
        """The channel brought a message or took one."""
        await self._note(kind, None)

    async def failed(self, kind: str, error: str) -> None:
        """The channel could not listen, or did not take a message."""
        await self._note(kind, error[:_LONGEST] or "?")

    async def _note(self, kind: str, error: str | None) -> None:
        now, last = self._now(), self._noted.get(kind)
        if last is not None and last.error == error and now - last.at < EVERY:
            return
        # Before the write: what arrives while it is being written need not be written too.
        self._noted[kind] = _Noted(error, now)
        if error is None:
            await self._database.write(lambda tx: channel_states.worked(tx, kind, now))
        else:
            await self._database.write(lambda tx: channel_states.failed(tx, kind, error, now))
