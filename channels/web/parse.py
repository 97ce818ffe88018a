"""What browsers send, as typed frames. Pure: text in, values or an error with a code out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from channels.contract import Choice, Incoming, Rejected, RejectReason

MAX_FRAME = 64 * 1024
"""Bytes in one frame. The longest message there can be (8,000 characters outside the BMP) takes half of it."""

_Object = dict[str, object]

_MAX_NUMBER = 2**63 - 1  # what a database's integer holds
_MAX_TOKEN = 200
_MAX_CHOICE = 500
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LANGUAGE = re.compile(r"[a-z]{2}")


class FrameCode(StrEnum):
    """Why a frame is not one of ours; names the text the customer reads."""

    MALFORMED = "malformed"
    UNKNOWN_TYPE = "unknown_type"
    TOO_LARGE = "too_large"
    BINARY_FRAME = "binary_frame"
    HELLO_FIRST = "hello_first"
    BAD_LINK = "bad_link"
    """The link to go on here is not ours, or too old."""


class BadFrame(Exception):
    """The frame cannot be understood. Tell the client `code`; the connection goes on.

    message_id: the message the frame was meant to be, when that much is readable, so that the client can mark it.
    """

    def __init__(self, code: FrameCode, message_id: str | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.message_id = message_id


@dataclass(frozen=True, slots=True)
class Hello:
    """First frame of a connection: who I am (None: somebody new) and the last message I have."""

    token: str | None
    after: int
    language: str | None
    code: str | None = None
    """Somebody new goes on with the conversation that this code of a link is for; see `Desk.join`."""


@dataclass(frozen=True, slots=True)
class Message:
    """The customer said something, or pressed a button."""

    id: str
    text: str
    choice: Choice | None
    uploads: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ack:
    """Everything up to `seq` has been shown."""

    seq: int


@dataclass(frozen=True, slots=True)
class Typing:
    """The customer is typing."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How can I go on with this conversation on another device or channel?"""


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there?"""


ClientFrame = Hello | Message | Ack | Typing | Elsewhere | Ping


def frame(raw: str | bytes) -> ClientFrame:
    """The frame in `raw`, exactly as it came out of the socket.

    Raises:
        BadFrame: with the code to answer.
    """
    if isinstance(raw, bytes):
        raise BadFrame(FrameCode.BINARY_FRAME)
    if len(raw) > MAX_FRAME or len(raw.encode("utf-8", "surrogatepass")) > MAX_FRAME:
        raise BadFrame(FrameCode.TOO_LARGE)
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:  # not JSON, a number of 5,000 digits, brackets without end
        raise BadFrame(FrameCode.MALFORMED) from error
    if not isinstance(data, dict) or not isinstance(data.get("type"), str):
        raise BadFrame(FrameCode.MALFORMED)
    reader = _READERS.get(data["type"])
    if reader is None:
        raise BadFrame(FrameCode.UNKNOWN_TYPE)
    return reader(data)


def incoming(message: Message, *, channel: str, address: str, language: str | None, received_at: datetime) -> Incoming:
    """The message as the desk takes it.

    Raises:
        Rejected: it is empty, too long, or holds what is not text.
    """
    for text in (message.text, *((message.choice.title, message.choice.payload) if message.choice else ())):
        if not _is_text(text):
            raise Rejected(RejectReason.BINARY)
    return Incoming(
        channel=channel,
        address=address,
        external_id=message.id,
        text=message.text,
        received_at=received_at,
        choice=message.choice,
        language=language,
        uploads=message.uploads,
    )


def _is_text(text: str) -> bool:
    """JSON can spell NUL and half a surrogate pair; databases can store neither."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _hello(data: _Object) -> Hello:
    token, after, language = data.get("token"), data.get("after", 0), data.get("language")
    code = data.get("continue")
    if not (token is None or (isinstance(token, str) and len(token) <= _MAX_TOKEN)):
        raise BadFrame(FrameCode.MALFORMED)
    if not (language is None or (isinstance(language, str) and _LANGUAGE.fullmatch(language))):
        raise BadFrame(FrameCode.MALFORMED)
    if not (code is None or (isinstance(code, str) and len(code) <= _MAX_TOKEN)):
        raise BadFrame(FrameCode.MALFORMED)
    if code is not None and not _CODE.fullmatch(code):
        raise BadFrame(FrameCode.BAD_LINK)  # cut off or garbled on its way: the same to the customer as too old
    return Hello(token=token, after=_seq(after), language=language, code=code)


def _message(data: _Object) -> Message:
    message_id, text = data.get("id"), data.get("text", "")
    if not isinstance(message_id, str) or not _ID.fullmatch(message_id):
        raise BadFrame(FrameCode.MALFORMED)
    if not isinstance(text, str):
        raise BadFrame(FrameCode.MALFORMED, message_id)
    uploads = _uploads(data.get("attachments", []), message_id)
    return Message(id=message_id, text=text, choice=_choice(data.get("choice"), message_id), uploads=uploads)


def _uploads(value: object, message_id: str) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(_is_number(one) for one in value):
        raise BadFrame(FrameCode.MALFORMED, message_id)
    return tuple(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_NUMBER


def _choice(value: object, message_id: str) -> Choice | None:
    if value is None:
        return None
    title, payload = (value.get("title"), value.get("payload")) if isinstance(value, dict) else (None, None)
    if not (isinstance(title, str) and isinstance(payload, str) and payload):
        raise BadFrame(FrameCode.MALFORMED, message_id)
    if len(title) > _MAX_CHOICE or len(payload) > _MAX_CHOICE:
        raise BadFrame(FrameCode.MALFORMED, message_id)
    return Choice(title=title, payload=payload)


def _ack(data: _Object) -> Ack:
    return Ack(_seq(data.get("seq")))


def _seq(value: object) -> int:
    if not isinstance(value, int) or not _is_number(value):
        raise BadFrame(FrameCode.MALFORMED)
    return value


_READERS: Mapping[str, Callable[[_Object], ClientFrame]] = {
    "hello": _hello,
    "message": _message,
    "ack": _ack,
    "typing": lambda _: Typing(),
    "elsewhere": lambda _: Elsewhere(),
    "ping": lambda _: Ping(),
}
