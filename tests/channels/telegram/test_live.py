"""The real Telegram, once, for whoever has a bot to try: skipped without one.

``TELEGRAM_LIVE_TOKEN`` is a bot's token and ``TELEGRAM_LIVE_CHAT`` the id of a private chat in which it was started.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from channels.contract import Author, Button, DeliveryFailed, File, Outgoing
from channels.telegram.channel import create

TOKEN, CHAT = os.environ.get("TELEGRAM_LIVE_TOKEN", ""), os.environ.get("TELEGRAM_LIVE_CHAT", "")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (TOKEN and CHAT), reason="no TELEGRAM_LIVE_TOKEN and TELEGRAM_LIVE_CHAT"),
]


async def test_the_real_telegram_takes_what_we_send() -> None:
    channel = create({"telegram_token": TOKEN, "secret_key": "a secret for tests"})
    assert await channel.username()
    message = Outgoing(1, 1, "telegram", CHAT, Author.BOT, "**Smoke** & `test` <1>", datetime.now(UTC), "en")
    assert (await channel.send(replace(message, buttons=(Button("Yes", "y"), Button("No", "n"))))).external_id
    await channel.send(replace(message, seq=2, text="Long. " * 1_000))
    await channel.send(replace(message, seq=3, files=(File("log.txt", "text/plain", b"all is well"),)))
    await channel.typing(CHAT, "")
    assert isinstance(await channel._updates(None), list)
    with pytest.raises(DeliveryFailed) as caught:
        await channel.send(replace(message, address="1"))
    assert caught.value.unreachable
