"""What people and the assistant write, as HTML and as plain text: the marks of the web chat (``richtext.js``). Pure.

Paragraphs, lists, ``**bold**``, `` `code` ``, links, ticket numbers that stay on one line. Never markup of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

_INLINE = re.compile(
    r"\*\*(?P<bold>[^*\n]+)\*\*|`(?P<code>[^`\n]+)`|(?P<link>https?://[^\s<>\"]+)"
    # An address begins at a word's beginning: looked for from each letter of a long word, it takes for ever.
    r"|(?P<mail>(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)|(?P<number>\b[A-Z]{2,5}-\d{3,}\b)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s*+(?:(\d{1,2})[.)]|[-•*])\s++(.*)")
_AFTER_LINK = ".,;:!?'\")]"


def html(text: str) -> str:
    """`text` as HTML: paragraphs and lists, each finding its direction of writing by itself."""
    return "\n".join(_blocks(text))


def plain(text: str) -> str:
    """`text` as it reads without layout."""
    return _INLINE.sub(lambda found: f"*{found['bold']}*" if found["bold"] else found[0], _lines(text))


def _lines(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text).strip()


def _blocks(text: str) -> Iterator[str]:
    lines: list[str] = []
    items: list[str] = []
    opening = ""

    def ended() -> Iterator[str]:
        if lines:
            yield f'<p dir="auto">{"<br>".join(map(_inline, lines))}</p>'
            lines.clear()
        if items:
            yield f"{opening}{''.join(items)}</{opening[1:3]}>"
            items.clear()

    for line in _lines(text).split("\n"):
        item = _ITEM.fullmatch(line)
        if item is None:
            if items or not line.strip():
                yield from ended()
            if line.strip():
                lines.append(line)
            continue
        if lines or (items and opening[1:3] != _tag(item)):
            yield from ended()
        if not items:
            opening = _opening(item)
        items.append(f'<li dir="auto">{_inline(item[2])}</li>')
    yield from ended()


def _tag(item: re.Match[str]) -> str:
    return "ol" if item[1] else "ul"


def _opening(item: re.Match[str]) -> str:
    start = f' start="{int(item[1])}"' if item[1] and int(item[1]) != 1 else ""
    return f"<{_tag(item)}{start}>"


def _inline(text: str) -> str:
    parts: list[str] = []
    done = 0
    for found in _INLINE.finditer(text):
        parts += (escape(text[done : found.start()]), _marked(found))
        done = found.end()
    return "".join((*parts, escape(text[done:])))


def _marked(found: re.Match[str]) -> str:
    if found["bold"]:
        return f"<strong>{escape(found['bold'])}</strong>"
    if found["code"]:
        return f"<code>{escape(found['code'])}</code>"
    if found["number"]:
        return f'<span style="white-space:nowrap">{escape(found[0])}</span>'
    if found["mail"]:
        return f'<a href="mailto:{escape(found[0])}">{escape(found[0])}</a>'
    address = found[0].rstrip(_AFTER_LINK)
    return f'<a href="{escape(address)}">{escape(address)}</a>{escape(found[0][len(address) :])}'
