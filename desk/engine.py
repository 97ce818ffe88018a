"""The client of the assistant's engine: one turn, with a time limit; and whether it is awake.

The shapes are those of `bot.channel`. An answer without a message is a failure: Rasa answers 200 with nothing when an
action or the bot itself crashed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.procedures.model import LANGUAGES
from bot.procedures.state import State
from channels.contract import Assistant, Button
from desk.model.conversation import Conversation, Message, Reason
from desk.model.quote import without_quote
from desk.model.run import Run, Step, Untried
from desk.model.turn import EngineDown, EngineFailed, EngineLate, Reply, Turn


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Message(_Shape):
    text: Annotated[str, Field(min_length=1)]
    buttons: list[Button] = []


class _Run(_Shape):
    run: str
    procedure: str
    version: int
    title: str
    state: str
    steps: list[Step] = []
    pending: str | None = None
    untried: list[Untried] = []
    facts: dict[str, str] = {}

    def model(self) -> Run:
        return Run(
            key=self.run,
            procedure=self.procedure,
            version=self.version,
            title=self.title,
            state=self.state,
            steps=tuple(self.steps),
            pending=self.pending,
            untried=tuple(self.untried),
            facts=self.facts,
        )


class _Handover(_Shape):
    reason: Reason
    ticket: str | None = None


class _Turn(_Shape):
    messages: Annotated[list[_Message], Field(min_length=1)]
    language: str
    procedures: list[_Run] = []
    handover: _Handover | None = None
    resolved: bool = False
    procedure_state: dict[str, Any] | None = None

    @field_validator("procedure_state")
    @classmethod
    def _readable(cls, kept: dict[str, Any] | None) -> dict[str, Any] | None:
        """What technicians are to go on with must be understood here, too."""
        try:
            return State.from_json(kept).to_json() if kept is not None else None
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("is no state of procedures") from error


def read_turn(body: bytes) -> Turn:
    """A turn as `bot.channel` answers it (JSON).

    Raises:
        EngineFailed: it is malformed, or has nothing to say.
    """
    try:
        shape = _Turn.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise EngineFailed(f"answer not usable: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return Turn(
        replies=tuple(Reply(message.text, tuple(message.buttons)) for message in shape.messages),
        language=shape.language,
        runs=tuple(run.model() for run in shape.procedures),
        handover=shape.handover.reason if shape.handover else None,
        resolved=shape.resolved,
        procedure_state=shape.procedure_state,
    )


class Engine:
    """The assistant's engine at `url`. Open it with ``async with``.

    wake: how long after `start` an engine that does not answer is taken to be still waking up.
    """

    def __init__(self, url: str, token: str, *, wake: timedelta) -> None:
        self._url = url.rstrip("/") + "/webhooks/firstline"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._wake_until = asyncio.get_running_loop().time() + wake.total_seconds()
        # Not pooled for longer than the engine keeps idle connections itself (Sanic: 5 s): a turn must not be sent
        # into a connection that is just being closed.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=4))
        self._ready = False
        self._slept_well = False

    async def __aenter__(self) -> Engine:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    @property
    def assistant(self) -> Assistant:
        """How the assistant is, as far as is known."""
        if self._ready:
            return Assistant.READY
        waking = not self._slept_well and asyncio.get_running_loop().time() < self._wake_until
        return Assistant.WAKING if waking else Assistant.DOWN

    async def check(self, within: float = 1.0) -> bool:
        """Ask the engine whether it has its model; remembers the answer."""
        timeout = aiohttp.ClientTimeout(total=within)
        try:
            async with self._session.get(self._url + "/ready", headers=self._headers, timeout=timeout) as answer:
                self._remember(answer.status == 200)
        except (aiohttp.ClientError, TimeoutError):
            self._remember(False)
        return self._ready

    def _remember(self, ready: bool) -> None:
        self._ready = ready
        self._slept_well = self._slept_well or ready

    async def turn(
        self,
        conversation: Conversation,
        message: Message,
        within: float,
        procedure_state: Mapping[str, Any] | None = None,
        *,
        letters: bool = False,
    ) -> Turn:
        """Have the assistant answer `message`, within so many seconds. Safe to repeat: the message's id goes along.

        procedure_state: where a technician left the procedures, when the conversation has just been given back.
        letters: the answer goes out as a mail, so it says all there is to say, and a person is called sooner.

        Raises:
            EngineDown, EngineLate, EngineFailed: see `desk.model.turn`.
        """
        body = {
            "conversation": conversation.engine_id,
            "message_id": str(message.id),
            # With a button this is what stood on it: the assistant falls back to it when it does not know the payload.
            "text": without_quote(message.text),
            "choice": message.choice.payload if message.choice else None,
            "language": _spoken(conversation.language, message.language),
            "files": len(message.attachments),
            "channel": conversation.channel,
            "style": "letter" if letters else "chat",
            "context": _context(conversation, procedure_state),
        }
        return read_turn(await self._asked(body, within))

    async def _asked(self, body: Mapping[str, Any], within: float) -> bytes:
        """What the engine answers to a turn; whether it does is remembered."""
        timeout = aiohttp.ClientTimeout(total=within)
        try:
            async with self._session.post(
                self._url + "/turn", json=body, headers=self._headers, timeout=timeout
            ) as answer:
                content = await answer.read()
        except TimeoutError as error:
            raise EngineLate(f"no answer within {within:.1f} s") from error
        except aiohttp.ClientConnectionError as error:
            self._remember(False)
            raise EngineDown(str(error) or type(error).__name__) from error
        except aiohttp.ClientError as error:
            raise EngineFailed(str(error) or type(error).__name__) from error
        if answer.status != 200:
            raise EngineFailed(f"HTTP {answer.status}: {content[:500].decode(errors='replace')}")
        self._remember(True)
        return content


def _spoken(*wishes: str | None) -> str | None:
    """The first that the assistant speaks: a mail may say that it is written in German."""
    return next((language for language in wishes if language in LANGUAGES), None)


def _context(conversation: Conversation, procedure_state: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What the assistant has to know of the time when a technician had the conversation."""
    if conversation.summary is None:
        return None
    return {"summary": conversation.summary, "procedure_state": procedure_state}
