"""How a customer goes on elsewhere with a conversation: the ways that the channels of this installation offer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime

from channels.contract import Channel, Elsewhere, Inviting, Way
from desk.model import join_code

log = logging.getLogger(__name__)

_PATIENCE = 3.0
"""Seconds that a channel may take, which perhaps asks its network: the customer waits."""


class Invitations:
    """Gives out codes, with the ways to use each.

    channels: those that are running. secret: what codes are signed with.
    """

    def __init__(self, channels: Iterable[Channel], secret: bytes) -> None:
        self._channels = [channel for channel in channels if isinstance(channel, Inviting)]
        self._secret = secret

    async def to(self, conversation: int, here: str, now: datetime) -> Elsewhere:
        """The ways to `conversation` for somebody who has it on the channel `here`.

        That channel itself is offered where its clients fetch: these are devices, and another one is elsewhere.
        """
        code = join_code.make(conversation, now + join_code.ASKED_FOR, self._secret)
        offering = [one for one in self._channels if one.kind != here or one.capabilities.fetches]
        ways = await asyncio.gather(*(_way(channel, code) for channel in offering))
        return Elsewhere(code, tuple(way for way in ways if way is not None))


async def _way(channel: Inviting, code: str) -> Way | None:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await channel.invitation(code)
    except TimeoutError:
        log.info("channel %s did not say in %s s how to go on there", channel.kind, _PATIENCE)
        return None
