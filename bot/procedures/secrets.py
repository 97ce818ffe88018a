"""Masks passwords, PINs, one-time codes and recovery keys that a customer typed, and nothing else of the text.

    "my password is Zomer2024! and it fails"   ─►   "my password is ●●●●●● and it fails"

A secret is known by the word before it (`Words.secret` …), by what links the two ("is", ":", nothing) and by its looks:
the weaker the link, the more it must look like a secret. "My password is expired" gives nothing away. The desk masks at
the door, before anything is stored; the assistant sees the mark and tells the customer.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from bot.procedures.words import Words

MARK = "●●●●●●"
"""What stands in the place of a secret; always as long, so that it does not tell the length."""

Span = tuple[int, int]
"""Begin and end of a secret in the text."""

_FAR = 80
"""Characters between a password's name and the password, at most."""
_BETWEEN = 5
"""Words between a name and what links it to the secret: "password for the guest wifi is …"."""
_COMPOUND = 6
"""Names of so many letters are also found at the end of a compound: "wifiwachtwoord"."""
_LONGEST = 200
"""Of a longer word only the beginning is looked at."""
_LONGEST_TOKEN = 1_000
"""So much of a word is read at each place where a secret may begin; `_replace` masks the rest of it, once."""
_MOST = 10_000
"""Names of secrets that are looked at in one text; all that follows them is masked: nobody writes so many."""
_SHORTEST = 3
"""Characters of a name with what separates it from the next, at least."""
_TOKEN = re.compile(rf"[^\s●]{{1,{_LONGEST_TOKEN}}}")
_REST = re.compile(r"[^\s●]+")
_QUOTED = re.compile(
    r"\"([^\"\n●]{1,1000})\"|“([^”\n●]{1,1000})”|„([^”“\n●]{1,1000})[”“]|«([^»\n●]{1,1000})»|`([^`\n●]{1,1000})`"
    r"|[‘'](\S[^'’\n●]{0,1000})['’](?!\w)"
)
_BREAK = re.compile(r"[.!?](?=\s|$)|\n")
_CLAUSE_ENDS = re.compile(r"[!?]*(?:\s*(?:$|[\n,;.)])|\s+-)")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|0x[0-9a-f]+\S*", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE)
_FILE = re.compile(r".+\.(?:xlsx?|docx?|pptx?|pdf|csv|txt|zip|msg|exe|png|jpe?g)", re.IGNORECASE)
_DEVICE = re.compile(r"[A-Z]{1,6}[-_]?\d+")
_PHONE = re.compile(r"(?:\+|00)\d{9,}|0[1-9]\d{8}")
_DIGITS = re.compile(r"(?<![\w.,+-])(?:[A-Z]-\d{6}|\d{3}[ -]\d{3}|\d{2}[ -]\d{2}|\d{4,8})(?![\w%]|[.,:-]\w)")
_LONG_KEY = re.compile(r"(?<!\d)\d{6}(?:[-\s]{0,3}\d{6}){7}(?!\d)")
_PART_OF_KEY = re.compile(r"(?<!\w)(?:\d{6}(?:[-\s]{1,3}\d{6}){1,7}|[A-Z0-9]{4,8}(?:-[A-Z0-9]{4,8}){2,}|\d{48})(?!\w)")
_SPACES = " \t\r\n\f\v\u00a0"


def mask(text: str, words: Words) -> str:
    """`text` with every secret replaced by `MARK`; the same text when there is none. Masking twice changes nothing."""
    if not text or not words.secret:
        return text
    patterns = _patterns(words)
    end = patterns.end(text)
    if end is not None and text[end:] != MARK:
        text = text[:end] + MARK
    masked = _replace(text, sorted(patterns.spans(text)))
    while masked != text:  # a mark may show that what follows it is one more: "Zomer2024 and Winter2025"
        text, masked = masked, _replace(masked, sorted(patterns.spans(masked)))
    return masked


def gives_password(text: str, words: Words) -> bool:
    """Whether `text` gives a secret away, or did before it was masked."""
    return MARK in text or mask(text, words) != text


def holds(text: str, words: Words) -> bool:
    """Whether there is a secret in `text` that is not masked; sooner told than by masking it."""
    patterns = _patterns(words)
    return bool(words.secret) and (patterns.end(text) is not None or any(True for _ in patterns.found(text)))


