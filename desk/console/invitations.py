"""The page behind a one-time link: whoever opens it chooses a name and a password, and is in."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from desk import technicians
from desk.console.errors import invalid
from desk.console.rendering import Renderer
from desk.console.session import Gate, log_in, welcome
from desk.console.visit import Console, Visit
from desk.model.errors import Invalid, NotFound


class Invitations:
    """The form, and what it does."""

    def __init__(self, console: Console, renderer: Renderer) -> None:
        self._console = console
        self._renderer = renderer

    def routes(self, gate: Gate) -> list[Route]:
        """Their address; whoever knows it may open it."""
        return [
            Route("/invitations/{token}", gate.open(self.form), name="invitation"),
            Route("/invitations/{token}", gate.open(self.accept), methods=["POST"]),
        ]

    async def form(self, visit: Visit) -> Response:
        """The form, with the name that the administrator gave."""
        token = visit.request.path_params["token"]
        try:
            who = await self._console.database.read(lambda tx: technicians.invited(tx, token, visit.now))
        except NotFound:
            return self._over(visit)
        return self._form(visit, who.email, who.name)

    def _form(self, visit: Visit, email: str, name: str, error: Invalid | None = None) -> Response:
        words = self._words(visit, error) if error else ""
        shown = {"email": email, "name": name, "field": error.field if error else "", "error": words}
        return self._renderer.page(visit, "invitation.html", 422 if error else 200, **shown)

    def _words(self, visit: Visit, error: Invalid) -> str:
        key = f"admin.invalid.any.{error.rule}"
        return visit.texts(key) if error.field == "name" and visit.texts.has(key) else invalid(visit.texts, error)

    def _over(self, visit: Visit) -> Response:
        title, text = visit.texts("invitation.over"), visit.texts("invitation.over_text")
        return self._renderer.page(visit, "error.html", 404, title=title, text=text, typed="")

    async def accept(self, visit: Visit) -> Response:
        """Set name and password, and log in with them."""
        form, token = await visit.form(), visit.request.path_params["token"]
        name, password = form.get("name", ""), form.get("password", "")
        try:
            who = await self._console.database.read(lambda tx: technicians.invited(tx, token, visit.now))
            if password != form.get("again", ""):
                raise Invalid("password", "different")
            await technicians.accept(self._console.database, token, name, password, visit.now)
        except Invalid as error:
            return self._form(visit, who.email, name, error)
        except NotFound:
            return self._over(visit)
        login = await log_in(self._console, visit, who.email, password)
        return welcome(self._console, visit, login or "", visit.url("home"))
