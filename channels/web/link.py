"""Addresses that lead into a conversation, and to its files. Pure.

Those of files are signed, so that an image needs no token, and not good for long.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

from channels.contract import Attachment

_PURPOSE = b"firstline web file\x00"  # keeps signatures made with the same key for other uses apart
_DAY = int(timedelta(days=1).total_seconds())


def joining(page: str, code: str) -> str:
    """Where another browser goes on with the conversation that `code` is for; see `Desk.join`."""
    return f"{page}/?continue={code}"


def address(attachment: Attachment, visitor: str, now: datetime, secret: bytes) -> str:
    """Where `visitor` finds `attachment`, below the channel's own address.

    Good until the end of tomorrow (UTC), so that it stays the same for a day and browsers keep what they have.
    """
    until = str((int(now.timestamp()) // _DAY + 2) * _DAY)
    signature = _signature(str(attachment.id), visitor, until, secret)
    return f"files/{attachment.id}?" + urlencode({"by": visitor, "until": until, "signature": signature})


def visitor_in(attachment: int, query: Mapping[str, str], now: datetime, secret: bytes) -> str | None:
    """Whose link it is; None when it is not ours, or has expired."""
    by, until = query.get("by", ""), query.get("until", "")
    expected = _signature(str(attachment), by, until, secret)
    # As bytes, because compare_digest refuses text outside ASCII, and what a client sends is anything.
    genuine = hmac.compare_digest(query.get("signature", "").encode("utf-8", "surrogatepass"), expected.encode())
    return by if genuine and now.timestamp() < int(until) else None


def _signature(attachment: str, visitor: str, until: str, secret: bytes) -> str:
    said = f"{attachment}\x00{until}\x00{visitor}".encode("utf-8", "surrogatepass")
    return urlsafe_b64encode(hmac.digest(secret, _PURPOSE + said, sha256)).rstrip(b"=").decode()