def _replace(text: str, spans: Iterable[Span]) -> str:
    parts, at = [], 0
    for start, end in spans:
        if end > at:
            if end - start >= _LONGEST_TOKEN and (rest := _REST.match(text, end)):
                end = rest.end()
            parts.append(text[at : max(start, at)])
            if start >= at:
                parts.append(MARK)
            at = end
    return "".join(parts) + text[at:]


@lru_cache(maxsize=4)
def _patterns(words: Words) -> _Patterns:
    return _Patterns(words)


@dataclass(frozen=True)
class _Value:
    """What may be a secret: `text[start:end]`. `closed`: nothing of the clause follows it."""

    text: str
    start: int
    end: int
    quoted: bool
    closed: bool


class _Patterns:
    """The words, compiled. Every method that finds something yields spans."""

    def __init__(self, words: Words) -> None:
        self._states = frozenset(words.secret_not)
        self._things = frozenset(words.secret_thing)
        self._common = frozenset(words.secret_common) | frozenset(words.secret)
        self._others = frozenset(words.secret_other)
        self._name = _named(words.secret)
        self._login = _named(words.secret_login)
        self._pin = _named(words.secret_pin)
        self._code = _named(words.secret_code)
        self._plain_code = re.compile(
            rf"(?:^|[.!?\n,:]\s{{0,3}}|(?<!\w){_any(words.secret_the)}\s+)code(?!\w)", re.IGNORECASE
        )
        self._key = _named(words.secret_key)
        self._sent = re.compile(rf"(?<!\w){_any(words.secret_sent)}(?!\w)", re.IGNORECASE)
        self._other = re.compile(rf"(?<!\w)\w*{_any(words.secret_other)}(?!\w)", re.IGNORECASE)
        is_, fill = _any(words.secret_is), rf"(?:{_any(words.secret_filler)}\s+){{0,2}}"
        self._link = re.compile(
            rf"(?P<colon>\s*(?::=|[-=]>|:(?!//|(?<=\d:)\d)|[=→])\s*(?:{is_}(?!\w)\s+)?)"
            r"|(?P<dash>\s[-–]\s+)"
            rf"|(?P<given>(?<!\w){_any(words.secret_given)}(?![\w'’])\s*[:=]?\s*{fill})"
            rf"|(?P<to>(?<!\w){_any(words.secret_to)}\s+)"
            rf"|(?P<is>(?:(?<!\w){is_}(?![\w'’])|(?<=\w)['’]s(?=\s))\s*[:=]?\s*{fill})",
            re.IGNORECASE,
        )
        back = rf"\s+{_any(words.secret_back)}\s+(?:\w+\s+){{0,2}}?"
        every = (*words.secret, *words.secret_pin, *words.secret_code, "code")
        self._before = re.compile(
            rf"(?<![^\s\"'“‘(])([^\s●]{{4,64}}){back}(?:\w*{_any(words.secret)}|{_any(every)})(?!\w)", re.IGNORECASE
        )
        self._more = re.compile(
            rf"[\"'”’]?(?:\s*(?:[,;/]|(?<!\w){_any(words.secret_and)}(?!\w))\s*){{1,3}}", re.IGNORECASE
        )
        self._pair = re.compile(r"\s*(?:[:=]\s*)?[\w.@+-]{2,60}(\s*[/|\\]\s*|\s*[,;]\s*|\s+)(?=\S)")

    def end(self, text: str) -> int | None:
        """Where what is looked at of `text` ends, behind `_MOST` names; None: nowhere before its end."""
        if len(text) < _MOST * _SHORTEST:
            return None
        kinds = (self._name, self._login, self._pin, self._code, self._plain_code, self._key)
        ends = [name.end() for kind in kinds for name in islice(kind.finditer(text), _MOST, _MOST + 1)]
        return min(ends, default=None)

    def spans(self, text: str) -> set[Span]:
        """Every secret in `text`; some may overlap."""
        found = set(self._told(text))
        found.update(self._one_more(text, [*_marks(text), *(end for _, end in found)]))
        return found

    def found(self, text: str) -> Iterator[Span]:
        """The same one by one, without those that only others before them give away."""
        yield from self._told(text)
        yield from self._one_more(text, _marks(text))

    def _told(self, text: str) -> Iterator[Span]:
        yield from (match.span() for match in _LONG_KEY.finditer(text))
        yield from self._passwords(text)
        for name in self._login.finditer(text):
            yield from self._after_login(text, name.end())
        for name in self._key.finditer(text):
            yield from (part.span() for part in _PART_OF_KEY.finditer(text, name.end(), name.end() + 2 * _FAR))
        yield from self._numbers(text)
        yield from self._said_before(text)

    def _one_more(self, text: str, secrets: Iterable[int]) -> Iterator[Span]:
        """ "Zomer2024 and Winter2025, …": what follows secrets that end there."""
        seen: set[int] = set()
        for end in secrets:
            at: int | None = end
            while at is not None and at not in seen:
                seen.add(at)
                link = self._more.match(text, at)
                value = _value(text, link.end()) if link else None
                at = value.end if value and self._is_mixed(value.text) else None
                if value and at:
                    yield value.start, at

    # ---- passwords -------------------------------------------------------------------------------------------------

    def _passwords(self, text: str) -> Iterator[Span]:
        done, shouted = 0, text.upper() == text
        for name in self._name.finditer(text):
            if name.start() >= done:
                for span in self._after_name(text, name.end(), shouted):
                    yield span
                    done = span[1]

    def _after_name(self, text: str, at: int, shouted: bool) -> Iterator[Span]:
        bare = _value(text, at) if text[at : at + 1].isspace() or text[at : at + 2] in (' "', " “") else None
        if bare and (
            self._is_strong(bare.text) or self._is_number(bare.text) or (bare.quoted and not self._says(bare.text))
        ):
            yield bare.start, bare.end
        done = at
        for link in self._link.finditer(text, at, _sentence_end(text, at)):
            value = _value(text, link.end()) if link.start() >= done else None
            if value and self._is_linked(text[at : link.start()], link, value, shouted):
                yield value.start, value.end
                done = value.end

    def _is_linked(self, between: str, link: re.Match[str], value: _Value, shouted: bool) -> bool:
        """Whether `link`, with `between` before it and behind the name, makes `value` a password. `shouted`: the whole
        text is in capitals."""
        kind = link.lastgroup
        if _ADDRESS.match(value.text) or not any(map(str.isalnum, value.text)):
            return False
        if kind in ("colon", "dash", "is") and not between.strip(" \t\"'”’)"):
            if value.quoted:
                return not self._says(value.text)
            return self._is_typical(value, shouted) or (kind == "colon" and self._is_named("=" in link[0], value))
        if kind == "given":
            return self._is_strong(value.text)
        words = between.split()
        if len(words) > _BETWEEN or re.search(r"[,;\n]|://", between) or (words and words[-1].lower() in self._others):
            return False
        return self._is_mixed(value.text) if kind == "to" else self._is_strong(value.text)

    def _says(self, token: str) -> bool:
        """Whether these are words about the password ("expired", "not accepted") or a product, not the password."""
        first = re.match(r"[^\W\d_]+", token.lower())
        if first is None:
            return token.lower() in self._things
        if any(map(str.isdigit, token)):
            return first[0] in self._things
        return first[0] in self._states or first[0] in self._things

    def _is_named(self, equals: bool, value: _Value) -> bool:
        """After a colon a single word will do."""
        return not self._says(value.text) and (equals or value.closed)

    def _is_typical(self, value: _Value, shouted: bool) -> bool:
        """After "password is": a digit, a sign or a capital within, or a word that everybody takes."""
        token, core = value.text, value.text.rstrip("!")
        if any(map(str.isdigit, token)):
            return self._is_number(token, least=4) or (any(map(str.isalpha, token)) and len(token) >= 4)
        if self._says(value.text):
            return False
        if not core.isalpha():
            return len(token) >= 6 and not re.fullmatch(r"[^\W\d_]+['’][^\W\d_]{1,3}", core)
        if not shouted and core != core.capitalize() and core not in (core.lower(), core.upper()):
            return True
        if core.lower() in self._common:
            return value.closed
        return not shouted and value.closed and len(core) >= 4 and core[0].isupper()

    def _is_strong(self, token: str) -> bool:
        """Letters with digits or signs: nothing that one writes about a password, no device and no address."""
        if len(token) < 5 or _ADDRESS.match(token) or any(p.fullmatch(token) for p in (_DEVICE, _MAIL, _FILE)):
            return False
        core = token.rstrip("!")
        if self._says(token) or not any(map(str.isalpha, core)):
            return False
        return any(map(str.isdigit, core)) or re.search(r"[@#$%^&*+=!?<>~]", core[:-1]) is not None

    def _is_mixed(self, token: str) -> bool:
        """Strong, and with a capital or a sign: not "laptop01"."""
        signed = re.search(r"[^\w.,:;/-]", token) or any(map(str.isupper, token))
        return bool(signed) and any(map(str.isdigit, token)) and self._is_strong(token)

    @staticmethod
    def _is_number(token: str, least: int = 6) -> bool:
        return token.isdecimal() and len(token) >= least and (least < 6 or not _PHONE.fullmatch(token))

    def _after_login(self, text: str, at: int) -> Iterator[Span]:
        """ "inlog jan / Welkom123"."""
        pair = self._pair.match(text, at)
        value = _value(text, pair.end()) if pair else None
        if pair and value:
            slash = pair[1].strip() in ("/", "|", "\\")
            if self._is_strong(value.text) if slash else self._is_mixed(value.text):
                yield value.start, value.end

    def _said_before(self, text: str) -> Iterator[Span]:
        """ "Zomer2024 is my password"."""
        for match in self._before.finditer(text):
            token = match[1].strip("\"'“”‘’(),;:")
            start = match.start(1) + match[1].find(token)
            if self._is_strong(token) or _DIGITS.fullmatch(token):
                yield start, start + len(token)

    # ---- numbers ---------------------------------------------------------------------------------------------------

    def _numbers(self, text: str) -> Iterator[Span]:
        for name in (*self._pin.finditer(text), *self._code.finditer(text)):
            yield from self._digits_after(text, name.end())
        yield from self._plain_numbers(text)

    def _plain_numbers(self, text: str) -> Iterator[Span]:
        """Of a code that is not called by its kind, and by nothing else in its sentence."""
        names = list(self._plain_code.finditer(text))
        begins = [0, *(end.end() for end in _BREAK.finditer(text))] if names else []
        others = [other.span() for other in self._other.finditer(text)] if names else []
        for name in names:
            sentence = begins[bisect_right(begins, name.start()) - 1]
            other = bisect_right(others, (name.end(), 0)) - 1
            if other < 0 or others[other][0] < sentence:
                yield from self._digits_after(text, name.end(), plain=True)

    def _digits_after(self, text: str, at: int, plain: bool = False) -> Iterator[Span]:
        """Digits that follow at once, or after a few words and a link. `plain`: six digits, and only after words that
        tell how the code came."""
        starts = [at]
        for link in self._link.finditer(text, at, _sentence_end(text, at)):
            between = text[at : link.start()]
            told = not between.strip() or not plain or self._sent.search(between)
            if told and len(between.split()) <= _BETWEEN and not self._other.search(between):
                starts.append(link.end())
        for start in starts:
            digits = _DIGITS.match(text, _skip(text, start, " \t\r\n\"'“‘("))
            if digits and (not plain or sum(map(str.isdigit, digits[0])) == 6):
                yield digits.span()


