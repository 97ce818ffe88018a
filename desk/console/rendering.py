"""Templates become HTML, in the language and time zone of the visit."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from channels.contract import MAX_FILES
from channels.files import IMAGES
from desk import technicians
from desk.console.assets import Assets
from desk.console.visit import THEMES, Visit

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    """Compiled once in a process: that takes longer than anything else here."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


class Renderer:
    """Knows the templates.

    max_file: bytes in one file that technicians send.
    """

    def __init__(self, assets: Assets, max_file: int) -> None:
        self._assets = assets
        self._templates = _environment()
        self._max_file = max_file

    def html(self, visit: Visit, template: str, **values: object) -> Markup:
        """The template `template`, filled in."""
        html = self._templates.get_template(template).render(
            t=visit.texts,
            url=visit.url,
            static=lambda name: visit.root + self._assets.address(name),
            clock=partial(_clock, visit),
            day=partial(_day, visit),
            me=visit.technician,
            theme=visit.theme,
            themes=THEMES,
            minimum=technicians.MIN_PASSWORD,
            images=IMAGES,
            max_file=self._max_file,
            max_files=MAX_FILES,
            **values,
        )
        # Safe: templates escape whatever they are given.
        return Markup(html)  # noqa: S704

    def page(self, visit: Visit, template: str, status: int = 200, /, **values: object) -> HTMLResponse:
        """A response with a whole page or a fragment of one."""
        return HTMLResponse(self.html(visit, template, **values), status)


def mark(html: str) -> str:
    """A short fingerprint: the browser says what it shows, and gets only what differs."""
    return sha256(html.encode()).hexdigest()[:16]


def _clock(visit: Visit, moment: datetime) -> str:
    return moment.astimezone(visit.zone).strftime("%H:%M")


def _day(visit: Visit, moment: datetime) -> str:
    return visit.texts.day(_date(visit, moment), _date(visit, visit.now))


def _date(visit: Visit, moment: datetime) -> date:
    return moment.astimezone(visit.zone).date()
