"""Installing the app in many workspaces: Bolt's OAuth flow, with our record as its memory.

https://docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from logging import Logger
from urllib.parse import urljoin

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.keeping import Keep
from channels.slack.app import SlackApp
from channels.slack.workspaces import NotInstalled, Workspace, Workspaces

log = logging.getLogger(__name__)

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "im:history",
    "im:write",
    "users:read",
)
"""What the app may do, as in ``docs/slack-app-manifest.yml``."""
_STATE = "state"
_STATE_SECONDS = 600
_RENEWED = 120
"""Minutes before its end."""


class Installer:
    """The two pages of the OAuth flow.

    address: of these pages, as browsers reach them, without a slash at the end.
    """

    def __init__(
        self,
        app: SlackApp,
        keep: Keep,
        client_id: str,
        client_secret: str,
        address: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        settings = AsyncOAuthSettings(
            client_id=client_id,
            client_secret=client_secret,
            scopes=SCOPES,
            user_scopes=[],
            redirect_uri=f"{address}/oauth_redirect",
            # Straight to Slack, whose page says what the app may do, in the reader's language.
            install_page_rendering_enabled=False,
            authorization_url=urljoin(app.api_url, "../oauth/v2/authorize"),
            installation_store=InstallationStore(app.workspaces),
            state_store=StateStore(keep, now),
            state_expiration_seconds=_STATE_SECONDS,
            logger=log,
        )
        self._flow = AsyncOAuthFlow(client=app.client(None), logger=log, settings=settings)
        self._rotator = AsyncTokenRotator(client_id=client_id, client_secret=client_secret, client=app.client(None))
        app.workspaces.renew = self._renew

    async def _renew(self, workspace: Workspace) -> Workspace | None:
        """A token that lives for twelve hours, if the app asked for such, is renewed when two are left."""
        bot = _bot(workspace, None, workspace.id)
        try:
            renewed = await self._rotator.perform_bot_token_rotation(bot=bot, minutes_before_expiration=_RENEWED)
        except SlackTokenRotationError as error:
            # The old one is good until its end, and another process may have renewed it just now.
            log.warning("the token of %s was not renewed: %s", workspace.id, error)
            return None
        if renewed is None:
            return None
        return replace(
            workspace,
            token=renewed.bot_token,
            refresh_token=renewed.bot_refresh_token,
            expires_at=renewed.bot_token_expires_at,
        )

    def routes(self) -> list[Route]:
        """Below the channel's address."""
        return [Route("/install", self._install), Route("/oauth_redirect", self._redirect)]

    async def _install(self, request: Request) -> Response:
        return to_starlette_response(await self._flow.handle_installation(to_async_bolt_request(request, b"")))

    async def _redirect(self, request: Request) -> Response:
        return to_starlette_response(await self._flow.handle_callback(to_async_bolt_request(request, b"")))


class InstallationStore(AsyncInstallationStore):
    """The SDK's view of `Workspaces`. Only the bot's token is kept: people's we do not ask for."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    @property
    def logger(self) -> Logger:
        """Where the SDK logs."""
        return log

    async def async_save(self, installation: Installation) -> None:
        """The app was installed, or installed again."""
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        """The same, or its token was renewed."""
        await self._workspaces.save(
            Workspace(
                id=str((bot.enterprise_id if bot.is_enterprise_install else bot.team_id) or ""),
                token=bot.bot_token,
                bot_user=bot.bot_user_id or "",
                bot=bot.bot_id or "",
                name=(bot.enterprise_name if bot.is_enterprise_install else bot.team_name) or "",
                app=bot.app_id or "",
                scopes=tuple(bot.bot_scopes or ()),
                refresh_token=bot.bot_refresh_token,
                expires_at=bot.bot_token_expires_at,
            )
        )

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """The bot of a workspace, or of the organisation it belongs to."""
        try:
            found = await self._workspaces.find(None if is_enterprise_install else team_id, enterprise_id)
        except NotInstalled:
            return None
        return _bot(found, enterprise_id, team_id)

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """The app was removed."""
        await self._workspaces.remove(team_id or enterprise_id)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """People's own installations are not kept."""


def _bot(workspace: Workspace, enterprise_id: str | None, team_id: str | None) -> Bot:
    return Bot(
        app_id=workspace.app,
        enterprise_id=enterprise_id,
        team_id=team_id,
        bot_token=workspace.token,
        bot_id=workspace.bot,
        bot_user_id=workspace.bot_user,
        bot_scopes=workspace.scopes,
        bot_refresh_token=workspace.refresh_token,
        bot_token_expires_at=workspace.expires_at,
        installed_at=0.0,  # not kept
    )


class StateStore(AsyncOAuthStateStore):
    """Which installations were begun here: a state is good once, and for ten minutes."""

    def __init__(self, keep: Keep, now: Callable[[], datetime]) -> None:
        self._keep = keep
        self._now = now

    @property
    def logger(self) -> Logger:
        """Where the SDK logs."""
        return log

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        """A new state; those that nobody came back with are forgotten."""
        now = self._now()
        for old in await self._keep.kept(_STATE, until=now - timedelta(seconds=_STATE_SECONDS)):
            await self._keep.take(_STATE, old)
        state = secrets.token_urlsafe(32)
        await self._keep.put(_STATE, state, now.isoformat())
        return state

    async def async_consume(self, state: str) -> bool:
        """Whether it was issued, lately, and nobody has come back with it yet."""
        issued = await self._keep.take(_STATE, state)
        age = timedelta(seconds=_STATE_SECONDS)
        return issued is not None and self._now() - datetime.fromisoformat(issued) < age
