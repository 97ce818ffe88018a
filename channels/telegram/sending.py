"""Sending one message of ours as several of Telegram's: paced, and going on where it was interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from channels.contract import DeliveryFailed, Outgoing, Receipt
from channels.telegram.flood import Gate
from channels.telegram.render import Call

_PATIENCE = 1.5
"""Seconds that a message waits for its turn here; longer waits are left to the deliver worker, for others to go on."""
_LONGEST = 25.0
"""Seconds after which no further part is begun: a claim lasts a minute, and one part may take half of that."""
_REMEMBERED = 1_000
"""Interrupted messages of which it is known what arrived."""

Make = Callable[[Call], Awaitable[int]]
"""Makes a call that sends a message; returns Telegram's number of it. Raises `DeliveryFailed`."""


class Sending:
    """What was sent of which message, and what may be sent when.

    What it knows is gone with the process: a message of several parts that fails in the middle, and is tried again by
    another process, begins at its start.
    """

    def __init__(self, make: Make, gate: Gate) -> None:
        self._make = make
        self._gate = gate
        self._sent: dict[tuple[int, int], int] = {}

    async def send(self, message: Outgoing, parts: Sequence[Call]) -> Receipt:
        """Send `parts`, without those that an earlier attempt has sent.

        Raises:
            DeliveryFailed: as the contract has it.
        """
        clock = asyncio.get_running_loop().time
        begun, key, number = clock(), (message.conversation, message.seq), None
        for done in range(self._sent.get(key, 0), len(parts)):
            if clock() - begun > _LONGEST:
                raise DeliveryFailed(f"took too long: {done} of {len(parts)} parts are sent", retry_after=0)
            await self._turn(message.address)
            number = await self._part(message.address, parts[done])
            self._remember(key, done + 1)
        self._sent.pop(key, None)
        return Receipt(None if number is None else f"{message.address}:{number}")

    async def _part(self, chat: str, call: Call) -> int:
        try:
            return await self._make(call)
        except DeliveryFailed as error:
            if error.retry_after is not None:
                self._gate.refused(chat, error.retry_after, asyncio.get_running_loop().time())
            raise

    async def _turn(self, chat: str) -> None:
        """Wait until a message may go to `chat`.

        Raises:
            DeliveryFailed: it would take too long.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + _PATIENCE
        while (wait := self._gate.take(chat, clock())) > 0:
            if clock() + wait > deadline:
                raise DeliveryFailed("Telegram asks to wait", retry_after=wait)
            await asyncio.sleep(wait)

    def _remember(self, key: tuple[int, int], done: int) -> None:
        self._sent[key] = done
        if len(self._sent) > _REMEMBERED:
            del self._sent[next(iter(self._sent))]
