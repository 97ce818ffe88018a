"""Finding tickets by their words and properties.

Words that few tickets have are looked up in the index, and the tickets put into order; for words that many have it is
quicker to walk the tickets in order until enough of them have the words. Counting up to a limit tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    table,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from desk.model.search import Assignee, Filters, Source
from desk.model.ticket import State, Ticket
from desk.model.words import Query, Term
from desk.store.database import Transaction
from desk.store.tables import conversations, messages, ticket_conversations, ticket_documents, tickets
from desk.store.tickets import some

_index = table("ticket_index", column("rowid"), column("ticket_index"))
_document = ticket_documents.c
_RECENT = 300
"""So many messages of a conversation, the last ones, are looked at for an excerpt."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a page ends: when its last ticket changed, and its id."""

    updated_at: datetime
    ticket: int


def find(
    tx: Transaction, filters: Filters, query: Query | None, before: Place | None, limit: int, count_to: int
) -> tuple[Sequence[Ticket], int, bool]:
    """At most `limit` tickets behind the place `before`, the newest change first; how many there are in all, and
    whether there are still more.

    query: what `filters.text` asks for; None for nothing. Fewer than `count_to` are counted.
    """
    conditions = _conditions(filters)
    having = _having(tx, query, count_to) if query is not None else ()
    if query is not None and len(having) < count_to:
        few = bindparam("few", having, Integer, expanding=True, literal_execute=True)
        conditions.append(tickets.c.id.in_(few))
        query = None
    found = _page(tx, conditions if query is None else [*conditions, _walked(tx, query)], before, limit)
    if before is None and len(found) < limit:
        return found, len(found), False
    if query is None:
        counted = _count(tx, conditions, count_to)
        return found, min(counted, count_to - 1), counted == count_to
    # Without another filter they have been counted, but for the merged ones among them, which are few. With one,
    # counting takes longer than everything else: there are more than a page.
    anything = len(conditions) == 1 and not filters.states
    return found, count_to - 1 if anything else min(limit, count_to) - 1, True


def _page(
    tx: Transaction, conditions: Sequence[ColumnElement[bool]], before: Place | None, limit: int
) -> Sequence[Ticket]:
    own = tickets.c
    query = select(own.id).where(*conditions).order_by(own.updated_at.desc(), own.id.desc()).limit(limit)
    if before is not None:
        query = query.where(tuple_(own.updated_at, own.id) < tuple_(before.updated_at, before.ticket))
    ids = tx.connection.execute(query).scalars().all()
    found = some(tx, ids)
    return [found[ticket] for ticket in ids]


def _count(tx: Transaction, conditions: Sequence[ColumnElement[bool]], count_to: int) -> int:
    some_of_them = select(literal(1)).select_from(tickets).where(*conditions).limit(count_to).subquery()
    return int(tx.connection.execute(select(func.count()).select_from(some_of_them)).scalar_one())


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    own = tickets.c
    states = [state.value for state in filters.states]
    conditions = [own.state.in_(states) if states else own.state != State.MERGED.value]
    if filters.assignee is not None:
        nobody = filters.assignee is Assignee.NOBODY
        conditions.append(own.assignee_id.is_(None) if nobody else own.assignee_id == filters.assignee)
    equal = {
        own.team: filters.team,
        own.category: filters.category,
        own.priority: filters.priority,
        own.channel: filters.channel,
        own.customer_id: filters.customer,
    }
    conditions += [field == value for field, value in equal.items() if value is not None]
    since = {own.created_at: filters.created_after, own.updated_at: filters.updated_after}
    conditions += [field >= moment for field, moment in since.items() if moment is not None]
    until = {own.created_at: filters.created_before, own.updated_at: filters.updated_before}
    return conditions + [field < moment for field, moment in until.items() if moment is not None]


def _having(tx: Transaction, query: Query, count_to: int) -> Sequence[int]:
    """Ids of tickets that have the words, merged ones too: no more than `count_to`."""
    return tx.connection.execute(select(_document.ticket_id).where(_match(tx, query)).limit(count_to)).scalars().all()


def _match(tx: Transaction, query: Query) -> ColumnElement[bool]:
    """That a document has the words."""
    if not tx.is_sqlite:
        return _document.document.bool_op("@@")(cast(_tsquery(query), TSQUERY))
    conditions = []
    if query.wanted:
        conditions.append(_document.ticket_id.in_(_matching(" AND ".join(map(_fts5, query.wanted)))))
    if query.unwanted:
        conditions.append(_document.ticket_id.not_in(_matching(" OR ".join(map(_fts5, query.unwanted)))))
    return and_(*conditions)


