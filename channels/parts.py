"""Sending one message of ours as several of a network's: in order, and going on where an earlier attempt stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from channels.contract import DeliveryFailed

BEGUN_WITHIN = 25.0
"""Seconds after which no further part is begun: the deliver worker's claim lasts a minute."""
WITHIN = 30.0
"""Seconds for one part, whatever is uploaded with it."""

Part = Callable[[], Awaitable[str | None]]
"""Sends it; returns the network's id of it, if it has one. Raises `DeliveryFailed`."""


async def send(parts: Sequence[Part], progress: int, since: float) -> str | None:
    """Send `parts`, without the first `progress`; returns the id of the last that has one.

    since: when work on the message began, by the event loop's clock.

    Raises:
        DeliveryFailed: with the progress that was made.
    """
    clock, last = asyncio.get_running_loop().time, None
    for done in range(progress, len(parts)):
        if clock() - since > BEGUN_WITHIN:
            raise DeliveryFailed(f"took too long: {done} of {len(parts)} parts are sent", retry_after=0, progress=done)
        try:
            async with asyncio.timeout(WITHIN):
                last = await parts[done]() or last
        except TimeoutError as error:
            raise DeliveryFailed(f"no answer within {WITHIN} s", unknown=True, progress=done) from error
        except DeliveryFailed as failed:
            failed.progress = done
            raise
    return last
