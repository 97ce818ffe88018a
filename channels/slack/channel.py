"""Slack as a channel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import aiohttp
from slack_sdk.errors import SlackApiError
from starlette.routing import Route, Router

from channels import texts
from channels.contract import MAX_FILES, Capabilities, DeliveryFailed, Desk, Log, Outgoing, Receipt, Way
from channels.files import MAX_FILE
from channels.keeping import Keep
from channels.slack import render
from channels.slack.app import API, SlackApp
from channels.slack.completion import Completion
from channels.slack.events import KIND
from channels.slack.intake import Intake
from channels.slack.oauth import Installer
from channels.slack.people import People
from channels.slack.reception import Reception
from channels.slack.replies import Replies
from channels.slack.sending import Sending, failure
from channels.slack.workspaces import NotInstalled

log = logging.getLogger(__name__)


def create(settings: Mapping[str, str], keep: Keep) -> SlackChannel:
    """The channel as configured.

    One workspace: ``slack_bot_token``. Many: ``slack_client_id`` and ``slack_client_secret``. By a socket:
    ``slack_app_token``. Over HTTP: ``slack_signing_secret``. `keep`: where installations are kept, and what waits.
    """
    app = SlackApp(
        token=settings.get("slack_bot_token", ""),
        keep=keep if settings.get("slack_client_id") else None,
        app_token=settings.get("slack_app_token", ""),
        signing_secret=settings.get("slack_signing_secret", ""),
        api_url=settings.get("slack_api_url") or API,
    )
    installer, client_id, secret = None, settings.get("slack_client_id"), settings.get("slack_client_secret")
    if client_id and secret:
        address = f"{settings.get('public_url', '')}/channels/{KIND}"
        installer = Installer(app, keep, client_id, secret, address)
    elif client_id:
        log.warning("without slack_client_secret no workspace can install the app")
    return SlackChannel(app, keep, installer=installer, max_file=int(settings.get("max_file", MAX_FILE)))


class SlackChannel:
    """Implements `channels.contract`'s Sender, Typist, Inviting, Listener and Webhook.

    app: where others may listen too, if they register before `listen` and `routes` are called.
    max_file: bytes in one file.
    """

    kind = KIND
    capabilities = Capabilities(buttons=render.MAX_CHOICES, typing=True, files=MAX_FILES)

    def __init__(
        self,
        app: SlackApp,
        keep: Keep,
        *,
        installer: Installer | None = None,
        max_file: int = MAX_FILE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.app = app
        self._keep = keep
        self._installer = installer
        self._max_file = max_file
        self._now = now
        self._texts = texts.load("channels.slack")
        self._people = People(app)
        self._sending = Sending(app, self._texts)
        self._reception: Reception | None = None

    async def send(self, message: Outgoing) -> Receipt:
        """Hand `message` to Slack, in as many parts as it takes."""
        return await self._sending.send(message)

    async def typing(self, address: str, thread: str) -> None:
        """Show in a thread with the assistant that an answer is prepared; elsewhere Slack has no way to."""
        channel, _, thread_ts = thread.partition(":")
        if not channel.startswith("D"):
            return
        workspace, _, user = address.partition(":")
        try:
            client = await self.app.client_of(workspace)
            status = self._texts.say("typing", (await self._people.of(workspace, user)).language)
            await client.assistant_threads_setStatus(channel_id=channel, thread_ts=thread_ts, status=status)
        except SlackApiError as error:
            raise failure(error, direct=True) from error
        except (NotInstalled, aiohttp.ClientError, TimeoutError) as error:
            raise DeliveryFailed(repr(error)) from error

    async def invitation(self, code: str) -> Way | None:
        """What to send there: Slack's links lead to an app, but take nothing along."""
        return Way(self.kind, words=render.join_words(code))

    async def listen(self, desk: Desk) -> None:
        """Take up what was left, and keep the socket open, if there is a token for one."""
        work = [self._received_by(desk).intake.resume(), *([self.app.listen()] if self.app.app_token else [])]
        tasks = [asyncio.create_task(one) for one in work]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    def routes(self, desk: Log) -> Router | None:
        """Where Slack calls, if it can prove that it is Slack; and where the app is installed."""
        routes = [] if self._installer is None else self._installer.routes()
        if self.app.signing_secret:
            self._received_by(desk)
            # One address would do; three make the settings at Slack readable.
            names = ("events", "interactions", "commands")
            routes += [Route(f"/{name}", self.app.handle, methods=["POST"]) for name in names]
        return Router(routes) if routes else None

    def _received_by(self, desk: Desk) -> Reception:
        if self._reception is None:
            replies = Replies(self.app, self._people, self._texts)
            completion = Completion(self.app, self._people, replies, self._texts, max_file=self._max_file)
            intake = Intake(desk, self._keep, completion, self._now)
            self._reception = Reception(self.app, intake, self._keep, self._sending, replies, self._texts, self._now)
        return self._reception
