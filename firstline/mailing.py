"""The mail worker: sends technicians what they are told by mail."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from desk import notices
from desk.model.mail import Mailer, MailFailed
from desk.model.work import BackOff, Claim
from desk.notices import Notice
from desk.store.database import Database
from firstline.worker import Worker

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)
"""Longer than the steps of one conversation with a mail server may take together."""


class Mailing:
    """Claims notices and sends them, one at a time to each technician.

    console: the console's address, for the links.
    """

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        now: Callable[[], datetime],
        *,
        name: str,
        console: str,
        back_off: BackOff | None = None,
        poll: float = 5.0,
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._now = now
        self._name = name
        self._console = console
        # Longer than for chat: mail servers that say "later" mean minutes.
        self._back_off = back_off or BackOff(first=timedelta(seconds=15), longest=timedelta(minutes=15), attempts=12)
        self.worker: Worker[Notice] = Worker("notices", self, concurrency=2, poll=poll, stumbling=self)

    async def claim(self) -> Notice | None:
        """The next mail that is still needed."""
        now = self._now()
        return await self._database.write(lambda tx: notices.claim(tx, self._name, self._console, now, LEASE))

    async def give_back(self, notice: Notice) -> None:
        """Nothing was sent yet."""
        await self._database.write(lambda tx: notices.put_back(tx, notice, self._now()))

    async def fail(self, notice: Notice, error: Exception) -> None:
        """Something is wrong with this mail or with us: it is tried again as often as others."""
        await self._settle(notice, MailFailed(type(error).__name__))

    async def pass_over(self, claim: Claim, error: str) -> None:
        """It is given up, if it does not pass: the alert is told again by itself."""
        await self._database.write(lambda tx: notices.pass_over(tx, claim, self._now(), error))

    async def handle(self, notice: Notice) -> None:
        """Send it."""
        try:
            await self._mailer.send(notice.mail)
        except MailFailed as failure:
            await self._settle(notice, failure)
        else:
            await self._database.write(lambda tx: notices.sent(tx, notice, self._now()))

    async def _settle(self, notice: Notice, failure: MailFailed) -> None:
        state = await self._database.write(lambda tx: notices.failed(tx, notice, failure, self._now(), self._back_off))
        log.warning("mail %s not sent (%s): %s", notice.mail.key, state.value, failure.detail)
