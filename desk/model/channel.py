"""The state of the pipes through which customers write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Installed:
    """A channel that this installation knows."""

    kind: str
    missing: tuple[str, ...]
    """The environment variables without which it is off; empty when it is on."""
    wanting: tuple[str, ...] = ()
    """Those without which it is on, but does only a part of what it is for."""

    @property
    def on(self) -> bool:
        """Whether it is switched on."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class ChannelState:
    """When a channel last did what it is for, and last did not."""

    kind: str
    worked_at: datetime | None
    failed_at: datetime | None
    error: str | None
    """What went wrong then, as the network said it."""

    @property
    def failing(self) -> bool:
        """Whether the last thing that is known of it is a failure."""
        return self.failed_at is not None and (self.worked_at is None or self.worked_at < self.failed_at)
