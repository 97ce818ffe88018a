"""What the desk says, as Slack's blocks. Pure: values in, plain dicts out.

Source: https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import Any

from channels.contract import Author, Button, JSONObject, Language, Order, Outgoing
from channels.slack import markup
from channels.slack.events import HomeOpened, ThreadStarted
from channels.texts import Texts

MAX_SECTION = 3_000
"""Characters in one block."""
MAX_MESSAGE = 12_000
"""Characters in all blocks of one message; above 13,200 Slack refuses it (``msg_blocks_too_long``)."""
_MAX_NOTICE = 2_000
"""Characters of what is shown where blocks are not, as in notifications."""
MAX_BUTTONS = 5
"""More choices than that become a menu."""
MAX_OPTIONS = 100
"""Entries in one menu; with more there are several."""
MAX_CHOICES = 25 * MAX_OPTIONS
_MAX_TITLE = 75
_COMMAND = "/support"
"""Ours, in the app's manifest."""
_CHOICES = "choices:"
"""What the id of the block with the choices begins with; the language follows."""


def posts(message: Outgoing, texts: Texts) -> list[JSONObject]:
    """The messages to post, one after the other: `text` (for notifications) and `blocks`. Choices stand in the last."""
    language = message.language
    parts = markup.split(_words(message), MAX_MESSAGE)
    made: list[JSONObject] = [_post(part, list(_sections(part))) for part in parts]
    if message.buttons and not made:
        # Nothing was asked in words: the choices speak for themselves.
        made = [_post(", ".join(button.title for button in message.buttons), [])]
    if message.buttons:
        made[-1] = _with_blocks(
            made[-1], after=[_choices(f"{message.conversation}:{message.seq}", message.buttons, texts, language)]
        )
    if message.author is Author.TECHNICIAN and message.name and made:
        name = texts.say("technician", language, name=message.name)
        made[0] = _with_blocks(made[0], before=[_context(name)])
    return made


def chosen(message: Mapping[str, Any], value: str, texts: Texts) -> JSONObject | None:
    """A message of ours with the choice in the place of its choices; None: it has none any more.

    message: as Slack shows it to us when a button is pressed. value: of what was chosen.
    """
    blocks = [block for block in message.get("blocks") or () if isinstance(block, Mapping)]
    asked = [block for block in blocks if str(block.get("block_id", "")).startswith(_CHOICES)]
    title = _title(asked, value)
    if not asked or title is None:
        return None
    language = str(asked[0]["block_id"]).removeprefix(_CHOICES)
    told = _context(texts.say("chosen", language, choice=title))
    return {"text": message.get("text", ""), "blocks": [told if block in asked else block for block in blocks]}


def spoken_under(message: Mapping[str, Any]) -> Language | None:
    """In which language the choices of a message of ours stand."""
    ids = (str(block.get("block_id", "")) for block in message.get("blocks") or () if isinstance(block, Mapping))
    return next((one.removeprefix(_CHOICES) for one in ids if one.startswith(_CHOICES)), None)


def home(opened: HomeOpened, texts: Texts, language: Language | None) -> JSONObject:
    """The Home tab: how to get help here."""
    messages = f"slack://app?team={opened.team}&id={opened.app}&tab=messages"
    write = {**_button(texts.say("home.write", language), "home:write", "write"), "url": messages, "style": "primary"}
    orders = [
        _button(texts.say("home.tickets", language), "order:status", f"order:{Order.STATUS}:"),
        _button(texts.say("home.person", language), "order:person", f"order:{Order.PERSON}:"),
    ]
    # A language is offered in its own words.
    languages = [
        _button(name, f"order:language:{code}", f"order:{Order.LANGUAGE}:{code}") for code, name in _names(texts)
    ]
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": _plain(texts.say("home.title", language))},
            _section(texts.say("home.about", language)),
            {"type": "actions", "elements": [write, *orders]},
            {"type": "divider"},
            _section(texts.say("home.ways", language)),
            {"type": "divider"},
            _section(texts.say("home.language", language)),
            {"type": "actions", "elements": languages},
        ],
    }


