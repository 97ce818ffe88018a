"""Files on their way in and out over HTTP: read no further than the limit, and served so that they can do no harm.

Pure: whoever has the request hands in its chunks, and sends the headers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterable
from pathlib import PurePosixPath
from urllib.parse import quote

from channels.contract import Attachment, Rejected, RejectReason

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
PDF = "application/pdf"
TEXT = "text/plain"
PREVIEWED = IMAGES | {PDF, TEXT}
"""What browsers may show in place. Everything else is only ever downloaded: SVG and HTML are programs."""
MAX_FILE = 20_000_000
"""Bytes in one file, unless the settings say otherwise."""
_BINARY = "application/octet-stream"
_MAX_NAME = 120
_UNNAMED = "file"
_JOINERS = "\u200c\u200d"
"""Invisible, but letters of Persian and Hindi words, and emoji, hang together by them."""
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def safe_name(name: str) -> str:
    """`name` as it may be shown, and saved on any system: the last part of a path, its letters kept."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    clean = "".join(c for c in last if c in _JOINERS or not unicodedata.category(c).startswith("C"))
    clean = " ".join(_FORBIDDEN.sub("_", clean).split()).strip(". ")
    if not re.search(r"\w", clean):
        return _UNNAMED
    if _RESERVED.fullmatch(clean):
        clean = f"_{clean}"
    if len(clean) <= _MAX_NAME:
        return clean
    suffix = PurePosixPath(clean).suffix
    # A longer one is no suffix, but part of a name with a dot in it.
    suffix = suffix if len(suffix) <= 12 else ""
    return clean[: _MAX_NAME - len(suffix)].rstrip(". ") + suffix


async def read(chunks: AsyncIterable[bytes], limit: int) -> bytes:
    """All of `chunks`, if they are `limit` bytes at most.

    Raises:
        Rejected: FILE_TOO_LARGE, as soon as that is known: nothing more is asked for.
    """
    content = bytearray()
    async for chunk in chunks:
        if len(content) + len(chunk) > limit:
            raise Rejected(RejectReason.FILE_TOO_LARGE)
        content += chunk
    return bytes(content)


def announced(content_length: str | None, limit: int) -> None:
    """Look at what the sender says the size is, before anything is read.

    Raises:
        Rejected: FILE_TOO_LARGE.
    """
    if content_length is not None and content_length.isdecimal() and int(content_length[:20]) > limit:
        raise Rejected(RejectReason.FILE_TOO_LARGE)


def headers(attachment: Attachment, *, download: bool) -> dict[str, str]:
    """The headers to serve `attachment` with.

    download: the person wants to keep it, even if it could be shown.
    """
    shown = attachment.type in PREVIEWED and not download
    # Browsers refuse to show a PDF in a sandbox; their viewers are one.
    policy = "style-src 'unsafe-inline'" if attachment.type == PDF else "sandbox"
    return {
        "Content-Type": _served_type(attachment.type),
        "Content-Disposition": _disposition("inline" if shown else "attachment", attachment.name),
        "Content-Security-Policy": f"default-src 'none'; {policy}; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        # Contents never change, but who may see them does.
        "Cache-Control": "private, max-age=3600",
    }


def _served_type(found: str) -> str:
    if found == TEXT:
        return "text/plain; charset=utf-8"
    return found if found in PREVIEWED else _BINARY


def _disposition(kind: str, name: str) -> str:
    """As RFC 6266 has it: a name in ASCII for the oldest, and the real one in RFC 5987's spelling."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
