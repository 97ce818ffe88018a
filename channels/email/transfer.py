"""Transfer encodings: the bytes of a part, however they were made fit for travelling. Pure."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from email.message import Message

from channels.email import headers

_UU_BEGIN = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t]+(\S[^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
_UU_END = re.compile(rb"^end[ \t]*\r?$", re.MULTILINE)
_EVENLY_SPACED = re.compile(rb"\s*(?:[A-Za-z0-9+/]{8,} )+[A-Za-z0-9+/]*={0,2}\s*\Z")
_FEW = 100
_MAX_UU = 100
"""How often a beginning is looked for: what does not end is looked through each time."""
_BASE64_BODY = re.compile(rb"\A\s*(?:[A-Za-z0-9+/]{60,76}\r?\n)+[A-Za-z0-9+/]*={0,2}\s*\Z")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file that stands as text within a text, as programs of old send it."""

    name: str
    content: bytes
    start: int
    """Where it begins in the text, and `end` where it ends."""
    end: int


def content(part: Message) -> bytes:
    """The decoded bytes of `part`, which has no parts itself."""
    # `get_payload` decodes by the charset that is claimed, which loses what does not fit.
    payload = vars(part).get("_payload")
    raw = payload.encode("ascii", "surrogateescape") if isinstance(payload, str) else b""
    said = re.search(r"[a-z0-9][a-z0-9-]*", str(part.get("content-transfer-encoding") or "").lower())
    match said[0] if said else "":
        case "base64" | "b":
            found = _base64(raw)
            return raw if part.get_content_maintype() == "text" and _is_plain(raw, found) else found
        case "quoted-printable" | "quotedprintable" | "quoted" | "q" | "qp":
            return binascii.a2b_qp(re.sub(rb"=[ \t]+(?=\r?\n)", b"=", raw))
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            files = uuencoded(raw)
            return files[0].content if files else raw
        case _:
            return _base64(raw) if part.get_content_maintype() != "text" and _BASE64_BODY.match(raw) else raw


def _is_plain(raw: bytes, decoded: bytes) -> bool:
    """Whether a text only claims to be base64: some words, of which nothing comes that anybody could read."""
    if re.search(rb"[A-Za-z0-9+/]{40}", raw) or len(raw) > _FEW:
        return False
    whole = b"=" in raw or len(re.sub(rb"\s", b"", raw)) % 4 == 0
    return not whole or re.search(rb"[\x00-\x08\x0e-\x1f]", decoded) is not None or not _is_utf8(decoded)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _base64(raw: bytes) -> bytes:
    # Mailing lists and virus scanners append their words in plain text: what is after the padding's line is not ours.
    body = re.match(rb"(?:[ \t]*[A-Za-z0-9+/]*=*[ \t]*(?:\r?\n|\Z))*", raw)
    encoded, rest = (raw[: body.end()], raw[body.end() :]) if body else (b"", raw)
    if encoded.strip() and b"=" in encoded.strip()[-2:]:
        return headers.from_base64(encoded)
    # A text that only claims to be base64 has spaces between its words, and letters that base64 has not.
    words = len(re.findall(rb"\w[.,]? \w", rest)) > 2 and not _EVENLY_SPACED.match(rest)
    if words or re.search(rb"[\x80-\xff]", rest):
        return raw if not encoded.strip() else headers.from_base64(encoded)
    return headers.from_base64(raw)


def uuencoded(text: bytes) -> list[Encoded]:
    """The uuencoded files in `text`; what only looks like one is none."""
    found: list[Encoded] = []
    position = 0
    for _ in range(_MAX_UU):
        begin = _UU_BEGIN.search(text, position)
        end = _UU_END.search(text, begin.end()) if begin else None
        if begin is None or end is None:
            break
        body = text[begin.end() : end.start()]
        position = begin.end()
        try:
            file = b"".join(_uu_line(line) for line in body.split(b"\n") if line.strip(b"\r"))
        except binascii.Error:
            continue
        if file:
            name = begin[1].decode("utf-8", "replace")
            found.append(Encoded(name, file, begin.start(), end.end()))
            position = end.end()
    return found


def _uu_line(line: bytes) -> bytes:
    line = line.rstrip(b"\r")
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some programs pad lines too far; their first character says how long they are.
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
        return binascii.a2b_uu(line[:length])
