"""The client of the desk's internal API."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp

TIMEOUT_SECONDS = 5.0
NOT_THEIRS = (404, 422)
"""A number of nobody's or of somebody else's, and what is no number at all."""


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


async def tickets(conversation: str) -> list[dict[str, Any]]:
    """The newest tickets of the conversation's customer: {number, subject, state, assignee, team, merged_into, …}.

    Raises DeskFailed.
    """
    found: list[dict[str, Any]] = (await call("GET", conversation, "tickets"))["tickets"]
    return found


async def ticket(conversation: str, number: str) -> dict[str, Any] | None:
    """The ticket of that number as in `tickets`, or None when it is not the customer's. Raises DeskFailed."""
    try:
        return await call("GET", conversation, f"tickets/{quote(number, safe='')}")
    except DeskFailed as failed:
        if failed.status in NOT_THEIRS:
            return None
        raise
