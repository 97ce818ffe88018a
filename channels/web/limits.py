"""How fast one browser may go. Pure: the time is handed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may do, and how long it may make us wait."""

    messages_per_second: float = 5
    messages_burst: int = 10
    frames_per_second: float = 50
    """Frames of any kind; beyond it the connection is read more slowly, nothing is dropped."""
    frames_burst: int = 100
    typing_every: float = 2.0
    """Seconds in which "typing" is told to the desk once."""
    acknowledge_every: float = 1.0
    """Seconds over which acknowledgements are merged into one write."""
    send_timeout: float = 30.0
    """Seconds in which a client must take a frame; one that does not is disconnected and may come back."""


class Bucket:
    """A token bucket: `burst` at once, `rate` a second in the long run."""

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at = now

    def take(self, now: float) -> bool:
        """Whether one more is allowed at `now` (seconds on a monotonic clock); takes it if so."""
        self._refill(now)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def wait(self, now: float) -> float:
        """Seconds until `take` would say yes."""
        self._refill(now)
        return max(0.0, (1 - self._tokens) / self._rate)

    def _refill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
