"""What the desk says, as the messages that Telegram takes. Pure: values in, values out."""

from __future__ import annotations

from dataclasses import dataclass

from channels.contract import Author, File, JSONObject, Outgoing
from channels.telegram.events import Pressed
from channels.telegram.fields import utf16_length
from channels.telegram.markup import as_html
from channels.telegram.split import split
from channels.texts import Texts

MAX_TEXT = 4_096
"""UTF-16 code units in one message."""
MAX_CAPTION = 1_024
"""The same, under a photo or file."""
MAX_PHOTO = 10_000_000
"""Bytes; larger pictures go as documents."""
MAX_FILE = 50_000_000
"""Bytes that Telegram takes from a bot."""
MAX_BUTTONS = 50
_SHORT = 16
"""Characters of button titles that stand side by side."""
_PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the Bot API: a method, in the SDK's spelling, with parameters in Telegram's."""

    method: str
    parameters: JSONObject
    """Files in it are bytes."""
    otherwise: Call | None = None
    """What to call instead when Telegram refuses what stands in this one."""


def calls(message: Outgoing, texts: Texts) -> tuple[Call, ...]:
    """The messages to send, one after the other. Buttons stand under the last."""
    files = [file for file in message.files if len(file.content) <= MAX_FILE]
    words = _words(message, texts)
    keyboard = _keyboard(message) if len(message.buttons) <= MAX_BUTTONS else None
    if len(files) == 1 and keyboard is None and 0 < utf16_length(words) <= MAX_CAPTION:
        made = [_file(message.address, files[0], as_html(words))]
    else:
        told = [_text(message.address, part) for part in split(words, MAX_TEXT)]
        sent = [_file(message.address, file) for file in files]
        made = [*sent, *told] if keyboard else [*told, *sent]
    if made and keyboard:
        made[-1] = _with(made[-1], reply_markup=keyboard)
    if made and (answered := _answered(message)):
        made[0] = _with(made[0], reply_parameters=_reply(answered))
    return tuple(made)


def told(chat: str, text: str, reply_to: int | None = None) -> Call:
    """Something that is said as it stands; in a group as the answer to a message."""
    call = Call("send_message", {"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": True}})
    return _with(call, reply_parameters=_reply(reply_to)) if reply_to is not None else call


def commands(texts: Texts) -> tuple[Call, ...]:
    """The menu of commands in every language we speak, and for everybody else."""
    made = []
    for language in (None, *texts.languages):
        menu = texts.section("commands", language)
        made.append(Call("set_my_commands", {"commands": list(menu.items()), "language_code": language}))
    return tuple(made)


def press_answered(query: str, text: str = "") -> Call:
    """End the little clock on a pressed button, with a hint if there is something to say."""
    return Call("answer_callback_query", {"callback_query_id": query, "text": text or None})


def served(pressed: Pressed, texts: Texts, *, chosen: bool) -> Call:
    """Take the buttons away from a message, and with `chosen` put the choice in their place, if there is room."""
    incoming = pressed.incoming
    where: JSONObject = {"chat_id": incoming.address, "message_id": pressed.message}
    text = f"{pressed.text}\n\n{texts.say('chosen', incoming.language, choice=pressed.title)}"
    if not (chosen and pressed.text and pressed.title) or utf16_length(text) > MAX_TEXT:
        return Call("edit_message_reply_markup", where)
    more: JSONObject = {"text": text, "entities": list(pressed.entities), "link_preview_options": {"is_disabled": True}}
    return Call("edit_message_text", where | more)


def bot_link(username: str) -> str:
    """Where everybody finds the bot."""
    return f"https://t.me/{username}"


def join_link(username: str, code: str) -> str:
    """Where somebody goes on in the bot with the conversation that `code` is for: Telegram sends ``/start code``."""
    return f"{bot_link(username)}?start={code}"


def _words(message: Outgoing, texts: Texts) -> str:
    named = f"**{message.name.replace('*', '')}**" if message.author is Author.TECHNICIAN and message.name else ""
    numbered = [f"{number}. {button.title}" for number, button in enumerate(message.buttons, 1)]
    missing = [
        texts.say("too_large_to_send", message.language, name=file.name)
        for file in message.files
        if len(file.content) > MAX_FILE
    ]
    words = [message.text.strip(), *(numbered if len(numbered) > MAX_BUTTONS else []), *missing]
    # Buttons stand below words: where nothing is said, the choices are.
    said = "\n".join(line for line in words if line) or "\n".join(numbered)
    return f"{named}\n{said}" if named and said else said


def _text(chat: str, part: str) -> Call:
    return _with(told(chat, as_html(part)), parse_mode="HTML")


def _file(chat: str, file: File, caption: str = "") -> Call:
    more: JSONObject = {"chat_id": chat, "filename": file.name, "caption": caption or None, "parse_mode": "HTML"}
    document = Call("send_document", {**more, "document": file.content})
    if file.type not in _PHOTOS or len(file.content) > MAX_PHOTO:
        return document
    # Telegram shows no picture that is, say, twenty times as wide as high, but takes it as a file.
    return Call("send_photo", {**more, "photo": file.content}, otherwise=document)


def _with(call: Call, **more: object) -> Call:
    otherwise = _with(call.otherwise, **more) if call.otherwise else None
    return Call(call.method, call.parameters | more, otherwise)


def _reply(message: int) -> JSONObject:
    return {"message_id": message, "allow_sending_without_reply": True}


def _keyboard(message: Outgoing) -> JSONObject | None:
    """Two short titles stand in a row; a long one has a row of its own, else phones cut it."""
    rows: list[list[JSONObject]] = []
    beside = False
    for index, button in enumerate(message.buttons):
        # What is pressed comes back as at most 64 bytes: which message of ours it stood under, and where.
        data = f"b:{message.conversation}:{message.seq}:{index}"
        key: JSONObject = {"text": button.title or "…", "callback_data": data}
        short = len(button.title) <= _SHORT
        if beside and short:
            rows[-1].append(key)
        else:
            rows.append([key])
        beside = short and len(rows[-1]) < 2
    return {"inline_keyboard": rows} if rows else None


def _answered(message: Outgoing) -> int | None:
    chat, _, number = (message.reply_to or "").partition(":")
    return int(number) if chat == message.address and number.isdecimal() else None
