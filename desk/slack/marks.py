"""What a technician wrote with Slack's marks, in ours: ``**bold**``, `` `code` ``, lists and addresses. Pure.

We have no marks for what is slanted or struck out: its words stay. Sources:
https://docs.slack.dev/messaging/formatting-message-text, …/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Element = Mapping[str, Any]

_MARKED = re.compile(
    r"```(?P<block>.+?)```|`(?P<code>[^`\n]+)`|(?P<reference><[^<>\n]*>)"
    r"|(?<![\w*_~`])(?P<mark>[*_~])(?=[^\s*_~]|[*_~]\S)(?P<inner>[^\n]{1,1000}?)(?<=\S)(?P=mark)(?![\w*_~`]|[*_~]\w)",
    re.DOTALL,
)
_DEEPEST = 3
"""Bold, slanted and struck out, one within the other."""


def of_text(text: str, deep: int = 0) -> str:
    """The `text` of a message, in which references and what is escaped stay as they are."""

    def ours(found: re.Match[str]) -> str:
        if found["block"]:
            return _code(found["block"])
        if found["mark"] is None:
            return found[0]
        inner = of_text(found["inner"], deep + 1) if deep < _DEEPEST else found["inner"]
        return _bold(inner) if found["mark"] == "*" else inner

    return _MARKED.sub(ours, text)


def of_blocks(blocks: object) -> str | None:
    """The text of a message in its `blocks`; None: they are not the rich text that people write."""
    if not isinstance(blocks, list) or not blocks:
        return None
    if not all(isinstance(block, Mapping) and block.get("type") == "rich_text" for block in blocks):
        return None
    return "\n".join(_part(part).rstrip("\n") for block in blocks for part in _elements(block))


def _part(part: Element) -> str:
    match part.get("type"):
        case "rich_text_list":
            return "\n".join(_items(part))
        case "rich_text_preformatted":
            return _code("".join(str(one.get("text") or one.get("url") or "") for one in _elements(part)))
        case "rich_text_quote":
            return "\n".join(f"> {line}" for line in _inline(part).splitlines())
        case _:
            return _inline(part)


def _items(part: Element) -> Iterator[str]:
    indent, offset = (given if isinstance(given := part.get(name), int) else 0 for name in ("indent", "offset"))
    for number, item in enumerate(_elements(part), offset + 1):
        mark = f"{number}." if part.get("style") == "ordered" else "-"
        yield f"{'  ' * min(indent, 8)}{mark} {_inline(item)}"


def _inline(part: Element) -> str:
    return "".join(map(_words, _elements(part)))


def _words(element: Element) -> str:
    text, style = str(element.get("text") or ""), element.get("style")
    match element.get("type"):
        case "link":
            url = str(element.get("url") or "").removeprefix("mailto:").removeprefix("tel:")
            return url if not text or text in url else f"{text} ({url})"
        case "user" | "usergroup":
            return f"@{element.get('user_id') or element.get('usergroup_id')}"
        case "channel":
            return f"#{element.get('channel_id')}"
        case "broadcast":
            return f"@{element.get('range')}"
        case "emoji":
            tone = element.get("skin_tone")
            return f":{element.get('name')}::skin-tone-{tone}:" if tone else f":{element.get('name')}:"
        case "date":
            return str(element.get("fallback") or "")
        case _ if isinstance(style, Mapping) and style.get("code"):
            return _code(text)
        case _:
            return _bold(text) if isinstance(style, Mapping) and style.get("bold") else text


def _bold(text: str) -> str:
    return re.sub(r"[^\s*](?:[^\n*]*[^\s*])?", r"**\g<0>**", text.replace("**", ""))


def _code(text: str) -> str:
    """Line by line, as our code has no lines."""
    return re.sub(r"[^\n]*[^\s`][^\n]*", lambda line: line[0] if "`" in line[0] else f"`{line[0]}`", text.strip("\n"))


def _elements(of: Element) -> list[Element]:
    found = of.get("elements")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
