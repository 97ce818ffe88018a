"""What we write into our own mails so that we know them again: Message-IDs, answer addresses, a header. Pure.

All three carry a token, ``c<conversation>[.<seq>].<mac>``, which only we can make and which survives mail programs:
lower case letters, digits and dots, read in any case.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from hashlib import sha256

HEADER = "X-Firstline"
"""Says that a mail is ours, so that we know it when it comes back."""

_PURPOSE = b"firstline email\x00"  # keeps signatures made with the same key for other uses apart
_MAC = 10
"""Bytes: 80 bits, 16 letters. An address has room for 64 letters before the ``@``."""
_LOCAL = 64
_TOKEN = re.compile(r"c(\d{1,18})(?:\.(\d{1,18}))?\.([a-z2-7]{16})", re.ASCII)


def message_id(conversation: int, seq: int, domain: str, secret: bytes) -> str:
    """The Message-ID of message `seq`, without angle brackets: the same however often it is sent."""
    return f"{token(conversation, seq, secret)}@{domain}"


def reply_address(mailbox: str, conversation: int, secret: bytes) -> str:
    """Where answers to `conversation` go, by plus addressing; `mailbox` itself where that would get too long."""
    local, _, domain = mailbox.rpartition("@")
    signed = f"{local}+{token(conversation, None, secret)}"
    return f"{signed}@{domain}" if len(signed) <= _LOCAL else mailbox


def conversation_of_address(address: str, secret: bytes) -> int | None:
    """Whose answer address it is; None when it is none of ours."""
    local = address.strip().strip("<>").rpartition("@")[0]
    return _conversation(local.rpartition("+")[2], secret, numbered=False) if "+" in local else None


def conversation_of_message_id(message_id: str, secret: bytes) -> int | None:
    """To which conversation the mail of ours with this Message-ID belongs; None when it is none of ours."""
    return _conversation(message_id.strip().strip("<>").rpartition("@")[0], secret, numbered=True)


def conversation_of_header(value: str, secret: bytes) -> int | None:
    """Which conversation a mail with this value of `HEADER` is from; None when we did not write it."""
    return _conversation(value.strip(), secret, numbered=True)


def token(conversation: int, seq: int | None, secret: bytes) -> str:
    """The value of `HEADER` for message `seq`; without `seq`, what marks an answer address."""
    said = f"c{conversation}" if seq is None else f"c{conversation}.{seq}"
    mac = hmac.digest(secret, _PURPOSE + said.encode(), sha256)[:_MAC]
    return f"{said}.{b32encode(mac).decode().lower()}"


def _conversation(given: str, secret: bytes, *, numbered: bool) -> int | None:
    found = _TOKEN.fullmatch(given.lower())
    if found is None or (found[2] is not None) != numbered:
        return None
    conversation, seq = int(found[1]), int(found[2]) if numbered else None
    # The whole token is compared, so that 07 is not another spelling of 7.
    return conversation if hmac.compare_digest(found[0], token(conversation, seq, secret)) else None
