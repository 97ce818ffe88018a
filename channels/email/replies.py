"""The sender's own new words in a mail's text: without what they answer, and without their signature. Pure.

Line by line, in a time that grows with the text only. First what introduces a quoted mail is found ("On 3 May, Alice
wrote:", a mail's header, "Original Message"), with the lines that begin with ">". What follows an introduction and is
not marked with ">" is quoted to the end; between marked lines stand the sender's answers. Then each of the sender's
own pieces loses its signature.
"""

from __future__ import annotations

from dataclasses import dataclass

from channels.email.banners import banner_lines
from channels.email.html_quotes import split_html
from channels.email.introductions import Introduction, introductions, is_between_marks
from channels.email.signatures import signature_lines

__all__ = ["Split", "split", "split_html"]

MAX_LINES = 5_000
"""Lines that are looked at; what follows is taken to be of the kind of the last. Nobody reads so far."""


@dataclass(frozen=True, slots=True)
class Split:
    """A mail's text in two."""

    new: str
    """The sender's own new words."""
    rest: str
    """All that was taken off, in the order it stood in."""

    @property
    def stripped(self) -> bool:
        """Whether anything was taken off."""
        return bool(self.rest)


def split(text: str) -> Split:
    """`text` into what is new in it and the rest.

    A forwarded mail without a word of the sender's is new as a whole, as is a mail that is nothing but a signature. A
    reply that only quotes has nothing new.
    """
    every = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = every[:MAX_LINES]
    quoted = _quoted(lines)
    found = _introduced(lines, quoted)
    signed = _signed(lines, quoted)
    own = [not (q or s) for q, s in zip(quoted, signed, strict=True)]
    if not _says_something(lines, own):
        own = _instead(lines, quoted, signed, found)
    own += [own[-1]] * (len(every) - len(lines))
    return Split(_joined(every, own), _joined(every, [not one for one in own]))


def _quoted(lines: list[str]) -> list[bool]:
    """The lines that begin with ">", and what a narrow window broke off from them."""
    marked = [line.lstrip(" \t\u00a0\ufeff").startswith((">", "＞")) for line in lines]
    for i, line in enumerate(lines):
        above, below = i > 0 and marked[i - 1], marked[i + 1 : i + 2] == [True]
        # What mail servers write for a line that begins with "From ".
        escaped = not below and line.startswith(">From ")
        opened = i > 0 and _opens_address(lines[i - 1])
        if marked[i] and not above and (opened or escaped or is_between_marks(line)):
            marked[i] = False
    found = list(marked)
    for i in range(1, len(lines) - 1):
        if not marked[i] and marked[i - 1] and marked[i + 1] and _broken_off(lines[i - 1], lines[i]):
            found[i] = True
    return found


def _opens_address(line: str) -> bool:
    """Whether an address was broken just before its closing bracket, which is then no mark of a quote."""
    return "@" in line and line.rfind("<") > line.rfind(">")


_NARROW = 70
"""Programs that break lines do so at this length or later."""


def _broken_off(quoted: str, line: str) -> bool:
    """Whether `line` is the end of the `quoted` line above it, rather than an answer to it."""
    words = line.split(None, 1)
    if not words or len(quoted) + 1 + len(words[0]) <= _NARROW:
        return False
    ended = quoted.rstrip()[-1:] in "?!:.…"
    return not ended or (quoted.rstrip()[-1:] == "." and line[:1].islower())


def _introduced(lines: list[str], quoted: list[bool]) -> list[Introduction]:
    """Marks what introduces quoted mails, and what is introduced, in `quoted`."""
    found = introductions(lines, quoted)
    starts = {introduction.start for introduction in found}
    for introduction in found:
        for i in range(introduction.start, introduction.end):
            quoted[i] = True
        follower = next((i for i in range(introduction.end, len(lines)) if lines[i].strip()), None)
        if follower is not None and not quoted[follower] and follower not in starts:
            for i in range(introduction.end, len(lines)):
                quoted[i] = True
            break
    return found


def _signed(lines: list[str], quoted: list[bool]) -> list[bool]:
    """The lines of signatures, and of a server's warning at the top, in what is not quoted."""
    warnings = banner_lines(lines)
    signed = [i in warnings for i in range(len(lines))]
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and not quoted[end]:
            end += 1
        for i in signature_lines(lines[start:end]):
            signed[start + i] = True
        start = end + 1
    return signed


def _says_something(lines: list[str], own: list[bool]) -> bool:
    return any(mine and line.strip() for line, mine in zip(lines, own, strict=True))


def _instead(lines: list[str], quoted: list[bool], signed: list[bool], found: list[Introduction]) -> list[bool]:
    """What to keep of a mail in which nothing seems to be new."""
    if not any(quoted):
        return [True] * len(lines)
    marked = _quoted(lines)
    answers = not any(introduction.forwards for introduction in found) and any(marked)
    return [False] * len(lines) if answers else [not one for one in signed]


def _joined(lines: list[str], wanted: list[bool]) -> str:
    """The wanted lines; where others stood between them, one empty line."""
    pieces: list[str] = []
    piece: list[str] = []
    for line, want in zip(lines, wanted, strict=True):
        if want:
            piece.append(line)
        elif piece:
            pieces.append("\n".join(piece))
            piece = []
    pieces.append("\n".join(piece))
    return "\n\n".join(piece.strip("\n") for piece in pieces if piece.strip()).strip()
