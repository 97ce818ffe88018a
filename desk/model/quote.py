"""What a customer quotes in front of their own words, to say which message they answer. Pure."""

from __future__ import annotations

_MARK = ">"


def without_quote(text: str) -> str:
    """The customer's own words: people read what was quoted, the assistant would take it for something said now."""
    lines = text.splitlines()
    own = next((number for number, line in enumerate(lines) if not line.startswith(_MARK)), len(lines))
    return "\n".join(lines[own:]).strip() or text
