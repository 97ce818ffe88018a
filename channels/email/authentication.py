"""What our own mail relay found out about the sender: Authentication-Results (RFC 8601) of those we trust. Pure.

Read here because Microsoft's fields are not what the standard's grammar allows, and because one broken result shall not
hide the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from email.message import Message

from channels.email import people
from channels.letter import Authentication

_BRACKET = re.compile(r"\\.|[()]", re.DOTALL)
_RESULT = re.compile(r"\s*([a-z][a-z0-9-]*)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:smtp\.mailfrom|header\.[di])\s*=\s*\"?(?:[^\s;\"@]{0,320}@)?([a-z0-9.-]+)", re.IGNORECASE)
UNALIGNED = "unaligned"
"""A pass of another domain than the sender's, which anybody has: where no DMARC says so, it is said here."""
UNNAMED = "-"
_MAX_FIELDS = 50

_Result = tuple[str, str]
"""A word, and for which domain."""


def found(message: Message, trusted: Set[str]) -> Authentication | None:
    """What the nearest relay says that is one of `trusted` (authserv-ids, lower case); None when none says anything.

    Relays that do not say who they are, as Microsoft's do, are called ``-``.

    Anybody can write such a field into a mail. Ours is above all that came with it, so the first one counts. Filters of
    one relay write a field each: what the others say against the sender counts too, as nobody says that of themselves.
    """
    name, results = "", dict[str, list[_Result]]()
    for value in (message.get_all("authentication-results") or [])[:_MAX_FIELDS]:
        by, said = _read(str(value))
        if by in trusted and not name:
            name, results = by, said
        elif by == name:
            results = {method: words for method, words in said.items() if words[0][0] == "fail"} | results
    if not name:
        return None
    dmarc = next((word for word, _ in results.get("dmarc", ())), "")
    wrote = people.sender(message)
    domain = None if dmarc else wrote.address.rpartition("@")[2] if wrote else ""
    spf, dkim = (_result(results.get(method, ()), domain) for method in ("spf", "dkim"))
    return Authentication(name, spf, dkim, dmarc)


def _result(results: Sequence[_Result], domain: str | None) -> str:
    """What is said by one method; of several signatures, one that holds is enough. domain: whose a pass has to be."""
    words = [
        UNALIGNED if word == "pass" and domain is not None and not _aligned(of, domain) else word
        for word, of in results
    ]
    return "pass" if "pass" in words else next(iter(words), "")


def _aligned(one: str, other: str) -> bool:
    """Whether they belong together: the same, or one below the other."""
    return bool(one and other) and (one == other or one.endswith(f".{other}") or other.endswith(f".{one}"))


def _without_comments(value: str) -> str:
    """`value` with a space for each comment, which may hold comments; what no bracket closes is none."""
    opened: list[int] = []
    comments: list[tuple[int, int]] = []
    for bracket in _BRACKET.finditer(value):
        if bracket[0] == "(":
            opened.append(bracket.start())
        elif bracket[0] == ")" and opened:
            start = opened.pop()
            while comments and comments[-1][0] > start:
                comments.pop()
            comments.append((start, bracket.end()))
    kept, done = [], 0
    for start, end in comments:
        kept.append(value[done:start])
        done = end
    return " ".join([*kept, value[done:]])


def _read(value: str) -> tuple[str, dict[str, list[_Result]]]:
    """The authserv-id, and the results of each method."""
    by, *rest = _without_comments(value).split(";")
    if _RESULT.match(by):
        by, rest = UNNAMED, [by, *rest]
    results: dict[str, list[_Result]] = {}
    for piece in rest:
        result = _RESULT.match(piece)
        if result:
            of = _DOMAIN.search(piece)
            results.setdefault(result[1].lower(), []).append((result[2].lower(), of[1].lower() if of else ""))
    return (by.split() or [""])[0].strip('"').lower(), results
