"""What went wrong, as a page or as a notice in the page that is open, in the technician's language."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from desk.console.rendering import Renderer
from desk.console.visit import Console, Visit
from desk.conversations import MAX_REPLY
from desk.filing import MAX_NAME
from desk.model.errors import Conflict, DeskError, Invalid, NotAllowed, NotFound
from desk.model.ticket import State
from desk.technicians import MAX_PASSWORD, MIN_PASSWORD
from desk.tickets import MAX_SUBJECT
from desk.wording import Texts

_STATUS = {NotFound: 404, Conflict: 409, Invalid: 422, NotAllowed: 403}
_LONGEST = {"password": MAX_PASSWORD, "subject": MAX_SUBJECT, "requester_name": MAX_NAME}
_OF_TICKETS = frozenset({"merge", "unmerge", "split"})
CHANGED = "desk:changed"
"""The event that makes an open page look again."""


def explain(texts: Texts, error: Exception) -> tuple[int, str, str]:
    """Status, title and sentence for `error`."""
    match error:
        case Conflict(move="edit", state="changed"):
            return 409, texts("conflict.title"), texts("ticket.stale")
        case Conflict() if error.move in {state.value for state in State} or error.move in _OF_TICKETS:
            state = texts.label("ticket_state", error.state)
            return 409, texts("conflict.impossible"), texts("ticket.no_move", state=state)
        case Conflict():
            held = error.holder is not None and error.state == "technician"
            key = "held" if held else error.state
            key = key if texts.has(f"conflict.{key}") else "other"
            return 409, texts("conflict.title"), texts(f"conflict.{key}", holder=error.holder)
        case Invalid():
            return 422, texts("invalid.title"), invalid(texts, error)
        case NotFound(what="conversation" | "ticket"):
            return 404, texts("error.404.title"), texts(f"error.404.{error.what}")
        case NotAllowed(permission="declare_major"):
            return 403, texts("error.403.title"), texts("error.403.major")
        case DeskError():
            status = _STATUS.get(type(error), 400)
        case HTTPException():
            status = error.status_code
        case _:
            status = 500
    key = str(status) if texts.has(f"error.{status}.title") else "400"
    return status, texts(f"error.{key}.title"), texts(f"error.{key}.text")


def invalid(texts: Texts, error: Invalid) -> str:
    """What is wrong with a value, as a sentence."""
    keys = f"invalid.{error.field}.{error.rule}", f"invalid.{error.field}_{error.rule}"
    key = next(filter(texts.has, keys), None)
    if key is None:
        return texts("invalid.other")
    maximum = _LONGEST.get(error.field, MAX_REPLY)
    return texts(key, minimum=MIN_PASSWORD, maximum=maximum)


class Errors:
    """The handlers for everything that is raised."""

    def __init__(self, console: Console, renderer: Renderer) -> None:
        self._console = console
        self._renderer = renderer

    async def handle(self, request: Request, error: Exception) -> Response:
        """Answer with the right status, and keep what was typed."""
        # As the gate knew them, so that the answer is in the language of the page.
        visit = getattr(request.state, "visit", None) or self._console.visit(request)
        status, title, text = explain(visit.texts, error)
        if visit.htmx:
            response: Response = self._renderer.page(visit, "notice.html", status, title=title, text=text)
            if status in {403, 409}:
                # The page then shows what is true now.
                response.headers["HX-Trigger"] = CHANGED
            return response
        # After a crash the request can no longer be read.
        typed = await _typed(visit) if status < 500 else ""
        return self._renderer.page(visit, "error.html", status, title=title, text=text, typed=typed)


async def _typed(visit: Visit) -> str:
    """What the person had written, so that a page without scripts gives it back to them."""
    if visit.request.method != "POST":
        return ""
    try:
        fields = await visit.form()
    except (HTTPException, Invalid):
        return ""
    return next((fields[name] for name in ("text", "resolution", "note", "description") if fields.get(name)), "")
