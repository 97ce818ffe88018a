"""The bell: what nobody has seen yet, on every page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from desk import alerts, conversations
from desk.console import directory
from desk.console.directory import Directory
from desk.console.errors import CHANGED
from desk.console.rendering import Renderer, mark
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.model.alert import Alert
from desk.model.technician import Technician
from desk.store import alerts as store
from desk.store.database import Transaction

_Found = tuple[Sequence[Alert], Sequence[Alert], Directory]


class Alerts:
    """What is shown, and what one does with it."""

    def __init__(self, console: Console, renderer: Renderer) -> None:
        self._console = console
        self._renderer = renderer

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        at = "/alerts/{alert:int}"
        return [
            Route("/alerts", gate.signed_in(self.show), name="alerts"),
            Route(at + "/seen", gate.signed_in(self.seen), methods=["POST"], name="alert_seen"),
            Route(at + "/take", gate.signed_in(self.take), methods=["POST"], name="alert_take"),
        ]

    async def show(self, visit: Visit) -> Response:
        """The list, unless the browser shows it as it is."""

        def read(tx: Transaction) -> _Found:
            return (
                alerts.open_for(tx, visit.me),
                alerts.seen_for(tx, visit.me, visit.now),
                directory.read(tx, visit.texts),
            )

        found, seen, names = await self._console.database.read(read)
        html = self._renderer.html(visit, "alerts_list.html", alerts=found, seen=seen, directory=names)
        if visit.request.query_params.get("alerts") == mark(html):
            return Response(status_code=204)
        return self._renderer.page(visit, "alerts_content.html", html=html, mark=mark(html))

    async def seen(self, visit: Visit) -> Response:
        """The technician has seen it; nobody is told again."""
        number = visit.request.path_params["alert"]
        await self._console.database.write(lambda tx: alerts.acknowledge(tx, number, visit.me, visit.now))
        if not visit.htmx:
            return RedirectResponse(visit.url("home"), 303)
        return Response("", headers={"HX-Trigger": CHANGED}, media_type="text/html")

    async def take(self, visit: Visit) -> Response:
        """Take the conversation over, and open it."""
        number = visit.request.path_params["alert"]
        conversation = await self._console.database.write(lambda tx: _take(tx, number, visit.me, visit.now))
        page = visit.url("conversation", conversation=conversation)
        if not visit.htmx:
            return RedirectResponse(page, 303)
        return Response("", headers={"HX-Redirect": page}, media_type="text/html")


def _take(tx: Transaction, alert: int, technician: Technician, now: datetime) -> int:
    conversation = store.get(tx, alert).conversation
    conversations.take(tx, conversation, technician, now)
    return conversation
