"""Finding tickets: filters, as addresses and saved views write them; pages of hits; and similar tickets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, tzinfo

from desk.model import excerpts, words
from desk.model.errors import Invalid
from desk.model.search import Assignee, Filters, Hit, Page, Source
from desk.model.ticket import MAJOR, State, Ticket
from desk.store import search, tickets
from desk.store.database import Transaction

COUNT_TO = 1_000
"""Totals are exact up to this many, but for words that so many tickets have together with other filters."""
MAX_LIMIT = 200
_MAX_TEXT = 1_000
_MAX_ID = 2**63 - 1


def serialise(filters: Filters) -> dict[str, str]:
    """The filters that ask for something, as a query string or a saved view keeps them; `parse` reads it."""
    written: dict[str, str] = {}
    for name, read in _READ.items():
        value = getattr(filters, _FIELD.get(name, name))
        if value is None or value in {"", ()}:
            continue
        written[name] = ",".join(value) if read is _states else _plain(value)
    return written


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def parse(values: Mapping[str, str], zone: tzinfo = UTC) -> Filters:
    """The filters that `values` ask for; empty values ask for nothing.

    ``text``, ``state`` (several: ``new,open``), ``team``, ``assignee`` (an id, ``me`` or ``nobody``), ``category``,
    ``priority`` (0 to 5), ``channel``, ``customer`` (an id), and ``created_after``, ``created_before``,
    ``updated_after``, ``updated_before``: ISO 8601; a day alone begins, and a time without an offset is, in `zone`.

    Raises:
        Invalid: a name or a value is unknown; `field` says which.
    """
    found: dict[str, object] = {}
    for name, value in values.items():
        if name not in _READ:
            raise Invalid(name, "unknown")
        if value == "":
            continue
        try:
            read = _READ[name](value)
        except ValueError:
            raise Invalid(name, "unknown") from None
        if isinstance(read, datetime) and read.tzinfo is None:
            read = read.replace(tzinfo=zone)
        found[_FIELD.get(name, name)] = read
    return replace(Filters(), **found)  # type: ignore[arg-type]


def _text(value: str) -> str:
    return value.replace("\x00", " ")[:_MAX_TEXT].strip()


def _key(value: str) -> str:
    if len(value) > 100 or "\x00" in value:
        raise ValueError(value)
    return value


def _states(value: str) -> tuple[State, ...]:
    return tuple(dict.fromkeys(State(name) for name in value.split(",")))


def _id(value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value[:20]) <= _MAX_ID):
        raise ValueError(value)
    return int(value)


def _assignee(value: str) -> int | Assignee:
    return Assignee(value) if value in set(Assignee) else _id(value)


def _priority(value: str) -> int:
    if value not in {str(level) for level in range(MAJOR, 6)}:
        raise ValueError(value)
    return int(value)


def _moment(value: str) -> datetime:
    if len(value) == 10:
        return datetime.combine(date.fromisoformat(value), time())
    return datetime.fromisoformat(value)


_READ: Mapping[str, Callable[[str], object]] = {
    "text": _text,
    "state": _states,
    "team": _key,
    "assignee": _assignee,
    "category": _key,
    "priority": _priority,
    "channel": _key,
    "customer": _id,
    "created_after": _moment,
    "created_before": _moment,
    "updated_after": _moment,
    "updated_before": _moment,
}
_FIELD = {"state": "states"}
assert {_FIELD.get(name, name) for name in _READ} == {field.name for field in fields(Filters)}


def find(
    tx: Transaction, filters: Filters, *, before: str | None = None, limit: int = 50, me: int | None = None
) -> Page:
    """The tickets that fulfil `filters`, the newest change first.

    before: the `next` of an earlier page. A ticket that changes between two pages is on the first one from then on; all
        others come once.
    me: the technician who looks, for `Assignee.ME`.

    Raises:
        Invalid: `before` is not from a page; `limit` is not from 1 to `MAX_LIMIT`; nobody looks, and `filters` ask for
            what is theirs.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid("limit", "range")
    place = _place(before) if before is not None else None
    if filters.assignee is Assignee.ME:
        if me is None:
            raise Invalid("assignee", "unknown")
        filters = replace(filters, assignee=me)
    text = _text(filters.text)
    query = words.parse(text) if text else None
    named = _named(tx, text)
    if query is not None and query.empty:
        return Page((), None, 0, False, named)
    found, total, more = search.find(tx, filters, query, place, limit + 1, COUNT_TO + 1)
    following = _written(found[limit - 1]) if len(found) > limit else None
    return Page(_hits(tx, found[:limit], query), following, total, more, named)


