"""A mail's bytes to its tree of parts, also where its author did not keep to the rules. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage, Message
from typing import cast

from channels.email import headers, transfer

_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_SPACED = re.compile(rb"^([!-9;-~]+)[ \t]+:")
_KNOWN = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|reply-to|sender|mime-version|content-type|content-transfer-encoding"
    rb"|received|return-path|in-reply-to|references)[ \t]*:",
    re.IGNORECASE,
)
_BEGINNING = 2_000
_MAX_HEAD = 500_000
"""Bytes in which the end of the header is looked for."""


class NoMail(ValueError):
    """There is nothing in it that says that it is a mail."""


def read(raw: bytes) -> EmailMessage:
    """The mail in `raw`. Every field is text in one line, see `headers`.

    Raises:
        NoMail: it has none of the fields that mails have.
    """
    message = _parsed(_mended(_begun(raw)))
    if not any(_KNOWN.match(f"{name}:".encode("ascii", "replace")) for name in message.keys()):  # noqa: SIM118
        raise NoMail("it has no header")
    return message


def head(raw: bytes) -> EmailMessage:
    """The header of the mail in `raw` only, as `read` has it; empty when there is none."""
    return _parsed(re.split(rb"\r?\n[ \t]*\r?\n", _mended(_begun(raw)), maxsplit=1)[0])


def part(raw: bytes) -> EmailMessage:
    """One part of a mail, such as what a signature wraps, with whatever fields it has."""
    return _parsed(raw)


def _begun(raw: bytes) -> bytes:
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    # Written as text by a program that had made the line ends already.
    return raw.replace(b"\r\r\n", b"\r\n") if b"\r\r\n" in raw[:_BEGINNING] else raw


def _parsed(raw: bytes) -> EmailMessage:
    # The parser makes whatever class it is given; its types know the standard policies only.
    message = cast(EmailMessage, message_from_bytes(raw, EmailMessage, policy=headers.POLICY))
    boundary = _boundary_in(message)
    if boundary is None:
        return message
    # The boundary that was announced is not the one that was used.
    fixed = re.sub(
        rb"(?i)(content-type:[^\n]*multipart/[a-z-]+)[^\n]*(?:\r?\n[ \t][^\n]*)*",
        rb"\1; boundary=" + boundary,
        raw,
        count=1,
    )
    return cast(EmailMessage, message_from_bytes(fixed, EmailMessage, policy=headers.POLICY))


def _boundary_in(message: Message) -> bytes | None:
    """For a mail that says it has parts, and has none: the boundary by which it can be cut."""
    payload = vars(message).get("_payload")
    if message.get_content_maintype() != "multipart" or not isinstance(payload, str):
        return None
    found = re.search(r"^--([!-~][ -~]{0,200}?)[ \t]*\r?\nContent-", payload, re.MULTILINE | re.IGNORECASE)
    return (
        b'"' + re.sub(rb'(["\\])', rb"\\\1", found[1].encode("ascii")).replace(b"\\", b"\\\\") + b'"' if found else None
    )


def _mended(raw: bytes) -> bytes:
    """`raw` with a header that can be read: what precedes it is gone, and broken lines of a field are joined to it.

    Relays break long fields, and insert lines of their own, without the space that says that a field goes on; all that
    follows would be taken for the text.
    """
    end = re.search(rb"\r?\n[ \t]*\r?\n", raw[:_MAX_HEAD])
    lines = raw[: end.start() if end else 0].split(b"\n")
    known = [number for number, line in enumerate(lines) if _KNOWN.match(line)]
    if not known or end is None:
        return raw
    first = next(number for number, line in enumerate(lines) if _FIELD.match(line))
    head = [
        # A space before the colon was allowed once.
        _SPACED.sub(rb"\1:", line) if number > known[-1] or _goes_on(line) else b" " + line
        for number, line in enumerate(lines[first:], start=first)
    ]
    return b"\n".join(head) + raw[end.start() :]


def _goes_on(line: bytes) -> bool:
    return line.startswith((b" ", b"\t")) or _FIELD.match(line) is not None


def parts(message: Message) -> Iterator[Message]:
    """The parts of a multipart; of anything else, none."""
    payload = vars(message).get("_payload")
    if isinstance(payload, list) and message.get_content_maintype() != "message":
        yield from (child for child in payload if isinstance(child, Message))


def content(message: Message) -> bytes:
    """The decoded bytes of one part; of a report that the parser took apart, its lines."""
    payload = vars(message).get("_payload")
    if isinstance(payload, list):
        return b"\r\n".join(written(block).rstrip(b"\r\n") + b"\r\n" for block in payload)
    return transfer.content(message)


def enclosed(message: Message) -> bytes:
    """The mail that a message/rfc822 part encloses, as it came."""
    payload = vars(message).get("_payload")
    inner = payload[0] if isinstance(payload, list) and payload and isinstance(payload[0], Message) else None
    if inner is None:
        return transfer.content(message)
    content = re.sub(rb"\r?\n", b"\r\n", written(inner))
    # Forbidden, and done: the parser took the encoded lines for the mail.
    encoding = str(message.get("content-transfer-encoding") or "").lower().strip()
    if encoding in {"base64", "quoted-printable"} and not inner.keys():
        wrapped = EmailMessage(policy=headers.POLICY)
        wrapped["content-transfer-encoding"] = encoding
        wrapped.set_payload(inner.get_payload())
        return transfer.content(wrapped)
    return content


def written(message: Message) -> bytes:
    """`message` as it came, but for its line ends. The standard library changes fields, and fails on bare bytes."""
    head = "".join(f"{name}: {value}\n" for name, value in message.raw_items())
    payload = vars(message).get("_payload")
    if isinstance(payload, str):
        return _bytes(f"{head}\n{payload}")
    children = [written(child) for child in payload or [] if isinstance(child, Message)]
    boundary = message.get_boundary()
    if message.get_content_maintype() == "message" or boundary is None:
        return _bytes(f"{head}\n") + b"".join(children)
    delimiter = b"\n--" + _bytes(boundary)
    pieces = [_bytes(f"{head}\n{message.preamble or ''}"), *(b"%b\n%b" % (delimiter, child) for child in children)]
    return b"".join([*pieces, delimiter, b"--\n", _bytes(message.epilogue or "")])


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def parameter(message: Message, field: str, name: str) -> str:
    """The parameter `name` of a field, decoded, whichever of the three ways it is spelled; empty when there is none."""
    said = cast("list[tuple[str, str | tuple[str, str, str]]]", message.get_params(header=field) or [])
    values = [value for key, value in said if key.lower() == name]
    # Said twice, it is for old readers that it is not said as RFC 2231 has it.
    found = next((value for value in values if isinstance(value, tuple)), values[0] if values else "")
    if isinstance(found, tuple):  # RFC 2231
        charset, _, text = found
        from channels.email import charsets

        return headers.decode(charsets.decode(text.encode("latin-1", "replace"), charset or "utf-8"))
    return headers.decode(found, headers.hint(message) if headers.is_bare(found) else None)
