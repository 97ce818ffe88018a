"""Who wrote to whom: addresses out of header fields, as mail programs write them, not only as RFC 5322 does. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from email.message import Message
from functools import lru_cache

from channels.email import headers
from channels.letter import Person

MAX_PEOPLE = 500
"""Addresses of one field that are read."""
_MAX_FIELDS = 20
_MAX_NAME = 200
_MAX_ADDRESS = 320
_ANGLED = re.compile(r"<([^<>]*)>?")
_BARE = re.compile(r"(?<![^\s<>()\"',;:])(?:\"[^\"]{1,200}\"|[^\s<>()\"',;:@]{1,200})@[^\s<>()\"',;]{1,300}")
_WORDS = re.compile(r"(?<![\"(])=\?[^?\s]+\?[bqBQ]\?[^?]*\?=(?:\s+=\?[^?\s]+\?[bqBQ]\?[^?]*\?=)*(?![\")])")
_COMMENT = re.compile(r"\(([^()]*)\)")


def sender(message: Message) -> Person | None:
    """Who wrote it: the first address of From; without one, of Sender, Reply-To or Return-Path."""
    for name in ("from", "sender", "reply-to", "return-path"):
        found = next((person for person in named_in(message, name) if person.address), None)
        if found:
            return found
    return next(iter(named_in(message, "from")), None)


def is_own(address: str, own: Set[str]) -> bool:
    """Whether `address` is one of ours (`own`, lower case), with or without an extension."""
    return address.strip().lower() in own or without_extension(address) in own


def without_extension(address: str) -> str:
    """The address as it is without what plus addressing adds to it; lower case."""
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def shown(message: Message, name: str) -> str:
    """The field `name` as its author wrote it, decoded, names in quotes that need it; empty without an address."""
    value = headers.unfolded(str(message.get(name) or ""))
    value = _WORDS.sub(lambda words: _quoted(headers.decode(words[0])), value)
    value = headers.decode(value, headers.hint(message) if headers.is_bare(value) else None)
    return value if "@" in value else ""


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w !#$%&'*+/=?^`{}~-]*", name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def named_in(message: Message, name: str) -> tuple[Person, ...]:
    """Everybody in the fields called `name`, in order, each address once; members of groups are people like others."""
    values = [str(value) for value in (message.get_all(name) or [])[:_MAX_FIELDS]]
    charset = headers.hint(message) if any(headers.is_bare(value) for value in values) else None
    found = [person for value in values for person in parsed(value, charset)]
    return tuple({person.address or person.name: person for person in reversed(found)}.values())[::-1]


@lru_cache(maxsize=64)
def parsed(value: str, charset: str | None = None) -> tuple[Person, ...]:
    """The people in a field's `value`; encoded words are read after it is taken apart, for names have commas."""
    if "@" not in value and "=?" in value:
        # Some programs encode the addresses too.
        value = headers.decode(value, charset)
    found = [_person(piece, charset) for piece in list(_mailboxes(value))[:MAX_PEOPLE]]
    return tuple(person for person in found if person is not None)


def _mailboxes(value: str) -> Iterator[str]:
    """What is between commas and semicolons in `value`; a name that has a comma, and should be in quotes, is one."""
    name = ""
    for piece, comma in _pieces(value):
        if name and not ("<" in piece and "@" in piece):
            yield name
            name = ""
        piece = f"{name},{piece}" if name else piece
        name = piece if comma and piece.strip() and not re.search("[@<]", piece) else ""
        if not name:
            yield piece


def _pieces(value: str) -> Iterator[tuple[str, bool]]:
    """`value` cut at commas and semicolons, the names of groups left out; of each, whether a comma follows."""
    piece, quoted, angled, depth, escaped = "", False, False, 0, False
    for character in value:
        if escaped or (character == "\\" and (quoted or depth)):
            escaped = not escaped
        elif character == '"' and not depth:
            quoted = not quoted
        elif quoted:
            pass
        elif character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif depth:
            pass
        elif character in "<>":
            angled = character == "<"
        elif character in ",;" and (not angled or character == ";"):
            yield piece, character == ","
            piece, angled = "", False
            continue
        elif character == ":" and not angled and "@" not in piece:
            piece = ""
            continue
        piece += character
    yield piece, False


def _person(piece: str, charset: str | None) -> Person | None:
    angled = list(_ANGLED.finditer(_without_quoted(piece)))
    if angled:
        inner, name = piece[angled[-1].start(1) : angled[-1].end(1)], piece[: angled[-1].start()]
        # A route, as of old: <@relay:someone@example.org>.
        address = re.sub(r"^@[^:]*:", "", inner.strip())
        address = address.removeprefix("mailto:").removeprefix("MAILTO:")
        if "@" not in address and (found := _BARE.search(inner + " " + _COMMENT.sub(" ", name))):
            address = found[0]
    else:
        comments = _COMMENT.findall(_without_quoted(piece))
        rest = _COMMENT.sub(" ", piece) if comments else piece
        found = _BARE.search(rest) or _BARE.search(piece)
        address = found[0] if found else ""
        name = " ".join(comments) if address and comments and "@" not in comments[-1] else rest.replace(address, " ", 1)
    return _made(address, name, charset)


def _made(address: str, name: str, charset: str | None) -> Person | None:
    clean = headers.decode(address, charset).strip().strip("<>'").lower()[:_MAX_ADDRESS]
    shown = _name(name, charset)
    if "@" not in clean:
        shown, clean = shown or clean, ""
    return Person(clean, "" if shown.lower() == clean else shown) if clean or shown else None


def _name(name: str, charset: str | None) -> str:
    name = re.sub(r"\\(.)", r"\1", re.sub(r'(?<!\\)"', "", name.strip()))
    shown = re.sub(" +", " ", headers.decode(name, charset))
    return shown.strip("<>").strip(" ,;").strip("'\"").strip()[:_MAX_NAME]


def _without_quoted(text: str) -> str:
    """`text` with what is in quotes made unrecognisable, at the same length."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda match: "_" * len(match[0]), text)
