"""The input channel by which the desk talks to the assistant: one request is one turn.

    desk ── POST /webhooks/firstline/turn ──► check token ► read_turn ► TurnProcessor.take ► answer ──► 200
                                                 401            400            500

Rasa's REST channel answers 200 with an empty list when a turn failed. Here a failure is a failure.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.answer import answer
from bot.policy import catalogue_of
from bot.processor import TurnProcessor
from bot.turn import BadTurn, read_turn

logger = logging.getLogger(__name__)


class Collected(CollectingOutputChannel):
    """Where answers go: nowhere, they are read from the tracker. Its name tells the texts which channel it is."""

    def __init__(self, channel: str) -> None:
        super().__init__()
        self._channel = channel

    def name(self) -> str:
        """The kind of channel the customer uses, for instance "web"."""
        return self._channel


class FirstlineInput(InputChannel):
    """`/webhooks/firstline/turn` and `/webhooks/firstline/ready`, for whoever knows the token."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()
        # Turns of one conversation wait for each other; the desk sends them one by one anyway.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @classmethod
    def name(cls) -> str:
        """The last part of the address."""
        return "firstline"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> FirstlineInput:
        """Read `token` from credentials.yml. Without one the engine must not start."""
        token = (credentials or {}).get("token")
        if not token:
            cls.raise_missing_credentials_exception()
        return cls(str(token))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Called by Rasa. `on_new_message` is not used: it swallows failures."""
        routes = Blueprint("firstline")
        routes.add_route(_ready, "/ready", methods=["GET"])
        routes.exception(Exception)(_failed)

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            return await self._turn(request)

        return routes

    async def _turn(self, request: Request) -> HTTPResponse:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._expected):
            return json({"error": "unauthorized", "detail": "the engine's token is missing or wrong"}, status=401)
        turn = read_turn(request.json)
        processor = _processor(request)
        if processor is None:
            return json({"error": "not_ready", "detail": "no model is loaded"}, status=503)
        async with self._locks.setdefault(turn.conversation, asyncio.Lock()):
            catalogue = catalogue_of(processor)
            taken = await processor.take(turn, Collected(turn.channel), catalogue)
        return json(answer(taken, catalogue))


async def _ready(request: Request) -> HTTPResponse:
    processor = _processor(request)
    if processor is None:
        return json({"ready": False, "model": None}, status=503)
    return json({"ready": True, "model": processor.model_filename})


def _processor(request: Request) -> TurnProcessor | None:
    """The running assistant; None without a model, or when `rasa run` was used instead of `python -m bot serve`."""
    agent = getattr(request.app.ctx, "agent", None)
    processor = agent.processor if agent else None
    return processor if isinstance(processor, TurnProcessor) else None


async def _failed(request: Request, error: Exception) -> HTTPResponse:
    if isinstance(error, BadTurn):
        return json({"error": "bad_request", "detail": str(error)}, status=400)
    if isinstance(error, SanicException) and error.status_code < 500:
        return json({"error": "bad_request", "detail": str(error)}, status=error.status_code)
    logger.error("A turn failed; the desk is told", exc_info=error)
    # The message of an unforeseen error may quote the customer: the log has it, the wire does not.
    detail = str(error) if type(error).__module__.startswith("bot.") else type(error).__name__
    return json({"error": "turn_failed", "detail": detail}, status=500)
