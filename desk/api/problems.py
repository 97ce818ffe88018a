"""Errors of the desk as problem details (RFC 9457)."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from desk.model.errors import Conflict, DeskError, Invalid, NotAllowed, NotFound

_STATUS = {NotFound: 404, Conflict: 409, NotAllowed: 403, Invalid: 422}
_TITLE = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    422: "Not acceptable",
}


def problem(status: int, detail: str, **members: object) -> JSONResponse:
    """A problem+json answer."""
    body = {"type": "about:blank", "title": _TITLE.get(status, "Error"), "status": status, "detail": detail, **members}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Have `app` answer every error it expects as a problem."""

    @app.exception_handler(DeskError)
    async def desk_error(_: Request, error: DeskError) -> JSONResponse:
        members = {key: value for key, value in vars(error).items() if value is not None}
        return problem(_STATUS.get(type(error), 400), str(error), **members)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [{"field": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in error.errors()]
        return problem(422, "; ".join(f"{e['field']}: {e['message']}" for e in errors), errors=errors)

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail))
