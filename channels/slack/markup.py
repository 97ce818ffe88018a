"""Slack's way of writing text and ours: paragraphs, lists, ``**bold**``, ```code```, links. Pure.

Source: https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from channels.contract import JSONObject

# Only what Slack itself writes in angle brackets: in commands, people's own "<" comes unescaped.
_REFERENCE = re.compile(r"<((?:[@#!]|https?:|mailto:|tel:|slack:)[^<>|]*)(?:\|([^<>]*))?>")
# A mail address begins at a word's beginning: looked for from each of its letters, a long word takes for ever.
_MAIL = r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
_INLINE = re.compile(rf"(\*\*[^*\n]+\*\*)|(`[^`\n]+`)|(https?://[^\s<>\"]+)|({_MAIL})")
_ITEM = re.compile(r"^([^\S\n]*+)[-*•]\s+", re.MULTILINE)
_AFTER_LINK = frozenset(".,;:!?'\")]")
"""What follows an address, and is seldom its end."""
_PAIRS = {")": "(", "]": "["}
_ENDS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?:…])\s+"), re.compile(r"\s+"))


def plain(text: str, bot_user: str = "") -> str:
    """What somebody wrote, as they see it: links and mentions as words, and without the mention of the bot.

    bot_user: the bot's own id, such as ``U0BOT``.
    """
    if bot_user:
        text = re.sub(rf"<@{re.escape(bot_user)}(?:\|[^<>]*)?>[ \t]*[:,]?", "", text)
    text = _REFERENCE.sub(_word, text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _word(match: re.Match[str]) -> str:
    what, label = match[1], match[2]
    if what.startswith(("@", "#")):
        return what[0] + (label or what[1:])
    if what.startswith("!"):
        # <!date^…|fallback>, <!subteam^S1|@admins>, <!here>
        return label or "@" + what[1:].split("^")[0]
    address = what.removeprefix("mailto:").removeprefix("tel:")
    if not label or label in (address, what) or address in (f"http://{label}", f"https://{label}"):
        return address
    return f"{label} ({address})"


def escape(text: str) -> str:
    """So that it stands in a message as it is: nothing in it mentions anybody or becomes a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rich(text: str) -> list[JSONObject]:
    """Our text as the elements of a `rich_text_section`, which show what stands in them and look for nothing in it."""
    return [element for element in _elements(_ITEM.sub(r"\1• ", text)) if element.get("text") != ""]


def _elements(text: str) -> Iterator[JSONObject]:
    start = 0
    for match in _INLINE.finditer(text):
        yield _text(text[start : match.start()])
        bold, code, address, mail = match.groups()
        end = match.end()
        if bold:
            yield {**_text(bold[2:-2]), "style": {"bold": True}}
        elif code:
            yield {**_text(code[1:-1]), "style": {"code": True}}
        elif mail:
            yield {"type": "link", "url": f"mailto:{mail}", "text": mail}
        else:
            link = _without_end(address)
            end -= len(address) - len(link)
            yield {"type": "link", "url": link, "text": link}
        start = end
    yield _text(text[start:])


def _without_end(address: str) -> str:
    """An address without the punctuation of the sentence it stands in; a bracket that closes one of its own stays."""
    end = len(address)
    while end and (last := address[end - 1]) in _AFTER_LINK:
        if last in _PAIRS and address.count(last, 0, end) <= address.count(_PAIRS[last], 0, end):
            break
        end -= 1
    return address[:end]


def _text(text: str) -> JSONObject:
    return {"type": "text", "text": text}


def split(text: str, limit: int) -> list[str]:
    """`text` in pieces of at most `limit` characters: cut between paragraphs, else between lines, sentences, words, and
    only then anywhere; not within what is bold, code or a link, if that can be. White space at the cuts is lost."""
    pieces = []
    rest = text.strip()
    while len(rest) > limit:
        cut = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _cut(text: str, limit: int) -> int:
    # What begins before the limit may end behind it.
    whole = [match.span() for match in _INLINE.finditer(text, 0, limit + 1_000)]
    for end in _ENDS:
        # In the last half only: a heading alone makes a poor message.
        cuts = [match.start() for match in end.finditer(text, limit // 2, limit + 1)]
        cuts = [cut for cut in cuts if cut and not any(start < cut < end for start, end in whole)]
        if cuts:
            return cuts[-1]
    return limit
