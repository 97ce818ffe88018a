"""The action server: runs actions for the engine, for nobody else, and repeats nothing of what customers wrote.

rasa_sdk's own server listens to whoever reaches it, allows calls from any web page, and answers a failed action with
the whole conversation, which then stands in the engine's log.
"""

from __future__ import annotations

import hmac
import logging

from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

logger = logging.getLogger(__name__)


def make_app(token: str) -> Sanic:
    """Return the server: POST /webhook (Rasa's protocol, `Bearer <token>`) and GET /health."""
    app = Sanic("firstline_actions", configure_logging=False)
    expected = f"Bearer {token}".encode()
    executor = ActionExecutor()
    executor.register_package("actions")

    @app.get("/health")
    async def health(request: Request) -> HTTPResponse:
        return json({"status": "ok"})

    @app.post("/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
            return json({"error": "unauthorized"}, status=401)
        return json(await executor.run(request.json))

    app.exception(Exception)(_failed)
    return app


async def _failed(request: Request, error: Exception) -> HTTPResponse:
    if isinstance(error, ActionNotFoundException):
        return json({"error": "no such action", "action_name": error.action_name}, status=404)
    logger.error("An action failed; the engine is told", exc_info=error)
    return json({"error": type(error).__name__}, status=500)
