"""The words of tickets, kept for search as things are said and changed.

A ticket's document has the words of its subject, note, facts, cause, resolution and messages, and those of the tickets
that became part of it. It is written at the end of the transaction: once, however often the transaction said that it
must be, and without holding anybody up before. What is said is appended; everything else writes the document anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import String, cast, func, select, update
from sqlalchemy.dialects.postgresql import TSVECTOR

from desk.model.ticket import FIRST, PREFIX
from desk.model.words import folded
from desk.store import dialects, merges
from desk.store.database import Transaction
from desk.store.tables import letters, messages, ticket_conversations, ticket_documents, tickets

_KEY = "ticket_document"
_MAX_WORDS = 2_000
"""Of one text."""
_MAX_MESSAGES = 2_000
# PostgreSQL refuses a vector of more than 1 MiB. With 40 bytes a word at most, and no positions beyond the 16,383rd,
# this many different words and one text more stay below it.
_MAX_LEXEMES = 15_000
_MAX_LETTERS = 400_000
_GAP = 16
"""Between texts, so that no phrase is found across two of them."""
# The gap where only words count: a letter that nobody writes.
_BREAK = " ꙮ "


@dataclass(slots=True)
class _Pending:
    """What a transaction has to do to the document of a ticket."""

    tx: Transaction
    ticket: int
    said: list[str] = field(default_factory=list)
    anew: bool = False

    def __call__(self) -> None:
        if self.anew:
            _write(self.tx, self.ticket)
        else:
            _add(self.tx, self.ticket, self.said)


def _pending(tx: Transaction, ticket: int) -> _Pending:
    found = tx.at_end.setdefault((_KEY, ticket), _Pending(tx, ticket))
    assert isinstance(found, _Pending)
    return found


def append(tx: Transaction, ticket: int, text: str) -> None:
    """Something was said that belongs to a ticket."""
    _pending(tx, ticket).said.append(text)


def rewrite(tx: Transaction, ticket: int) -> None:
    """Something else about a ticket changed. The tickets it is part of have its words too."""
    for one in merges.chain(tx, ticket):
        _pending(tx, one).anew = True


def assign(tx: Transaction, conversation: int, ticket: int, from_seq: int) -> None:
    """What was said in a conversation from message `from_seq` on belongs to a ticket, whichever it belonged to."""
    own = messages.c
    these = (own.conversation_id == conversation, own.seq >= from_seq, own.ticket_id.is_distinct_from(ticket))
    for former in tx.connection.execute(select(own.ticket_id).where(*these).distinct()).scalars().all():
        if former is not None:
            rewrite(tx, former)
    tx.connection.execute(update(messages).where(*these).values(ticket_id=ticket))
    rewrite(tx, ticket)


def reassign(tx: Transaction, conversation: int, ticket: int, to: int) -> None:
    """What was said in a conversation about one ticket belongs to another."""
    these = (messages.c.conversation_id == conversation, messages.c.ticket_id == ticket)
    tx.connection.execute(update(messages).where(*these).values(ticket_id=to))
    rewrite(tx, ticket)
    rewrite(tx, to)


def _texts(tx: Transaction, ticket: int) -> list[str]:
    own, family = tickets.c, merges.family(tx, ticket)
    query = select(own.id, own.subject, own.note, own.cause, own.resolution, own.facts)
    texts: list[str] = []
    for row in tx.connection.execute(query.where(own.id.in_(family)).order_by(own.id)):
        texts += (f"{PREFIX}{FIRST + row.id}", row.subject, row.note, row.cause, row.resolution, *row.facts.values())
    where = select(ticket_conversations.c.conversation_id).where(ticket_conversations.c.ticket_id.in_(family))
    said = select(messages.c.text, letters.c.subject, letters.c.full_text)
    said = said.outerjoin(letters, letters.c.message_id == messages.c.id)
    said = said.where(messages.c.conversation_id.in_(where), messages.c.ticket_id.in_(family))
    for message in tx.connection.execute(said.order_by(messages.c.id).limit(_MAX_MESSAGES)):
        texts += message
    return [text for text in texts if text]


def _write(tx: Transaction, ticket: int) -> None:
    if not tx.is_sqlite:
        # Locked before it is read what belongs in it: what another transaction appends meanwhile comes after this.
        lock = select(ticket_documents.c.ticket_id).where(ticket_documents.c.ticket_id == ticket).with_for_update()
        tx.connection.execute(lock)
    document = _document(tx, _texts(tx, ticket))
    tx.connection.execute(
        dialects.insert(tx, ticket_documents)
        .values(ticket_id=ticket, document=document)
        .on_conflict_do_update(index_elements=["ticket_id"], set_={"document": document})
    )


def _add(tx: Transaction, ticket: int, texts: list[str]) -> None:
    own = ticket_documents.c
    if tx.is_sqlite:
        longer: Any = cast(own.document, String) + _BREAK + _document(tx, texts)
    else:
        longer = own.document.op("||")(_document(tx, texts))
    room = func.length(own.document) < (_MAX_LETTERS if tx.is_sqlite else _MAX_LEXEMES)
    tx.connection.execute(update(ticket_documents).where(own.ticket_id == ticket, room).values(document=longer))


def _document(tx: Transaction, texts: list[str]) -> Any:
    """The words of `texts` as the column wants them."""
    if tx.is_sqlite:
        return _BREAK.join(" ".join(folded(text, _MAX_WORDS)) for text in texts)[: 2 * _MAX_LETTERS]
    return cast(vector(texts), TSVECTOR)


def vector(texts: list[str]) -> str:
    """The words of `texts` with their positions, as PostgreSQL writes a vector."""
    positions: dict[str, list[int]] = {}
    at = 0
    for text in texts:
        at += _GAP
        for word in folded(text, _MAX_WORDS):
            at += 1
            found = positions.setdefault(word, []) if len(positions) < _MAX_LEXEMES else positions.get(word, [])
            found.append(at)
    # Words are letters and digits: nothing in them needs quoting.
    return " ".join(f"{word}:{','.join(map(str, found[:255]))}" for word, found in positions.items())
