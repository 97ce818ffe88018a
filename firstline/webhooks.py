"""The webhook worker: posts what happens at the desk to other programs, signed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import aiohttp

from desk import webhooks
from desk.model.webhook import Failure, Sending, signature
from desk.model.work import BackOff, Claim
from desk.store.database import Database
from firstline.public_addresses import NotPublic, connector, require_public
from firstline.worker import Worker

log = logging.getLogger(__name__)

TIME_LIMIT = timedelta(seconds=10)
"""For one attempt, the look-up of the name included."""
LEASE = timedelta(seconds=60)
"""Longer than an attempt can take."""
_READ = 1000
"""Bytes of an answer that are looked at."""
_EVERY = timedelta(hours=1)
"""How often old deliveries are forgotten."""


class Notifying:
    """Claims deliveries to webhooks and posts them, in order for each webhook.

    private: whether addresses in private networks, and this machine, may be called.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        *,
        name: str,
        concurrency: int,
        private: bool,
        back_off: BackOff = webhooks.BACK_OFF,
        time_limit: timedelta = TIME_LIMIT,
        poll: float = 1.0,
    ) -> None:
        self._database = database
        self._now = now
        self._name = name
        self._private = private
        self._back_off = back_off
        self._time_limit = aiohttp.ClientTimeout(total=time_limit.total_seconds())
        self._tidied = datetime.min.replace(tzinfo=now().tzinfo)
        self.worker: Worker[Sending] = Worker(
            "webhook_deliveries", self, concurrency=concurrency, poll=poll, stumbling=self
        )

    async def claim(self) -> Sending | None:
        """The next delivery. Looking also shortens the logs, now and then."""
        now = self._now()
        if now - self._tidied >= _EVERY:
            self._tidied = now
            await self._database.write(lambda tx: webhooks.forget_old(tx, now))
        return await self._database.write(lambda tx: webhooks.claim(tx, self._name, now, LEASE))

    async def give_back(self, sending: Sending) -> None:
        """Others may send it at once."""
        await self._database.write(lambda tx: webhooks.put_back(tx, sending.claim, self._now()))

    async def fail(self, sending: Sending, error: Exception) -> None:
        """It broke in an unforeseen way. It is tried again: receivers know a repeated delivery by its id."""
        await self._settle(sending, Failure(type(error).__name__))

    async def pass_over(self, claim: Claim, error: str) -> None:
        """It is given up, if it does not pass; the webhook's log says why."""
        await self._database.write(lambda tx: webhooks.pass_over(tx, claim, self._now(), error))

    async def handle(self, sending: Sending) -> None:
        """Post it."""
        try:
            outcome = await self._post(sending)
        except asyncio.CancelledError:
            # It may have arrived; receivers know a repeated delivery by its id, and those behind it wait for this one.
            await self.give_back(sending)
            raise
        if isinstance(outcome, Failure):
            await self._settle(sending, outcome)
        else:
            await self._database.write(lambda tx: webhooks.delivered(tx, sending.claim, outcome, self._now()))

    async def _settle(self, sending: Sending, failure: Failure) -> None:
        state = await self._database.write(
            lambda tx: webhooks.failed(tx, sending.claim, failure, self._now(), self._back_off)
        )
        log.warning("webhook %s: %s not delivered (%s)", sending.claim.lane, sending.delivery_id, state)

    async def _post(self, sending: Sending) -> int | Failure:
        """The status with which the receiver took it, or why it did not."""
        body = sending.event.body()
        try:
            if not self._private:
                require_public(sending.url)
            # A connection of its own for each attempt: the name is looked up anew and what it leads to is checked.
            async with (
                aiohttp.ClientSession(connector=connector(private=self._private), timeout=self._time_limit) as session,
                session.post(
                    sending.url, data=body, headers=_headers(sending, body, self._now()), allow_redirects=False
                ) as answer,
            ):
                return await _outcome(answer)
        except NotPublic as error:
            return Failure(str(error))
        except TimeoutError:
            return Failure("timeout")
        except (aiohttp.ClientError, OSError) as error:
            # The resolver's refusal arrives wrapped.
            refused = error.__cause__ if isinstance(error.__cause__, NotPublic) else error
            return Failure(f"{type(refused).__name__}: {refused}")


def _headers(sending: Sending, body: bytes, now: datetime) -> dict[str, str]:
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "Firstline-Webhooks",
        "X-Firstline-Event": sending.event.type,
        "X-Firstline-Delivery": sending.delivery_id,
        "X-Firstline-Timestamp": timestamp,
        "X-Firstline-Signature": signature(sending.secret, timestamp, body),
    }


async def _outcome(answer: aiohttp.ClientResponse) -> int | Failure:
    if 200 <= answer.status < 300:
        return answer.status
    said = (await answer.content.read(_READ)).decode("utf-8", "replace").replace("\x00", "")
    return Failure(
        f"HTTP {answer.status}: {said}" if said else f"HTTP {answer.status}",
        status=answer.status,
        retry_after=_seconds(answer.headers.get("Retry-After", "")),
        gone=answer.status == 410,
    )


def _seconds(retry_after: str) -> float | None:
    """Dates, which the header may hold as well, are left to the back-off."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 7 else None
