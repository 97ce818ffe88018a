"""Flowed text (RFC 3676): lines that were broken to fit a width, joined again. Pure."""

from __future__ import annotations

import re

_QUOTES = re.compile(r">*")


def unfold(text: str, *, delete_space: bool) -> str:
    """`text`, which its part calls ``format=flowed``, with its paragraphs in one line each.

    delete_space: the space at a line's end was put there for breaking it (``delsp=yes``).
    """
    lines: list[tuple[int, str]] = []
    goes_on = False
    for line in text.replace("\r\n", "\n").split("\n"):
        depth = len(_QUOTES.match(line)[0]) if line.startswith(">") else 0  # type: ignore[index]
        content = line[depth:].removeprefix(" ")
        is_signature = content == "-- "
        if goes_on and lines and lines[-1][0] == depth and not is_signature:
            before = lines[-1][1]
            lines[-1] = (depth, (before[:-1] if delete_space else before) + content)
        else:
            lines.append((depth, content))
        goes_on = content.endswith(" ") and not is_signature
    return "\n".join(f"{'>' * depth} {content}" if depth else content for depth, content in lines)
