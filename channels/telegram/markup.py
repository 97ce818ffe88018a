"""The little markup that the assistant and technicians write, as Telegram's HTML. Pure.

The same as the web chat's: **bold**, `code`, lists. Telegram finds addresses by itself.
"""

from __future__ import annotations

import re
from html import escape

_INLINE = re.compile(r"\*\*([^*\n]+)\*\*|`([^`\n]+)`")
_BULLET = re.compile(r"^([^\S\n]*+)[-*•]\s+", re.MULTILINE)


def as_html(text: str) -> str:
    """`text` for ``parse_mode=HTML``: whatever it holds, nothing but our own tags is markup."""
    text = _BULLET.sub(r"\1• ", text)
    pieces, start = [], 0
    for match in _INLINE.finditer(text):
        bold, code = match.groups()
        pieces.append(_escaped(text[start : match.start()]))
        pieces.append(f"<b>{_escaped(bold)}</b>" if bold is not None else f"<code>{_escaped(code)}</code>")
        start = match.end()
    return "".join([*pieces, _escaped(text[start:])])


def _escaped(text: str) -> str:
    return escape(text, quote=False)
