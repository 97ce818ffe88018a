"""How fast Telegram lets a bot send, and what it says when that was too fast. Pure: the time is handed in.

About thirty messages a second altogether, one a second to each chat with a few at once; what a 429 says comes on top.
One chat's limit is nobody else's: only when several chats are refused at the same time it is us who are too fast.
"""

from __future__ import annotations

from channels.bucket import Bucket

_ALTOGETHER = 3
"""Chats that are refused at the same time before it is taken for a limit of the whole bot."""
_KEPT = 10_000
"""Chats that are remembered before those at rest are forgotten."""


class Gate:
    """What may be sent now, and what must wait. Rates are messages a second."""

    def __init__(self, *, rate: float = 30, burst: int = 30, chat_rate: float = 1, chat_burst: int = 4) -> None:
        self._rate, self._burst = rate, burst
        self._chat_rate, self._chat_burst = chat_rate, chat_burst
        self._all: Bucket | None = None
        self._chats: dict[str, Bucket] = {}
        self._closed: dict[str, float] = {}
        self._all_closed = float("-inf")

    def closed(self, chat: str, now: float) -> float:
        """Seconds for which Telegram has asked to wait, for this chat or altogether; 0: it has not."""
        return max(self._closed.get(chat, now), self._all_closed, now) - now

    def take(self, chat: str, now: float) -> float:
        """0 when a message may be sent now, which counts as sent; else the seconds to wait before asking again."""
        everybody = self._all = self._all or Bucket(self._rate, self._burst, now)
        own = self._chats.get(chat)
        if own is None:
            self._forget(now)
            own = self._chats[chat] = Bucket(self._chat_rate, self._chat_burst, now)
        wait = max(self.closed(chat, now), everybody.wait(now), own.wait(now))
        if wait == 0:
            everybody.take(now)
            own.take(now)
        return wait

    def refused(self, chat: str, seconds: float, now: float) -> None:
        """Telegram answered 429: nothing goes to this chat for so long."""
        self._closed = {other: until for other, until in self._closed.items() if until > now}
        self._closed[chat] = now + seconds
        if len(self._closed) >= _ALTOGETHER:
            self._all_closed = max(self._all_closed, now + seconds)

    def _forget(self, now: float) -> None:
        """Drop the chats whose next message may go at once anyway: a new bucket says the same."""
        if len(self._chats) >= _KEPT:
            self._chats = {chat: bucket for chat, bucket in self._chats.items() if bucket.wait(now) > 0}
