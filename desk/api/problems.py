"""Errors of the desk as problem details (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import compile_path

from desk.model.errors import Conflict, DeskError, Invalid, NotAllowed, NotFound

MEDIA_TYPE = "application/problem+json"
_STATUS = {NotFound: 404, Conflict: 409, NotAllowed: 403, Invalid: 422}
TITLES: Mapping[int, str] = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not JSON",
    422: "Not acceptable",
    428: "Say which revision",
    429: "Too many attempts",
}


class FieldProblem(BaseModel):
    """What is wrong with one value."""

    field: str
    message: str


class Problem(BaseModel):
    """Why a request was refused (RFC 9457). Nothing was changed."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field([], description="For values that are not acceptable, one by one")


class Refused(Exception):
    """A request is answered with a problem; `members` go along with it."""

    def __init__(self, status: int, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.status = status
        self.members = members


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: how it may refuse, besides what follows from what it takes."""
    return {status: {} for status in statuses}


def problem(status: int, detail: str, **members: object) -> Response:
    """A problem+json answer."""
    body = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, "detail": detail, **members}
    challenge = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    # What callers sent may be quoted, and JSON can spell half characters that UTF-8 cannot.
    written = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(written, status, challenge, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Have `app` answer every error it expects as a problem."""

    @app.exception_handler(DeskError)
    async def desk_error(_: Request, error: DeskError) -> Response:
        members = {key: value for key, value in vars(error).items() if value is not None}
        return problem(_STATUS.get(type(error), 400), str(error), **members)

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> Response:
        return problem(error.status, str(error), **error.members)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        found = error.errors()
        if any(e["type"] == "json_invalid" for e in found):
            return problem(400, "the body is not JSON")
        errors = [{"field": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in found]
        return problem(422, "; ".join(f"{e['field']}: {e['message']}" for e in errors), errors=errors)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        answer = problem(error.status_code, str(error.detail))
        answer.headers.update(error.headers or {})
        if error.status_code == 405:
            answer.headers["Allow"] = ", ".join(sorted(_allowed(app, request.url.path)))
        return answer


def _allowed(app: FastAPI, path: str) -> set[str]:
    """Every method of a path: each has a route of its own, and the framework names those of the first only."""
    found: set[str] = set()
    for template, operations in app.openapi()["paths"].items():
        if compile_path(template)[0].fullmatch(path):
            found |= {method.upper() for method in operations}
    return found
