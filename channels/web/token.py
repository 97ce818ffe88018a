"""Visitor tokens: how a browser proves that a conversation is its own, without an account and without a row.

A token is ``<visitor id>.<signature>``; the visitor id is the channel's address of this customer. Pure.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

from channels.contract import Rejected, RejectReason

_PURPOSE = b"firstline web visitor\x00"  # keeps signatures made with the same key for other uses apart


def new_visitor() -> str:
    """A fresh visitor id: 128 random bits in 22 URL-safe characters, never with a dot."""
    return secrets.token_urlsafe(16)


def sign(visitor: str, secret: bytes) -> str:
    """The token that lets its bearer read and continue `visitor`'s conversation."""
    return f"{visitor}.{_signature(visitor, secret)}"


def verify(token: str, secret: bytes) -> str:
    """The visitor id in `token`.

    Raises:
        Rejected: UNKNOWN_TOKEN when the token was not signed with `secret`; begin a new conversation.
    """
    visitor, dot, signature = token.rpartition(".")
    expected = _signature(visitor, secret)
    # As bytes, because compare_digest refuses text outside ASCII, and what a client sends is anything.
    genuine = hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), expected.encode())
    if not (dot and visitor and genuine):
        raise Rejected(RejectReason.UNKNOWN_TOKEN)
    return visitor


def _signature(visitor: str, secret: bytes) -> str:
    digest = hmac.digest(secret, _PURPOSE + visitor.encode("utf-8", "surrogatepass"), sha256)
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
