"""What the command palette and the picker of canned replies ask for, as JSON."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk import canned, search
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.model.canned import Placeholder, fill
from desk.model.search import Filters
from desk.model.ticket import Ticket
from desk.store import conversations
from desk.store import tickets as store
from desk.store.database import Transaction

_FOUND = 8
_MAX_QUERY = 200


class Palette:
    """Answers while somebody types."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        return [
            Route("/palette", gate.signed_in(self.tickets), name="palette"),
            Route("/conversations/{conversation:id}/canned", gate.signed_in(self.canned), name="canned"),
        ]

    async def tickets(self, visit: Visit) -> Response:
        """Tickets for what was typed: a list of ``{number, subject, state, url}``, the one with that number first."""
        text = visit.request.query_params.get("q", "")[:_MAX_QUERY].strip()
        if not text:
            return JSONResponse([])
        filters = Filters(text=text)
        page = await self._console.database.read(lambda tx: search.find(tx, filters, limit=_FOUND, me=visit.me.id))
        named = [page.named] if page.named else []
        found = [*named, *(one for one in page.tickets if one not in named)]
        return JSONResponse([_ticket(visit, one) for one in found[:_FOUND]])

    async def canned(self, visit: Visit) -> Response:
        """Canned replies for this conversation, filled in: a list of ``{shortcut, title, text}``."""
        number = visit.conversation()

        def read(tx: Transaction) -> list[dict[str, str]]:
            where = conversations.get(tx, number)
            ticket = store.get(tx, where.ticket).number if where.ticket else None
            values = {
                Placeholder.CUSTOMER: where.customer_name,
                Placeholder.TICKET: ticket,
                Placeholder.ME: visit.me.name,
            }
            return [
                {"shortcut": one.shortcut, "title": one.title, "text": fill(one.text(where.language), values)}
                for one in canned.for_technician(tx, visit.me)
            ]

        return JSONResponse(await self._console.database.read(read))


def _ticket(visit: Visit, ticket: Ticket) -> dict[str, str]:
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "state": visit.texts.label("ticket_state", ticket.state),
        "url": visit.url("ticket", number=ticket.number),
    }
