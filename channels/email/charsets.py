"""Bytes to text: by the charset a mail names, and by looking where it names none, or a wrong one."""

from __future__ import annotations

import codecs
import re

_MISNAMED = {
    # What mail programs write, and what they mean: a name's superset, as browsers have it.
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030",
    "x-gbk": "gb18030", "gb_2312-80": "gb18030", "cn-gb": "gb18030", "x-euc-cn": "gb18030",
    "ks_c_5601-1987": "cp949", "ks_c_5601-1989": "cp949", "euc-kr": "cp949", "x-windows-949": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "ms_kanji": "cp932",
    "iso-2022-jp": "iso2022_jp_ext", "x-euc-jp": "euc_jp", "x-x-big5": "big5hkscs", "big5": "big5hkscs",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "x-mac-roman": "mac_roman", "macintosh": "mac_roman",
    "koi8-ru": "koi8-u", "unicode-1-1-utf-7": "utf-7", "utf-8-mac": "utf-8", "utf8mb4": "utf-8",
    "x-user-defined": "cp1252",
}  # fmt: skip
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})
_SINGLE_BYTE = re.compile(r"cp125\d|cp874|iso-?8859|koi8|mac", re.IGNORECASE)
_GUESSED = (
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256",
    "gb18030", "big5hkscs", "cp932", "euc_jp", "cp949",
)  # fmt: skip
_RELATED = {
    "iso2022_jp_ext": ("cp932", "euc_jp"), "cp932": ("euc_jp",), "euc_jp": ("cp932",),
    "gb18030": ("big5hkscs",), "big5hkscs": ("gb18030",),
}  # fmt: skip
"""What it is instead, when it is not what a mail says: another charset of the same letters."""
_SHORT = 200
"""Bytes that are too few to guess from their frequency."""
_LOOKED_AT = 20_000
"""Bytes that are looked at to guess: more is slow, and tells no more."""


def decode(content: bytes, charset: str | None = None) -> str:
    """`content` as text, without NUL characters and a byte order mark. Never fails.

    charset: what the mail says it is; believed unless the bytes say otherwise.
    """
    return _decoded(content, codec(charset)).removeprefix("\ufeff").replace("\x00", "")


def codec(charset: str | None) -> str | None:
    """The name Python has for `charset`; None when it is none."""
    name = re.sub(r"[\s\"';].*", "", (charset or "").strip(" \t\r\n\"'")).lower().replace("_", "-")
    name = re.sub(r"^(?:charset=|x-)?(windows|win|cp|ibm|ansi)-?(\d{3,4})$", r"cp\2", name)
    name = (
        _MISNAMED.get(name)
        or _MISNAMED.get(name.replace("-", "_"))
        or _MISNAMED.get(name.replace("ks-c", "ks_c"), name)
    )
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):  # ValueError: it holds a NUL
        return None
    # Python calls compressions and the like codecs, too.
    text = getattr(found, "_is_text_encoding", False)
    return found.name if text and found.name.replace("-", "_") not in _NO_CHARSETS else None


def _decoded(content: bytes, declared: str | None) -> str:
    if content.isascii() and b"\x00" not in content and not _escapes(content, declared):
        return content.decode("ascii")
    if content.isascii() and b"\x1b$" in content:
        found = _strict(content, declared if declared and "2022" in declared else guess(content))
        return found if found is not None else _guessed(content)
    if declared is None or _SINGLE_BYTE.match(declared):
        # Every byte is a character there, so only UTF-8 can tell that it is something else; by chance it never does.
        found = _strict(content, "utf-8")
        if found is not None:
            return found
    found = _strict(content, declared) if declared else None
    if found is not None:
        return found
    for name in ("utf-8", *_RELATED.get(declared or "", ())):
        found = _strict(content, name)
        if found is not None:
            return found
    if declared:
        damaged = (_mixed(content) if declared == "utf-8" else None) or content.decode(declared, "replace")
        # A few wrong bytes are damage, or were cut; many are another charset, and so are all that there are.
        wrong = damaged.count("\ufffd")
        told = (
            declared != "utf-8" or damaged.isascii() or not damaged.replace("\ufffd", "").isascii() or _is_cut(content)
        )
        if told and wrong * 20 <= len(damaged) + 19 and not _SINGLE_BYTE.match(declared):
            return damaged
    return _guessed(content)


def _is_cut(content: bytes) -> bool:
    """Whether UTF-8 ends in the middle of a letter, and has no other fault."""
    return any(_strict(content[:-missing], "utf-8") is not None for missing in (1, 2, 3))


def _escapes(content: bytes, declared: str | None) -> bool:
    """Whether letters are written as ASCII."""
    return declared in {"utf-7", "hz"} or (b"\x1b" in content and "2022" in (declared or "")) or b"\x1b$" in content


def _strict(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except (UnicodeError, ValueError):
        return None


def _guessed(content: bytes) -> str:
    mixed = _mixed(content)
    if mixed is not None:
        return mixed
    name = guess(content)
    found = _strict(content, name)
    return found if found is not None else content.decode(name, "replace")


def _mixed(content: bytes) -> str | None:
    """UTF-8 into which somebody pasted something else: mostly the one, so that the rest is Western European."""
    text = content.decode("utf-8", "surrogateescape")
    wrong = sum("\udc80" <= character <= "\udcff" for character in text)
    if sum(character > "\x7f" for character in text) < 2 * wrong + 2:
        return None
    return re.sub(
        "[\udc80-\udcff]+", lambda match: match[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace"), text
    )


def _is_western(content: bytes) -> bool:
    """Whether its foreign letters stand one by one among Latin ones: too few of them to tell more."""
    foreign = re.findall(rb"[\x80-\xff]+", content)
    return all(len(run) <= 2 for run in foreign) and len(re.findall(rb"[A-Za-z]", content)) >= 2 * len(foreign)


def guess(content: bytes) -> str:
    """The charset that `content` is most likely in."""
    if b"\x1b$" in content or b"\x1b(" in content:
        found = next((name for name in ("iso2022_jp_ext", "iso2022_kr") if _strict(content, name) is not None), None)
        if found:
            return found
    if _strict(content, "utf-8") is not None:
        return "utf-8"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(content) < _SHORT and _is_western(content):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(content[:_LOOKED_AT], cp_isolation=list(_GUESSED), preemptive_behaviour=False).best()
    return best.encoding if best and len(content) > 1 else "cp1252"
