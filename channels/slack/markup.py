"""Slack's way of writing text, "mrkdwn", and ours: paragraphs, lists, ``**bold**``, ```code```, links. Pure.

Source: https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Only what Slack itself writes in angle brackets: in commands, people's own "<" comes unescaped.
_REFERENCE = re.compile(r"<((?:[@#!]|https?:|mailto:|tel:|slack:)[^<>|]*)(?:\|([^<>]*))?>")
# A mail address begins at a word's beginning: looked for from each of its letters, a long word takes for ever.
_MAIL = r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
_INLINE = re.compile(rf"(\*\*[^*\n]+\*\*)|(`[^`\n]+`)|(https?://[^\s<>\"]+)|({_MAIL})")
_ITEM = re.compile(r"^(\s*)[-*•]\s+", re.MULTILINE)
_AFTER_LINK = re.compile(r"[.,;:!?'\")\]]+$")
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


def mrkdwn(text: str) -> str:
    """Our text as Slack's. To be sent with ``verbatim``, so that Slack finds no mentions of its own in it."""
    return _ITEM.sub(r"\1• ", "".join(_inline(text)))


def _inline(text: str) -> Iterator[str]:
    start = 0
    for match in _INLINE.finditer(text):
        yield escape(text[start : match.start()])
        bold, code, address, mail = match.groups()
        if bold:
            yield f"*{escape(bold[2:-2])}*"
        elif code:
            yield escape(code)
        elif address:
            after = found[0] if (found := _AFTER_LINK.search(address)) else ""
            link = address.removesuffix(after)
            yield f"<{escape(link).replace('|', '%7C')}>{escape(after)}"
        else:
            yield f"<mailto:{mail}|{mail}>"
        start = match.end()
    yield escape(text[start:])


def split(text: str, limit: int) -> list[str]:
    """`text` in pieces that are at most `limit` long *when written by* `mrkdwn`: cut between paragraphs, else between
    lines, sentences, words, and only then anywhere. Nothing but white space at the cuts is lost."""
    pieces = []
    rest = text.strip()
    while len(mrkdwn(rest)) > limit:
        cut = _cut(rest, _longest(rest, limit))
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest:
        pieces.append(rest)
    return pieces


def _longest(text: str, limit: int) -> int:
    """How many characters of `text` fit."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if len(mrkdwn(text[:middle])) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _cut(text: str, longest: int) -> int:
    for end in _ENDS:
        # In the last half only: a heading alone makes a poor message.
        last = max(
            (m.start() for m in end.finditer(text, longest // 2, longest + 1) if m.start() <= longest), default=0
        )
        if last:
            return last
    return longest
