"""Calendar files (RFC 5545) in mail: what, when, where and who, as lines of text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TYPES = frozenset({"text/calendar", "application/ics"})
_MAX_EVENTS = 5
_MAX_PEOPLE = 15
_MAX_LINE = 500
_MAX_FILE = 1_000_000
"""Bytes: larger ones are somebody's whole calendar."""


def text(content: str, comment: str = "") -> str:
    """What the calendar file `content` says, a few lines for each of its first events; empty when it cannot be read.

    comment: the text of the mail; an event's description that it holds already is not repeated.
    """
    if "BEGIN:VCALENDAR" not in content.upper() or len(content) > _MAX_FILE:
        return ""
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(content.strip("\r\n \ufeff"))
        events = [event for event in calendar.walk() if event.name in {"VEVENT", "VTODO"}][:_MAX_EVENTS]
        method = str(calendar.get("METHOD") or "publish").lower()
        return "\n\n".join("\n".join(_lines(event, method, comment)) for event in events)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError):  # it is damaged
        return ""


def _lines(event: Mapping[str, Any], method: str, comment: str) -> Iterator[str]:
    words = _words(event)
    what = _one_line(event.get("SUMMARY"))
    yield words.get(method, words["publish"]).format(what=what)
    if method == "reply":
        for person in _list(event.get("ATTENDEE")):
            answer = words["answers"].get(str(person.params.get("PARTSTAT", "")).lower())
            if answer:
                yield answer.format(who=_person(person))
    when = _when(event, words)
    if when:
        yield words["when"].format(when=when)
    if event.get("RRULE"):
        yield words["repeated"].format(rule=_list(event["RRULE"])[0].to_ical().decode("utf-8", "replace")[:_MAX_LINE])
    if where := _one_line(event.get("LOCATION")):
        yield words["where"].format(where=where)
    if event.get("ORGANIZER"):
        yield words["organiser"].format(who=_person(_list(event["ORGANIZER"])[0]))
    people = _list(event.get("ATTENDEE")) if method != "reply" else []
    if people:
        named = [_person(person) for person in people[:_MAX_PEOPLE]]
        more = [words["more"].format(count=len(people) - _MAX_PEOPLE)] if len(people) > _MAX_PEOPLE else []
        yield words["who"].format(who=", ".join(named + more))
    described = str(_list(event.get("DESCRIPTION") or "")[0]).replace("\r\n", "\n").strip()
    if described and "".join(described.split()) not in "".join(comment.split()):
        yield f"\n{described}"


def _when(event: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    start, end, length = (_moment(event.get(name)) for name in ("DTSTART", "DTEND", "DURATION"))
    zone, other = _zone(event.get("DTSTART")), _zone(event.get("DTEND")) or _zone(event.get("DTSTART"))
    if not isinstance(start, date):
        due = _moment(event.get("DUE"))
        return _clock(due) + _zone(event.get("DUE")) if isinstance(due, date) else ""
    if isinstance(length, timedelta):
        end = start + length
    if not isinstance(end, date) or end == start:
        return _clock(start) + zone
    if isinstance(start, datetime) and isinstance(end, datetime):
        shown = f"{end:%H:%M}" if end.date() == start.date() and zone == other else _clock(end)
        first = _clock(start) + (zone if zone != other else "")
        return str(words["until"].format(start=first, end=shown)) + other
    # The end of a whole day is the day after.
    last = end - timedelta(days=1)
    return _clock(start) if last <= start else str(words["until"].format(start=_clock(start), end=_clock(last)))


def _moment(value: Any) -> date | timedelta | None:
    found = getattr(_list(value)[0] if value is not None else None, "dt", None)
    return found if isinstance(found, date | timedelta) else None


def _zone(value: Any) -> str:
    """The time zone as its author called it, in brackets."""
    moment = _moment(value)
    if not isinstance(moment, datetime):
        return ""
    name = str(_list(value)[0].params.get("TZID") or moment.tzname() or "")[:60]
    return f" ({name})" if name else ""


def _clock(moment: date) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else moment.isoformat()


def _person(value: Any) -> str:
    address = str(value).strip()
    address = address[7:] if address.lower().startswith("mailto:") else address
    name = _one_line(value.params.get("CN")) if hasattr(value, "params") else ""
    return f"{name} <{address}>" if name and name.lower() != address.lower() else address


def _one_line(value: Any) -> str:
    return " ".join(str(_list(value)[0]).split())[:_MAX_LINE] if value else ""


def _list(value: Any) -> list[Any]:
    """The library gives what stands once as itself, and what stands several times as a list."""
    return value if isinstance(value, list) and value else [] if value is None or value == [] else [value]


def _words(event: Mapping[str, Any]) -> Mapping[str, Any]:
    summary = event.get("SUMMARY")
    language = str(getattr(summary, "params", {}).get("LANGUAGE", ""))[:2].lower()
    return _texts().get(language) or _texts()["en"]


@cache
def _texts() -> Mapping[str, Mapping[str, Any]]:
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded
