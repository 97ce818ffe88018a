"""The deliver worker: hands what the desk says to the channels that push."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from channels.contract import DeliveryFailed, Sender
from desk import outbox
from desk.model.work import STUMBLES, BackOff, Claim
from desk.outbox import Delivery
from desk.store.database import Database
from firstline.channel_watch import ChannelWatch
from firstline.worker import Worker

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""Longer than any channel's own time limit for one message."""


LETTERS = BackOff(first=timedelta(seconds=15), longest=timedelta(minutes=15), attempts=30)
"""For mail, about six hours: servers that say "later" mean minutes, and are taken down for an evening."""


class Delivering:
    """Claims messages to customers and sends them, in order within each conversation.

    senders: the channels that push, by kind. A channel that is switched off keeps its messages waiting.
    back_off: for channels whose messages are no letters.
    secret: what codes in mails are signed with, by which their customer goes on elsewhere; empty: there are none.
    """

    def __init__(
        self,
        database: Database,
        senders: Mapping[str, Sender],
        watch: ChannelWatch,
        now: Callable[[], datetime],
        *,
        name: str,
        concurrency: int,
        secret: bytes = b"",
        back_off: BackOff | None = None,
        poll: float = 1.0,
    ) -> None:
        self._database = database
        self._senders = senders
        self._secret = secret
        self._letters = frozenset(kind for kind, sender in senders.items() if sender.capabilities.letters)
        self._watch = watch
        self._now = now
        self._name = name
        self._back_off = back_off or BackOff()
        self.worker: Worker[Delivery] = Worker("outbox", self, concurrency=concurrency, poll=poll, stumbling=self)

    async def claim(self) -> Delivery | None:
        """The next message for a channel that is switched on."""
        if not self._senders:
            return None
        now = self._now()
        return await self._database.write(
            lambda tx: outbox.claim(
                tx, self._name, self._senders, now, LEASE, letters=self._letters, secret=self._secret
            )
        )

    async def give_back(self, delivery: Delivery) -> None:
        """Nothing was sent yet: others may send it at once."""
        await self._database.write(lambda tx: outbox.put_back(tx, delivery.claim, self._now()))

    async def fail(self, delivery: Delivery, error: Exception) -> None:
        """The channel broke its contract, or what it achieved could not be stored: nobody knows what arrived."""
        await self._settle(delivery, DeliveryFailed(type(error).__name__, unknown=True))

    async def pass_over(self, claim: Claim, error: str) -> None:
        """The technician is told, if it does not pass."""
        await self._database.write(lambda tx: outbox.pass_over(tx, claim, self._now(), error))
        if STUMBLES.after(claim.attempts) is None:
            await self._database.write(lambda tx: outbox.abandon(tx, claim, self._now(), error))

    async def handle(self, delivery: Delivery) -> None:
        """Send it."""
        try:
            receipt = await self._senders[delivery.message.channel].send(delivery.message)
        except DeliveryFailed as error:
            await self._settle(delivery, error)
        else:
            letter = delivery.message.letter is not None
            await self._database.write(
                lambda tx: outbox.delivered(tx, delivery.claim, receipt, self._now(), letter=letter)
            )
            await self._watch.worked(delivery.message.channel)

    async def _settle(self, delivery: Delivery, failure: DeliveryFailed) -> None:
        letters = self._senders[delivery.message.channel].capabilities.letters
        back_off = LETTERS if letters else self._back_off
        state = await self._database.write(lambda tx: outbox.failed(tx, delivery.claim, failure, self._now(), back_off))
        log.warning("conversation %s: not delivered (%s): %s", delivery.message.conversation, state, failure.detail)
        if not failure.permanent and failure.retry_after is None:
            # A customer who cannot be reached says nothing about the channel, and keeping its pace is no failure.
            await self._watch.failed(delivery.message.channel, failure.detail)
