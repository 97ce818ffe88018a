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


def is_between_marks(line: str) -> bool:
    """Whether `line` is GroupWise's ">>> Alice 03.06.2024 09:12 >>>", which quotes nothing itself."""
    return line.startswith(">>> ") and line.rstrip().endswith(" >>>")


_LOOK_BACK = 4
"""An introduction that is broken has at most one line more than this."""
_FEWEST_FIELDS = 3
_LOOK_AHEAD = 24
"""Lines in which a mail's header ends."""

_ADDRESS = re.compile(r"[\w.+'=/-]{1,100}@[\w-]{1,100}\.[\w.-]{1,100}|[<\[(]\s?(?:mailto:)?[^\s<>]{1,100}@")
_ADDRESS_AT_END = re.compile(r"[\w.+'=/-]{1,100}@[\w.-]{1,100}\s?[>)\]]{1,3}\s?:?\Z")
_ADDRESS_BY = re.compile(r"(?<!\w)(?:by|door|von|par|da|por|af|av)\s[\w.+'=/-]{1,100}@[\w.-]{1,100}\s?:\Z")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|\d年|\d월"
    r"|\b\d{1,2}\. ?\w{3,12} ?(?:19|20)\d\d"
)
_TIME = re.compile(r"\b\d{1,2}[:.h]\d\d\b")
_DATE_AT_START = re.compile(r"\W{0,3}(?:\w{1,12}[.,]{0,2}\s)?\W{0,2}\d{1,4}(?:[./:h年-]|\.? \w|[,.] )")
_HEADER = re.compile(r"[\s*_|>]{0,12}([^\W\d][\w .'’/-]{0,28}?)\s?\*?\s?[:：]\*?(?:\s|\*|$|(?=\S))")
_RULE = re.compile(r"\s*(?:[-_=*~–—]\s?){3,}\s*\Z")
_FRAME = " -_=*~–—>:：.#<|"


@dataclass(frozen=True, slots=True)
class _Traits:
    """What a line, or several, has of a line that introduces a quote."""

    verb: bool = False
    own: bool = False
    """The sender speaks of themselves."""
    address: bool = False
    date: bool = False

    def joined(self, other: _Traits) -> _Traits:
        return _Traits(
            self.verb or other.verb, self.own or other.own, self.address or other.address, self.date or other.date
        )


class _Finder:
    def __init__(self, lines: list[str], quoted: list[bool]) -> None:
        self._lines = lines
        self._quoted = quoted
        self._folded: dict[int, str] = {}
        self._traits: dict[int, _Traits] = {}
        self._known: dict[int, frozenset[str]] = {}
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
        if self._marks.above.search(text) or is_between_marks(text):
            return Introduction(line, line + 1)
        if not forwards and core not in self._marks.original:
            return None
        if not framed and not text.endswith(":") and not self._header_soon(line):
            return None
        header = self._header_soon(line)
        return Introduction(line, header.end if header else self._without_colons(line + 1), forwards)

    def _header_soon(self, line: int) -> Introduction | None:
        following = next((i for i in range(line + 1, min(line + 4, len(self._lines))) if self._lines[i].strip()), None)
        return None if following is None or self._quoted[following] else self._header(following)

    def _without_colons(self, line: int) -> int:
        """Where the lines end below a separator that begin as a header's do, but for the colon; `line`: none does."""
        end = line
        while self._plain(end) and self._marks.header.get(self._fold(end).partition(" ")[0]):
            end += 1
        return end if end - line >= _FEWEST_FIELDS else line

    # --- From: … Sent: … To: … Subject: … ---

    def _kinds(self, line: int) -> frozenset[str]:
        """Which of a header's lines it may be; none: it is not one."""
        if line not in self._known:
            match = _HEADER.match(self._lines[line][:MAX_LINE]) if self._plain(line) else None
            self._known[line] = self._marks.header.get(fold(match[1]), frozenset()) if match else frozenset()
        return self._known[line]

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
            or (above.endswith(":") and bool(self._kinds(line - 1)))
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
        start, seen = end, _Traits()
        while not self._introduces(start, end, seen := seen.joined(self._trait(start))):
            start -= 1
            if start < max(done, end - _LOOK_BACK) or not self._plain(start):
                return None
        return Introduction(self._begun(start, end, done), end + 1)

    def _last(self, line: int) -> str:
        return self._fold(line).rstrip(" -*_")

    def _ends_with_verb(self, line: int) -> bool:
        return self._marks.attribution_verb_at_end.found(self._last(line).rstrip(" :"))

    def _may_end(self, line: int) -> bool:
        if len(self._lines[line]) > MAX_LINE:
            return False
        return self._last(line).endswith(":") or self._ends_with_verb(line)

    def _trait(self, line: int) -> _Traits:
        if line not in self._traits:
            text = self._fold(line)
            self._traits[line] = _Traits(
                verb=bool(self._marks.attribution_verb.search(text)),
                own=bool(self._marks.attribution_self.search(text)),
                address="@" in text and bool(_ADDRESS.search(text)),
                date=bool(_DATE.search(text)) or self._tells_time(text),
            )
        return self._traits[line]

    def _tells_time(self, text: str) -> bool:
        """Whether a time stands for the whole date, as in "On 3 May, 9:12 Alice wrote", and in no other sentence."""
        begins = self._marks.attribution_start.match(text.lstrip(_FRAME)) or _DATE_AT_START.match(text)
        return bool(begins and _TIME.search(text))

    def _introduces(self, start: int, end: int, seen: _Traits) -> bool:
        colon, at_end = self._last(end).endswith(":") or self._is_framed(end), self._ends_with_verb(end)
        if seen.verb or at_end:
            if seen.own:
                return False
            named = (seen.address or seen.date) if colon else (at_end and seen.address and seen.date)
            alone = start == end and (self._is_framed(end) or (colon and self._marked_follows(end)))
            return named or alone
        if colon and self._marks.attribution_quoting.match(self._fold(start).lstrip(_FRAME)):
            return seen.address or self._marked_follows(end)
        if not colon or not seen.date or not seen.address:
            return False
        if start == end and _TIME.search(self._fold(end)) and _ADDRESS_BY.search(self._fold(end)):
            return bool(_DATE_AT_START.match(self._fold(end)))
        if _ADDRESS_AT_END.search(" ".join(self._fold(i) for i in range(max(start, end - 1), end + 1))):
            text = self._fold(start)
            return bool(_DATE_AT_START.match(text) or self._marks.attribution_start.match(text))
        return self._marked_follows(end)

    def _is_framed(self, line: int) -> bool:
        text = self._fold(line)
        return text.startswith("---") and text.endswith("---")

    def _marked_follows(self, line: int) -> bool:
        following = next((i for i in range(line + 1, min(line + 8, len(self._lines))) if self._lines[i].strip()), None)
        return following is not None and self._quoted[following]

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
