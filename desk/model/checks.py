"""What people may write: something, not too much of it, and only what can be stored."""

from __future__ import annotations

from desk.model.errors import Invalid


def text(written: str, field: str, longest: int) -> str:
    """`written` without blanks around it.

    Raises:
        Invalid: it is empty, too long, or not text.
    """
    written = written.strip()
    if not written:
        raise Invalid(field, "empty")
    if len(written) > longest:
        raise Invalid(field, "too_long")
    # PostgreSQL stores none, and nobody types one.
    if "\x00" in written:
        raise Invalid(field, "binary")
    return written


def line(written: str, field: str, longest: int) -> str:
    """`written` as one line, such as a name. Raises as `text`."""
    return text(" ".join(written.split()), field, longest)
