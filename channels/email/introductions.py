"""Where clients say that a quoted or forwarded mail follows. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.email.markers import MAX_LINE, fold, markers


@dataclass(frozen=True, slots=True)
class Introduction:
    """Lines `start` to before `end` are not the sender's words, and introduce what is not either."""

    start: int
    end: int
    forwards: bool = False
    """It may be a mail that is passed on, rather than one that is answered."""


def introductions(lines: list[str], quoted: list[bool]) -> list[Introduction]:
    """In order, not overlapping. `quoted`: which lines are marked as quoted."""
    return _Finder(lines, quoted).find()


_LOOK_BACK = 4
"""An introduction that is broken has at most one line more than this."""
_LOOK_AHEAD = 24
"""Lines in which a mail's header ends."""

_ADDRESS = re.compile(r"[\w.+'=/-]{1,100}@[\w-]{1,100}\.[\w.-]{1,100}|[<\[(]\s?(?:mailto:)?[^\s<>]{1,100}@")
_ADDRESS_AT_END = re.compile(r"[\w.+'=/-]{1,100}@[\w.-]{1,100}\s?[>)\]]{1,3}\s?:?\Z")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|\b\d{1,2}[:.h]\d\d\b|\d年|\d월|\b\d{1,2}\. ?\w{3,12} ?(?:19|20)\d\d"
)
_TIME = re.compile(r"\b\d{1,2}[:.h]\d\d\b")
_DATE_AT_START = re.compile(r"\W{0,3}(?:\w{1,12}[.,]{0,2}\s)?\W{0,2}\d{1,4}(?:[./:h年-]|\.? \w|[,.] )")
_HEADER = re.compile(r"[\s*_|>]{0,12}([^\W\d][\w .'’/-]{0,28}?)\s?\*?\s?[:：]\*?(?:\s|\*|$|(?=\S))")
_RULE = re.compile(r"\s*(?:[-_=*~–—]\s?){3,}\s*\Z")
_FRAME = " -_=*~–—>:：.#<|"


