"""The web chat as a channel: the socket, and the widget's files. The only module that knows Starlette's sockets."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from channels import texts
from channels.contract import MAX_FILES, Capabilities, Log, Way
from channels.files import MAX_FILE
from channels.web import link
from channels.web.assets import Assets
from channels.web.connection import Connection, Gone, Setting
from channels.web.limits import Limits
from channels.web.uploads import Uploads

logger = logging.getLogger(__name__)

_HERE = Path(__file__).parent
_ANY = "*"


def create(settings: Mapping[str, str]) -> WebChannel:
    """The channel as configured: ``secret_key`` signs tokens, ``web_origins`` lists who may connect (default: all).

    ``max_file`` is how many bytes a file may have, ``public_url`` where customers find the page.
    """
    origins = settings.get("web_origins", _ANY).replace(",", " ").split()
    max_file = int(settings.get("max_file", MAX_FILE))
    page = settings.get("public_url", "")
    return WebChannel(settings["secret_key"].encode(), page=page, origins=origins, max_file=max_file)


class WebChannel:
    """Web chat. Implements `channels.contract`'s Inviting and Webhook.

    page: the address of the product's own page, for links that lead there; empty: there are none.
    origins: sites whose pages may open the socket, such as ``https://example.org``; ``*`` means all. The product's own
    page always may.
    max_file: bytes in one file.
    """

    kind = "web"
    capabilities = Capabilities(buttons=10, fetches=True, typing=True, files=MAX_FILES)

    def __init__(
        self,
        secret: bytes,
        *,
        page: str = "",
        origins: Collection[str] = (_ANY,),
        limits: Limits | None = None,
        max_file: int = MAX_FILE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._secret = secret
        self._page = page
        self._origins = frozenset(origin.rstrip("/").lower() for origin in origins)
        self._limits = limits or Limits()
        self._max_file = max_file
        self._now = now
        self._texts = texts.load("channels.web")
        self._assets = Assets.load({"": _HERE / "static", "locale/": _HERE / "locale"})

    def routes(self, desk: Log) -> Router:
        """The socket, what is sent and received beside it, and the widget; to be mounted at ``/channels/web``."""
        setting = Setting(self.kind, self._secret, desk, self._texts, self._limits, self._now, self._max_file)
        uploads = Uploads(setting, self._welcomes)

        async def socket(websocket: WebSocket) -> None:
            await self._serve(websocket, setting)

        return Router([WebSocketRoute("/socket", socket), *uploads.routes(), Route("/{name:path}", self._file)])

    async def invitation(self, code: str) -> Way | None:
        """A link to the page, for another device."""
        return Way(self.kind, link.joining(self._page, code)) if self._page else None

    async def page(self, request: Request) -> Response:
        """The customer page, for whoever serves ``/``; its links are relative to there."""
        return self._assets.respond("index.html", request)

    async def _file(self, request: Request) -> Response:
        return self._assets.respond(request.path_params["name"], request)

    async def _serve(self, websocket: WebSocket, setting: Setting) -> None:
        if not self._welcomes(websocket.headers.get("origin"), websocket.headers.get("host", "")):
            await websocket.close()  # before accepting: the browser sees 403
            return
        await websocket.accept()
        try:
            await Connection(_Adapter(websocket), setting).run()
        except* Exception:  # the top of this connection's tasks: the client is told to come back, and resumes
            logger.exception("a web chat connection failed")
            with suppress(WebSocketDisconnect, RuntimeError):  # it may have left by itself
                await websocket.close(code=1011)

    def _welcomes(self, origin: str | None, host: str) -> bool:
        if _ANY in self._origins:
            return True
        return origin is not None and (origin.lower() in self._origins or urlsplit(origin).netloc == host)


class _Adapter:
    """Starlette's socket as a connection sees it."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def receive(self) -> str | bytes | None:
        event = await self._websocket.receive()
        if event["type"] == "websocket.disconnect":
            return None
        text: str | None = event.get("text")
        data: bytes | None = event.get("bytes")
        return text if text is not None else data

    async def send(self, text: str) -> None:
        try:
            await self._websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError) as error:  # RuntimeError: the close was already exchanged
            raise Gone from error
