"""Fetching updates by long polling: confirmed only when the desk has them.

Telegram forgets an update when the next poll asks for what comes after it. Whatever goes wrong before, the next poll
brings it again, and the desk takes the same message once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from channels.contract import JSONObject
from channels.telegram.fields import number, obj

HELD = 50
"""Seconds that Telegram holds a poll open while there is nothing."""
AGAIN = 10.0
"""Seconds until we listen again beside another process that does: that one goes on meanwhile."""

Fetch = Callable[[int | None], Awaitable[list[JSONObject]]]
"""Waits for updates from that number on; None: from the first one that is not confirmed."""
Take = Callable[[object], Awaitable[None]]


async def poll(fetch: Fetch, take: Take) -> None:
    """Run until cancelled, or until an update cannot be taken in: then none of its batch is confirmed.

    Chats do not wait for each other; within a chat updates are taken in order.
    """
    offset: int | None = None
    while True:
        updates = await fetch(offset)
        chats = by_chat(updates)
        outcomes = await asyncio.gather(*(_in_order(chat, take) for chat in chats), return_exceptions=True)
        for outcome in outcomes:
            if outcome is not None:
                raise outcome
        if updates:
            offset = max(number(update, "update_id") or 0 for update in updates) + 1


async def _in_order(updates: Iterable[JSONObject], take: Take) -> None:
    for update in updates:
        await take(update)


def by_chat(updates: Iterable[JSONObject]) -> list[list[JSONObject]]:
    """Updates in the order of their numbers, those of each chat together."""
    chats: dict[int | None, list[JSONObject]] = {}
    for update in sorted(updates, key=lambda one: number(one, "update_id") or 0):
        chats.setdefault(chat_of(update), []).append(update)
    return list(chats.values())


def chat_of(update: object) -> int | None:
    """In which chat something happened; None: in none."""
    for event in obj(update).values():
        chat = obj(event, "chat") or obj(event, "message", "chat")
        if chat:
            return number(chat, "id")
    return None
