"""What keeps open pages fresh: a stream that says that something changed, never what.

Pages fetch what they show again; each gets only what differs from what it has. So a lost event costs a few seconds,
never a message, and after a reconnect (the first event is always ``look``) everything is looked at again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Hashable
from contextlib import aclosing
from datetime import timedelta

from starlette.responses import Response, StreamingResponse

from desk import alerts, technicians
from desk.console.visit import SESSION, Console, Visit

_CHECKED_EVERY = timedelta(seconds=5)
_SEEN_EVERY = timedelta(seconds=30)
"""Well below `desk.model.technician.PRESENCE`."""
_COALESCE = 0.25
"""Seconds in which changes come together, so that a busy desk does not fetch without end."""
_RETRY_MS = 2_000


class Events:
    """The stream of one open page."""

    def __init__(self, console: Console, *, quiet: float = 5.0) -> None:
        self._console = console
        self._quiet = quiet

    async def respond(self, visit: Visit) -> Response:
        """The stream, until the browser goes or the login ends."""
        stream = self.stream(visit.request.cookies[SESSION])
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def stream(self, token: str) -> AsyncGenerator[str]:
        """Events for the login `token`: what changed (``lists``, ``conversation-<id>``, ``alerts``), or ``look``.

        ``look`` is for when anything may be new.
        """
        checked = noted = self._console.now()
        await self._note(token)
        async with aclosing(self._console.live.changes(every=self._quiet)) as changes:
            await anext(changes)  # it watches: what changes while the page looks is not missed
            yield f"retry: {_RETRY_MS}\n" + _event("look")
            async for changed in changes:
                now = self._console.now()
                if now - checked >= _CHECKED_EVERY:
                    checked = now
                    if not await self._is_good(token):
                        # Looking, the page learns that it must log in again.
                        yield _event("look")
                        return
                if now - noted >= _SEEN_EVERY:
                    noted = now
                    await self._note(token)
                yield _events(changed)
                await asyncio.sleep(_COALESCE)

    async def _note(self, token: str) -> None:
        now = self._console.now()
        await self._console.database.write(lambda tx: technicians.seen(tx, token, now))

    async def _is_good(self, token: str) -> bool:
        now = self._console.now()
        return await self._console.database.read(lambda tx: technicians.who(tx, token, now)) is not None


def _events(changed: Collection[Hashable]) -> str:
    # Whatever else is watched by its own kind of key is not of the console's concern.
    names = [f"conversation-{conversation}" for conversation in sorted(key for key in changed if isinstance(key, int))]
    said = ["lists", *names] if names else []
    if alerts.CHANGED in changed:
        said.append("alerts")
    # Nothing known to have changed: other processes may have changed anything.
    return "".join(map(_event, said or ["look"]))


def _event(name: str) -> str:
    # Browsers drop events without data.
    return f"event: {name}\ndata: {{}}\n\n"
