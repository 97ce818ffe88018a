"""One request to the console: who makes it, and in which language, time zone and appearance they want the answer."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.procedures.model import Catalogue
from desk.brake import Brake
from desk.console.texts import preferred
from desk.live import Live
from desk.model.channel import Installed
from desk.model.errors import Invalid
from desk.model.mail import Mailer
from desk.model.slack import Announcer
from desk.model.technician import Technician
from desk.store.database import Database
from desk.wording import Texts

SESSION = "firstline_session"
LANGUAGE = "firstline_language"
THEME = "firstline_theme"
ZONE = "firstline_zone"
"""Set by the login page's script: only the browser knows where it is."""

THEMES = ("auto", "light", "dark")
MAX_FORM = 2_000_000
"""Bytes. Far more than any acceptable text, so that one that is too long is told so kindly."""
_A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Console:
    """What the console works with."""

    database: Database
    live: Live
    now: Callable[[], datetime]
    session: timedelta
    """How long a login lasts."""
    secure_cookie: bool
    spoken: Mapping[str, Texts]
    brake: Brake
    catalogue: Catalogue
    """The diagnostic procedures."""
    mailer: Mailer
    public_url: str = ""
    """Where links that leave the console begin; empty: where it was asked for."""
    channels: Sequence[Installed] = ()
    slack: Announcer | None = None
    """What tries channels in Slack out; None: technicians do not work in Slack."""

    def once(self) -> str:
        """A word that nobody has used before: what a form carries that must not be handled twice."""
        return secrets.token_hex(16)

    def visit(self, request: Request, technician: Technician | None = None) -> Visit:
        """What is known of `request`."""
        cookies = request.cookies
        language = cookies.get(LANGUAGE, "")
        if language not in self.spoken and technician is not None:
            language = technician.language or ""
        if language not in self.spoken:
            language = preferred(request.headers.get("accept-language", ""), self.spoken)
        theme = cookies.get(THEME, "")
        return Visit(
            request=request,
            now=self.now(),
            texts=self.spoken[language],
            zone=_zone(cookies.get(ZONE, "")),
            theme=theme if theme in THEMES else THEMES[0],
            technician=technician,
        )


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, understood."""

    request: Request
    now: datetime
    texts: Texts
    zone: tzinfo
    theme: str
    technician: Technician | None

    @property
    def me(self) -> Technician:
        """Who makes the request; only where somebody is logged in."""
        assert self.technician is not None
        return self.technician

    @property
    def htmx(self) -> bool:
        """Whether the answer goes into a page that is open, instead of replacing it."""
        return "hx-request" in self.request.headers and "hx-history-restore-request" not in self.request.headers

    @property
    def root(self) -> str:
        """The path the console is mounted at."""
        return str(self.request.scope.get("root_path", ""))

    @property
    def address(self) -> str:
        """From where the request comes."""
        return self.request.client.host if self.request.client else ""

    @property
    def token(self) -> str:
        """What the browser is logged in by."""
        return self.request.cookies.get(SESSION, "")

    def id(self, what: str) -> int:
        """The id of `what` (such as ``technician``) in the address."""
        given: int = self.request.path_params[what]
        return given

    def url(self, name: str, **values: object) -> str:
        """The path of the route `name`, wherever the console is mounted."""
        return self.root + str(self.request.app.url_path_for(name, **values))

    def go(self, name: str, **values: object) -> Response:
        """Send the browser to the route `name`."""
        return RedirectResponse(self.url(name, **values), 303)

    def conversation(self) -> int:
        """The conversation the address names."""
        return self.id("conversation")

    def number(self, name: str) -> int:
        """A whole number from the query string; 0 when it is missing.

        Raises:
            HTTPException: 400, it is none.
        """
        given = self.request.query_params.get(name, "0")
        if not re.fullmatch(r"[0-9]{1,9}", given):
            raise HTTPException(400)
        return int(given)

    async def form(self) -> dict[str, str]:
        """The fields of the form; those that are no text are left out.

        Raises:
            HTTPException: 400 when it is malformed, 413 when it is far too large.
            Invalid: a field has a character that PostgreSQL cannot store.
        """
        length = self.request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MAX_FORM:
            raise HTTPException(413)
        fields = await self.request.form()
        found = {name: _clean(value) for name, value in fields.items() if isinstance(value, str)}
        for name, value in found.items():
            if "\x00" in value:
                raise Invalid(name, "binary")
        return found

    def keep(self, response: Response, name: str, value: str, *, secure: bool, lasts: timedelta = _A_YEAR) -> None:
        """Set a cookie that scripts cannot read and other sites cannot use."""
        response.set_cookie(
            name,
            value,
            max_age=int(lasts.total_seconds()),
            path=self.root or "/",
            secure=secure,
            httponly=True,
            samesite="lax",
        )

    def forget(self, response: Response, name: str) -> None:
        """Remove a cookie."""
        response.delete_cookie(name, path=self.root or "/")


def _clean(text: str) -> str:
    # Browsers send line ends as CR LF; lone surrogates cannot be stored.
    return text.replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8")


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
