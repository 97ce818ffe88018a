"""The answer worker: brings each customer's message to whoever owns the conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from channels.contract import Assistant
from desk import answering
from desk.answering import Question, Shown
from desk.engine import Engine
from desk.live import Live
from desk.model.conversation import Reason
from desk.model.turn import EngineDown, EngineError, EngineFailed, Turn
from desk.store.database import Database
from firstline.worker import Worker

log = logging.getLogger(__name__)

TYPIST = "bot"
_RETRY_PAUSE = 0.25
_GRACE = timedelta(seconds=5)
"""What a lease lasts beyond the engine's time limit."""
_MAX_ATTEMPTS = 5
"""A message that was claimed so often makes this process fail each time: people read it instead."""


class Answering:
    """Claims customers' messages and has them answered.

    patience: seconds a customer waits for the assistant before people are called.
    """

    def __init__(
        self,
        database: Database,
        live: Live,
        engine: Engine,
        now: Callable[[], datetime],
        *,
        name: str,
        patience: float,
        concurrency: int,
        poll: float = 1.0,
    ) -> None:
        self._database = database
        self._live = live
        self._engine = engine
        self._now = now
        self._name = name
        self._patience = patience
        self._lease = timedelta(seconds=patience) + _GRACE
        self.worker: Worker[Question | Shown] = Worker(
            "inbox", self._claim, self._handle, concurrency=concurrency, poll=poll
        )

    async def _claim(self) -> Question | Shown | None:
        if self._engine.assistant is Assistant.WAKING:
            # Messages wait in the inbox, and the customer's page says so, rather than failing one by one.
            return None
        now = self._now()
        return await self._database.write(lambda tx: answering.claim(tx, self._name, now, self._lease))

    async def _handle(self, question: Question | Shown) -> None:
        if isinstance(question, Shown):
            return
        conversation = question.conversation.id
        self._live.set_typing(conversation, TYPIST, self._now(), lasts=self._lease)
        try:
            await self._answer(question)
        except asyncio.CancelledError:
            # This process is told to stop: others go on with the message at once, not when the lease has run out.
            await self._database.write(lambda tx: answering.put_back(tx, question, self._now()))
            raise
        finally:
            self._live.set_typing(conversation, TYPIST, self._now(), on=False)

    async def _answer(self, question: Question) -> None:
        try:
            if question.claim.attempts > _MAX_ATTEMPTS:
                raise EngineFailed(f"given up after {_MAX_ATTEMPTS} attempts")
            turn = await self._ask(question)
        except EngineError as error:
            reason, detail = error.reason, str(error)
            await self._give_up(question, reason, detail)
        else:
            stored = await self._database.write(lambda tx: answering.finish(tx, question, turn, self._now()))
            if not stored:
                log.info("conversation %s: answer dropped, it has another owner", question.conversation.id)

    async def _give_up(self, question: Question, reason: Reason, detail: str) -> None:
        log.warning("conversation %s: %s: %s", question.conversation.id, reason.value, detail)
        await self._database.write(lambda tx: answering.give_up(tx, question, reason, self._now(), detail))

    async def _ask(self, question: Question) -> Turn:
        """One turn. An engine that is being restarted is tried until patience ends, a failed turn once more.

        Raises:
            EngineError: it did not answer.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._patience
        failures = 0
        while True:
            left = deadline - clock()
            try:
                return await self._engine.turn(question.conversation, question.message, max(left, 0.1))
            except EngineDown:
                if left <= _RETRY_PAUSE:
                    raise
            except EngineFailed:
                failures += 1
                if failures > 1 or left <= _RETRY_PAUSE:
                    raise
            await asyncio.sleep(_RETRY_PAUSE)
