"""The answer worker: brings each customer's message to whoever owns the conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from channels.contract import Assistant, Command, DeliveryFailed, Typist
from desk import answering, orders
from desk.answering import Question, Shown
from desk.engine import Engine
from desk.live import Live
from desk.model.conversation import Reason, Route
from desk.model.turn import EngineDown, EngineError, EngineFailed, Turn
from desk.model.work import STUMBLES, Claim
from desk.store.database import Database
from firstline.invitations import Invitations
from firstline.worker import Worker

log = logging.getLogger(__name__)

TYPIST = "bot"
_RETRY_PAUSE = 0.25
_LAST_CHANCE = 0.5
"""Seconds that an assistant gets which was not there for as long as the customer had patience."""
_NOTICEABLE = 0.3
"""Seconds after which an answer is worth announcing."""
_SHOWN_AGAIN = 4.0
"""Seconds after which networks need to be told again that somebody is typing (Telegram shows it for five)."""
_GRACE = timedelta(seconds=5)
"""What a lease lasts beyond the engine's time limit."""
_AFTER_FAILURE = timedelta(seconds=1)
_MAX_ATTEMPTS = 5
"""A message that was claimed so often makes this process fail each time: people read it instead."""


class Answering:
    """Claims customers' messages and has them answered.

    patience: seconds a customer waits for the assistant before people are called.
    letters: the channels whose messages are mails.
    secret: what codes are signed with. invitations: for going on elsewhere.
    typists: the channels that show that an answer is being prepared, by kind.
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
        letters: Collection[str] = (),
        secret: bytes,
        invitations: Invitations,
        typists: Mapping[str, Typist] = MappingProxyType({}),
        poll: float = 1.0,
    ) -> None:
        self._database = database
        self._live = live
        self._engine = engine
        self._now = now
        self._name = name
        self._patience = patience
        self._secret = secret
        self._invitations = invitations
        self._typists = typists
        self._lease = timedelta(seconds=patience) + _GRACE
        self._letters = frozenset(letters)
        self.worker: Worker[Question | Shown] = Worker(
            "inbox", self, concurrency=concurrency, poll=poll, stumbling=self
        )

    async def claim(self) -> Question | Shown | None:
        """The next message, once the assistant is awake."""
        if self._engine.assistant is Assistant.WAKING:
            # Messages wait in the inbox, and the customer's page says so, rather than failing one by one.
            return None
        now = self._now()
        return await self._database.write(lambda tx: answering.claim(tx, self._name, now, self._lease, self._letters))

    async def give_back(self, question: Question | Shown) -> None:
        """Others go on with the message at once, not when the lease has run out."""
        if isinstance(question, Question):
            await self._database.write(lambda tx: answering.put_back(tx, question, self._now()))

    async def fail(self, question: Question | Shown, error: Exception) -> None:
        """The message is asked again after a moment; so often at most that people read it soon instead."""
        if isinstance(question, Question):
            again = self._now() + _AFTER_FAILURE
            await self._database.write(lambda tx: answering.put_back(tx, question, again, type(error).__name__))

    async def pass_over(self, claim: Claim, error: str) -> None:
        """People read it, if it does not pass."""
        await self._database.write(lambda tx: answering.pass_over(tx, claim, self._now(), error))
        if STUMBLES.after(claim.attempts) is None:
            await self._database.write(lambda tx: answering.abandon(tx, claim, self._now(), error))

    async def handle(self, question: Question | Shown) -> None:
        """Have it answered."""
        if isinstance(question, Shown):
            return
        command = question.message.command
        if command is not None:
            await self._obey(question, command)
            return
        conversation = question.conversation.id
        self._live.set_typing(conversation, TYPIST, self._now(), lasts=self._lease)
        shown = asyncio.create_task(self._show_typing(question.conversation.route))
        try:
            await self._answer(question)
        except asyncio.CancelledError:
            await self.give_back(question)
            raise
        finally:
            shown.cancel()
            self._live.set_typing(conversation, TYPIST, self._now(), on=False)

    async def _obey(self, question: Question, command: Command) -> None:
        elsewhere = None
        if orders.asks_for_code(command):
            here = orders.given_at(question.conversation, question.message).channel
            elsewhere = await self._invitations.to(question.conversation.id, here, self._now())
        await self._database.write(
            lambda tx: answering.obey(tx, question, command, self._now(), secret=self._secret, elsewhere=elsewhere)
        )

    async def _show_typing(self, route: Route) -> None:
        """Let the customer see that an answer takes a moment, where their network can show it."""
        typist = self._typists.get(route.channel)
        if typist is None:
            return
        await asyncio.sleep(_NOTICEABLE)
        while True:
            try:
                await typist.typing(route.address, route.thread)
            except DeliveryFailed as error:
                # The answer itself will tell whether the customer can be reached.
                log.debug("channel %s: cannot show typing: %s", route.channel, error.detail)
                return
            await asyncio.sleep(_SHOWN_AGAIN)

    async def _answer(self, question: Question) -> None:
        try:
            if question.claim.attempts > _MAX_ATTEMPTS:
                raise EngineFailed(f"given up after {_MAX_ATTEMPTS} attempts")
            turn = await self._ask(question)
        except EngineError as error:
            reason, detail = error.reason, str(error)
            await self._give_up(question, reason, detail)
        else:
            stored = await self._database.write(
                lambda tx: answering.finish(tx, question, turn, self._now(), self._letters)
            )
            if not stored:
                log.info("conversation %s: answer dropped, it has another owner", question.conversation.id)

    async def _give_up(self, question: Question, reason: Reason, detail: str) -> None:
        log.warning("conversation %s: %s: %s", question.conversation.id, reason.value, detail)
        await self._database.write(lambda tx: answering.give_up(tx, question, reason, self._now(), detail))

    def _patience_left(self, question: Question) -> float:
        """Seconds for the turn.

        An assistant that is not there gets none for the time that the message has waited already: customers who wrote
        at the same time are told at the same time, not one after the other.
        """
        if self._engine.assistant is Assistant.READY:
            return self._patience
        waited = (self._now() - question.message.created_at).total_seconds()
        return min(max(self._patience - waited, _LAST_CHANCE), self._patience)

    async def _ask(self, question: Question) -> Turn:
        """One turn. An engine that is being restarted is tried until patience ends, a failed turn once more.

        Raises:
            EngineError: it did not answer.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._patience_left(question)
        failures = 0
        while True:
            left = deadline - clock()
            try:
                return await self._engine.turn(
                    question.conversation,
                    question.message,
                    max(left, 0.1),
                    question.procedure_state,
                    letters=question.letters,
                )
            except EngineDown:
                # One that was given its last chance only is not tried twice: others who wait need the time.
                if left <= _LAST_CHANCE:
                    raise
            except EngineFailed:
                failures += 1
                if failures > 1 or left <= _RETRY_PAUSE:
                    raise
            await asyncio.sleep(_RETRY_PAUSE)
