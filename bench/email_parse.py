"""Whether mails are read: their text, subject, sender and files, next to what Zammad's tests expect of the same mails.

What is compared: Zammad expects HTML or plain text, we write plain text. Of the expected HTML the text is taken by
Python's own parser, not by ours; then both are reduced to letters and digits without regard to case, so that line
breaks, list marks and quote marks do not count. "Letter for letter" is equality of those. "The same text" is that at
least 95 % of the letters are the same in the same order: Zammad keeps the title of an HTML document and what is hidden
in it, which nobody sees who reads the mail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from html.parser import HTMLParser
from typing import Any

from bench.email_data import REAL, Measure, mails, read
from channels.contract import Incoming
from channels.letter import Letter
from desk.model.letter import Verdict, decide

GOAL = 0.98
SAME = 0.95
_NOTHING = "no visible content"
MISREAD = {
    "mail054.box": ("some text", "Zammad finds no boundary in the broken header, and so no text"),
    "mail060.box": (
        "Here it goes - äöü - 差出人Here it goes - äöü - hi \xad",
        "UTF-8, Western European at its end, under a charset that there is not: Zammad takes it for Central European",
    ),
}
"""Where Zammad's tests hold a misreading: what is in the mail, and what went wrong. Both numbers are told."""


def measures() -> list[Measure]:
    """Everything about reading."""
    pairs = [(name, *_pair(name, expected)) for name, expected in _expected().items()]
    corrected = [(name, mail, _corrected(name, expected)) for name, mail, expected in pairs]
    return [
        Measure("accepted and read", sum(1 for _ in mails()), list(_unread()), 1.0),
        _compare("subject", pairs, lambda _, letter: letter.subject, lambda e: str(e["subject"]).strip(), GOAL),
        _compare("sender's address", pairs, lambda mail, _: mail.address, _address, GOAL),
        _compare("sender's name", pairs, lambda mail, _: mail.name or "", lambda e: str(e["from_display_name"]), None),
        Measure("text, the same", len(pairs), list(_other_texts(corrected, SAME)), GOAL),
        Measure("text, the same, Zammad's misreadings included", len(pairs), list(_other_texts(pairs, SAME))),
        Measure("text, letter for letter", len(pairs), list(_other_texts(corrected, 1.0))),
        _compare("names of the files", pairs, lambda mail, _: sorted(f.name for f in mail.attachments), _files, None),
    ]


_Pair = tuple[str, Incoming, Mapping[str, Any]]


def _expected() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((REAL / "zammad_expected.json").read_text("utf-8"))
    return found


def _pair(name: str, expected: Mapping[str, Any]) -> tuple[Incoming, Mapping[str, Any]]:
    return read((REAL / "zammad" / name).read_bytes()), expected


def _corrected(name: str, expected: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**expected, "body": MISREAD[name][0], "content_type": "text/plain"} if name in MISREAD else expected


def _unread() -> Iterator[tuple[str, str]]:
    for name, raw in mails():
        letter = read(raw).letter
        assert letter is not None
        if letter.unreadable:
            yield name, letter.unreadable
        elif decide(letter).verdict is Verdict.REJECT:
            yield name, decide(letter).reason


def _compare(name: str, pairs: Sequence[_Pair], ours: Any, theirs: Any, goal: float | None) -> Measure:
    wrong = []
    for mail_name, mail, expected in pairs:
        assert mail.letter is not None
        got, wanted = ours(mail, mail.letter), theirs(expected)
        if got != wanted:
            wrong.append((mail_name, f"{got!r} instead of {wanted!r}"))
    return Measure(name, len(pairs), wrong, goal)


def _address(expected: Mapping[str, Any]) -> str:
    # One of Zammad's ends with the bracket that was never opened.
    return str(expected["from_email"]).lower().rstrip(">")


def _files(expected: Mapping[str, Any]) -> list[str]:
    return sorted(str(file["filename"]) for file in expected["attachments"] if not file["alternative_of_body"])


def _other_texts(pairs: Sequence[_Pair], same: float) -> Iterator[tuple[str, str]]:
    for name, mail, expected in pairs:
        letter = mail.letter
        assert isinstance(letter, Letter)
        ours, theirs = _letters(letter.full_text), _letters(_text(expected))
        alike = 1.0 if ours == theirs else SequenceMatcher(None, ours, theirs, autojunk=False).ratio()
        if alike < same:
            yield name, f"{alike:.0%} alike"


def _text(expected: Mapping[str, Any]) -> str:
    body = str(expected["body"])
    if body.strip() == _NOTHING:
        return ""
    if expected["content_type"] != "text/html":
        return body
    reader = _Text()
    reader.feed(body)
    reader.close()
    return "".join(reader.pieces)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
