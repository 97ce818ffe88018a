"""Slack as the technicians' console: the worker that keeps cards in step, and the listeners for what technicians do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Any, Protocol

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.procedures.model import Catalogue
from channels.contract import File
from channels.files import MAX_FILE
from channels.slack import files, parse
from channels.slack.workspaces import NotInstalled
from desk.live import Live
from desk.model.slack import Claimed, Place
from desk.slack.api import SlackFailed
from desk.slack.app import register
from desk.slack.cards import announcement
from desk.slack.client import Clients, SlackClient
from desk.slack.surface import Fetch
from desk.slack.sync import Sync
from desk.slack.texts import Spoken
from desk.store.database import Database
from firstline.channel_watch import ChannelWatch
from firstline.worker import Worker

log = logging.getLogger(__name__)

KIND = "slack_desk"
"""Under which its state is noted, besides the channels'."""


class Connected(Protocol):
    """The app that Slack knows, as the channel for customers has it."""

    @property
    def api_url(self) -> str:
        """Where Slack's API is."""
        ...

    @property
    def bolt(self) -> AsyncApp:
        """Gives out what arrives, to the first listener that matches."""
        ...

    async def client_of(self, workspace: str | None) -> AsyncWebClient:
        """The client for a workspace, by its id; None: the one whose token is in the settings."""
        ...


def _clients(slack: Connected) -> Clients:
    async def client_of(workspace: str | None) -> AsyncWebClient:
        try:
            return await slack.client_of(workspace)
        except NotInstalled as error:
            raise SlackFailed("not_installed") from error

    return client_of


def fetching(slack: Connected, max_file: int) -> Fetch:
    """How files that technicians add are fetched. max_file: bytes in one."""

    async def fetch(client: AsyncWebClient, told: Mapping[str, Any]) -> File:
        shared = parse.file(told)
        token = client.token or ""
        try:
            content = await files.fetch(shared.url, token, limit=max_file, type=shared.type, api_url=slack.api_url)
        except files.NotFetched as error:
            raise SlackFailed(str(error)) from error
        return File(shared.name, shared.type, content)

    return fetch


class SlackDesk:
    """The technicians' console on the app that customers' channel has, with the one settings both share.

    language: of cards and threads. public_url: where the web console is. max_file: bytes in one file.
    """

    def __init__(
        self,
        database: Database,
        slack: Connected,
        watch: ChannelWatch,
        now: Callable[[], datetime],
        *,
        public_url: str,
        language: str,
        max_file: int = MAX_FILE,
    ) -> None:
        self._database = database
        self._slack = slack
        self._watch = watch
        self._now = now
        self._public_url = public_url
        self._language = language
        self._max_file = max_file

    def register(self, catalogue: Catalogue) -> None:
        """Listen for what technicians do; to be called before the channel for customers begins to listen."""
        register(
            self._slack.bolt,
            self._database,
            self._now,
            catalogue,
            public_url=self._public_url,
            language=self._language,
            fetch=fetching(self._slack, self._max_file),
        )

    def carding(self, name: str) -> Carding:
        """The worker."""
        client = SlackClient(_clients(self._slack))
        texts = Spoken()(self._language)
        sync = Sync(self._database, client, texts, self._now, name=name, public_url=self._public_url)
        return Carding(sync, self._watch)

    async def announce(self, place: Place, name: str, language: str) -> str | None:
        """As `desk.model.slack.Announcer`."""
        client = SlackClient(_clients(self._slack))
        try:
            found = Place(place.channel, await client.workspace(place))
            await client.post(found, announcement(Spoken()(language), name))
        except SlackFailed as failure:
            await self._watch.failed(KIND, f"{place}: {failure.code}")
            return failure.code
        await self._watch.worked(KIND)
        return None


class Carding:
    """Claims cards that are out of step and brings them in step.

    poll: seconds after which it looks by itself, for what other processes changed.
    """

    def __init__(self, sync: Sync, watch: ChannelWatch, *, concurrency: int = 4, poll: float = 2.0) -> None:
        self._sync = sync
        self._watch = watch
        self.worker: Worker[Claimed] = Worker(KIND, self, concurrency=concurrency, poll=poll)

    async def claim(self) -> Claimed | None:
        """The next card that is out of step."""
        return await self._sync.claim()

    async def give_back(self, claimed: Claimed) -> None:
        """Others may have it at once."""
        await self._sync.give_back(claimed)

    async def handle(self, claimed: Claimed) -> None:
        """Bring it in step."""
        try:
            await self._sync.handle(claimed)
        except SlackFailed as failure:
            await self._failed(claimed, failure)
        except asyncio.CancelledError:
            # Something may have been posted at this moment.
            await self._sync.give_back(claimed, unsure=True)
            raise
        else:
            await self._watch.worked(KIND)

    async def fail(self, claimed: Claimed, error: Exception) -> None:
        """It broke in an unforeseen way."""
        await self._failed(claimed, SlackFailed(type(error).__name__, unknown=True))

    async def _failed(self, claimed: Claimed, failure: SlackFailed) -> None:
        log.warning("slack: card %s in %s: %s", claimed.card.id, claimed.card.place, failure.code)
        await self._sync.failed(claimed, failure)
        if failure.retry_after is None:
            await self._watch.failed(KIND, f"{claimed.card.place}: {failure.code}")

    async def wake(self, live: Live) -> None:
        """Wake the worker whenever anything changed in this process, until cancelled."""
        async with aclosing(live.changes()) as changes:
            async for changed in changes:
                if changed:
                    self.worker.wake()
