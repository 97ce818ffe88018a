"""What the tests of tickets have people do, a transaction for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from desk import search, tickets
from desk.model.conversation import Reason
from desk.model.search import Filters, Page
from desk.model.technician import Technician
from desk.model.ticket import Details, Ticket
from desk.store import cases as store
from desk.store import conversations
from desk.store.database import Database


class Cases:
    """Conversations and their tickets."""

    def __init__(self, database: Database, tick: Callable[[], datetime], write: Callable[..., int]) -> None:
        self._database = database
        self._tick = tick
        self.write = write
        """The fixture."""

    def open(self, conversation: int, details: Details, cause: str = "m1") -> Ticket:
        """Open a ticket for a conversation."""
        with self._database.transaction() as tx:
            current = conversations.get(tx, conversation, lock=True)
            return tickets.open_ticket(tx, current, details, cause, self._tick())[0]

    def begin(self, who: str, text: str = "help", *, cause: str = "m", channel: str = "web", **details: Any) -> Ticket:
        """Have somebody write, and open a ticket for it."""
        wanted = Details(details.pop("reason", Reason.ASKED), **details)
        return self.open(self.write(text, who, channel=channel), wanted, cause)

    def edit(self, ticket: Ticket, by: Technician, *, revision: int | None = None, **wanted: Any) -> Ticket:
        """Edit a ticket as a technician."""
        with self._database.transaction() as tx:
            return tickets.edit(tx, ticket.number, tickets.Edit(**wanted), by, revision, self._tick())

    def changes(self, ticket: Ticket) -> list[tuple[str, str | None, str | None, str | None]]:
        """A ticket's history: what went from what to what, and who did it."""
        with self._database.snapshot() as tx:
            return [(c.field, c.old, c.new, c.who.name or c.who.author.value) for c in tickets.history(tx, ticket)]

    def held(self, ticket: Ticket) -> tuple[str, str | None]:
        """How a ticket's conversation stands, and who has it."""
        with self._database.snapshot() as tx:
            conversation = conversations.get(tx, store.conversations_of(tx, ticket.id)[0])
            return conversation.state, conversation.technician_name

    def page(
        self, text: str = "", *, limit: int = 50, before: str | None = None, me: int | None = None, **asked: Any
    ) -> Page:
        """Search: ``page("printer", states=(State.NEW,), limit=2)``."""
        with self._database.snapshot() as tx:
            return search.find(tx, Filters(text, **asked), before=before, limit=limit, me=me)

    def find(self, text: str = "", **asked: Any) -> list[str]:
        """The numbers of the tickets that are found."""
        return [ticket.number for ticket in self.page(text, **asked).tickets]
