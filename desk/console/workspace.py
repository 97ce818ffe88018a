"""The workspace: the lists on the left, the conversation in the middle, the case on the right."""

from __future__ import annotations

from functools import partial

from markupsafe import Markup
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from desk import conversations, diagnosis
from desk.console import mails, panel, queue, transcript
from desk.console.mails import Correspondence
from desk.console.panel import Panel
from desk.console.queue import Queue
from desk.console.rendering import Renderer, mark
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.conversations import View
from desk.store.database import Transaction

_SHOWN = 200
"""So many of the newest messages are shown at first."""
_PARTS = ("head", "mail", "hint", "typing", "panel", "case", "around")
"""Templates of those parts of a conversation that are replaced whole when they change."""

_Read = tuple[View, Panel, Correspondence]


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
            Route("/conversations/{conversation:id}", gate.signed_in(self.conversation), name="conversation"),
            Route("/conversations/{conversation:id}/news", gate.signed_in(self.news), name="news"),
            Route("/conversations/{conversation:id}/earlier", gate.signed_in(self.earlier), name="earlier"),
            Route(
                "/conversations/{conversation:id}/messages/{seq:seq}/versions",
                gate.signed_in(self.versions),
                name="versions",
            ),
            Route("/conversations/{conversation:id}/left", gate.signed_in(self.left), methods=["POST"], name="left"),
            Route("/queue", gate.signed_in(self.queue), methods=["POST"], name="queue"),
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

    async def queue(self, visit: Visit) -> Response:
        """Choose whose queue is shown, and remember it."""
        wanted = (await visit.form()).get("queue", "")
        chosen = wanted if wanted in {queue.ALL, queue.MINE} or queue.is_team(wanted) else queue.ALL
        rendered = self._rendered_lists(visit, await self._lists(visit, chosen))
        response = self._renderer.page(visit, "lists.html", **rendered) if visit.htmx else visit.go("home")
        visit.keep(response, queue.COOKIE, chosen, secure=self._console.secure_cookie)
        return response

    async def _lists(self, visit: Visit, chosen: str | None = None) -> Queue:
        wanted = chosen or visit.request.cookies.get(queue.COOKIE, queue.MINE)
        return await self._console.database.read(lambda tx: queue.read(tx, visit.me, visit.texts, wanted))

    def _rendered_lists(self, visit: Visit, shown: Queue) -> dict[str, object]:
        lists = shown.lists
        unanswered = sum(listed.conversation.waiting_since is not None for listed in lists.mine)
        html = self._renderer.html(visit, "sections.html", lists=lists, queue=shown)
        counts = {"waiting": len(lists.waiting), "unanswered": unanswered}
        return {"lists_html": html, "lists_mark": mark(html), **counts}

    async def conversation(self, visit: Visit) -> Response:
        """The workspace with one conversation, or, for a page that is open, that conversation only."""
        html = await self.stage(visit, visit.conversation(), back=visit.url("home"))
        if visit.htmx:
            return HTMLResponse(html)
        lists = self._rendered_lists(visit, await self._lists(visit))
        return self._renderer.page(visit, "workspace.html", stage=html, **lists)

    async def stage(self, visit: Visit, number: int, back: str, ticket: str | None = None) -> Markup:
        """A conversation with the panel of `ticket` (None: of the case it is about now) beside it."""
        self._console.live.set_looking(number, visit.me.id, visit.me.name, visit.now)
        view, shown, letters = await self._read(visit, number, 0, ticket)
        before = visit.number("before") or view.conversation.last_seq - _SHOWN + 1
        parts = self._parts(visit, view, shown, letters)
        return self._renderer.html(
            visit,
            "stage.html",
            conversation=view.conversation,
            lines=transcript.lines(view.messages, visit.zone, before - 1),
            earlier=sum(message.seq < before for message in view.messages),
            before=before,
            marks=self._marks(view, parts, ticket),
            back=back,
            letters=letters,
            number=_number(view),
            **parts,
        )

    async def _read(self, visit: Visit, number: int, after: int, ticket: str | None) -> _Read:
        def read(tx: Transaction) -> _Read:
            view = conversations.view(tx, number, after)
            return view, panel.read(tx, visit.texts, view, ticket), mails.read(tx, view)

        return await self._console.database.read(read)

    def _parts(self, visit: Visit, view: View, shown: Panel, letters: Correspondence) -> dict[str, str]:
        live, number = self._console.live, view.conversation.id
        typing = live.typing(number, visit.now) - {visit.me.name}
        others = [one for one in live.looking(number, visit.now) if one.technician != visit.me.id]
        mine = view.conversation.technician == visit.me.id
        language = visit.texts.language
        suggestion = diagnosis.next_step(self._console.catalogue, view.procedure_state, language)
        startable = diagnosis.startable(self._console.catalogue, language) if mine else ()
        fill = partial(self._renderer.html, visit, view=view, mine=mine, panel=shown, d=shown.directory)
        found = {"diagnosis": suggestion, "startable": startable, "letters": letters}
        return {part: fill(f"{part}.html", who=sorted(typing), others=others, **found) for part in _PARTS}

    def _marks(self, view: View, parts: dict[str, str], ticket: str | None) -> dict[str, object]:
        marks: dict[str, object] = {part: mark(html) for part, html in parts.items()}
        states = transcript.written(transcript.unsettled(view.messages))
        # Of the messages that were read, not of the conversation: it may have been read a moment earlier.
        newest = max((message.seq for message in view.messages), default=0)
        edited = transcript.last_edit(view.edited)
        return marks | {"after": newest, "unsettled": states, "edited": edited, "ticket": ticket or ""}

    async def earlier(self, visit: Visit) -> Response:
        """A piece of the transcript before what is shown."""
        before, number = visit.number("before"), visit.conversation()
        first = max(before - _SHOWN, 1)

        def read(tx: Transaction) -> tuple[View, Correspondence]:
            view = conversations.view(tx, number, max(first - 2, 0))
            return view, mails.read(tx, view)

        view, letters = await self._console.database.read(read)
        piece = [message for message in view.messages if message.seq < before]
        return self._renderer.page(
            visit,
            "earlier.html",
            conversation=view.conversation,
            lines=transcript.lines(piece, visit.zone, first - 1),
            letters=letters,
            number=_number(view),
            earlier=first - 1,
            before=first,
        )

    async def news(self, visit: Visit) -> Response:
        """What is new since the browser last looked: messages to add, and the parts that changed."""
        after, query, number = visit.number("after"), visit.request.query_params, visit.conversation()
        ticket = query.get("ticket") or None
        if query.get("hidden") != "1":
            self._console.live.set_looking(number, visit.me.id, visit.me.name, visit.now)
        shown = transcript.read(query.get("unsettled", ""))
        view, case, letters = await self._read(visit, number, min([after, *shown]) - 1, ticket)
        parts = self._parts(visit, view, case, letters)
        marks = self._marks(view, parts, ticket)
        if all(query.get(name) == str(value) for name, value in marks.items()):
            return Response(status_code=204)
        return self._renderer.page(
            visit,
            "news.html",
            conversation=view.conversation,
            lines=transcript.lines(view.messages, visit.zone, after),
            letters=letters,
            number=_number(view),
            moved=transcript.moved(view.messages, shown, after),
            edited=transcript.edited(view.edited, query.get("edited", ""), after),
            marks=marks,
            changed={part: html for part, html in parts.items() if query.get(part) != marks[part]},
        )

    async def versions(self, visit: Visit) -> Response:
        """How a message read before its sender changed it."""
        number, seq = visit.conversation(), int(visit.request.path_params["seq"])
        found = await self._console.database.read(lambda tx: conversations.versions(tx, number, seq))
        return self._renderer.page(visit, "versions.html", versions=found)

    async def left(self, visit: Visit) -> Response:
        """The technician looks at something else now."""
        self._console.live.stop_looking(visit.conversation(), visit.me.id)
        return Response(status_code=204)


def _number(view: View) -> str | None:
    """The number of the unfinished ticket the conversation is about now."""
    about = (one for one in view.tickets if one.id == view.conversation.ticket and one.unfinished)
    return next((one.number for one in about), None)
