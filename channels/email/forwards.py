"""Forwarded mail: who wrote what is forwarded. Pure."""

from __future__ import annotations

import re

from channels.email import people
from channels.letter import Person

_SUBJECT = re.compile(r"\s*(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|wg|doorst|doorgest|tr|i|rv|enc|vb|vs|pd)\s*:", re.IGNORECASE)
_MARK = re.compile(
    r"^[> \t]*(?:-{2,}[ \t]*(?:forwarded message|doorgestuurd bericht|weitergeleitete nachricht|message transféré"
    r"|forwarded by .{1,80})[ \t]*-{2,}"
    r"|begin forwarded message:|begin doorgestuurd bericht:|anfang der weitergeleiteten nachricht:"
    r"|début du message réexpédié ?:"
    r"|-{8,} forwarded message -{8,})[ \t]*:?$",
    re.IGNORECASE | re.MULTILINE,
)
_FROM = re.compile(r"^[> \t*]*(?:from|van|von|de)[ \t]*:[* \t]*(\S.{0,400})$", re.IGNORECASE | re.MULTILINE)
_OTHER_FIELD = re.compile(
    r"^[> \t*]*(?:sent|date|to|subject|cc|verzonden|datum|aan|onderwerp|gesendet|an|betreff|envoyé|à|objet)[* \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_NEAR = 1_000
"""Characters in which the other fields of a forwarded mail's header follow its author."""


def original_sender(subject: str, text: str) -> Person | None:
    """Who wrote the mail that is forwarded in `text`; None when none is, or its author is not named.

    A quoted mail below an answer has the same lines: it is forwarded where a mark or the subject says so.
    """
    mark = _MARK.search(text)
    if mark is None and not _SUBJECT.match(subject):
        return None
    start = mark.end() if mark else 0
    author = _FROM.search(text, start)
    if author is None or not _OTHER_FIELD.search(text, author.end(), author.end() + _NEAR):
        return None
    found = next(iter(people.parsed(re.sub(r"\[mailto:([^\]]+)\]", r"<\1>", author[1]))), None)
    return found if found and (found.address or found.name) else None
