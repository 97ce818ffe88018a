"""Files on their way in and out over HTTP: read no further than the limit, and served so that they can do no harm.

Pure: whoever has the request hands in its chunks, and sends the headers.
"""

from __future__ import annotations

from collections.abc import AsyncIterable
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