def _marks(text: str) -> list[int]:
    """Where secrets ended that are masked already."""
    return [mark.end() for mark in re.finditer(MARK, text)]


def _sentence_end(text: str, at: int) -> int:
    """Where the sentence around `at` ends, or where it is too far to look."""
    found = _BREAK.search(text, at, at + _FAR)
    return found.start() if found else min(len(text), at + _FAR)


def _skip(text: str, at: int, characters: str) -> int:
    while at < len(text) and text[at] in characters:
        at += 1
    return at


def _value(text: str, at: int) -> _Value | None:
    """What stands at `at`, after white space: the inside of quotation marks, or a word without closing punctuation."""
    at = _skip(text, at, _SPACES)
    quoted = _QUOTED.match(text, at)
    if quoted:
        group = quoted.lastindex or 0
        return _Value(quoted[group], *quoted.span(group), True, True)
    at = _skip(text, at, "\"“„‘'(<[`")
    found = _TOKEN.match(text, at)
    token = found[0].rstrip(".,;:?)]}>\"”’'`") if found else ""
    if not token:
        return None
    end = at + len(token)
    return _Value(token[:_LONGEST], at, end, False, _CLAUSE_ENDS.match(text, end) is not None)


def _any(words: Iterable[str]) -> str:
    """Matches one of `words`, the longest first; without words, nothing."""
    spelled = (re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))
    return f"(?:{'|'.join(spelled) or '(?!)'})"


def _named(words: Iterable[str]) -> re.Pattern[str]:
    compound = [word for word in words if len(word) >= _COMPOUND]
    return re.compile(rf"(?<![\w-])(?:[\w-]{{0,20}}{_any(compound)}|{_any(words)})(?!\w)", re.IGNORECASE)
