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
