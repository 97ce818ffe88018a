"""Header fields to text, however they were encoded: as the standard has it, as programs do it, or not at all. Pure."""

from __future__ import annotations

import binascii
import re
from email.message import Message
from email.policy import Compat32

from channels.email import charsets

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bqBQ])\?([^?]*(?:\?(?!=)[^?]*)*?)\?=", re.DOTALL)
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t]*(?=\=\?[^?\s]{1,60}\?[bqBQ]\?)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MAX_FIELD = 100_000
"""Characters of a header field that are read: nobody's subject or recipients are longer."""


class MailPolicy(Compat32):
    """Fields are text whatever their bytes, and are written back as they came; nothing is ever refused."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        """One line, with the encoded words as they are: what is decoded first cannot be taken apart any more."""
        return unfolded(value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """For mails within mails, which are handed on as files."""
        return f"{name}: {value}{self.linesep}".encode("ascii", "surrogateescape")


POLICY = MailPolicy(linesep="\r\n")


def field(message: Message, name: str) -> str:
    """The field `name`, decoded, on one line; empty when there is none."""
    return decode(str(message.get(name) or ""), hint(message))


def hint(message: Message) -> str | None:
    """What bytes in the header that name no charset are most likely in: the body's, else what all of them look like."""
    found = message.get_param("charset")
    if isinstance(found, str):
        return found
    bare = [value for name in ("from", "to", "cc", "subject") if _is_bare(value := str(message.get(name) or ""))]
    return charsets.guess(" ".join(bare).encode("utf-8", "surrogateescape")) if bare else None


def unfolded(value: str) -> str:
    """`value` on one line, its bytes kept as they are (as half surrogates, where they are not ASCII)."""
    return re.sub(r"[ \t]*[\r\n]+[ \t]*", " ", value[:_MAX_FIELD]).strip()


def decode(value: str, charset: str | None = None) -> str:
    """`value` with its encoded words (RFC 2047) read, and its bare bytes too; one line, nothing that cannot be stored.

    charset: what bare bytes most likely are.
    """
    value = _BETWEEN_WORDS.sub(r"\1", _bare_bytes(unfolded(value), charset))
    parts, end = [], 0
    pending: tuple[str, bytes] | None = None
    for word in _WORD.finditer(value):
        between = value[end : word.start()]
        name, content = word[1].partition("*")[0], _word_content(word[2], word[3])
        # Programs cut words in the middle of a character, so that only both together can be read.
        if pending and not between and pending[0].lower() == name.lower():
            pending = (name, pending[1] + content)
        else:
            parts += [_text(pending), between]
            pending = (name, content)
        end = word.end()
    parts += [_text(pending), value[end:]]
    return _one_line("".join(parts))


def _text(pending: tuple[str, bytes] | None) -> str:
    return charsets.decode(pending[1], pending[0]) if pending else ""


def _one_line(text: str) -> str:
    return _CONTROL.sub("", re.sub(r"[\t\r\n\x85\u2028\u2029]+", " ", text)).strip()


def _bare_bytes(value: str, charset: str | None) -> str:
    return charsets.decode(value.encode("utf-8", "surrogateescape"), charset) if _is_bare(value) else value


def _is_bare(value: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in value)


def _word_content(encoding: str, text: str) -> bytes:
    content = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return binascii.a2b_qp(content.replace(b" ", b"_"), header=True)
    return from_base64(content)


def from_base64(content: bytes) -> bytes:
    """What can be read of `content`: without its end, or with strange characters in it, too."""
    clean = re.sub(rb"[^A-Za-z0-9+/=]", b"", content.replace(b"-", b"+").replace(b"_", b"/"))
    # Where a piece was encoded by itself and the next appended, its padding stands in the middle.
    pieces = re.findall(rb"[A-Za-z0-9+/]+", clean)
    return b"".join(_base64_piece(piece) for piece in pieces)


def _base64_piece(piece: bytes) -> bytes:
    if len(piece) % 4 == 1:
        piece = piece[:-1]
    return binascii.a2b_base64(piece + b"=" * (-len(piece) % 4))
