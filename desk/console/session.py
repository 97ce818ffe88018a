"""Logging in and out, passwords, and the gate before every page."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from desk import technicians
from desk.brake import login_key
from desk.console import guard
from desk.console.answers import go
from desk.console.errors import invalid
from desk.console.rendering import Renderer
from desk.console.visit import LANGUAGE, SESSION, THEME, THEMES, Console, Visit
from desk.model.errors import Invalid
from desk.store.database import Transaction

Handler = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Gate:
    """Lets requests through to handlers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def open(self, handler: Handler) -> Endpoint:
        """For anybody."""

        async def endpoint(request: Request) -> Response:
            guard.refuse_foreign(request)
            guard.refuse_unstorable(request)
            return await handler(self._console.visit(request))

        return endpoint

    def signed_in(self, handler: Handler, *, one_time: bool = False) -> Endpoint:
        """For technicians who are logged in; with a one-time password only where `one_time` allows it."""

        async def endpoint(request: Request) -> Response:
            guard.refuse_foreign(request)
            guard.refuse_unstorable(request)
            now, token = self._console.now(), request.cookies.get(SESSION, "")
            technician = await self._console.database.read(lambda tx: technicians.who(tx, token, now))
            visit = request.state.visit = self._console.visit(request, technician)
            if technician is None:
                return go(visit, _login_address(visit), 401)
            if technician.must_change_password and not one_time:
                return go(visit, visit.url("password"), 403)
            return await handler(visit)

        return endpoint


def _login_address(visit: Visit) -> str:
    # A fragment's own address is none to come back to; the page that asked for it is.
    page = urlsplit(visit.request.headers.get("hx-current-url", "")).path if visit.htmx else visit.request.url.path
    query = {"next": page.removeprefix(visit.root)} if _is_page(page.removeprefix(visit.root)) else {}
    if SESSION in visit.request.cookies:
        query["ended"] = "1"
    return visit.url("login") + ("?" + urlencode(query) if query else "")


_PAGE = re.compile(r"/(conversations/[0-9]{1,19}|tickets(/[A-Za-z0-9-]{1,30})?|admin(/[a-z0-9/-]{1,60})?)")


def _is_page(path: str) -> bool:
    return _PAGE.fullmatch(path) is not None


async def log_in(console: Console, visit: Visit, email: str, password: str) -> str | None:
    """A token for the cookie, or None when address and password do not fit."""
    agent = visit.request.headers.get("user-agent")
    return await technicians.log_in(
        console.database, email, password, visit.now, console.session, address=visit.address, agent=agent
    )


def welcome(console: Console, visit: Visit, token: str, address: str) -> Response:
    """Send whoever has just logged in to `address`."""
    response = go(visit, address)
    visit.keep(response, SESSION, token, secure=console.secure_cookie, lasts=console.session)
    return response


class Sessions:
    """The pages about oneself."""

    def __init__(self, console: Console, renderer: Renderer) -> None:
        self._console = console
        self._renderer = renderer

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        return [
            Route("/login", gate.open(self.login_page), name="login"),
            Route("/login", gate.open(self.log_in), methods=["POST"]),
            Route("/logout", gate.signed_in(self.log_out, one_time=True), methods=["POST"], name="logout"),
            Route("/password", gate.signed_in(self.password_page, one_time=True), name="password"),
            Route("/password", gate.signed_in(self.change_password, one_time=True), methods=["POST"]),
            Route("/preferences", gate.open(self.prefer), methods=["POST"], name="preferences"),
        ]

    async def login_page(self, visit: Visit) -> Response:
        """The form."""
        query = visit.request.query_params
        return self._login(visit, next=query.get("next", ""), ended="ended" in query)

    def _login(self, visit: Visit, status: int = 200, **values: object) -> Response:
        shown: dict[str, object] = {"email": "", "next": "", "ended": False, "error": ""}
        return self._renderer.page(visit, "login.html", status, **shown | values)

    async def log_in(self, visit: Visit) -> Response:
        """Check address and password; too many wrong ones are not even looked at."""
        form = await visit.form()
        email, wanted = form.get("email", ""), form.get("next", "")
        key = login_key(email, visit.address)
        wait = self._console.brake.attempt(key, visit.now)
        if wait is not None:
            minutes = -(-wait // timedelta(minutes=1))
            return self._login(visit, 429, email=email, next=wanted, error=visit.texts("login.braked", minutes=minutes))
        token = await log_in(self._console, visit, email, form.get("password", ""))
        if token is None:
            return self._login(visit, 401, email=email, next=wanted, error=visit.texts("login.wrong"))
        self._console.brake.release(key)
        return welcome(self._console, visit, token, visit.root + wanted if _is_page(wanted) else visit.url("home"))

    async def log_out(self, visit: Visit) -> Response:
        """End this login."""
        token = visit.request.cookies[SESSION]
        await self._console.database.write(lambda tx: technicians.log_out(tx, token))
        response = go(visit, visit.url("login"))
        visit.forget(response, SESSION)
        return response

    async def password_page(self, visit: Visit) -> Response:
        """The form."""
        return self._renderer.page(visit, "password.html", error="", field="")

    async def change_password(self, visit: Visit) -> Response:
        """Change it, and log in anew: the change has ended all logins."""
        form = await visit.form()
        old, new = form.get("old", ""), form.get("new", "")
        try:
            if new != form.get("again", ""):
                raise Invalid("password", "different")
            await technicians.change_password(self._console.database, visit.me, old, new)
        except Invalid as error:
            text = invalid(visit.texts, error)
            return self._renderer.page(visit, "password.html", 422, error=text, field=error.field)
        token = await log_in(self._console, visit, visit.me.email, new)
        return welcome(self._console, visit, token or "", visit.url("home"))

    async def prefer(self, visit: Visit) -> Response:
        """Remember a language or an appearance, and show the same page again."""
        form = await visit.form()
        page = urlsplit(visit.request.headers.get("referer", "")).path
        inside = page.startswith(visit.root + "/") and not page.startswith("//")
        response = go(visit, page if inside else visit.url("home"))
        if form.get("language") in self._console.spoken:
            visit.keep(response, LANGUAGE, form["language"], secure=self._console.secure_cookie)
            await self._remember(visit, form["language"])
        if form.get("theme") in THEMES:
            visit.keep(response, THEME, form["theme"], secure=self._console.secure_cookie)
        return response

    async def _remember(self, visit: Visit, language: str) -> None:
        """Whoever is logged in is written to in the language they read."""

        def work(tx: Transaction) -> None:
            somebody = technicians.who(tx, visit.token, visit.now)
            if somebody is not None and somebody.language != language:
                technicians.prefer(tx, somebody, language=language)

        if visit.token:
            await self._console.database.write(work)