class _Finder:
    def __init__(self, lines: list[str], quoted: list[bool]) -> None:
        self._lines = lines
        self._quoted = quoted
        self._folded: dict[int, str] = {}
        self._marks = markers()

    def find(self) -> list[Introduction]:
        found: list[Introduction] = []
        line, done = 0, 0
        while line < len(self._lines):
            one = None if self._quoted[line] or not self._lines[line].strip() else self._at(line, done)
            if one is None:
                line += 1
                continue
            found.append(Introduction(self._with_rules(one.start, done), one.end, one.forwards))
            line = done = one.end
        return found

    def _at(self, line: int, done: int) -> Introduction | None:
        return self._separator(line) or self._header(line) or self._attribution(line, done)

    def _fold(self, line: int) -> str:
        if line not in self._folded:
            self._folded[line] = fold(self._lines[line])
        return self._folded[line]

    def _plain(self, line: int) -> bool:
        return 0 <= line < len(self._lines) and not self._quoted[line] and bool(self._lines[line].strip())

    def _with_rules(self, start: int, done: int) -> int:
        """Rules that are drawn above belong to it."""
        above = start - 1
        while above >= done and (not self._lines[above].strip() or _RULE.match(self._lines[above][:MAX_LINE])):
            if self._lines[above].strip():
                start = above
            above -= 1
        return start

    # --- "-----Original Message-----" ---

    def _separator(self, line: int) -> Introduction | None:
        text = self._fold(line)
        core = text.strip(_FRAME)
        framed = len(text) - len(core) >= 4
        forwards = core in self._marks.forwarded or (framed and bool(self._marks.forwarded_by.match(core)))
        if any(sentence in text for sentence in self._marks.above):
            return Introduction(line, line + 1)
        if not forwards and core not in self._marks.original:
            return None
        if not framed and not text.endswith(":") and not self._header_soon(line):
            return None
        header = self._header_soon(line)
        return Introduction(line, header.end if header else line + 1, forwards)

    def _header_soon(self, line: int) -> Introduction | None:
        following = next((i for i in range(line + 1, min(line + 4, len(self._lines))) if self._lines[i].strip()), None)
        return None if following is None or self._quoted[following] else self._header(following)

    # --- From: … Sent: … To: … Subject: … ---

    def _kinds(self, line: int) -> frozenset[str]:
        """Which of a header's lines it may be; none: it is not one."""
        if not self._plain(line):
            return frozenset()
        match = _HEADER.match(self._lines[line][:MAX_LINE])
        return self._marks.header.get(fold(match[1]), frozenset()) if match else frozenset()

    def _header(self, line: int) -> Introduction | None:
        if not self._kinds(line):
            return None
        kinds: set[str] = set()
        end = line
        for i in range(line, min(line + _LOOK_AHEAD, len(self._lines))):
            here = self._kinds(i)
            if here:
                kinds |= here
            elif not self._plain(i):
                if not self._kinds(i + 1):
                    break
                continue
            elif not self._continues(i):
                break
            end = i + 1
        complete = ("from" in kinds and {"date", "subject"} & kinds) or {"date", "to", "subject"} <= kinds
        return Introduction(line, end, True) if complete and not self._is_form(end) else None

    def _continues(self, line: int) -> bool:
        """Whether it is the rest of a header line that was too long."""
        text, above = self._lines[line].strip(), self._lines[line - 1].rstrip()
        return (
            above.endswith((",", ";", "<"))
            or "@" in text
            or (self._lines[line][:1] in " \t" and bool(self._kinds(line + 1)))
        )

    def _is_form(self, line: int) -> bool:
        """A web page's form goes on with fields that no mail's header has."""
        return self._plain(line) and bool(_HEADER.match(self._lines[line][:MAX_LINE]))

    # --- On 3 May 2024, Alice wrote: ---

    def _attribution(self, end: int, done: int) -> Introduction | None:
        if not self._may_end(end):
            return None
        followed = self._marked_follows(end)
        start = end
        while not self._introduces(start, end, followed):
            start -= 1
            if start < max(done, end - _LOOK_BACK) or not self._plain(start):
                return None
        return Introduction(self._begun(start, end, done), end + 1)

    def _may_end(self, line: int) -> bool:
        if len(self._lines[line]) > MAX_LINE:
            return False
        text = self._fold(line).rstrip(" -*_")
        return text.endswith(":") or bool(self._marks.attribution_verb_at_end.search(text[-40:]))

    def _marked_follows(self, line: int) -> bool:
        following = next((i for i in range(line + 1, min(line + 8, len(self._lines))) if self._lines[i].strip()), None)
        return following is not None and self._quoted[following]

    def _introduces(self, start: int, end: int, followed: bool) -> bool:
        text = " ".join(self._fold(i) for i in range(start, end + 1)).strip(" -*_")
        colon = text.endswith(":")
        bare = text.rstrip(" :")
        at_end = bool(self._marks.attribution_verb_at_end.search(bare[-40:]))
        verb = at_end or (colon and bool(self._marks.attribution_verb.search(text)))
        address, date = bool(_ADDRESS.search(text)), bool(_DATE.search(text))
        if verb and self._marks.attribution_self.search(text):
            return False
        if verb and (colon or at_end):
            return (address or date) if colon else (address and date)
        if colon and date and _ADDRESS_AT_END.search(text):
            return bool(_DATE_AT_START.match(text) or self._marks.attribution_start.match(text))
        return False

    def _begun(self, start: int, end: int, done: int) -> int:
        """Where the sentence begins of which `start` to `end` is enough to know it."""
        first = start
        for line in range(start, max(done, end - _LOOK_BACK) - 1, -1):
            if not self._plain(line):
                break
            text = self._fold(line)
            if self._marks.attribution_start.match(text.lstrip(_FRAME)):
                return line
            if len(text) < 90 and _DATE.search(text) and _TIME.search(text) and _DATE_AT_START.match(text):
                first = line
        return first
