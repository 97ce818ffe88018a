"""Reading decoded JSON of which nothing is promised: what is not of the expected kind is not there. Pure."""

from __future__ import annotations

from channels.contract import JSONObject


def obj(value: object, *path: str) -> JSONObject:
    """The object at `path` below `value`; an empty one when there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[JSONObject]:
    """The objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: JSONObject, key: str) -> str:
    """The text at `key`, as databases can store it; empty when there is none.

    Telegram sends neither NUL nor half surrogate pairs, but JSON can spell both.
    """
    found = value.get(key)
    if not isinstance(found, str):
        return ""
    return found.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def number(value: JSONObject, key: str) -> int | None:
    """The whole number at `key`."""
    found = value.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def utf16_slice(whole: str, start: int, length: int) -> str:
    """A part of `whole`, counted in UTF-16 code units, as Telegram counts."""
    units = whole.encode("utf-16-le")
    return units[2 * start : 2 * (start + length)].decode("utf-16-le", "replace")


def utf16_length(whole: str) -> int:
    """UTF-16 code units in `whole`."""
    return len(whole) + sum(character > "\uffff" for character in whole)
