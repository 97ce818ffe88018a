"""Emoji that Slack writes by their names (``:wave::skin-tone-3:``), as people see them. Pure.

Source: https://docs.slack.dev/reference/block-kit/block-elements/emoji-element
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_NAMED = re.compile(r":([^\s:]+(?:::skin-tone-[2-6])?):")
_POINTS = re.compile(r"[0-9a-f]{2,6}(?:-[0-9a-f]{2,6})*")


def shown(text: str, blocks: object) -> str:
    """`text` with its emoji, as far as `blocks`, the same message as rich text, says which characters they are.

    A workspace's own are pictures without characters: they keep their names.
    """
    known = dict(_emoji(blocks))
    return _NAMED.sub(lambda found: known.get(found[1], found[0]), text) if known else text


def _emoji(blocks: object) -> Iterator[tuple[str, str]]:
    """Names with their characters, wherever they stand."""
    pending = [blocks]
    while pending:
        match pending.pop():
            case {"type": "emoji", "name": str(name), "unicode": str(points), **more} if _POINTS.fullmatch(points):
                tone = more.get("skin_tone")
                if characters := _characters(points):
                    yield (f"{name}::skin-tone-{tone}" if tone else name), characters
            case Mapping() as inner:
                pending += inner.values()
            case list(each):
                pending += each


def _characters(points: str) -> str:
    numbers = [int(point, 16) for point in points.split("-")]
    real = all(number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF for number in numbers)
    return "".join(map(chr, numbers)) if real else ""
