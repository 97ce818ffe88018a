"""The cupboard of a channel: in the record, sealed with a key that is made from the secret key of the settings."""

from __future__ import annotations

import hmac
import logging
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken

from desk.store import channel_keep
from desk.store.database import Database

log = logging.getLogger(__name__)

_PURPOSE = b"firstline channel keep"  # keeps keys made of the same secret for other uses apart


class ChannelKeep:
    """Implements `channels.keeping.Keep` for the channel `kind`."""

    def __init__(self, database: Database, kind: str, secret: bytes, now: Callable[[], datetime]) -> None:
        self._database = database
        self._kind = kind
        self._fernet = Fernet(urlsafe_b64encode(hmac.digest(secret, _PURPOSE, sha256)))
        self._now = now

    async def put(self, kind: str, key: str, text: str) -> None:
        """Keep `text`; committed when this returns."""
        sealed, now = self._fernet.encrypt(text.encode()).decode(), self._now()
        await self._database.write(lambda tx: channel_keep.put(tx, self._kind, kind, key, sealed, now))

    async def get(self, kind: str, key: str) -> str | None:
        """What is kept there."""
        sealed = await self._database.read(lambda tx: channel_keep.get(tx, self._kind, kind, key), brief=True)
        return self._open(kind, key, sealed)

    async def take(self, kind: str, key: str) -> str | None:
        """The same, and it is kept no more."""
        sealed = await self._database.write(lambda tx: channel_keep.take(tx, self._kind, kind, key))
        return self._open(kind, key, sealed)

    async def kept(self, kind: str, *, until: datetime) -> dict[str, str]:
        """All of a kind that is kept since before a moment."""
        sealed = await self._database.read(lambda tx: channel_keep.kept(tx, self._kind, kind, until))
        opened = {key: self._open(kind, key, text) for key, text in sealed.items()}
        return {key: text for key, text in opened.items() if text is not None}

    def _open(self, kind: str, key: str, sealed: str | None) -> str | None:
        if sealed is None:
            return None
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            log.warning("channel %s: %s %s was sealed with another secret key", self._kind, kind, key)
            return None
