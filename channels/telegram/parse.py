"""What Telegram sends, as events. Pure: decoded JSON in, values out; nothing that Telegram may send makes it fail."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from channels.contract import Command, Edit, Incoming, JSONObject, Order, Press, Rejected, RejectReason
from channels.inspection import Ignored, Inspected, Noticed, Seen
from channels.telegram.content import content, display_name, is_forwarded, plain
from channels.telegram.events import KIND, Blocked, Called, Event, Joined, Pressed, Refused, Said
from channels.telegram.fields import number, obj, objects, text, utf16_slice
from channels.texts import Texts, load

TYPES = ("message", "edited_message", "callback_query", "my_chat_member")
"""The types of updates that mean something to us, and that we ask Telegram for."""

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
_START = "start"
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DATA = re.compile(r"b:(\d{1,18}):(\d{1,18}):(\d{1,4})")
_ENVELOPE = frozenset({"update_id"})
_UNREADABLE = frozenset({"checklist", "game", "invoice", "live_photo", "paid_media", "sticker", "story"})
"""What customers can send and nobody here can read. Everything else without words is a note of Telegram itself."""
_ABOUT = frozenset({"chat", "date", "from", "message_id", "sender_chat"})
_IN = frozenset({"administrator", "creator", "member", "restricted"})


@dataclass(frozen=True, slots=True)
class Context:
    """What reading an update takes besides the update."""

    texts: Texts
    now: datetime
    """When it arrived, for what Telegram puts no date on."""
    username: str = ""
    """Of our bot, without the @; empty: unknown, and nobody speaks to it in groups."""


def event(update: object, context: Context) -> Event:
    """What `update` means."""
    envelope = obj(update)
    for kind in TYPES:
        if kind in envelope:
            return _READERS[kind](obj(envelope, kind), context)
    others = sorted(envelope.keys() - _ENVELOPE)
    return Ignored(f"update of type {', '.join(others)}" if others else "not an update")


def inspect(payload: object, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Inspected:
    """What the adapter makes of a recorded payload: an update, or a bare message.

    clock: when what does not tell its time was said.
    """
    if "message_id" in obj(payload) and "update_id" not in obj(payload):
        payload = {"message": payload}
    found = event(payload, Context(load("channels.telegram"), clock()))
    match found:
        case Said():
            try:
                return Seen(found.incoming(tuple(file.unfetched() for file in found.files)), found.files)
            except Rejected as error:
                return Ignored(f"rejected: {error.reason}")
        case Pressed():
            return Seen(found.incoming)
        case Joined(address, code):
            return Noticed("join", {"channel": KIND, "address": address, "code": code})
        case Blocked(address, detail):
            return Noticed("unreachable", {"channel": KIND, "address": address, "detail": detail})
        case Called(chat):
            return Ignored(f"said in group {chat}: answered with the way to a private chat")
        case Refused(_, reason):
            return Ignored(f"rejected: {reason}")
        case Edit() | Ignored():
            return found


def _message(message: JSONObject, context: Context) -> Event:
    if (address := _private(message)) is None:
        return _in_group(message, context)
    sender = obj(message, "from")
    if sender.get("is_bot"):
        return Ignored("sent by a bot")
    language = context.texts.spoken(sender.get("language_code"))
    said = Said(
        address=address,
        external_id=_external_id(message, address),
        text="",
        received_at=_moment(message, "date", context),
        language=language,
        name=display_name(sender, obj(message, "chat")),
    )
    found = content(message, context.texts, language)
    said = replace(said, text=found.text, files=found.files)
    ordered = None if is_forwarded(message) else _COMMAND.fullmatch(plain(message))
    if ordered is not None:
        return _command(said, ordered, context)
    if said.text or said.files:
        return said
    kinds = message.keys() - _ABOUT
    if kinds & _UNREADABLE:
        return Refused(address, RejectReason.MALFORMED, language)
    return Ignored(f"message without words: {', '.join(sorted(kinds)) or 'empty'}")


def _command(said: Said, ordered: re.Match[str], context: Context) -> Event:
    """A command as the desk knows it. One that it does not know asks, like a question mark, for help."""
    name, argument = ordered[1].lower(), (ordered[3] or "").strip()
    if name == _START and _PAYLOAD.fullmatch(argument) and not said.files:
        return Joined(said.address, argument, said.language)
    if name == _START:
        return replace(said, text=context.texts.say("greeting", said.language))
    order = Order(name) if name in _ORDERS else Order.HELP
    return replace(said, text=ordered[0], command=Command(order, argument if name in _ORDERS else ""))


def _edited(message: JSONObject, context: Context) -> Event:
    if (address := _private(message)) is None:
        return Ignored("edited in a group")
    if obj(message, "location"):
        return Ignored("a live location moved")
    language = context.texts.spoken(obj(message, "from").get("language_code"))
    return Edit(
        channel=KIND,
        address=address,
        external_id=_external_id(message, address),
        edited_at=_moment(message, "edit_date", context),
        text=content(message, context.texts, language).text,
    )


def _pressed(query: JSONObject, context: Context) -> Event:
    message, sender, id_ = obj(query, "message"), obj(query, "from"), text(query, "id")
    language = context.texts.spoken(sender.get("language_code"))
    address, under = _private(message), number(message, "message_id")
    if address is None or under is None:
        return Ignored("pressed outside a private chat")
    where = _DATA.fullmatch(text(query, "data"))
    if where is None:
        return Refused(address, RejectReason.UNKNOWN_BUTTON, language, query=id_)
    incoming = Incoming(
        channel=KIND,
        address=address,
        # Of one message one button is pressed once, however often it is tapped before the keyboard is gone.
        external_id=f"{_external_id(message, address)}:press",
        text="",
        received_at=context.now,
        language=language,
        name=display_name(sender, obj(message, "chat")),
        press=Press(*map(int, where.groups())),
    )
    entities = tuple(objects(message.get("entities")))
    return Pressed(id_, under, incoming, _title(message, where[0]), text(message, "text"), entities)


def _title(message: JSONObject, data: str) -> str:
    rows = obj(message, "reply_markup").get("inline_keyboard")
    buttons = [button for row in rows for button in objects(row)] if isinstance(rows, list) else []
    return next((text(button, "text") for button in buttons if button.get("callback_data") == data), "")


def _member(change: JSONObject, context: Context) -> Event:
    """What became of ourselves in a chat."""
    before, after = (text(obj(change, f"{when}_chat_member"), "status") for when in ("old", "new"))
    if (address := _private(change)) is not None:
        return Blocked(address, f"my_chat_member: {after}") if after == "kicked" else Ignored("let in again")
    chat = number(obj(change, "chat"), "id")
    if chat is None or before in _IN or after not in _IN or text(obj(change, "chat"), "type") == "channel":
        return Ignored(f"we are now {after or 'nothing'} in a group")
    return Called(str(chat), context.texts.spoken(obj(change, "from").get("language_code")), reply_to=None)


def _in_group(message: JSONObject, context: Context) -> Event:
    chat = number(obj(message, "chat"), "id")
    # Whoever speaks in the name of the group is shown as a bot of Telegram's own.
    a_bot = obj(message, "from").get("is_bot") and not obj(message, "sender_chat")
    if chat is None or a_bot or not _spoken_to(message, context.username.lower()):
        return Ignored(f"said in a {text(obj(message, 'chat'), 'type') or 'chat without a type'}")
    language = context.texts.spoken(obj(message, "from").get("language_code"))
    return Called(str(chat), language, reply_to=number(message, "message_id"))


def _spoken_to(message: JSONObject, username: str) -> bool:
    """Whether a message in a group mentions us, answers us, or gives us a command."""
    if not username:
        return False
    if text(obj(message, "reply_to_message", "from"), "username").lower() == username:
        return True
    for key, entities in (("text", "entities"), ("caption", "caption_entities")):
        words = text(message, key)
        for one in objects(message.get(entities)):
            named = utf16_slice(words, number(one, "offset") or 0, number(one, "length") or 0).lower()
            if one.get("type") in {"mention", "bot_command"} and named.endswith(f"@{username}"):
                return True
            if one.get("type") == "text_mention" and text(obj(one, "user"), "username").lower() == username:
                return True
    return False


def _private(message: JSONObject) -> str | None:
    """The address of the private chat that something happened in; None: it was a group or channel."""
    chat = obj(message, "chat")
    id_ = number(chat, "id")
    return str(id_) if id_ is not None and text(chat, "type") == "private" else None


def _external_id(message: JSONObject, address: str) -> str:
    """Telegram numbers messages within each chat, and a conversation may be reached from several."""
    return f"{address}:{number(message, 'message_id')}"


def _moment(message: JSONObject, key: str, context: Context) -> datetime:
    try:
        stamp = number(message, key)
        return context.now if stamp is None else datetime.fromtimestamp(stamp, UTC)
    except (OverflowError, OSError, ValueError):
        return context.now


_ORDERS = frozenset(order.value for order in Order)
_READERS: Mapping[str, Callable[[JSONObject, Context], Event]] = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _pressed,
    "my_chat_member": _member,
}
