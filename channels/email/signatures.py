"""Signatures below what a sender wrote. Pure."""

from __future__ import annotations

import re
from itertools import islice, takewhile

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
_NAMED = re.compile(r"(?:[-/~*][^\W\d_]|[–—]\s?[^\W\d_])")
"""How a name set off by a dash begins: "-Alice". With a space behind the dash, it would be an item of a list."""
_NAME, _TITLE = 5, 20
"""Words of a name at most, and letters of what is a title if it stands alone in its line."""
_SMALL = frozenset(
    {"van", "von", "de", "der", "den", "het", "ten", "ter", "te", "du", "di", "da", "la", "le", "af", "zu"}
    | {"und", "en", "and", "et"}
)
"""Words of names that begin with a small letter."""
_FROM = frozenset({"from", "van", "von", "de", "uit", "aus", "namens"})
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
        return end if line.rstrip("\r\n").endswith("-- ") or _is_short(_below(lines, start)) else None
    if _UNDERSCORES.match(line):
        return end if _is_footer(lines, start) else None
    if _RULE.match(line):
        return end if _has_contact(lines, start) else None
    text = fold(line)
    if is_mobile(text):
        return end if said and _is_short(_below(lines, start)) else start + 1
    if said and _is_disclaimer(lines, start):
        return end
    if _is_closing(text, said):
        return _closing_end(lines, start)
    if said and (_names_sender(lines, start) or _thanks_and_names(lines, start)):
        return end
    return None


def _is_short(block: list[str]) -> bool:
    """Whether it may belong to a signature: a question is to be answered."""
    return len(block) <= _LONG and not (block and block[-1].endswith("?"))


def _is_disclaimer(lines: list[str], start: int) -> bool:
    text = fold(lines[start]).strip(" *_-")
    if markers().notice.match(text):
        return True
    begun = markers().disclaimer.match(text)
    if begun is None:
        return False
    if not text[begun.end() :].strip(" :*_-"):
        return begun.end() < _TITLE
    paragraph = " ".join(fold(line) for line in takewhile(str.strip, lines[start : start + _LONG]))
    return bool(markers().legal.search(paragraph.strip(" *_-")[begun.end() :]))


def _names_sender(lines: list[str], start: int) -> bool:
    """Whether nothing follows but the sender's name and how to reach them: below thanks, or set off as in "-Alice"."""
    line = lines[start].strip()[:MAX_LINE]
    if _NAMED.match(line):
        return start > 0 and not lines[start - 1].strip() and _is_name(line) and _is_address(_below(lines, start))
    above = next((lines[i] for i in range(start - 1, max(start - 3, -1), -1) if lines[i].strip()), "")
    return _is_name(line) and _is_thanks(fold(above)) and _is_address(_below(lines, start))


def _thanks_and_names(lines: list[str], start: int) -> bool:
    """Whether thanks, as part of a closing, stand directly above the sender's name."""
    if not _is_thanks(fold(lines[start])) or lines[start].rstrip().endswith(("!", ".")):
        return False
    name = next((i for i in range(start + 1, min(start + 3, len(lines))) if lines[i].strip()), None)
    return name is not None and _names_sender(lines, name)


def _is_thanks(text: str) -> bool:
    found = markers().thanks.match(text)
    return found is not None and not text[found.end() :].strip(" ,.!:;-")


def _is_name(line: str) -> bool:
    words = line.strip(" ,.*_~/-–—").split()
    return 1 <= len(words) <= _NAME and all(
        re.fullmatch(r"[^\W\d_][^\W\d_.'’-]*(?:[.'’-]+[^\W\d_.'’-]+)*\.?", word)
        and (word[0].isupper() or len(words) == 1 or word.lower() in _SMALL)
        for word in words
    )


def _is_address(block: list[str]) -> bool:
    """Whether `block` says no more than who somebody is, and how to reach them."""
    own = list(takewhile(lambda line: not _ends_signature(line), block))
    return len(own) <= _SHORT and all(
        (len(line) <= _WIDE and not _SENTENCE.search(line) and not _POSTSCRIPT.match(fold(line))) or _LINK.match(line)
        for line in own
    )


def _ends_signature(line: str) -> bool:
    """Whether what a company or a phone adds begins at `line`, below the signature."""
    text = fold(line)
    return _is_disclaimer([line], 0) or is_mobile(text) or bool(_DASHES.match(line) or _UNDERSCORES.match(line))


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
    bare = " ".join(_LINK.sub(" ", text).split()).strip(" *_-<>[]().!")
    excuse = markers().excuse.search(bare)
    if excuse:
        bare = bare[: excuse.start()].rstrip(" ,.;-–—")
    if markers().outlook.match(bare):
        return True
    match = markers().mobile.match(bare)
    thing = match["thing"].strip() if match else bare if markers().mobile_at_end.found(bare) else ""
    return 0 < len(thing) <= 60 and len(thing.split()) <= 7 and not re.search(r"[,;:?!]|\. ", thing)


def _is_closing(text: str, said: bool) -> bool:
    """Whether the folded line closes a mail. Nobody begins with "Kind regards", but with "Cheers" one does."""
    bare = _after_thanks(text.strip(" *_-,.!:;~"))
    if said and markers().closing_sentence.match(bare):
        return True
    match = markers().closing.match(bare)
    if match is None or not (said or " " in match[0]):
        return False
    # In several languages, one after the other.
    while match is not None:
        bare = bare[match.end() :].strip(" ,.!:;-–—/|&")
        match = markers().closing.match(bare)
    words = bare.split()
    most = _NAME if words and words[0] in _FROM else 3
    return len(words) <= most and len(bare) <= 40 and not re.search(r"\d", bare)


def _after_thanks(text: str) -> str:
    """ "kind regards" of "thanks and kind regards"; else `text`."""
    thanks = markers().thanks.match(text)
    rest = text[thanks.end() :].lstrip(" ,.!") if thanks else ""
    conjunction = markers().conjunction.match(rest)
    closing = rest[conjunction.end() :].lstrip() if conjunction else ""
    return closing if markers().closing.match(closing) else text


def _closing_end(lines: list[str], start: int) -> int | None:
    """After the name and what describes it; a postscript, and longer text, is the sender's word again."""
    count = 0
    for i in range(start + 1, len(lines)):
        line = lines[i].strip()
        if not line:
            continue
        text = fold(line)
        if _ends_signature(lines[i]):
            return len(lines)
        if _POSTSCRIPT.match(text) or (len(line) > _WIDE and not _CONTACT.search(line)):
            return i
        count += 1
        if count > _LONG:
            return None
    return len(lines)
