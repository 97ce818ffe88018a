"""Getting what customers do in Slack into the record, in each customer's order, and quickly.

Slack wants its answer within three seconds, so nothing is fetched before it: neither a file's content nor who somebody
is. What needs nothing is handed to the desk at once. What does is kept, as Slack sent it, in the channel's cupboard in
the record, which is as durable; then Slack gets its answer, what is missing is fetched, and the desk gets the whole.
What a process leaves in the cupboard when it dies, the next one finds there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from channels.contract import Accepted, Desk, Edit, Incoming, Rejected
from channels.keeping import Keep
from channels.slack.events import KIND as CHANNEL
from channels.slack.events import Said
from channels.slack.parse import Payload

log = logging.getLogger(__name__)

KIND = "event"
"""What is kept, waiting for what is missing."""
_STALE = timedelta(minutes=2)
"""Kept for longer than any process that lives takes: its process is gone."""
_LOOK = 30.0
"""Seconds between two looks for what other processes have left."""

Outcome = Accepted | Rejected


@dataclass(frozen=True, slots=True)
class _Kept:
    found: Said | Edit
    body: dict[str, Any]


_AS_TEXT = TypeAdapter(_Kept)


class Completing(Protocol):
    """What the intake asks of Slack."""

    def lacks(self, found: Said | Edit) -> bool:
        """Whether something must be fetched before the desk can have it."""
        ...

    async def named(self, edit: Edit) -> Edit:
        """Fetch what is missing; what cannot be had stays as it is."""
        ...

    async def complete(self, said: Said) -> Incoming:
        """Fetch what is missing, for a limited time; what cannot be had is named in the text.

        Raises:
            Rejected: it cannot be a message.
        """
        ...

    async def settled(self, said: Said, body: Payload, outcome: Outcome) -> None:
        """The desk has it, or will not: show it where it was said. A courtesy; it raises nothing."""
        ...


class Intake:
    """One line for each customer: whatever they do goes in behind what is still being completed."""

    def __init__(self, desk: Desk, keep: Keep, network: Completing, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._keep = keep
        self._network = network
        self._now = now
        self._lines: dict[str, asyncio.Task[None]] = {}
        """The last in each line."""
        self._keys: set[str] = set()
        """What is in a line of this process."""
        self._courtesies: set[asyncio.Task[None]] = set()

    async def take(self, found: Said | Edit, body: dict[str, Any]) -> None:
        """When this returns, `found` is committed, and Slack may be answered.

        body: what it was read from.
        """
        if found.address in self._lines or self._network.lacks(found):
            key, text = _key(found), _AS_TEXT.dump_json(_Kept(found, body)).decode()
            keeping = asyncio.create_task(self._keep.put(KIND, key, text))
            # In line at once: whoever comes while it is being kept comes after it.
            self._line_up(found.address, self._later(found, body, key, self._lines.get(found.address), keeping))
            await asyncio.shield(keeping)
        else:
            await asyncio.shield(self._line_up(found.address, self._hand_in(found, body)))

    async def trouble(self, detail: str) -> None:
        """Slack does not send us everything."""
        await self._desk.trouble(CHANNEL, detail)

    async def resume(self) -> None:
        """Take up what processes that are gone have left; runs until cancelled."""
        until = self._now()  # of what is kept already, another process may have some in hand: twice is once
        while True:
            for key, text in (await self._keep.kept(KIND, until=until)).items():
                if key not in self._keys:
                    self._take_up(key, text)
            await asyncio.sleep(_LOOK)
            until = self._now() - _STALE

    def _take_up(self, key: str, text: str) -> None:
        try:
            kept = _AS_TEXT.validate_json(text)
        except ValidationError:
            log.exception("what an older version kept as %s cannot be read", key)
            self._keys.add(key)  # told once
        else:
            before = self._lines.get(kept.found.address)
            self._line_up(kept.found.address, self._later(kept.found, kept.body, key, before))

    def _line_up(self, address: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._lines[address] = task
        task.add_done_callback(lambda done: self._leave(address, done))
        return task

    def _leave(self, address: str, done: asyncio.Task[None]) -> None:
        if self._lines.get(address) is done:
            del self._lines[address]

    async def _later(
        self,
        found: Said | Edit,
        body: Payload,
        key: str,
        before: asyncio.Task[None] | None,
        keeping: asyncio.Task[None] | None = None,
    ) -> None:
        self._keys.add(key)
        try:
            if before is not None:
                await asyncio.wait({before})
            if keeping is not None:
                await keeping
            await self._hand_in(found, body, again=keeping is None)
            await self._keep.take(KIND, key)
        except Exception:  # the end of the line: what is kept is taken up again, what is not Slack sends again
            log.exception("what was said at %s waits", found.address)
        finally:
            self._keys.discard(key)

    async def _hand_in(self, found: Said | Edit, body: Payload, *, again: bool = False) -> None:
        """again: it may have been handed in before, by a process that died before it could say so."""
        if isinstance(found, Edit):
            await self._desk.edit(await self._network.named(found))
            return
        outcome: Outcome
        try:
            outcome = await self._desk.accept(await self._network.complete(found))
        except Rejected as rejected:
            outcome = rejected
        if again and isinstance(outcome, Accepted) and outcome.duplicate:
            return
        task = asyncio.create_task(self._network.settled(found, body, outcome))
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)


def _key(found: Said | Edit) -> str:
    """An edit waits beside the message that it is of, and the newest is the one that counts."""
    return f"{found.external_id}:edit" if isinstance(found, Edit) else found.external_id
