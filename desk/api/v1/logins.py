"""Logging in, and out again."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field

from desk import technicians
from desk.api.problems import refusals
from desk.api.v1.context import AtDesk, Me
from desk.api.v1.fields import Sent
from desk.brake import login_key

router = APIRouter(tags=["logins"])
_Line = Annotated[str, Field(max_length=320, pattern=r"^[^\x00]*$")]


class Credentials(Sent):
    """What a technician logs in with."""

    email: Annotated[_Line, Field(examples=["tess@example.org"])]
    password: _Line


class Login(BaseModel):
    """A token for the ``Authorization: Bearer`` header."""

    token: str


@router.post("/logins", status_code=201, summary="Log in", responses=refusals(401, 429))
async def log_in(request: Request, here: AtDesk, credentials: Credentials) -> Login:
    """The answer's token is good for as long as a technician's login lasts.

    Too many wrong passwords are not even looked at for a while; the console counts them with you.
    """
    now = here.now()
    key = login_key(credentials.email, request.client.host if request.client else "")
    wait = here.brake.attempt(key, now)
    if wait is not None:
        raise HTTPException(429, "too many attempts", {"Retry-After": str(-(-wait // timedelta(seconds=1)))})
    token = await technicians.log_in(here.database, credentials.email, credentials.password, now, here.session)
    if token is None:
        raise HTTPException(401, "address and password do not fit")
    here.brake.release(key)
    return Login(token=token)


@router.delete("/logins/current", status_code=204, summary="Log out")
async def log_out(request: Request, here: AtDesk, _: Me) -> None:
    """The token is worth nothing afterwards."""
    token = request.headers["authorization"].partition(" ")[2].strip()
    await here.write(lambda tx, _: technicians.log_out(tx, token))
