"""What the channel itself tells people, beside what the desk says: a choice made, a refusal, the Home tab.

Everything here is a courtesy: it is said once, and a failure of it holds up nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from channels.contract import Accepted, JSONObject, Language, Rejected
from channels.slack import render
from channels.slack.app import SlackApp
from channels.slack.events import HomeOpened, Said, ThreadStarted
from channels.slack.parse import Payload
from channels.slack.people import People
from channels.slack.workspaces import NotInstalled
from channels.texts import Texts

log = logging.getLogger(__name__)

_TIMEOUT = 10


class Replies:
    """Says it in the language of whoever is told."""

    def __init__(self, app: SlackApp, people: People, texts: Texts) -> None:
        self._app = app
        self._people = people
        self._texts = texts

    async def settled(self, said: Said, body: Payload, outcome: Accepted | Rejected) -> None:
        """The desk has what was said, or does not take it."""
        if isinstance(outcome, Rejected):
            await self._tell(said, body, f"errors.{outcome.reason}")
        elif said.press is not None and outcome.duplicate:
            await self._tell(said, body, "errors.pressed_already")
        elif said.press is not None:
            await self._replace(said, body)

    def language_of(self, said: Said) -> Language | None:
        """What is known without asking."""
        known = self._people.known(said.workspace, said.user)
        return known.language if known else None

    async def home(self, opened: HomeOpened) -> None:
        """Show the Home tab; whoever opens the app is looked up, before they write."""
        profile = await self._people.of(opened.workspace, opened.user)
        if opened.home:
            view = render.home(opened, self._texts, profile.language)
            await self._call(opened.workspace, "views.publish", {"user_id": opened.user, "view": view})

    async def started(self, started: ThreadStarted) -> None:
        """Propose what to say in a thread with the assistant."""
        profile = await self._people.of(started.workspace, started.user)
        prompts = render.prompts(started, self._texts, profile.language)
        await self._call(started.workspace, "assistant.threads.setSuggestedPrompts", prompts)

    async def _replace(self, said: Said, body: Payload) -> None:
        message = body.get("message")
        if not isinstance(message, dict) or not (value := _pressed(body)):
            return
        update = render.chosen(message, value, self._texts)
        if update is not None:
            where: JSONObject = {"channel": said.channel, "ts": message.get("ts")}
            await self._call(said.workspace, "chat.update", {**where, **update})

    async def _tell(self, said: Said, body: Payload, key: str) -> None:
        """To nobody else: others in the channel need not read it."""
        text = self._texts.say(key, await self._language(said, body))
        url = body.get("response_url")
        thread_ts = said.thread.partition(":")[2] or None
        if isinstance(url, str) and url:
            answer: JSONObject = {"text": text, "response_type": "ephemeral", "replace_original": False}
            if thread_ts:
                answer["thread_ts"] = thread_ts
            await _attempt("response_url", AsyncWebhookClient(url, timeout=_TIMEOUT).send_dict(answer))
        elif said.channel:
            told: JSONObject = {"channel": said.channel, "user": said.user, "text": text, "thread_ts": thread_ts}
            await self._call(said.workspace, "chat.postEphemeral", told)

    async def _language(self, said: Said, body: Payload) -> Language | None:
        message = body.get("message")
        under = render.spoken_under(message) if isinstance(message, dict) else None
        return under or (await self._people.of(said.workspace, said.user)).language

    async def _call(self, workspace: str, method: str, arguments: JSONObject) -> None:
        async def call() -> None:
            await (await self._app.client_of(workspace)).api_call(method, json=arguments)

        await _attempt(method, call())


async def _attempt(what: str, call: Awaitable[Any]) -> None:
    try:
        await call
    except (SlackApiError, NotInstalled, aiohttp.ClientError, TimeoutError) as error:
        log.info("%s: %r", what, error)


def _pressed(body: Payload) -> str:
    """The value of what was pressed or chosen."""
    actions = body.get("actions")
    action: Any = actions[0] if isinstance(actions, list) and actions else {}
    chosen = action.get("selected_option") or action
    return str(chosen.get("value") or "")
