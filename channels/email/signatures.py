"""Signatures below what a sender wrote. Pure."""

from __future__ import annotations

import re
from itertools import islice

from channels.email.markers import MAX_LINE, fold, markers

_LONG = 20
"""Lines with something on them; what is longer is no signature."""
_SHORT = 12
_WIDE = 90
"""Characters; a line of a signature has fewer."""

_DASHES = re.compile(r"\s*--[\s\u00a0]*\Z")
_UNDERSCORES = re.compile(r"\s*_{2,}\s*\Z")
_RULE = re.compile(r"\s*(?:[–—]+|[-=*~_•·]{3,})\s*\Z")
_CONTACT = re.compile(
    r"https?://|www\.|[\w.+-]{1,64}@[\w-]{1,100}\.\w|(?:\+|\b00|\(?\b0)\d{1,4}[\d ()/.–-]{6,30}\d"
    r"|\b(?:tel|phone|mobile|mob|fax|telefoon|telefon)\b",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"p\.? ?s\.?(?:\W|\Z)")
_LINK = re.compile(r"[<(\[]\s?(?:https?|mailto):[^>)\]\s]{0,400}[>)\]]?|https?://\S{1,400}")
_SENTENCE = re.compile(r"[.?!]\s*\Z")


def signature_lines(lines: list[str]) -> set[int]:
    """Which of `lines`, one piece of a mail that quotes nothing, are signature."""
    found: set[int] = set()
    said, i = False, 0
    while i < len(lines):
        end = _signature_end(lines, i, said) if lines[i].strip() else None
        if end is not None:
            found.update(range(i, end))
            i = end
        else:
            said = said or bool(lines[i].strip())
            i += 1
    return found


def _signature_end(lines: list[str], start: int, said: bool) -> int | None:
    """Where the signature ends that begins at `start`; None: none does. `said`: there are words above it."""
    line = lines[start][:MAX_LINE]
    end = len(lines)
    if _DASHES.match(line):
        return end if line.rstrip("\r\n").endswith("-- ") or len(_below(lines, start)) <= _LONG else None
    if _UNDERSCORES.match(line):
        return end if _is_footer(lines, start) else None
    if _RULE.match(line):
        return end if _has_contact(lines, start) else None
    text = fold(line)
    if is_mobile(text):
        return end if said else start + 1
    if said and markers().disclaimer.match(text.strip(" *_-")):
        return end
    if _is_closing(text, said):
        return _closing_end(lines, start)
    return None


def _below(lines: list[str], start: int) -> list[str]:
    """What stands below `start`, without empty lines and indents, as far as it matters."""
    said = (line[:MAX_LINE].strip() for line in islice(lines, start + 1, start + 1 + 4 * _LONG))
    return list(islice((line for line in said if line), _LONG + 1))


def _is_footer(lines: list[str], start: int) -> bool:
    """A mailing list's, or a company's, under a rule of underscores."""
    block = _below(lines, start)
    return len(block) <= 6 or (len(block) <= _LONG and any(_CONTACT.search(line) for line in block))


def _has_contact(lines: list[str], start: int) -> bool:
    """Whether all below `start` is a few short lines, of which one says how to reach the sender."""
    block = _below(lines, start)
    if not 1 <= len(block) <= _SHORT or any(len(line) > _WIDE or _SENTENCE.search(line) for line in block):
        return False
    return any(_CONTACT.search(line) for line in block)


def is_mobile(text: str) -> bool:
    """Whether the folded line is what phones put below: "Sent from my iPhone"."""
    bare = _LINK.sub("", text).strip(" *_-<>[]().!")
    excuse = markers().excuse.search(bare)
    if excuse:
        bare = bare[: excuse.start()].rstrip(" ,.;-–—")
    match = markers().mobile.match(bare)
    thing = match["thing"].strip() if match else bare if markers().mobile_at_end.found(bare) else ""
    return 0 < len(thing) <= 60 and len(thing.split()) <= 7 and not re.search(r"[,;:?!]|\. ", thing)


def _is_closing(text: str, said: bool) -> bool:
    """Whether the folded line closes a mail. Nobody begins with "Kind regards", but with "Cheers" one does."""
    bare = text.strip(" *_-,.!:;~")
    match = markers().closing.match(bare)
    if match is None or not (said or " " in match[0]):
        return False
    name = bare[match.end() :].strip(" ,.!:;-–—/|")
    return len(name.split()) <= 3 and len(name) <= 40 and not re.search(r"\d", name)


def _closing_end(lines: list[str], start: int) -> int | None:
    """After the name and what describes it; a postscript, and longer text, is the sender's word again."""
    count = 0
    for i in range(start + 1, len(lines)):
        line = lines[i].strip()
        if not line:
            continue
        text = fold(line)
        if (
            markers().disclaimer.match(text.strip(" *_-"))
            or is_mobile(text)
            or _DASHES.match(line)
            or _UNDERSCORES.match(line)
        ):
            return len(lines)
        if _POSTSCRIPT.match(text) or (len(line) > _WIDE and not _CONTACT.search(line)):
            return i
        count += 1
        if count > _LONG:
            return None
    return len(lines)
