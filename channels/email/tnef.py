"""winmail.dat: what Outlook sends instead of parts to whom it takes for another Outlook (MS-OXTNEF). Pure.

Read here because no library is fit for strangers' bytes: the one there is copies the rest of the file for each of its
attributes, and gives up all of them for one that is broken.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from channels.contract import File
from channels.email import charsets, markup

TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SIGNATURE = 0x223E9F78
_MAX_RTF = 5_000_000
_MAX_DEPTH = 5
_MAX_PROPERTIES = 10_000
_VARIABLE = frozenset({0x0D, 0x1E, 0x1F, 0x102})
_FIXED = {0x01: 0, 0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_BODY_TEXT, _BODY_RTF, _BODY_HTML, _BODY_CODEPAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_DISPLAYED, _DATA, _SHORT_NAME, _LONG_NAME, _MIME, _CONTENT_ID = 0x3001, 0x3701, 0x3704, 0x3707, 0x370E, 0x3712


class _Attribute(IntEnum):
    CODEPAGE = 0x9007
    BODY = 0x800C
    MESSAGE_PROPERTIES = 0x9003
    NEXT_FILE = 0x9002
    FILE_NAME = 0x8010
    FILE_CONTENT = 0x800F
    FILE_PROPERTIES = 0x9005


@dataclass(frozen=True, slots=True)
class Winmail:
    """What was in it."""

    text: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
    content_ids: tuple[str, ...] = ()
    """Of each of `files`; empty for those that are not shown within the text."""


@dataclass(slots=True)
class _Attached:
    name: str = ""
    type: str = ""
    content_id: str = ""
    content: bytes = b""
    message: bytes = b""


@dataclass(slots=True)
class _Found:
    codepage: str = "cp1252"
    text: str = ""
    html: str = ""
    files: list[_Attached] = field(default_factory=list)


class NoWinmail(ValueError):
    """It is something else, whatever it is called."""


def read(content: bytes, depth: int = 0) -> Winmail:
    """What is in a winmail.dat; of a damaged one, what comes before the damage.

    Raises:
        NoWinmail: it does not begin like one.
    """
    if len(content) < 6 or struct.unpack_from("<I", content)[0] != _SIGNATURE:
        raise NoWinmail
    found = _Found()
    for attribute, value in _attributes(content):
        _take(found, attribute, value)
    files: list[tuple[File, str]] = []
    for attached in found.files:
        if attached.message and depth < _MAX_DEPTH:
            files += _of_message(attached, depth)
        elif attached.content:
            files.append(
                (
                    File(attached.name, attached.type or "application/octet-stream", attached.content),
                    attached.content_id,
                )
            )
    return Winmail(found.text, found.html, tuple(file for file, _ in files), tuple(name for _, name in files))


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    position = 6
    while position + 9 <= len(content):
        _, attribute, _, length = struct.unpack_from("<BHHI", content, position)
        value = content[position + 9 : position + 9 + length]
        if len(value) < length and attribute != _Attribute.FILE_CONTENT:
            return
        yield attribute, value
        position += 9 + length + 2


def _take(found: _Found, attribute: int, value: bytes) -> None:
    match attribute:
        case _Attribute.CODEPAGE if len(value) >= 4:
            found.codepage = f"cp{struct.unpack_from('<I', value)[0]}"
        case _Attribute.BODY:
            found.text = found.text or charsets.decode(value, found.codepage).strip("\x00")
        case _Attribute.MESSAGE_PROPERTIES:
            _take_bodies(found, dict(_properties(value, found.codepage)))
        case _Attribute.NEXT_FILE:
            found.files.append(_Attached())
        case _Attribute.FILE_NAME if found.files:
            found.files[-1].name = found.files[-1].name or charsets.decode(value, found.codepage).strip("\x00")
        case _Attribute.FILE_CONTENT if found.files:
            found.files[-1].content = value
        case _Attribute.FILE_PROPERTIES if found.files:
            _take_file(found.files[-1], dict(_properties(value, found.codepage)))


def _take_bodies(found: _Found, properties: dict[int, str | bytes]) -> None:
    codepage = properties.get(_BODY_CODEPAGE, b"")
    named = f"cp{struct.unpack('<I', codepage)[0]}" if isinstance(codepage, bytes) and len(codepage) == 4 else ""
    charset = "utf-8" if named == "cp65001" else named or found.codepage
    text, html, rtf = properties.get(_BODY_TEXT, ""), properties.get(_BODY_HTML, ""), properties.get(_BODY_RTF, b"")
    found.text = text if isinstance(text, str) and text else found.text
    found.html = markup.printable(html if isinstance(html, str) else charsets.decode(html, charset))
    if isinstance(rtf, bytes) and rtf and not (found.text.strip() or found.html.strip()):
        found.text = _rich_text(rtf)


def _take_file(file: _Attached, properties: dict[int, str | bytes]) -> None:
    def text(number: int) -> str:
        value = properties.get(number, "")
        return value if isinstance(value, str) else ""

    file.name = text(_LONG_NAME) or file.name or text(_SHORT_NAME) or text(_DISPLAYED)
    file.type, file.content_id = text(_MIME), text(_CONTENT_ID).strip("<>")
    data = properties.get(_DATA, b"")
    if isinstance(data, bytes) and data:
        # An object begins with the name of its interface; a mail within the mail is such.
        if data[16:20] == struct.pack("<I", _SIGNATURE):
            file.message = data[16:]
        else:
            file.content = file.content or data


def _of_message(attached: _Attached, depth: int) -> list[tuple[File, str]]:
    """A mail within the mail: its text as a file, and its files."""
    inner = read(attached.message, depth + 1)
    name = attached.name or "message"
    files = [(file, "") for file in inner.files]
    if inner.html:
        files.insert(0, (File(f"{name}.html", "text/html", inner.html.encode()), ""))
    elif inner.text:
        files.insert(0, (File(f"{name}.txt", "text/plain", inner.text.encode()), ""))
    return files


def _properties(value: bytes, codepage: str) -> Iterator[tuple[int, str | bytes]]:
    """MAPI properties by number, the first value of those that have several; until one cannot be read."""
    try:
        yield from _read_properties(value, codepage)
    except struct.error:  # it is cut
        return


def _read_properties(value: bytes, codepage: str) -> Iterator[tuple[int, str | bytes]]:
    count, position = struct.unpack_from("<I", value)[0], 4
    for _ in range(min(count, _MAX_PROPERTIES)):
        kind, number = struct.unpack_from("<HH", value, position)
        position += 4
        if number >= 0x8000:
            position = _after_name(value, position)
        several, kind = bool(kind & 0x1000), kind & 0x0FFF
        values = 1
        if several or kind in _VARIABLE:
            values = min(struct.unpack_from("<I", value, position)[0], _MAX_PROPERTIES)
            position += 4
        for index in range(values):
            if kind in _VARIABLE:
                length = struct.unpack_from("<I", value, position)[0]
                position += 4
            elif kind in _FIXED:
                length = _FIXED[kind]
            else:
                return
            if position + length > len(value):
                return
            if index == 0:
                yield number, _converted(kind, value[position : position + length], codepage)
            position += length + (-length % 4)


def _after_name(value: bytes, position: int) -> int:
    position += 16
    if struct.unpack_from("<I", value, position)[0] == 0:
        return position + 8
    length = struct.unpack_from("<I", value, position + 4)[0]
    return int(position + 8 + length + (-length % 4))


def _converted(kind: int, value: bytes, codepage: str) -> str | bytes:
    match kind:
        case 0x1E:
            return charsets.decode(value.rstrip(b"\x00"), codepage)
        case 0x1F:
            return value.decode("utf-16-le", "replace").rstrip("\x00")
        case _:
            return value


def _rich_text(compressed: bytes) -> str:
    """The text of a compressed RTF body, which is all that some Outlooks send."""
    from compressed_rtf import decompress
    from striprtf.striprtf import rtf_to_text

    if len(compressed) < 16 or struct.unpack_from("<I", compressed, 4)[0] > _MAX_RTF:
        return ""
    try:
        rich = bytes(decompress(compressed))
    except Exception:  # noqa: BLE001  it raises nothing more exact when a body is damaged
        return ""
    text = rtf_to_text(rich.decode("latin-1"), errors="replace")  # type: ignore[no-untyped-call]
    return str(text).replace("\x00", "").strip()
