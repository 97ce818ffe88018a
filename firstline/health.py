"""Whether the process lives, and whether the product can do its work; what is not ready is named."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
from fastapi import APIRouter, Response
from pydantic import BaseModel

from channels.contract import Assistant
from firstline.product import Product


class Health(BaseModel):
    """The process answers."""

    status: str = "alive"


class Readiness(BaseModel):
    """Whether everything answers; `not_ready` says what does not, and why."""

    ready: bool
    not_ready: dict[str, str]


def health_routes(product: Product) -> APIRouter:
    """``/healthz`` and ``/readyz``."""
    router = APIRouter(tags=["health"])
    checks: dict[str, Callable[[], Awaitable[str | None]]] = {
        "database": lambda: _database(product),
        "engine": lambda: _engine(product),
        "actions": lambda: _actions(product),
    }

    @router.get("/healthz")
    async def healthz() -> Health:
        return Health()

    @router.get("/readyz", responses={503: {"model": Readiness}})
    async def readyz(response: Response) -> Readiness:
        found = await asyncio.gather(*(check() for check in checks.values()))
        wrong = {name: why for name, why in zip(checks, found, strict=True) if why is not None}
        response.status_code = 503 if wrong else 200
        return Readiness(ready=not wrong, not_ready=wrong)

    return router


async def _database(product: Product) -> str | None:
    return await product.database.trouble()


async def _engine(product: Product) -> str | None:
    await product.engine.check()
    assistant = product.engine.assistant
    return None if assistant is Assistant.READY else f"the assistant is {assistant.value}"


async def _actions(product: Product) -> str | None:
    url = f"http://127.0.0.1:{product.settings.actions_port}/health"
    try:
        async with aiohttp.ClientSession() as session, session.get(url, timeout=aiohttp.ClientTimeout(1)) as answer:
            return None if answer.status == 200 else f"HTTP {answer.status}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__
