"""What is answered when something was done: the page looks again, or the browser goes elsewhere."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from desk.console.errors import CHANGED
from desk.console.visit import Visit

SENT = "desk:sent"
"""The event that empties the field a text was written in, and closes the dialog a form is in."""


def done(visit: Visit, page: str, *events: str) -> Response:
    """Something was changed: the open page is told to look again, and of `events`; without scripts `page` is shown."""
    if not visit.htmx:
        return RedirectResponse(page, 303)
    # An empty body empties the place for notices; the page then fetches what changed.
    return Response("", headers={"HX-Trigger": ", ".join([CHANGED, *events])}, media_type="text/html")


def go(visit: Visit, page: str, status: int = 200) -> Response:
    """Send the browser to `page`, from a fragment of an open page too; that one is answered with `status`."""
    if visit.htmx:
        return Response(status_code=status, headers={"HX-Redirect": page})
    return RedirectResponse(page, 303)
