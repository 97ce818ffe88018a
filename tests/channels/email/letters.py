"""What the desk says to Alice by mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from channels.contract import Author, Outgoing
from channels.email.render import Letterhead
from channels.letter import OutgoingLetter

SECRET = b"a secret for tests"
SUPPORT = "support@example.org"
LETTERHEAD = Letterhead({SUPPORT: "", "field@example.org": "Field service"}, "https://help.example.org", SECRET)
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def letter(text: str = "Is the printer on?", **changes: Any) -> Outgoing:
    """A mail to Alice about her printer, by the assistant unless `changes` say otherwise."""
    said: dict[str, Any] = {
        "conversation": 42,
        "seq": 7,
        "channel": "email",
        "address": "alice@example.com",
        "author": Author.BOT,
        "text": text,
        "sent_at": AT,
        "language": "en",
        "letter": OutgoingLetter("Printer jams", automatic=True),
    }
    return Outgoing(**{**said, **changes})
