"""The workspace: the lists on the left, the conversation in the middle, the case on the right."""

from __future__ import annotations

from functools import partial

from starlette.responses import Response
from starlette.routing import Route

from desk import conversations, diagnosis
from desk.console import transcript
from desk.console.rendering import Renderer, mark
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.conversations import Lists, View

_SHOWN = 200
"""So many of the newest messages are shown at first."""
_PARTS = ("head", "hint", "typing", "case")
"""Templates of those parts of a conversation that are replaced whole when they change."""


class Workspace:
    """Pages and fragments to look at; `Actions` are what changes something."""

    def __init__(self, console: Console, renderer: Renderer) -> None:
        self._console = console
        self._renderer = renderer

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        return [
            Route("/", gate.signed_in(self.home), name="home"),
            Route("/lists", gate.signed_in(self.lists), name="lists"),
            Route("/conversations/{conversation:int}", gate.signed_in(self.conversation), name="conversation"),
            Route("/conversations/{conversation:int}/news", gate.signed_in(self.news), name="news"),
        ]

    async def home(self, visit: Visit) -> Response:
        """The workspace with no conversation open."""
        lists = await self._lists(visit)
        return self._renderer.page(visit, "workspace.html", stage=None, **self._rendered_lists(visit, lists))

    async def lists(self, visit: Visit) -> Response:
        """The lists, unless the browser shows them as they are."""
        rendered = self._rendered_lists(visit, await self._lists(visit))
        if visit.request.query_params.get("lists") == rendered["lists_mark"]:
            return Response(status_code=204)
        return self._renderer.page(visit, "lists.html", **rendered)

    async def _lists(self, visit: Visit) -> Lists:
        return await self._console.database.read(lambda tx: conversations.lists(tx, visit.me))

    def _rendered_lists(self, visit: Visit, lists: Lists) -> dict[str, object]:
        unanswered = sum(listed.conversation.waiting_since is not None for listed in lists.mine)
        html = self._renderer.html(visit, "sections.html", lists=lists)
        counts = {"waiting": len(lists.waiting), "unanswered": unanswered}
        return {"lists_html": html, "lists_mark": mark(html), **counts}

    async def conversation(self, visit: Visit) -> Response:
        """The workspace with one conversation, or, for a page that is open, that conversation only."""
        everything = "all" in visit.request.query_params
        view = await self._view(visit, 0)
        stage = self._stage(visit, view, 0 if everything else view.conversation.last_seq - _SHOWN)
        if visit.htmx:
            return self._renderer.page(visit, "stage.html", **stage)
        lists = self._rendered_lists(visit, await self._lists(visit))
        html = self._renderer.html(visit, "stage.html", **stage)
        return self._renderer.page(visit, "workspace.html", stage=html, **lists)

    async def _view(self, visit: Visit, after: int) -> View:
        number = visit.conversation()
        return await self._console.database.read(lambda tx: conversations.view(tx, number, after))

    def _stage(self, visit: Visit, view: View, after: int) -> dict[str, object]:
        parts = self._parts(visit, view)
        return {
            "conversation": view.conversation,
            "lines": transcript.lines(view.messages, visit.zone, after),
            "earlier": sum(message.seq <= after for message in view.messages),
            "marks": self._marks(view, parts),
            **parts,
        }

    def _parts(self, visit: Visit, view: View) -> dict[str, str]:
        typing = self._console.live.typing(view.conversation.id, visit.now) - {visit.me.name}
        mine = view.conversation.technician == visit.me.id
        language = visit.texts.language
        suggestion = diagnosis.next_step(self._console.catalogue, view.procedure_state, language)
        startable = diagnosis.startable(self._console.catalogue, language) if mine else ()
        fill = partial(
            self._renderer.html,
            visit,
            view=view,
            mine=mine,
            who=sorted(typing),
            diagnosis=suggestion,
            startable=startable,
        )
        return {part: fill(f"{part}.html") for part in _PARTS}

    def _marks(self, view: View, parts: dict[str, str]) -> dict[str, object]:
        marks: dict[str, object] = {part: mark(html) for part, html in parts.items()}
        states = transcript.written(transcript.unsettled(view.messages))
        # Of the messages that were read, not of the conversation: it may have been read a moment earlier.
        return marks | {"after": max((message.seq for message in view.messages), default=0), "unsettled": states}

    async def news(self, visit: Visit) -> Response:
        """What is new since the browser last looked: messages to add, and the parts that changed."""
        after, query = visit.number("after"), visit.request.query_params
        shown = transcript.read(query.get("unsettled", ""))
        view = await self._view(visit, min([after, *shown]) - 1)
        parts = self._parts(visit, view)
        marks = self._marks(view, parts)
        if all(query.get(name) == str(value) for name, value in marks.items()):
            return Response(status_code=204)
        return self._renderer.page(
            visit,
            "news.html",
            conversation=view.conversation,
            lines=transcript.lines(view.messages, visit.zone, after),
            moved=transcript.moved(view.messages, shown, after),
            marks=marks,
            changed={part: html for part, html in parts.items() if query.get(part) != marks[part]},
        )