def _place(cursor: str) -> search.Place:
    moment, _, ticket = cursor.rpartition("~")
    try:
        place = search.Place(datetime.fromisoformat(moment), _id(ticket))
    except ValueError:
        raise Invalid("before", "unknown") from None
    if place.updated_at.tzinfo is None:
        raise Invalid("before", "unknown")
    return place


def _written(ticket: Ticket) -> str:
    # "Z" and not "+00:00": a plus in an address would have to be escaped.
    return f"{ticket.updated_at.astimezone(UTC).isoformat().removesuffix('+00:00')}Z~{ticket.id}"


def _named(tx: Transaction, text: str) -> Ticket | None:
    """The ticket that `text` is the number of, with or without what numbers begin with."""
    found = tickets.id_of(text)
    return tickets.some(tx, [found]).get(found) if found is not None else None


def _hits(tx: Transaction, found: Sequence[Ticket], query: words.Query | None) -> list[Hit]:
    said = search.texts(tx, [ticket.id for ticket in found]) if query and query.wanted else {}
    return [
        Hit(
            ticket,
            excerpts.segments(ticket.subject, query),
            excerpts.best([*_own_texts(ticket), *said.get(ticket.id, ())], query) if query else None,
        )
        for ticket in found
    ]


def _own_texts(ticket: Ticket) -> Iterable[tuple[Source, str]]:
    own = {Source.RESOLUTION: ticket.resolution, Source.CAUSE: ticket.cause, Source.NOTE: ticket.note}
    return [(source, text) for source, text in own.items() if text]


_TELLING = 300
"""A word that more tickets have does not tell which of them are alike."""
_SAMPLE = 200
_MAX_WORDS = 16
_CANDIDATES = 30
_SAME_CATEGORY = 0.15
_ALIKE = 0.3
"""So much of what a problem's words weigh, a similar ticket has to have."""


def similar(
    tx: Transaction,
    subject: str,
    category: str | None = None,
    *,
    text: str = "",
    besides: int | None = None,
    limit: int = 5,
) -> Sequence[Ticket]:
    """Tickets, finished or not, about what seems to be the same as `subject` and `text`; the likest first.

    A word weighs the more the fewer tickets have it, and twice when it stands in the subject.

    besides: the id of the ticket that they are to be similar to, which is not among them.
    """
    about = list(dict.fromkeys(words.folded(f"{subject} {text}", 200)))[:_MAX_WORDS]
    weights, having = _weights(tx, about)
    score: dict[int, float] = {}
    for word, ids in having.items():
        for one in ids:
            score[one] = score.get(one, 0) + weights[word]
    likeliest = sorted(score, key=lambda one: (-score[one], -one))[:_CANDIDATES]
    whole = sum(weights.values()) or 1.0
    ranked: list[tuple[float, Ticket]] = []
    for ticket in search.candidates(tx, likeliest, category, _CANDIDATES):
        own = set(words.folded(ticket.subject, 50))
        alike = score.get(ticket.id, 0) + sum(weights[word] for word in about if word in own)
        if alike >= _ALIKE * whole and ticket.id != besides:
            ranked.append((alike / whole + _SAME_CATEGORY * (ticket.category == category), ticket))
    ranked.sort(key=lambda one: (-one[0], -one[1].id))
    return [ticket for _, ticket in ranked[:limit]]


def similar_to(tx: Transaction, ticket: Ticket, limit: int = 5) -> Sequence[Ticket]:
    """Tickets about what seems to be the same as `ticket`."""
    return similar(tx, ticket.subject, ticket.category, text=ticket.note or "", besides=ticket.id, limit=limit)


def _weights(tx: Transaction, about: Sequence[str]) -> tuple[dict[str, float], dict[str, set[int]]]:
    """What each word weighs; and which tickets have those that tell something."""
    having = search.with_word(tx, about, _TELLING)
    usual = [word for word, ids in having.items() if len(ids) == _TELLING]
    total, counted = search.how_usual(tx, usual, _SAMPLE)
    weights = {}
    for word, ids in having.items():
        number = max(_TELLING, total * counted[word] // _SAMPLE) if word in counted else len(ids)
        # A word that no ticket has tells how little the others are alike, unless it is the name of a thing: PC-0042.
        unknown = 0 if any(letter.isdigit() for letter in word) else 1
        weights[word] = math.log((total + 1) / number) if (number := number or unknown) else 0.0
    return weights, {word: ids for word, ids in having.items() if word not in counted}
