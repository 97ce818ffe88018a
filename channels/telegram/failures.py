"""Calls of the SDK that may fail: sending a message, fetching a file, and what an error means for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
from telegram import Bot, Message
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from channels.contract import DeliveryFailed
from channels.telegram.intake import FETCHED, NotFetched, TooLarge
from channels.telegram.render import Call

_NOBODY = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "chat_write_forbidden")
"""How Telegram says, in a 400, that the address leads to nobody."""
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)
_TOO_LARGE = "(413)"
FETCHED_WITHIN = 25.0
"""Seconds for a file."""


async def deliver(make: Callable[[Call], Awaitable[Message]], call: Call) -> int:
    """Make `call`; returns Telegram's number of the message.

    Raises:
        DeliveryFailed: as the contract has it.
    """
    try:
        sent = await make(call)
    except TelegramError as error:
        if isinstance(error, BadRequest) and call.otherwise is not None:
            return await deliver(make, call.otherwise)
        raise failure(error) from error
    return sent.message_id


async def content(bot: Bot, file: str) -> bytes:
    """The content of the file Telegram calls `file`.

    Raises:
        NotFetched: it is larger than a bot may have, or Telegram did not hand it out.
    """
    try:
        # The SDK waits for each piece, however many there are; whoever writes meanwhile is not heard.
        async with asyncio.timeout(FETCHED_WITHIN):
            found = await bot.get_file(file)
            if (found.file_size or 0) > FETCHED:
                raise TooLarge(f"{found.file_size} bytes")
            return bytes(await found.download_as_bytearray())
    except TimeoutError as error:
        raise NotFetched(f"not within {FETCHED_WITHIN} s") from error
    except TelegramError as error:
        if "too big" in str(error):
            raise TooLarge(str(error)) from error
        raise NotFetched(str(error)) from error


def failure(error: TelegramError) -> DeliveryFailed:
    """What to tell the deliver worker about `error`."""
    detail = str(error)
    match error:
        case RetryAfter():
            return DeliveryFailed(detail, retry_after=seconds(error))
        case Forbidden():
            return DeliveryFailed(detail, unreachable=True)
        case ChatMigrated():
            return DeliveryFailed(detail, permanent=True)
        case BadRequest():
            nobody = any(words in detail.lower() for words in _NOBODY)
            return DeliveryFailed(detail, permanent=True, unreachable=nobody)
        case InvalidToken():
            # Whoever runs the desk has to mend it; until then everything waits.
            return DeliveryFailed(detail)
        case NetworkError() if isinstance(error.__cause__, httpx.HTTPError):
            return DeliveryFailed(f"{detail} ({error.__cause__!r})", unknown=not _never_sent(error.__cause__))
        case NetworkError():
            # An HTTP status: 5xx, or one that nothing better is known of.
            return DeliveryFailed(detail, permanent="too large" in detail.lower() or _TOO_LARGE in detail)
        case _:
            # The answer could not be read: Telegram has taken it, or has not.
            return DeliveryFailed(detail, unknown=True)


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait; the SDK is on its way from numbers to timedeltas."""
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)


def _never_sent(cause: BaseException) -> bool:
    return isinstance(cause, _NEVER_SENT)
