"""Sending to Telegram at the pace that it allows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from channels import parts
from channels.contract import DeliveryFailed, Outgoing, Receipt
from channels.telegram.flood import Gate
from channels.telegram.render import Call

_PATIENCE = 1.5
"""Seconds that a message waits for its turn here; longer waits are left to the deliver worker, for others to go on."""

Make = Callable[[Call], Awaitable[int]]
"""Makes a call that sends a message; returns Telegram's number of it. Raises `DeliveryFailed`."""


class Sending:
    """Makes calls that send messages, when each may be made."""

    def __init__(self, make: Make, gate: Gate) -> None:
        self._make = make
        self._gate = gate

    async def send(self, message: Outgoing, calls: Sequence[Call]) -> Receipt:
        """Make `calls`, without those that an earlier attempt has made.

        Raises:
            DeliveryFailed: as the contract has it.
        """
        made = [partial(self._part, message.address, call) for call in calls]
        return Receipt(await parts.send(made, message.progress, asyncio.get_running_loop().time()))

    async def _part(self, chat: str, call: Call) -> str:
        await self._turn(chat)
        try:
            return f"{chat}:{await self._make(call)}"
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