def _walked(tx: Transaction, query: Query) -> ColumnElement[bool]:
    """The same, of a ticket at a time."""
    own = select(_document.ticket_id).where(_document.ticket_id == tickets.c.id, _match(tx, query))
    # The offset keeps PostgreSQL from turning it into a join, for which it would fetch and sort all that have them.
    return exists(own.offset(0))


def _matching(expression: str) -> Any:
    return select(_index.c.rowid).where(_index.c.ticket_index.op("MATCH")(expression))


# Folded words are letters and digits, so nothing a person types can be an operator in either language of queries.


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")


def _tsquery(query: Query) -> str:
    wanted = [_tsterm(term) for term in query.wanted]
    return " & ".join(wanted + [f"!{_tsterm(term)}" for term in query.unwanted])


def _tsterm(term: Term) -> str:
    words = [f"'{word}'" for word in term.words]
    return "(" + " <-> ".join(words) + (":*" if term.prefix else "") + ")"


def texts(tx: Transaction, ids: Sequence[int]) -> dict[int, list[tuple[Source, str]]]:
    """Messages and notes of tickets, those of the tickets merged into them included, the latest first."""
    case_of, part = ticket_conversations.c, tickets.c
    query = (
        select(case_of.ticket_id, messages.c.text, messages.c.internal)
        .join(messages, and_(messages.c.conversation_id == case_of.conversation_id, messages.c.seq >= case_of.from_seq))
        .join(conversations, conversations.c.id == case_of.conversation_id)
        .join(tickets, part.id == messages.c.ticket_id)
        .where(
            case_of.ticket_id.in_(ids),
            messages.c.seq > conversations.c.last_seq - _RECENT,
            or_(part.id == case_of.ticket_id, part.merged_into_id == case_of.ticket_id),
        )
        .order_by(messages.c.id.desc())
    )
    found: dict[int, list[tuple[Source, str]]] = {}
    for ticket, text, internal in tx.connection.execute(query):
        found.setdefault(ticket, []).append((Source.INTERNAL if internal else Source.MESSAGE, text))
    return found


def with_word(tx: Transaction, words: Iterable[str], limit: int) -> dict[str, set[int]]:
    """For each word, ids of tickets that have it: all, or `limit` of them."""
    found: dict[str, set[int]] = {word: set() for word in words}
    if not found:
        return found
    each = []
    for word in found:
        query = Query((Term((word,), prefix=False),), ())
        ids = select(_document.ticket_id).where(_match(tx, query)).limit(limit).subquery()
        each.append(select(literal(word).label("word"), ids.c.ticket_id))
    for word, ticket in tx.connection.execute(union_all(*each)):
        found[word].add(ticket)
    return found


def how_usual(tx: Transaction, words: Sequence[str], sample: int) -> tuple[int, Mapping[str, int]]:
    """How many tickets there are, about; and how many of the newest `sample` have each word."""
    newest = int(tx.connection.execute(select(func.max(_document.ticket_id))).scalar() or 0)
    if not words:
        return newest, {}
    own = select(ticket_documents).order_by(_document.ticket_id.desc()).limit(sample).subquery()
    having = [func.sum(case((_has_word(tx, own.c.document, word), 1), else_=0)) for word in words]
    counted = tx.connection.execute(select(*having)).one()
    return newest, dict(zip(words, (int(count or 0) for count in counted), strict=True))


def _has_word(tx: Transaction, document: Any, word: str) -> Any:
    if tx.is_sqlite:
        return (literal(" ") + document + " ").contains(f" {word} ")
    return document.bool_op("@@")(cast(f"'{word}'", TSQUERY))


def candidates(tx: Transaction, ids: Iterable[int], category: str | None, limit: int) -> Sequence[Ticket]:
    """The tickets of these ids, and the newest ones of a category; but no merged ones."""
    wanted = list(ids)
    if category is not None:
        own = tickets.c
        query = select(own.id).where(own.category == category).order_by(own.updated_at.desc(), own.id.desc())
        wanted += tx.connection.execute(query.limit(limit)).scalars()
    return [ticket for ticket in some(tx, wanted).values() if ticket.state is not State.MERGED]
