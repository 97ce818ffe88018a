"""The console as one application, to be mounted anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from bot.procedures.model import Catalogue
from channels import numbers
from channels.files import MAX_FILE
from desk.brake import Brake
from desk.console import texts
from desk.console.account import Account
from desk.console.actions import Actions
from desk.console.admin import administration
from desk.console.alerts import Alerts
from desk.console.assets import Assets
from desk.console.diagnosis import Diagnosis
from desk.console.errors import Errors
from desk.console.events import Events
from desk.console.files import Files
from desk.console.filing import Filing
from desk.console.guard import SecurityHeaders
from desk.console.invitations import Invitations
from desk.console.mails import Mails
from desk.console.palette import Palette
from desk.console.rendering import Renderer
from desk.console.session import Gate, Sessions
from desk.console.ticket_actions import TicketActions
from desk.console.ticket_list import TicketList
from desk.console.tickets import TicketPages
from desk.console.visit import Console
from desk.console.workspace import Workspace
from desk.live import Live
from desk.model.channel import Installed
from desk.model.errors import DeskError
from desk.model.mail import Mailer
from desk.model.slack import Announcer
from desk.store.database import Database


def console(
    database: Database,
    live: Live,
    now: Callable[[], datetime],
    *,
    session: timedelta,
    secure_cookie: bool,
    catalogue: Catalogue,
    brake: Brake,
    mailer: Mailer,
    public_url: str = "",
    channels: Sequence[Installed] = (),
    max_file: int = MAX_FILE,
    slack: Announcer | None = None,
) -> ASGIApp:
    """The console. All its addresses follow the path it is mounted at.

    session: how long a login lasts. secure_cookie: the console is reached by https only. catalogue: the diagnostic
    procedures, with which technicians go on by hand. brake: on guessing passwords. mailer: what mails invitations.
    public_url: where links that leave the console begin; empty: where it was asked for. channels: all there are, for
    administrators to look at. max_file: bytes in one file that technicians send. slack: what tries channels in Slack
    out; None: technicians do not work in Slack.
    """
    numbers.register()
    desk = Console(
        database, live, now, session, secure_cookie, texts.load(), brake, catalogue, mailer, public_url, channels, slack
    )
    assets = Assets()
    renderer = Renderer(assets, max_file)
    gate = Gate(desk)
    errors = Errors(desk, renderer)
    workspace = Workspace(desk, renderer)
    app = Starlette(
        routes=[
            *Sessions(desk, renderer).routes(gate),
            *workspace.routes(gate),
            *Filing(desk, renderer).routes(gate),
            *TicketList(desk, renderer).routes(gate),
            *TicketPages(desk, renderer, workspace).routes(gate),
            *TicketActions(desk, renderer).routes(gate),
            *Palette(desk).routes(gate),
            *Actions(desk, renderer).routes(gate),
            *Files(desk, max_file).routes(gate),
            *Mails(desk, renderer).routes(gate),
            *Alerts(desk, renderer).routes(gate),
            *Diagnosis(desk).routes(gate),
            *Account(desk, renderer).routes(gate),
            *Invitations(desk, renderer).routes(gate),
            *administration(desk, renderer, gate),
            Route("/events", gate.signed_in(Events(desk).respond), name="events"),
            Mount("/static", assets),
        ],
        exception_handlers={
            DeskError: errors.handle,
            HTTPException: errors.handle,
            Exception: errors.handle,
        },
    )
    return SecurityHeaders(app)
