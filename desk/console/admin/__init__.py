"""What administrators set: people, teams, categories, priorities, canned replies, channels, tokens and webhooks."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from desk.console.admin.canned import CannedReplies
from desk.console.admin.categories import Categories
from desk.console.admin.channels import Channels
from desk.console.admin.hours import Hours
from desk.console.admin.page import AdminPage
from desk.console.admin.priorities import Priorities
from desk.console.admin.teams import Teams
from desk.console.admin.technicians import Technicians
from desk.console.admin.tokens import Tokens
from desk.console.admin.webhooks import Webhooks
from desk.console.rendering import Renderer
from desk.console.session import Gate
from desk.console.visit import Console, Visit
from desk.model.technician import Permission, require

_PAGES: tuple[type[AdminPage], ...] = (
    Technicians,
    Teams,
    Hours,
    Categories,
    Priorities,
    CannedReplies,
    Channels,
    Tokens,
    Webhooks,
)


async def _first(visit: Visit) -> Response:
    """The first page that one may use; leads have the canned replies only."""
    require(visit.me, Permission.SHARE)
    page = "admin_technicians" if visit.me.may(Permission.ADMINISTER) else "admin_canned"
    return RedirectResponse(visit.url(page), 303)


def administration(console: Console, renderer: Renderer, gate: Gate) -> list[Route]:
    """The addresses of all pages for administrators."""
    pages = [route for page in _PAGES for route in page(console, renderer).routes(gate)]
    return [Route("/admin", gate.signed_in(_first), name="administration"), *pages]
