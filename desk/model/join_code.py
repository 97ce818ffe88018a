"""Join codes: signed, so that nothing is stored for one; each stands for a conversation and says itself until when."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import Struct

ASKED_FOR = timedelta(hours=1)
"""So long a code works that the customer asked for."""
IN_A_LETTER = timedelta(days=14)
"""So long one works that stands in a mail: mails are answered late."""

_PURPOSE = b"firstline join\x00"  # keeps signatures made with the same key for other uses apart
_CLAIM = Struct(">QL")
_MAC = 12


def make(conversation: int, until: datetime, secret: bytes) -> str:
    """A code for `conversation`: 32 characters of ``[A-Za-z0-9_-]``, which fits the start parameter of Telegram."""
    claim = _CLAIM.pack(conversation, int(until.timestamp()))
    return urlsafe_b64encode(claim + _mac(claim, secret)).decode()


def conversation_of(code: str, now: datetime, secret: bytes) -> int | None:
    """The conversation a code is for; None when it is not ours, or too old."""
    try:
        given = urlsafe_b64decode(code.strip().encode("ascii"))
    except (Error, UnicodeEncodeError):
        return None
    claim, mac = given[: _CLAIM.size], given[_CLAIM.size :]
    if len(claim) != _CLAIM.size or not hmac.compare_digest(mac, _mac(claim, secret)):
        return None
    conversation, until = _CLAIM.unpack(claim)
    return conversation if now < datetime.fromtimestamp(until, UTC) else None


def _mac(claim: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, _PURPOSE + claim, sha256)[:_MAC]
