"""Filing a ticket by hand."""

from __future__ import annotations

import re

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from desk import filing, tickets
from desk.console import directory, errors
from desk.console.fields import whole
from desk.console.rendering import Renderer
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.model.conversation import Reason
from desk.model.errors import Invalid
from desk.model.ticket import Details

_ONCE = re.compile(r"[0-9a-f]{32}")


class Filing:
    """The form for a new ticket."""

    def __init__(self, console: Console, renderer: Renderer) -> None:
        self._console = console
        self._renderer = renderer

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        return [
            Route("/tickets/new", gate.signed_in(self.form), name="new_ticket"),
            Route("/tickets/new", gate.signed_in(self.file), methods=["POST"]),
        ]

    async def form(self, visit: Visit) -> Response:
        """The empty form."""
        return await self._form(visit, {}, None)

    async def _form(self, visit: Visit, filled: dict[str, str], error: Invalid | None) -> Response:
        found = await self._console.database.read(lambda tx: directory.read(tx, visit.texts))
        text = errors.invalid(visit.texts, error) if error else ""
        wrong = error.field if error else ""
        once = filled.get("once") or self._console.once()
        values = {"d": found, "filled": filled, "error": text, "wrong": wrong, "once": once}
        return self._renderer.page(visit, "new_ticket.html", 422 if error else 200, **values)

    async def file(self, visit: Visit) -> Response:
        """File it, once however often the form is sent."""
        form = await visit.form()
        once = form.get("once", "")
        if not _ONCE.fullmatch(once):
            raise Invalid("once", "malformed")
        who, key = tickets.acting(visit.me), f"form:{visit.me.id}:{once}"
        name, email = form.get("requester_name", ""), form.get("requester_email", "")
        words = self._console.catalogue.words
        try:
            details, text = _details(form), form.get("description", "")
            made = await self._console.database.write(
                lambda tx: filing.file_ticket(tx, who, name, email, details, text, key, visit.now, words)
            )
        except Invalid as error:
            return await self._form(visit, form, error)
        return RedirectResponse(visit.url("ticket", number=made.number), 303)


def _details(form: dict[str, str]) -> Details:
    return Details(
        Reason.FILED,
        category=form.get("category") or None,
        team=form.get("team") or None,
        impact=whole(form, "impact"),
        urgency=whole(form, "urgency"),
        subject=form.get("subject", ""),
    )
