"""The bell: what nobody has seen yet, on every page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from starlette.responses import Response
from starlette.routing import Route

from desk import alerts, conversations
from desk.console import directory
from desk.console.answers import done, go
from desk.console.directory import Directory
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
        at = "/alerts/{alert:id}"
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
        number = visit.id("alert")
        await self._console.database.write(lambda tx: alerts.acknowledge(tx, number, visit.me, visit.now))
        return done(visit, visit.url("home"))

    async def take(self, visit: Visit) -> Response:
        """Take the conversation over, and open it."""
        number = visit.id("alert")
        conversation = await self._console.database.write(lambda tx: _take(tx, number, visit.me, visit.now))
        return go(visit, visit.url("conversation", conversation=conversation))


def _take(tx: Transaction, alert: int, technician: Technician, now: datetime) -> int:
    conversation = store.get(tx, alert).conversation
    conversations.take(tx, conversation, technician, now)
    return conversation
