"""The list of tickets: searched, filtered, by saved views, in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from desk import search, views
from desk.console import directory
from desk.console.answers import go
from desk.console.directory import Directory
from desk.console.rendering import Renderer
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.model.search import Filters, Page
from desk.store import tickets as store
from desk.store.database import Transaction
from desk.views import View

_PAGE = 50
_FILTERS = (
    "text",
    "state",
    "team",
    "assignee",
    "category",
    "priority",
    "channel",
    "customer",
    "created_after",
    "created_before",
    "updated_after",
    "updated_before",
)
_START = "unfinished"
"""The view that whoever asks for none gets."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """One page of the list and what stands around it."""

    page: Page
    directory: Directory
    saved: Sequence[View]


class TicketList:
    """The list and its views."""

    def __init__(self, console: Console, renderer: Renderer) -> None:
        self._console = console
        self._renderer = renderer

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        return [
            Route("/tickets", gate.signed_in(self.list), name="tickets"),
            Route("/tickets/similar", gate.signed_in(self.similar), name="similar"),
            Route("/tickets/views", gate.signed_in(self.save), methods=["POST"], name="save_view"),
            Route("/tickets/views/new", gate.signed_in(self.save_dialog), name="new_view"),
            Route("/tickets/views/{view:id}/delete", gate.signed_in(self.delete), methods=["POST"], name="delete_view"),
            Route("/tickets/{number}/similar", gate.signed_in(self.similar_to), name="similar_to"),
        ]

    async def list(self, visit: Visit) -> Response:
        """The tickets that the address asks for; with none, those that are not finished."""
        query = visit.request.query_params
        if not query:
            return RedirectResponse(_address(visit, views.BUILT_IN[_START]), 303)
        given = {name: query[name] for name in _FILTERS if name in query}
        filters, before = search.parse(given, visit.zone), query.get("before")

        def read(tx: Transaction) -> _Shown:
            page = search.find(tx, filters, before=before, limit=_PAGE, me=visit.me.id)
            return _Shown(page, directory.read(tx, visit.texts), views.saved(tx, visit.me))

        shown = await self._console.database.read(read)
        template = "hits.html" if visit.htmx else "tickets.html"
        return self._renderer.page(visit, template, **self._values(visit, shown, filters, given, before))

    def _values(
        self, visit: Visit, shown: _Shown, filters: Filters, given: Mapping[str, str], before: str | None
    ) -> dict[str, object]:
        wanted = search.serialise(filters)
        following = {**{k: v for k, v in given.items() if v}, "before": shown.page.next}
        return {
            "page": shown.page,
            "d": shown.directory,
            "given": given,
            "first": before is None,
            "more": f"{visit.url('tickets')}?{urlencode(following)}" if shown.page.next else "",
            "built_in": [(key, _address(visit, own), search.serialise(own) == wanted) for key, own in _built_in()],
            "saved": [(v, _address(visit, v.filters), search.serialise(v.filters) == wanted) for v in shown.saved],
            "query": urlencode(wanted),
        }

    async def similar(self, visit: Visit) -> Response:
        """Tickets about what seems to be the same, while a new one is written."""
        query = visit.request.query_params
        subject, category = query.get("subject", ""), query.get("category") or None
        found = await self._console.database.read(lambda tx: search.similar(tx, subject, category))
        return self._renderer.page(visit, "similar.html", similar=found if subject.strip() else (), typed=True)

    async def similar_to(self, visit: Visit) -> Response:
        """Tickets about what seems to be the same as one."""
        number = visit.request.path_params["number"]
        found = await self._console.database.read(lambda tx: search.similar_to(tx, store.by_number(tx, number)))
        return self._renderer.page(visit, "similar.html", similar=found, typed=False)

    async def save_dialog(self, visit: Visit) -> Response:
        """The form for keeping the filters by a name."""
        query = visit.request.query_params
        filters = search.serialise(search.parse({name: query[name] for name in _FILTERS if name in query}))
        return self._renderer.page(visit, "dialogs/view.html", filters=filters)

    async def save(self, visit: Visit) -> Response:
        """Keep the filters as a view."""
        form = await visit.form()
        filters = search.parse({name: form[name] for name in _FILTERS if name in form})
        name, shared = form.get("name", ""), "shared" in form
        kept = await self._console.database.write(
            lambda tx: views.save(tx, visit.me, name, filters, visit.now, shared=shared)
        )
        return go(visit, _address(visit, kept.filters))

    async def delete(self, visit: Visit) -> Response:
        """Forget a view."""
        number = visit.id("view")
        await self._console.database.write(lambda tx: views.delete(tx, number, visit.me))
        return go(visit, visit.url("tickets"))


def _built_in() -> Sequence[tuple[str, Filters]]:
    return [*views.BUILT_IN.items(), ("all", Filters())]


def _address(visit: Visit, filters: Filters) -> str:
    # Everything is asked for by an empty state: no query at all means the view one begins with.
    return f"{visit.url('tickets')}?{urlencode(search.serialise(filters) or {'state': ''})}"
