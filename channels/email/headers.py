"""Header fields to text, however they were encoded: as the standard has it, as programs do it, or not at all. Pure."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from email.message import Message
from email.policy import Compat32
from itertools import groupby

from channels.email import charsets

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bqBQ])\?([^?]*(?:\?(?!=)[^?]*)*?)\?=", re.DOTALL)
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t]*(?=\=\?[^?\s]{1,60}\?[bqBQ]\?)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202d\u202e\ud800-\udfff]")
"""What cannot be stored, and what turns the letters around that follow it."""
_COMMENT = re.compile(r"\s*\([^()\"]*\)")
_CUT_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bqBQ]\?[^?\s]{0,500}\??\Z")
"""An encoded word at the end of a field that was cut off."""
_MAX_PARAMETERS = 5_000
_MAX_FIELD = 50_000
"""Characters of a header field that are read: nobody's subject or recipients are longer."""


class MailPolicy(Compat32):
    """Fields are text whatever their bytes; nothing is ever refused."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        """One line, with the encoded words as they are: what is decoded first cannot be taken apart any more."""
        # The standard library takes parameters apart in a time that grows with the square of the field.
        if not name.lower().startswith("content-"):
            return unfolded(value)
        said, semicolon, parameters = unfolded(value[:_MAX_PARAMETERS]).partition(";")
        return _COMMENT.sub("", said).strip() + semicolon + parameters


POLICY = MailPolicy()


def field(message: Message, name: str) -> str:
    """The field `name`, decoded, on one line; empty when there is none."""
    value = str(message.get(name) or "")
    return decode(value, hint(message) if is_bare(value) else None)


def hint(message: Message) -> str | None:
    """What bytes in the header that name no charset are most likely in: the body's, else what all of them look like."""
    found = message.get_param("charset")
    if isinstance(found, str):
        return found
    bare = [value for name in ("from", "to", "cc", "subject") if is_bare(value := str(message.get(name) or ""))]
    return charsets.guess(" ".join(bare).encode("utf-8", "surrogateescape")) if bare else None


def unfolded(value: str) -> str:
    """`value` on one line, its bytes kept as they are (as half surrogates, where they are not ASCII)."""
    return " ".join(line.strip(" \t") for line in re.split(r"[\r\n]+", value[:_MAX_FIELD])).strip()


def decode(value: str, charset: str | None = None) -> str:
    """`value` with its encoded words (RFC 2047) read, and its bare bytes too; one line, nothing that cannot be stored.

    charset: what bare bytes most likely are.
    """
    value = _BETWEEN_WORDS.sub(r"\1", _bare_bytes(unfolded(value), charset))
    if _CUT_WORD.search(value[-600:]):
        value = value.rstrip("?") + "?="
    parts: list[str] = []
    run: list[re.Match[str]] = []
    end = 0
    # Behind the last end of one, no word ends: to look for it from each beginning takes for ever.
    for word in _WORD.finditer(value, 0, value.rfind("?=") + 2):
        # Programs cut words in the middle of a letter: only together can they be read.
        if run and (word.start() > end or _charset(word) != _charset(run[0])):
            parts.append(_words(run))
            run = []
        parts.append(value[end : word.start()])
        run.append(word)
        end = word.end()
    return _one_line("".join([*parts, _words(run), value[end:]]))


def _charset(word: re.Match[str]) -> str:
    return word[1].partition("*")[0].lower()


def _words(run: Sequence[re.Match[str]]) -> str:
    """Encoded words of one charset that follow each other."""
    if not run:
        return ""
    pieces: list[bytes] = []
    for is_base64, words in groupby(run, lambda word: word[2] in "bB"):
        text = "".join(word[3] for word in words).encode("utf-8", "surrogateescape")
        pieces.append(from_base64(text) if is_base64 else binascii.a2b_qp(text.replace(b" ", b"_"), header=True))
    return charsets.decode(b"".join(pieces), _charset(run[0]))


def _one_line(text: str) -> str:
    return _CONTROL.sub("", re.sub(r"[\t\r\n\x85\u2028\u2029]+", " ", text)).strip()


def _bare_bytes(value: str, charset: str | None) -> str:
    return charsets.decode(value.encode("utf-8", "surrogateescape"), charset) if is_bare(value) else value


def is_bare(value: str) -> bool:
    """Whether there are letters in it that are not encoded as headers want it."""
    return any("\udc80" <= character <= "\udcff" for character in value)


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
