"""Mails for tests, written out as they travel."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

from channels.contract import Incoming
from channels.email.parse import parse
from channels.letter import Letter

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
DESK = "support@example.com"
SECRET = b"for tests"


def read(raw: bytes | str, *, max_file: int = 1_000_000, trusted: frozenset[str] = frozenset()) -> Incoming:
    """`raw` as the desk gets it; a text is sent as UTF-8."""
    return parse(
        raw if isinstance(raw, bytes) else raw.encode(),
        mailbox=DESK,
        own=frozenset({DESK, "helpdesk@example.com"}),
        received_at=NOW,
        max_file=max_file,
        trusted=trusted,
        secret=SECRET,
    )


def letter(incoming: Incoming) -> Letter:
    """Its letter, which could be read."""
    assert incoming.letter is not None
    assert incoming.letter.unreadable is None
    return incoming.letter


def mail(body: bytes | str = "My printer jams.", *fields: str, subject: str = "Printer") -> bytes:
    """A mail of Alice's; `fields` are added to its header."""
    head = [
        "From: Alice Jansen <alice@example.org>",
        f"To: {DESK}",
        f"Subject: {subject}",
        "Date: Thu, 26 Nov 2026 09:58:00 +0100",
        "Message-ID: <1@mail.example.org>",
        "MIME-Version: 1.0",
        *fields,
    ]
    content = body if isinstance(body, bytes) else body.encode()
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


def multipart(kind: str, *parts: bytes | str, fields: tuple[str, ...] = ()) -> bytes:
    """A mail of Alice's with `parts`, each with its own header."""
    return mail(_joined("frontier", parts), f'Content-Type: multipart/{kind}; boundary="frontier"', *fields)


def nested(kind: str, *parts: bytes | str) -> bytes:
    """A part that has parts."""
    return f'Content-Type: multipart/{kind}; boundary="inner"\r\n\r\n'.encode() + _joined("inner", parts)


def part(kind: str, body: bytes | str, *fields: str) -> bytes:
    """A part with a type and a body."""
    content = body if isinstance(body, bytes) else body.encode()
    return "\r\n".join([f"Content-Type: {kind}", *fields]).encode() + b"\r\n\r\n" + content


def _joined(boundary: str, parts: tuple[bytes | str, ...]) -> bytes:
    pieces = [each if isinstance(each, bytes) else each.encode() for each in parts]
    between = f"--{boundary}\r\n".encode()
    return between + (b"\r\n" + between).join(pieces) + f"\r\n--{boundary}--\r\n".encode()


def winmail(*attributes: tuple[int, int, bytes]) -> bytes:
    """A winmail.dat of (level, attribute, value), as MS-OXTNEF has it."""
    written = [
        struct.pack("<BII", level, attribute, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
        for level, attribute, value in attributes
    ]
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(written)


def properties(*values: tuple[int, int, bytes]) -> bytes:
    """MAPI properties of (type, number, value of variable length)."""
    written = [
        struct.pack("<HHII", kind, number, 1, len(value)) + value + b"\0" * (-len(value) % 4)
        for kind, number, value in values
    ]
    return struct.pack("<I", len(values)) + b"".join(written)
