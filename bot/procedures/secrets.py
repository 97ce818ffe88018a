"""Notices a password in a message, so that the customer can be told. Masking what is stored is the desk's part."""

from __future__ import annotations

import re

from bot.procedures.model import Words

_LEAST_LENGTH = 6


def gives_password(text: str, words: Words) -> bool:
    """Whether "password is …" or "wachtwoord: …" is followed by what looks like one, not by a word ("is expired")."""
    names = "|".join(map(re.escape, words.secret))
    found = re.finditer(rf"\b(?:{names})\s*(?:\bis\b|:|=)\s*[:=]?\s*(\S+)", text, re.IGNORECASE) if names else ()
    return any(_looks_secret(each[1].rstrip(".,;:?)")) for each in found)


def _looks_secret(token: str) -> bool:
    letters = any(c.isalpha() for c in token)
    return len(token) >= _LEAST_LENGTH and (any(c.isdigit() for c in token) or (letters and not token[:-1].isalpha()))
