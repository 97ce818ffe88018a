"""Files to and from the customer's browser over HTTP. Messages refer to them by id, over the socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels import files, numbers
from channels.contract import Attachment, File, Rejected, RejectReason
from channels.web import link, render, token
from channels.web.connection import Setting

_AT_ONCE = 16
"""Uploads that are received at the same time: what bounds the memory they take."""
_WITHIN = 300.0
"""Seconds for one upload."""
_MAX_NAME = 1_000
_STATUS = {
    RejectReason.FILE_TOO_LARGE.value: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    RejectReason.UNKNOWN_TOKEN.value: HTTPStatus.UNAUTHORIZED,
}
BUSY = "busy"
INTERRUPTED = "interrupted"
FILE_GONE = "file_gone"


class Uploads:
    """The routes below ``files``.

    welcomes: whether pages of an origin, on a host, may use the chat.
    """

    def __init__(self, setting: Setting, welcomes: Callable[[str | None, str], bool]) -> None:
        self._setting = setting
        self._welcomes = welcomes
        self._receiving = 0

    def routes(self) -> list[Route]:
        """Their addresses."""
        numbers.register()
        return [
            Route("/files", self._permit, methods=["OPTIONS"]),
            Route("/files", self._upload, methods=["POST"]),
            Route("/files/{attachment:id}", self._serve),
        ]

    async def _permit(self, request: Request) -> Response:
        """What a browser asks before it sends something with a token from another site's page."""
        allowed = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "authorization, content-type",
            "Access-Control-Max-Age": "3600",
        }
        return Response(status_code=204, headers={**self._shared(request), **allowed})

    def _shared(self, request: Request) -> dict[str, str]:
        origin = request.headers.get("origin")
        known = origin is not None and self._welcomes(origin, request.headers.get("host", ""))
        return {"Vary": "Origin", **({"Access-Control-Allow-Origin": origin} if known and origin else {})}

    async def _upload(self, request: Request) -> Response:
        if self._receiving >= _AT_ONCE:
            return self._problem(request, HTTPStatus.SERVICE_UNAVAILABLE, BUSY)
        self._receiving += 1
        try:
            async with asyncio.timeout(_WITHIN):
                stored, visitor = await self._store(request)
        except Rejected as rejected:
            code = rejected.reason.value
            return self._problem(request, _STATUS.get(code, HTTPStatus.BAD_REQUEST), code)
        except (TimeoutError, ClientDisconnect):
            return self._problem(request, HTTPStatus.REQUEST_TIMEOUT, INTERRUPTED)
        finally:
            self._receiving -= 1
        return JSONResponse(render.attachment(stored, self._link(stored, visitor)), 201, self._shared(request))

    async def _store(self, request: Request) -> tuple[Attachment, str]:
        setting = self._setting
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        visitor = token.verify(bearer, setting.secret)
        files.announced(request.headers.get("content-length"), setting.max_file)
        content = await files.read(request.stream(), setting.max_file)
        name = request.query_params.get("name", "")[:_MAX_NAME]
        file = File(name, request.headers.get("content-type", ""), content)
        return await setting.desk.upload(setting.kind, visitor, file), visitor

    def _link(self, attachment: Attachment, visitor: str) -> str:
        return link.address(attachment, visitor, self._setting.now(), self._setting.secret)

    async def _serve(self, request: Request) -> Response:
        setting, number = self._setting, request.path_params["attachment"]
        visitor = link.visitor_in(number, request.query_params, setting.now(), setting.secret)
        found = await setting.desk.file(setting.kind, visitor, number) if visitor is not None else None
        if found is None:
            # One answer for all: whether there is such a file is nobody's business. A person reads it in a tab.
            return Response(setting.texts.say(f"errors.{FILE_GONE}", _wish(request)), 404, media_type="text/plain")
        attachment, content = found
        headers = files.headers(attachment, download="download" in request.query_params)
        # The page that shows it may be another site's.
        return Response(content, headers={**headers, "Cross-Origin-Resource-Policy": "cross-origin"})

    def _problem(self, request: Request, status: HTTPStatus, code: str) -> Response:
        """A problem as RFC 9457 has it; `detail` is for the customer."""
        detail = self._setting.texts.say(f"errors.{code}", _wish(request))
        body = {"type": "about:blank", "title": status.phrase, "status": status.value, "code": code, "detail": detail}
        return JSONResponse(body, status, self._shared(request), media_type="application/problem+json")


def _wish(request: Request) -> str:
    """The language that the widget, or else the browser, asks for."""
    return request.query_params.get("language") or request.headers.get("accept-language", "")[:2]
