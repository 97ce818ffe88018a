"""The pages about tickets: one ticket with its conversations."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from desk.console.rendering import Renderer
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.console.workspace import Workspace
from desk.model.conversation import Conversation
from desk.model.errors import NotFound
from desk.model.ticket import Ticket
from desk.store import cases, conversations
from desk.store import tickets as store
from desk.store.database import Transaction


class TicketPages:
    """Pages to look at; `TicketActions` are what changes something."""

    def __init__(self, console: Console, renderer: Renderer, workspace: Workspace) -> None:
        self._console = console
        self._renderer = renderer
        self._workspace = workspace

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        return [Route("/tickets/{number}", gate.signed_in(self.ticket), name="ticket")]

    async def ticket(self, visit: Visit) -> Response:
        """A ticket beside one of its conversations; the others are a tab away."""
        number = visit.request.path_params["number"]

        def read(tx: Transaction) -> tuple[Ticket, Sequence[Conversation]]:
            ticket = store.by_number(tx, number)
            return ticket, conversations.some(tx, cases.conversations_of(tx, ticket.id))

        ticket, own = await self._console.database.read(read)
        wanted = visit.number("conversation") or own[-1].id
        if all(one.id != wanted for one in own):
            raise NotFound("conversation", wanted)
        html = await self._workspace.stage(visit, wanted, visit.url("tickets"), ticket.number)
        if visit.htmx:
            return HTMLResponse(html)
        return self._renderer.page(visit, "ticket_page.html", stage=html, ticket=ticket, own=own, shown=wanted)
