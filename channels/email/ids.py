"""Message-IDs: as they are written in headers, as the record keeps them, and made where a mail has none. Pure."""

from __future__ import annotations

import re
from email.message import Message
from hashlib import sha256

from channels.email import headers

MAX_ID = 200
"""Characters of an id as it is kept; a longer one is shortened by its hash, the same way everywhere."""
MAX_REFERENCES = 100
"""How many ids of earlier mails are looked at: of very long threads, the nearest."""
_BRACKETED = re.compile(r"<([^<>]{1,2000})>")
_BARE = re.compile(r"(?<![^\s<>,;\"()])[^\s<>,;\"()@]{1,1000}@[^\s<>,;\"()]{1,1000}")


def kept(message_id: str) -> str:
    """`message_id` as the record has it: without angle brackets and spaces, not longer than `MAX_ID`."""
    clean = re.sub(r"\s+", "", message_id).strip("<>")
    if len(clean) <= MAX_ID:
        return clean
    digest = sha256(clean.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{clean[: MAX_ID - 66]}#{digest}"


def own(message: Message) -> str | None:
    """The mail's own Message-ID, without angle brackets; None when it has none."""
    found = _in(headers.field(message, "message-id"))
    return found[0] if found else None


def references(message: Message) -> tuple[str, ...]:
    """The mails that it answers, the nearest first."""
    nearest = _in(headers.field(message, "in-reply-to"))
    before = _in(headers.field(message, "references"))
    return tuple(dict.fromkeys([*nearest, *reversed(before)]))[:MAX_REFERENCES]


def made(raw: bytes) -> str:
    """An id for a mail that has none: the same for the same mail, by whichever way and to whichever mailbox it came."""
    head, separator, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    lasting = [line for line in re.split(rb"\n(?![ \t])", head) if _LASTING.match(line)]
    # A mail without anything that names it, is its bytes.
    told = b"\n".join(lasting) + separator + body.strip() if lasting else raw
    return f"{sha256(told).hexdigest()[:40]}@made.invalid"


_LASTING = re.compile(
    rb"(?:from|sender|to|cc|date|subject|in-reply-to|references|mime-version|content-type):", re.IGNORECASE
)


def _in(value: str) -> list[str]:
    found = _BRACKETED.findall(value) or _BARE.findall(value)
    return [short for each in found if (short := kept(each))]
