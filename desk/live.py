"""Waking whoever watches: the record says what changed, this only says that something did.

Within one process a commit wakes the watchers at once. Changes made by other processes are found by looking again
every few seconds: every watcher is woken at least that often. Nothing here is remembered, so nothing here can be lost.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TYPING_LASTS = timedelta(seconds=6)
"""After this long without a sign of typing, somebody has stopped."""


LOOKING_LASTS = timedelta(seconds=15)
"""An open page looks again every few seconds; after this long without, it shows something else."""


class _Watcher:
    """What one watcher has not been told yet."""

    def __init__(self) -> None:
        self.changed: set[Hashable] = set()
        self.woken = asyncio.Event()


@dataclass(frozen=True, slots=True)
class Present:
    """A technician who has a conversation open at this moment."""

    technician: int
    name: str
    writing: bool
    """They are writing a reply or a note."""


@dataclass(slots=True)
class _Look:
    name: str
    until: datetime
    writing_until: datetime | None = None


class Live:
    """The watchers of one process. Made in the event loop that they run in.

    What is watched is mostly a conversation, by its id; any other key that publisher and watcher agree on will do.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._watchers: defaultdict[Hashable, set[_Watcher]] = defaultdict(set)
        self._typing: dict[tuple[int, str], datetime] = {}
        self._looking: dict[tuple[int, int], _Look] = {}

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

    def set_looking(
        self, conversation: int, technician: int, name: str, now: datetime, *, writing: bool = False
    ) -> None:
        """A technician has `conversation` open, or is writing there. Colleagues are told, customers are not."""
        before = self._look(conversation, technician, now)
        look = self._looking.setdefault((conversation, technician), _Look(name, now))
        look.until = now + LOOKING_LASTS
        if writing:
            look.writing_until = now + TYPING_LASTS
        if self._look(conversation, technician, now) != before:
            self._wake([conversation])

    def stop_looking(self, conversation: int, technician: int) -> None:
        """A technician has left `conversation`."""
        if self._looking.pop((conversation, technician), None) is not None:
            self._wake([conversation])

    def stop_writing(self, conversation: int, technician: int) -> None:
        """A technician has sent what they wrote."""
        look = self._looking.get((conversation, technician))
        if look is not None and look.writing_until is not None:
            look.writing_until = None
            self._wake([conversation])

    def _look(self, conversation: int, technician: int, now: datetime) -> Present | None:
        look = self._looking.get((conversation, technician))
        if look is None or look.until <= now:
            return None
        return Present(technician, look.name, look.writing_until is not None and look.writing_until > now)

    def looking(self, conversation: int, now: datetime) -> Sequence[Present]:
        """Who has `conversation` open, by name."""
        for key in [key for key, look in self._looking.items() if look.until <= now]:
            del self._looking[key]
        found = [self._look(at, who, now) for at, who in self._looking if at == conversation]
        return sorted((one for one in found if one is not None), key=lambda one: one.name)
