"""The pieces that cards, threads and forms are made of, within the limits of Slack's Block Kit. Pure.

What people wrote goes into plain text, which Slack interprets in no way; where it has to stand in marked-up text it is
escaped. Source of the limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

Block = dict[str, object]

MAX_TEXT = 3000
"""Characters in the text of a section."""
MAX_FIELD = 2000
MAX_BUTTON = 75
MAX_BLOCKS = 50
"""In one message; a form may have twice as many."""
MAX_NOTIFICATION = 3000


@dataclass(frozen=True, slots=True)
class Message:
    """A message to be posted: its blocks, and what notifications and screen readers say instead."""

    blocks: Sequence[Block]
    text: str

    @property
    def digest(self) -> str:
        """Equal for messages that look the same."""
        return hashlib.sha256(json.dumps([self.text, *self.blocks], sort_keys=True).encode()).hexdigest()


def cut(text: str, longest: int) -> str:
    """`text`, or its beginning with an ellipsis when it is longer than `longest`."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def escape(text: str) -> str:
    """`text` so that it is no mention, no link and no shouting to everybody; it may look emphasised, no more."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str, longest: int = MAX_TEXT) -> Block:
    """A text that is shown as it is."""
    return {"type": "plain_text", "text": cut(text, longest) or "…", "emoji": False}


def marked(text: str, longest: int = MAX_TEXT) -> Block:
    """A text of our own with marks; what people wrote in it is escaped already."""
    return {"type": "mrkdwn", "text": cut(text, longest) or "…", "verbatim": True}


def section(text: Block, *, name: str = "") -> Block:
    """A paragraph. `name` is by what the block is found again."""
    block: Block = {"type": "section", "text": text}
    return {**block, "block_id": name} if name else block


def fields(pairs: Sequence[tuple[str, str]]) -> Block:
    """Names and values in two columns; values are marked-up text."""
    return {"type": "section", "fields": [marked(f"*{name}*\n{value}", MAX_FIELD) for name, value in pairs[:10]]}


def context(text: str, *, name: str = "") -> Block:
    """A small line."""
    block: Block = {"type": "context", "elements": [marked(text)]}
    return {**block, "block_id": name} if name else block


def words(text: str) -> list[Block]:
    """What somebody wrote, whole: in as many paragraphs as it needs."""
    return [section(plain(text[start : start + MAX_TEXT])) for start in range(0, len(text), MAX_TEXT)]


def button(action: str, title: str, value: str, *, style: str = "", confirm: Block | None = None) -> Block:
    """A button."""
    made: Block = {
        "type": "button",
        "action_id": action,
        "text": plain(title, MAX_BUTTON),
        "value": value,
    }
    if style:
        made["style"] = style
    if confirm is not None:
        made["confirm"] = confirm
    return made


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """A question before a button does what it says."""
    return {"title": plain(title, 100), "text": plain(text, 300), "confirm": plain(yes, 30), "deny": plain(no, 30)}


def moment(at: datetime) -> str:
    """A point in time, which Slack shows in everybody's own zone and, near by, as so long ago."""
    fallback = f"{at:%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}} ({{ago}})|{fallback}>"
