"""Who somebody is, as Slack tells it: a display name and a language, which are hints and prove nothing."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from channels.slack import parse
from channels.slack.app import SlackApp
from channels.slack.events import Profile
from channels.slack.workspaces import NotInstalled

log = logging.getLogger(__name__)

_PATIENCE = 5.0
_FRESH = 3600.0
_UNKNOWN = 300.0
"""Seconds after which somebody about whom Slack told nothing is asked for again."""
_MOST = 10_000


class People:
    """Remembers, for an hour, what `users.info` said."""

    def __init__(self, app: SlackApp) -> None:
        self._app = app
        self._known: dict[tuple[str, str], tuple[float, Profile]] = {}

    def known(self, workspace: str, user: str) -> Profile | None:
        """What is known without asking."""
        until, profile = self._known.get((workspace, user), (0.0, None))
        return profile if until > asyncio.get_running_loop().time() else None

    async def of(self, workspace: str, user: str) -> Profile:
        """What is known of somebody; it may be nothing."""
        if (known := self.known(workspace, user)) is not None:
            return known
        try:
            async with asyncio.timeout(_PATIENCE):
                client = await self._app.client_of(workspace)
                answer: Any = await client.users_info(user=user, include_locale=True)
            told = answer["user"]
            found, fresh = parse.profile(told if isinstance(told, dict) else {}), _FRESH
        except (SlackApiError, NotInstalled, aiohttp.ClientError, TimeoutError) as error:
            log.info("Slack does not tell who %s is: %r", user, error)
            found, fresh = Profile(), _UNKNOWN
        self._known[workspace, user] = (asyncio.get_running_loop().time() + fresh, found)
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        return found
