"""What our own mail relay found out about the sender: Authentication-Results (RFC 8601) of those we trust. Pure.

Read here because Microsoft's fields are not what the standard's grammar allows, and because one broken result shall not
hide the others.
"""

from __future__ import annotations

import re
from collections.abc import Set
from email.message import Message

from channels.letter import Authentication

_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
_RESULT = re.compile(r"\s*([a-z][a-z0-9-]*)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
UNNAMED = "-"
_MAX_FIELDS = 50


def found(message: Message, trusted: Set[str]) -> Authentication | None:
    """What the nearest relay says that is one of `trusted` (authserv-ids, lower case); None when none says anything.

    Relays that do not say who they are, as Microsoft's do, are called ``-``.

    Anybody can write such a field into a mail. Ours is above all that came with it, so the first one counts.
    """
    for value in (message.get_all("authentication-results") or [])[:_MAX_FIELDS]:
        by, results = _read(str(value))
        if by in trusted:
            # A mail may have several signatures; one that holds is enough.
            dkim = "pass" if "pass" in results.get("dkim", ()) else next(iter(results.get("dkim", ())), "")
            return Authentication(
                by, next(iter(results.get("spf", ())), ""), dkim, next(iter(results.get("dmarc", ())), "")
            )
    return None


def _read(value: str) -> tuple[str, dict[str, list[str]]]:
    """The authserv-id, and the results of each method."""
    before = ""
    while before != value:  # comments may hold comments
        before, value = value, _COMMENT.sub(" ", value)
    by, *rest = value.split(";")
    if _RESULT.match(by):
        by, rest = UNNAMED, [by, *rest]
    results: dict[str, list[str]] = {}
    for piece in rest:
        result = _RESULT.match(piece)
        if result:
            results.setdefault(result[1].lower(), []).append(result[2].lower())
    return (by.split() or [""])[0].strip('"').lower(), results
