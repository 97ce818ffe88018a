"""What stands in a Telegram message: its words, and its files. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from channels.contract import JSONObject, Language
from channels.inspection import RemoteFile
from channels.telegram.fields import number, obj, objects, text, utf16_length, utf16_slice
from channels.texts import Texts

_QUOTED = 200
"""Characters of an earlier message that are quoted."""

_NAMES = {
    # Photos and notes have no name of their own: kind -> what they are called, and their type.
    "photo": ("photo-{}.jpg", "image/jpeg"),
    "voice": ("voice-{}.ogg", "audio/ogg"),
    "video_note": ("video-note-{}.mp4", "video/mp4"),
    "video": ("video-{}.mp4", "video/mp4"),
    "audio": ("audio-{}.mp3", "audio/mpeg"),
    "animation": ("animation-{}.mp4", "video/mp4"),
    "document": ("document-{}", "application/octet-stream"),
}


@dataclass(frozen=True, slots=True)
class Content:
    """Words and files; both may be missing."""

    text: str
    files: tuple[RemoteFile, ...] = ()


def content(message: JSONObject, texts: Texts, language: Language | None) -> Content:
    """What `message` says, with what it answers quoted in front, and where it was forwarded from."""
    files = _files(message)
    words = _words(message, texts, language)
    if words and (origin := _forwarded(message, texts, language)):
        words = f"{origin}\n{words}"
    quote = _quote(message) if words else ""
    return Content(f"{quote}\n{words}" if quote else words, files)


def plain(message: JSONObject) -> str:
    """Text or caption, with the addresses of links that hide them: of a forged mail they are what matters."""
    key = "text" if "text" in message else "caption"
    words = text(message, key)
    entities = objects(message.get("entities" if key == "text" else "caption_entities"))
    links = [one for one in entities if one.get("type") == "text_link" and text(one, "url")]
    for link in sorted(links, key=lambda one: -(number(one, "offset") or 0)):
        end = (number(link, "offset") or 0) + (number(link, "length") or 0)
        if 0 <= end <= utf16_length(words):
            rest = utf16_slice(words, end, utf16_length(words) - end)
            words = f"{utf16_slice(words, 0, end)} ({text(link, 'url')}){rest}"
    return words.strip()


def is_forwarded(message: JSONObject) -> bool:
    """Whether somebody else said it."""
    return any(key in message for key in ("forward_origin", "forward_from", "forward_sender_name", "forward_from_chat"))


def _words(message: JSONObject, texts: Texts, language: Language | None) -> str:
    if words := plain(message):
        return words
    if sticker := obj(message, "sticker"):
        return text(sticker, "emoji")
    if dice := obj(message, "dice"):
        return f"{text(dice, 'emoji')} {number(dice, 'value')}"
    if venue := obj(message, "venue"):
        return texts.say("content.venue", language, **_venue(venue))
    if location := obj(message, "location"):
        return texts.say("content.location", language, **_place(location))
    if contact := obj(message, "contact"):
        return texts.say("content.contact", language, name=_person(contact), phone=text(contact, "phone_number"))
    if poll := obj(message, "poll"):
        question = texts.say("content.poll", language, question=text(poll, "question"))
        return "\n".join([question, *(f"- {text(option, 'text')}" for option in objects(poll.get("options")))])
    return ""


def _venue(venue: JSONObject) -> dict[str, object]:
    return {"title": text(venue, "title"), "address": text(venue, "address"), **_place(obj(venue, "location"))}


def _place(location: JSONObject) -> dict[str, object]:
    return {"latitude": location.get("latitude"), "longitude": location.get("longitude")}


def _person(user: JSONObject) -> str:
    return " ".join(part for part in (text(user, "first_name"), text(user, "last_name")) if part).strip()


def display_name(user: JSONObject, chat: JSONObject) -> str | None:
    """What the sender calls themselves."""
    return _person(user) or _person(chat) or text(user, "username") or None


def _forwarded(message: JSONObject, texts: Texts, language: Language | None) -> str:
    if not is_forwarded(message):
        return ""
    origin = obj(message, "forward_origin")
    chat = obj(origin, "sender_chat") or obj(origin, "chat") or obj(message, "forward_from_chat")
    name = (
        _person(obj(origin, "sender_user") or obj(message, "forward_from"))
        or text(origin, "sender_user_name")
        or text(message, "forward_sender_name")
        or text(chat, "title")
    )
    return texts.say("forwarded", language, name=name) if name else texts.say("forwarded_hidden", language)


def _quote(message: JSONObject) -> str:
    """The earlier message that it answers, or the part of it that was chosen, as mail quotes; of a file its name."""
    answered = obj(message, "reply_to_message")
    names = (file.name for file in _files(answered))
    quoted = text(obj(message, "quote"), "text") or plain(answered) or next(names, "")
    if len(quoted) > _QUOTED:
        quoted = quoted[: _QUOTED - 1].rstrip() + "…"
    return "\n".join(f"> {line}" for line in quoted.splitlines() if line.strip())


def _files(message: JSONObject) -> tuple[RemoteFile, ...]:
    """At most one: an album is several messages, which the desk answers once.

    An animation says that it is a document as well.
    """
    if photo := _largest(objects(message.get("photo"))):
        return _file("photo", photo, message)
    for kind in ("animation", "document", "video", "audio", "voice", "video_note"):
        if found := obj(message, kind):
            return _file(kind, found, message)
    return ()


def _largest(sizes: list[JSONObject]) -> JSONObject | None:
    return max(sizes, key=lambda size: (number(size, "width") or 0) * (number(size, "height") or 0), default=None)


def _file(kind: str, file: JSONObject, message: JSONObject) -> tuple[RemoteFile, ...]:
    name, usual = _NAMES[kind]
    if not text(file, "file_id"):
        return ()
    return (
        RemoteFile(
            id=text(file, "file_id"),
            name=text(file, "file_name") or name.format(number(message, "message_id")),
            type=text(file, "mime_type") or usual,
            size=number(file, "file_size"),
        ),
    )
