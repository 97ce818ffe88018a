"""The client of the desk's internal API."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

import aiohttp

TIMEOUT_SECONDS = 5.0


class DeskFailed(RuntimeError):
    """The desk did not do what was asked: `status` is its HTTP status, None when it could not be reached.

    Let it pass: the turn then fails as a whole, and the desk hands the conversation over by itself.
    """

    def __init__(self, status: int | None, detail: str) -> None:
        super().__init__(f"desk: {status or 'unreachable'}: {detail}")
        self.status = status


async def call(method: str, conversation: str, resource: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Call /internal/conversations/<conversation>/<resource> and return its JSON. Raises DeskFailed."""
    url = f"{os.environ['FIRSTLINE_DESK_URL']}/internal/conversations/{conversation}/{resource}"
    headers = {"Authorization": f"Bearer {os.environ['FIRSTLINE_INTERNAL_TOKEN']}"}
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
            session.request(method, url, json=body) as response,
        ):
            if response.status >= 400:
                raise DeskFailed(response.status, response.reason or "")
            return await response.json()
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
        raise DeskFailed(None, type(error).__name__) from error
