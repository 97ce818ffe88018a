"""What has to be done from time to time, whether anybody asks for it or not.

Every app process does it: each job finds its work in the record and takes it by a condition, so that of several
processes one does it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from desk import alerts, attachments, duty, hours, slack_cards, tickets, unread
from desk.store.database import Database, Transaction

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two rounds."""
_AFTER_START = 5.0
"""Seconds before the first one: while the program starts there are better things to do."""

Job = Callable[[Transaction, datetime], object]
JOBS: Mapping[str, Job] = {
    "customers who wait": alerts.raise_waiting,
    "alerts": alerts.tell_due,
    "old tickets": tickets.close_old,
    "uploads nobody sent": attachments.sweep,
    "deliveries below old cards": slack_cards.forget_old,
    "expired logins": duty.forget_expired,
}


class Housekeeping:
    """Does all jobs, round after round.

    fetching: the kinds of channels whose clients fetch their messages.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        *,
        fetching: Collection[str] = (),
        every: float = EVERY,
    ) -> None:
        self._database = database
        self._jobs = {**JOBS, "replies nobody fetches": lambda tx, at: unread.send_by_mail(tx, fetching, at)}
        self._now = now
        self._every = every

    async def run(self) -> None:
        """Work until cancelled."""
        await asyncio.sleep(_AFTER_START)
        await asyncio.to_thread(hours.prepare)
        while True:
            await self.once()
            await asyncio.sleep(self._every)

    async def once(self) -> None:
        """One round. A job that fails is tried again in the next one, and keeps no other from being done."""
        for name, job in self._jobs.items():
            try:
                await self._do(job)
            except Exception:
                log.exception("housekeeping: %s", name)

    async def _do(self, job: Job) -> None:
        now = self._now()
        await self._database.write(lambda tx: job(tx, now))
