"""The one Bolt app for everything that Slack sends us: customers' messages, and what technicians do in their channels.

Bolt asks listeners in the order they were registered, and the first that matches has the event. Customers' listeners
are registered when their channel begins to listen (`SlackChannel.listen` and `routes`), so whoever registers before on
`SlackApp.bolt` comes first: the desk's own channels are none of a customer's business.
"""

from __future__ import annotations

import asyncio
import logging

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response

from channels.contract import Rejected
from channels.files import read
from channels.keeping import Keep
from channels.slack.workspaces import NotInstalled, Workspace, Workspaces

API = "https://slack.com/api/"

_TIMEOUT = 20
"""Seconds for one call of Slack's API."""
_PING = 5.0
"""Seconds between two looks at whether the socket still lives."""
_CONNECT = 30.0
"""Seconds that the socket may take to connect, or to connect again, before all is begun anew."""

_MAX_BODY = 5_000_000
"""Bytes. An event holds a message with its blocks, and what it quotes; a thousandth of this is usual."""
_UNHANDLED = 404
"""How Bolt answers what no listener matches."""

# Bolt and the SDK put what people write into their debugging log.
_logger = logging.getLogger("channels.slack.sdk")
_logger.setLevel(logging.WARNING)


class Unauthorized(Exception):
    """Slack did not tell whose token this is; the event is not acknowledged, and Slack sends it again."""


class SlackApp:
    """Builds the Bolt app, keeps its socket connected, and has a client for each workspace.

    api_url: where Slack's API is.
    token: the bot's token (``xoxb-…``), when the app is installed in one workspace by hand.
    keep: where installations by OAuth are kept; None: there are none.
    app_token: (``xapp-…``) for the socket; empty: Slack calls us over HTTP.
    signing_secret: proves that an HTTP request is Slack's; empty: HTTP requests are not served.
    ping: seconds between two looks at whether the socket still lives.
    """

    def __init__(
        self,
        *,
        token: str = "",
        keep: Keep | None = None,
        app_token: str = "",
        signing_secret: str = "",
        api_url: str = API,
        ping: float = _PING,
    ) -> None:
        self.api_url = api_url.rstrip("/") + "/"
        self.app_token = app_token
        self.signing_secret = signing_secret
        self._token = token
        self._ping = ping
        self.workspaces = Workspaces(keep, self._whose_token if token else None)
        # An event is acknowledged when its listener has returned, so not before it is stored.
        self.bolt = AsyncApp(
            logger=_logger,
            signing_secret=signing_secret,
            client=self.client(None),
            authorize=_Authorize(self.workspaces),  # type: ignore[arg-type]  # as Bolt itself hands one in
            process_before_response=True,
        )

    def client(self, token: str | None) -> AsyncWebClient:
        """A client of Slack's API. It never tries again by itself: what is sent twice is read twice."""
        return AsyncWebClient(token, base_url=self.api_url, timeout=_TIMEOUT, retry_handlers=[], logger=_logger)

    async def client_of(self, workspace: str | None) -> AsyncWebClient:
        """The client for a workspace, by its id; None: the one whose token is in the settings.

        Raises:
            NotInstalled: the app is not installed there.
            SlackApiError, aiohttp.ClientError, TimeoutError: it could not be found out.
        """
        found = await (self.workspaces.find(workspace) if workspace else self.workspaces.own())
        if found is None:
            raise NotInstalled("")
        return self.client(found.token)

    async def handle(self, request: Request) -> Response:
        """An event, a pressed button or a command that Slack sent over HTTP; Bolt checks its signature."""
        # Read here and not by Bolt's handler, which reads whatever anybody sends before it looks at the signature.
        try:
            asked = to_async_bolt_request(request, await read(request.stream(), _MAX_BODY))
        except Rejected:
            return Response(status_code=413)
        except UnicodeDecodeError:
            return Response(status_code=400)
        answer = await self.bolt.async_dispatch(asked)
        # What no listener is for, such as a notice of `app_rate_limited`, is nothing that Slack should send again.
        return Response() if answer.status == _UNHANDLED else to_starlette_response(answer)

    async def listen(self) -> None:
        """Keep the socket open until cancelled.

        Raises:
            SlackApiError: Slack refuses the token for the socket.
            ConnectionError: it did not come (back) in time; begin again.
        """
        handler = AsyncSocketModeHandler(self.bolt, self.app_token, logger=_logger, ping_interval=self._ping)
        socket = handler.client
        try:
            # Asked here and not by the SDK, which would try in vain for ever.
            socket.wss_uri = await socket.issue_new_wss_url()
            async with asyncio.timeout(_CONNECT):
                await socket.connect()  # type: ignore[no-untyped-call]
            alive = asyncio.get_running_loop().time()
            while asyncio.get_running_loop().time() - alive < _CONNECT:
                await asyncio.sleep(self._ping)
                if await socket.is_connected():
                    alive = asyncio.get_running_loop().time()
            raise ConnectionError("the socket to Slack is lost")
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]

    async def _whose_token(self) -> Workspace:
        answer = await self.client(self._token).auth_test()
        whole = bool(answer.get("is_enterprise_install"))
        return Workspace(
            id=answer["enterprise_id"] if whole else answer["team_id"],
            token=self._token,
            bot_user=answer["user_id"],
            bot=answer.get("bot_id") or "",
            name=answer.get("team") or "",
        )


class _Authorize(AsyncAuthorize):
    """Whose event it is."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        actor_enterprise_id: str | None = None,
        actor_team_id: str | None = None,
        actor_user_id: str | None = None,
    ) -> AuthorizeResult | None:
        try:
            workspace = await self._workspaces.find(team_id, enterprise_id)
        except NotInstalled:
            return None  # it was removed a moment ago
        except SlackApiError as error:
            # Bolt takes this error for "not installed", and acknowledges what nobody has handled.
            raise Unauthorized(str(error)) from error
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=workspace.bot_user,
            bot_id=workspace.bot,
            bot_token=workspace.token,
        )
