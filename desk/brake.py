"""A brake on guessing passwords."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class _Attempts:
    count: int
    until: datetime


def login_key(email: str, address: str) -> tuple[str, str]:
    """What attempts to log in as `email` from the network address `address` are counted by."""
    return email.strip().lower()[:320], address


class Brake:
    """Counts attempts by key and refuses more than `allowed` within `window`.

    Bounded: of more than `capacity` keys the one not tried for longest is forgotten. In one process's memory on
    purpose: hashing slows guessing down by itself, this only takes the haste out of it.
    """

    def __init__(self, allowed: int = 5, window: timedelta = timedelta(minutes=10), capacity: int = 10_000) -> None:
        self._allowed = allowed
        self._window = window
        self._capacity = capacity
        self._attempts: OrderedDict[tuple[str, str], _Attempts] = OrderedDict()

    def attempt(self, key: tuple[str, str], now: datetime) -> timedelta | None:
        """Count an attempt, before it is made, so that many at once count too.

        Returns None when it may be made, else how long to wait.
        """
        found = self._attempts.get(key)
        if found is None or found.until <= now:
            found = self._attempts[key] = _Attempts(0, now + self._window)
        self._attempts.move_to_end(key)
        if len(self._attempts) > self._capacity:
            self._attempts.popitem(last=False)
        if found.count >= self._allowed:
            return found.until - now
        found.count += 1
        return None

    def release(self, key: tuple[str, str]) -> None:
        """The attempt was right: forget the wrong ones before it."""
        self._attempts.pop(key, None)

    def __len__(self) -> int:
        return len(self._attempts)
