"""What a mail server puts above mail that comes from elsewhere: "This email originated from outside". Pure."""

from __future__ import annotations

from channels.email.markers import MAX_LINE, fold, markers

_LINES = 4
"""A banner has at most so many, empty ones aside."""
_FAR = 40
"""Lines in which it is looked for."""
_FRAME = " *_-=[]()!|#>:"


def banner_lines(lines: list[str]) -> set[int]:
    """Which of `lines`, at the beginning of a mail, are a server's warning; none where nothing else is said."""
    first = [i for i, line in enumerate(lines[:_FAR]) if line.strip()][: _LINES + 1]
    found: set[int] = set()
    for i in first[:_LINES]:
        text = fold(lines[i][:MAX_LINE]).strip(_FRAME)
        if not (_is_banner(text) or (found and _is_advice(text))):
            break
        found.add(i)
    return found if len(first) > len(found) else set()


def _is_banner(text: str) -> bool:
    known = markers()
    if known.banner_tip.match(text) or known.banner_external.fullmatch(text):
        return True
    advises = _is_advice(text)
    if known.banner_outside.search(text) and not text.endswith("?"):
        return advises or bool(known.banner_warning.match(text))
    return advises and bool(known.banner_external.search(text))


def _is_advice(text: str) -> bool:
    return bool(markers().banner_advice.search(text)) and not text.endswith("?")
