"""Files that technicians send, and those of conversations, to be seen and kept."""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels import files
from channels.contract import MAX_FILES, Attachment, Rejected
from desk import attachments
from desk.console.session import Gate
from desk.console.visit import Console, Visit

_WITHIN = 300.0
"""Seconds for one upload."""
_MAX_NAME = 1_000


class Files:
    """Uploading for a message to come, and serving what is there.

    max_file: bytes in one file.
    """

    def __init__(self, console: Console, max_file: int) -> None:
        self._console = console
        self._max_file = max_file

    def routes(self, gate: Gate) -> list[Route]:
        """Their addresses."""
        return [
            Route("/files", gate.signed_in(self.upload), methods=["POST"], name="upload"),
            Route("/files/{attachment:id}", gate.signed_in(self.serve), name="file"),
        ]

    async def upload(self, visit: Visit) -> Response:
        """Keep the body as a file. What is wrong is said as problem+json, whose `detail` is for the technician."""
        try:
            async with asyncio.timeout(_WITHIN):
                files.announced(visit.request.headers.get("content-length"), self._max_file)
                content = await files.read(visit.request.stream(), self._max_file)
        except Rejected:
            size = visit.texts.size(self._max_file)
            return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, visit.texts("files.too_large", size=size))
        except (TimeoutError, ClientDisconnect):
            return _problem(HTTPStatus.REQUEST_TIMEOUT, visit.texts("files.interrupted"))
        return JSONResponse(_shown(visit, await self._store(visit, content)), 201)

    async def _store(self, visit: Visit, content: bytes) -> Attachment:
        name = visit.request.query_params.get("name", "")[:_MAX_NAME]
        claimed = visit.request.headers.get("content-type", "")
        uploader = attachments.technician(visit.me.id)
        return await self._console.database.write(
            lambda tx: attachments.store(tx, uploader, name, claimed, content, visit.now), brief=False
        )

    async def serve(self, visit: Visit) -> Response:
        """A file; ``?download`` to keep it, even where it could be shown."""
        number = visit.id("attachment")
        found = await self._console.database.read(lambda tx: attachments.open_for_technician(tx, number, visit.me.id))
        download = "download" in visit.request.query_params
        return Response(found.content, headers=files.headers(found.attachment, download=download))


def uploads(form: dict[str, str]) -> list[int]:
    """The files that a form refers to, by id: ``12 13``. What is no id is left out."""
    return [int(one) for one in re.findall(r"(?<!\S)[0-9]{1,18}(?!\S)", form.get("attachments", ""))][: MAX_FILES + 1]


def _shown(visit: Visit, stored: Attachment) -> dict[str, object]:
    return {
        "id": stored.id,
        "name": stored.name,
        "size": visit.texts.size(stored.size),
        "image": stored.type in files.IMAGES,
        "url": visit.url("file", attachment=stored.id),
    }


def _problem(status: HTTPStatus, detail: str) -> Response:
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")
