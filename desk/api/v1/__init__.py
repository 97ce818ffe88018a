"""The REST API for other programs, with a technician's login or a program's token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from fastapi import APIRouter, Depends, FastAPI, Request

from bot.procedures.model import Catalogue
from desk.api.v1 import conversations, customers, lists, logins, ticket_moves, tickets, webhooks
from desk.api.v1.context import Here
from desk.brake import Brake
from desk.store.database import Database

PREFIX = "/api/v1"


def _provide(request: Request) -> None:
    request.state.here = request.app.state.rest_api


# Put together once: FastAPI reads every route's signature anew at each inclusion.
_API = APIRouter(prefix=PREFIX, dependencies=[Depends(_provide)])
for _part in (logins, tickets, ticket_moves, conversations, customers, lists, webhooks):
    _API.include_router(_part.router)


def add_rest_api(
    app: FastAPI,
    database: Database,
    now: Callable[[], datetime],
    *,
    session: timedelta,
    brake: Brake,
    catalogue: Catalogue,
) -> None:
    """Add the routes below ``/api/v1`` to `app`.

    session: how long a login lasts. brake: on guessing passwords. catalogue: the diagnostic procedures.
    """
    app.state.rest_api = Here(database, now, session, brake, catalogue)
    app.include_router(_API)
