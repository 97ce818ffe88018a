"""Waking whoever watches: the record says what changed, this only says that something did.

Within one process a commit wakes the watchers at once. Changes made by other processes are found by looking again
every few seconds: every watcher is woken at least that often. Nothing here is remembered, so nothing here can be lost.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Hashable, Iterable
from datetime import datetime, timedelta

TYPING_LASTS = timedelta(seconds=6)
"""After this long without a sign of typing, somebody has stopped."""


class _Watcher:
    """What one watcher has not been told yet."""

    def __init__(self) -> None:
        self.changed: set[Hashable] = set()
        self.woken = asyncio.Event()


class Live:
    """The watchers of one process. Made in the event loop that they run in.

    What is watched is mostly a conversation, by its id; any other key that publisher and watcher agree on will do.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._watchers: defaultdict[Hashable, set[_Watcher]] = defaultdict(set)
        self._typing: dict[tuple[int, str], datetime] = {}

    def publish(self, changed: Iterable[Hashable]) -> None:
        """Wake everybody who watches one of `changed`. May be called from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._wake, changed)
        except RuntimeError:
            # The loop has ended: the process is going down and nobody watches any more.
            return

    def wake_all(self) -> None:
        """Wake everybody: something changed that concerns every conversation. Call it in the event loop."""
        for key, watchers in self._watchers.items():
            for watcher in watchers:
                if key is not None:
                    watcher.changed.add(key)
                watcher.woken.set()

    def _wake(self, changed: Iterable[Hashable]) -> None:
        for item in changed:
            for key in (item, None):
                for watcher in self._watchers.get(key, ()):
                    watcher.changed.add(item)
                    watcher.woken.set()

    async def changes(self, watched: Hashable = None, every: float = 5.0) -> AsyncGenerator[frozenset[Hashable]]:
        """Yields what changed (`watched`, or, for None, anything): an empty set after `every` quiet seconds.

        The first set is empty and comes at once: it watches from then on, and whoever looks now and at every further
        set misses nothing. Changes made while the consumer was busy come together in the next set. Close the iterator
        to stop watching (``contextlib.aclosing``).
        """
        watcher = _Watcher()
        self._watchers[watched].add(watcher)
        try:
            yield frozenset()
            while True:
                try:
                    await asyncio.wait_for(watcher.woken.wait(), every)
                except TimeoutError:
                    yield frozenset()
                    continue
                changed = frozenset(watcher.changed)
                watcher.changed.clear()
                watcher.woken.clear()
                yield changed
        finally:
            self._watchers[watched].discard(watcher)
            if not self._watchers[watched]:
                del self._watchers[watched]

    def set_typing(
        self, conversation: int, who: str, now: datetime, *, on: bool = True, lasts: timedelta = TYPING_LASTS
    ) -> None:
        """`who` (``bot``, ``customer``, or a technician's name) is, or is no longer, preparing a message."""
        changed = on == ((conversation, who) not in self._typing)
        if on:
            self._typing[conversation, who] = now + lasts
        else:
            self._typing.pop((conversation, who), None)
        if changed:
            self._wake([conversation])

    def typing(self, conversation: int, now: datetime) -> frozenset[str]:
        """Who is preparing a message in `conversation`."""
        for key in [key for key, until in self._typing.items() if until <= now]:
            del self._typing[key]
        return frozenset(who for at, who in self._typing if at == conversation)
