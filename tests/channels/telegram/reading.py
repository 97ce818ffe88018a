"""How Telegram reads what it is sent."""

from __future__ import annotations

import re
from html.parser import HTMLParser


def length(text: str) -> int:
    """As Telegram counts: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def read_html(given: str) -> str | None:
    """The text without its markup; None when Telegram would not parse it."""
    reader = _Reader()
    reader.feed(given)
    reader.close()
    if reader.open or reader.wrong or re.search(r"&(?!amp;|lt;|gt;|quot;|#)|<(?!/?(b|code)>)", given):
        return None
    return "".join(reader.text)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong = False
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.wrong |= not self.open or self.open.pop() != tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)