def join_words(code: str) -> str:
    """What to send in Slack to go on there with the conversation that `code` is for; so in every language."""
    return f"{_COMMAND} {Order.LINK} {code}"


def prompts(started: ThreadStarted, texts: Texts, language: Language | None) -> JSONObject:
    """What the assistant proposes in a thread that was just opened."""
    return {
        "channel_id": started.channel,
        "thread_ts": started.thread_ts,
        "title": texts.say("assistant.title", language),
        "prompts": [
            {"title": title, "message": message} for title, message in texts.section("assistant.prompts", language)
        ],
    }


def _post(text: str, blocks: list[JSONObject]) -> JSONObject:
    words = "".join(str(element["text"]) for element in markup.rich(text[:_MAX_NOTICE]))
    return {"text": markup.escape(words), "blocks": blocks}


def _words(message: Outgoing) -> str:
    """The text; and the choices in full, when their titles do not fit on buttons."""
    if all(len(button.title) <= _MAX_TITLE for button in message.buttons):
        return message.text
    numbered = "\n".join(f"{number}. {button.title}" for number, button in enumerate(message.buttons, 1))
    return f"{message.text}\n\n{numbered}"


def _sections(text: str) -> Iterator[JSONObject]:
    for part in markup.split(text, MAX_SECTION):
        yield {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": markup.rich(part)}]}


def _choices(where: str, buttons: Sequence[Button], texts: Texts, language: Language) -> JSONObject:
    """Buttons, or menus. What is pressed comes back as which message it stood under, and where."""
    if len(buttons) <= MAX_BUTTONS:
        elements = [
            _button(_fitting(button.title, index), f"choice:{index}", f"choice:{where}:{index}")
            for index, button in enumerate(buttons)
        ]
    else:
        entries = [
            {"text": _plain(_fitting(button.title, index)), "value": f"choice:{where}:{index}"}
            for index, button in enumerate(buttons)
        ]
        menus = list(batched(entries, MAX_OPTIONS))
        elements = [
            {
                "type": "static_select",
                "action_id": f"choice:menu:{number}",
                "placeholder": _plain(_placeholder(number, len(menu), len(menus), texts, language)),
                "options": list(menu),
            }
            for number, menu in enumerate(menus)
        ]
    return {"type": "actions", "block_id": f"{_CHOICES}{language}", "elements": elements}


def _placeholder(number: int, entries: int, menus: int, texts: Texts, language: Language) -> str:
    if menus == 1:
        return texts.say("choose", language)
    first = number * MAX_OPTIONS + 1
    return texts.say("menu", language, first=first, last=first + entries - 1)


def _fitting(title: str, index: int) -> str:
    """A title as long as Slack allows; it refuses empty ones."""
    title = title.strip() or str(index + 1)
    return title if len(title) <= _MAX_TITLE else title[: _MAX_TITLE - 1] + "…"


def _title(blocks: Sequence[Mapping[str, Any]], value: str) -> str | None:
    for block in blocks:
        for element in block.get("elements") or ():
            for entry in (element, *(element.get("options") or ())):
                if entry.get("value") == value:
                    return str(entry["text"]["text"])
    return None


def _names(texts: Texts) -> list[tuple[Language, str]]:
    return [(code, texts.say("home.name", code)) for code in texts.languages]


def _with_blocks(post: JSONObject, *, before: Sequence[object] = (), after: Sequence[object] = ()) -> JSONObject:
    blocks = post["blocks"]
    assert isinstance(blocks, list)
    return {**post, "blocks": [*before, *blocks, *after]}


def _section(text: str) -> JSONObject:
    """Our own words, in Slack's markup."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _context(text: str) -> JSONObject:
    return {"type": "context", "elements": [_plain(text)]}


def _button(title: str, action: str, value: str) -> JSONObject:
    return {"type": "button", "text": _plain(title), "action_id": action, "value": value}


def _plain(text: str) -> JSONObject:
    return {"type": "plain_text", "text": text, "emoji": True}
