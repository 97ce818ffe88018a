"""What every route has at hand: the record, the time, and who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.procedures.model import Catalogue
from desk import technicians
from desk.brake import Brake
from desk.model.technician import Technician
from desk.store.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Here:
    """The desk as the API's routes use it."""

    database: Database
    now: Callable[[], datetime]
    session: timedelta
    """How long a login lasts."""
    brake: Brake
    catalogue: Catalogue
    """The diagnostic procedures."""

    async def read[T](self, work: Callable[[Transaction], T]) -> T:
        """Run `work`, which only reads."""
        return await self.database.read(work)

    async def write[T](self, work: Callable[[Transaction, datetime], T]) -> T:
        """Run `work` in a transaction, with the time at which it is done."""
        return await self.database.write(lambda tx: work(tx, self.now()))


def _here(request: Request) -> Here:
    here: Here = request.state.here
    return here


AtDesk = Annotated[Here, Depends(_here)]

_BEARER = HTTPBearer(
    auto_error=False, description="A token from `POST /api/v1/logins`, or one that an administrator made for a program."
)


async def _me(here: AtDesk, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> Technician:
    token = bearer.credentials if bearer else ""
    found = await here.read(lambda tx: technicians.who(tx, token, here.now()))
    if found is None or found.must_change_password:
        raise HTTPException(401, "log in first: POST /api/v1/logins")
    return found


Me = Annotated[Technician, Depends(_me)]
