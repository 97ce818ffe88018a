"""The REST API for other programs, with a technician's login or a program's token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from fastapi import APIRouter, Depends, Request

from bot.procedures.model import Catalogue
from desk.api.v1 import conversations, customers, lists, logins, ticket_moves, tickets, webhooks
from desk.api.v1.context import Here
from desk.brake import Brake
from desk.store.database import Database

PREFIX = "/api/v1"


def rest_api(
    database: Database, now: Callable[[], datetime], *, session: timedelta, brake: Brake, catalogue: Catalogue
) -> APIRouter:
    """The routes below ``/api/v1``.

    session: how long a login lasts. brake: on guessing passwords. catalogue: the diagnostic procedures.
    """
    here = Here(database, now, session, brake, catalogue)

    def provide(request: Request) -> None:
        request.state.here = here

    api = APIRouter(prefix=PREFIX, dependencies=[Depends(provide)])
    for part in (logins, tickets, ticket_moves, conversations, customers, lists, webhooks):
        api.include_router(part.router)
    return api
