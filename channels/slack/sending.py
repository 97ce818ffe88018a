"""Sending one message of ours as several of Slack's, going on where it was interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from channels.contract import DeliveryFailed, JSONObject, Outgoing, Receipt
from channels.slack import failures, render
from channels.slack.app import SlackApp
from channels.slack.texts import Texts
from channels.slack.workspaces import NotInstalled

_LONGEST = 45.0
"""Seconds for all parts of one message: a claim lasts a minute."""
_REMEMBERED = 1_000
"""Interrupted messages of which it is known what arrived, and direct messages of which the channel is known."""

Step = Callable[[], Awaitable[str | None]]
"""Sends one part; returns Slack's time of it, if there is one."""


class Sending:
    """What was sent of which message.

    What it knows is gone with the process: a message of several parts that fails in the middle, and is tried again by
    another process, begins at its start.
    """

    def __init__(self, app: SlackApp, texts: Texts) -> None:
        self._app = app
        self._texts = texts
        self._sent: dict[tuple[int, int], int] = {}
        self._direct: dict[str, str] = {}

    def met(self, address: str, channel: str) -> None:
        """The direct messages with `address` are `channel`."""
        _remember(self._direct, address, channel)

    async def send(self, message: Outgoing) -> Receipt:
        """Send all parts that an earlier attempt has not sent.

        Raises:
            DeliveryFailed: as the contract has it.
        """
        workspace, _, user = message.address.partition(":")
        key, ts, channel = (message.conversation, message.seq), None, ""
        try:
            async with asyncio.timeout(_LONGEST):
                client = await _prepared(self._app.client_of(workspace))
                channel, thread_ts = await self._place(client, message, user)
                steps = self._steps(client, message, channel, thread_ts)
                for done in range(self._sent.get(key, 0), len(steps)):
                    ts = await _sent(steps[done], direct=channel.startswith("D")) or ts
                    _remember(self._sent, key, done + 1)
        except TimeoutError as error:
            raise DeliveryFailed(f"no answer within {_LONGEST} s", unknown=True) from error
        self._sent.pop(key, None)
        return Receipt(f"{channel}:{ts}" if ts else None)

    async def _place(self, client: AsyncWebClient, message: Outgoing, user: str) -> tuple[str, str | None]:
        """The channel, and which of its threads."""
        if message.thread:
            channel, _, thread_ts = message.thread.partition(":")
            return channel, thread_ts
        if message.address not in self._direct:
            opened = await _prepared(client.conversations_open(users=user))
            self.met(message.address, opened["channel"]["id"])
        return self._direct[message.address], None

    def _steps(self, client: AsyncWebClient, message: Outgoing, channel: str, thread_ts: str | None) -> list[Step]:
        where: JSONObject = {"channel": channel, "thread_ts": thread_ts}
        steps: list[Step] = [_posting(client, {**where, **post}) for post in render.posts(message, self._texts)]
        if message.files:
            steps.append(_uploading(client, where, message))
        return steps


def _posting(client: AsyncWebClient, post: JSONObject) -> Step:
    async def step() -> str | None:
        # Links are shown as they are: a picture of the page is no answer.
        arguments: Any = {**post, "unfurl_links": False, "unfurl_media": False}
        return str((await client.chat_postMessage(**arguments))["ts"])

    return step


def _uploading(client: AsyncWebClient, where: JSONObject, message: Outgoing) -> Step:
    async def step() -> None:
        uploads = [{"content": one.content, "filename": one.name, "title": one.name} for one in message.files]
        place: Any = where
        await client.files_upload_v2(file_uploads=uploads, request_file_info=False, **place)

    return step


async def _prepared[T](asked: Awaitable[T]) -> T:
    """What has to be known before anything is sent: whatever goes wrong, nothing has arrived."""
    try:
        return await asked
    except NotInstalled as error:
        raise DeliveryFailed(f"the app is not installed in {error.id}", unreachable=True) from error
    except SlackApiError as error:
        failed = failure(error, direct=True)
        raise DeliveryFailed(
            failed.detail,
            permanent=failed.permanent,
            unreachable=failed.unreachable,
            retry_after=failed.retry_after,
        ) from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise DeliveryFailed(repr(error)) from error


async def _sent(step: Step, *, direct: bool) -> str | None:
    try:
        return await step()
    except SlackApiError as error:
        raise failure(error, direct=direct) from error
    except SlackRequestError as error:
        raise DeliveryFailed(str(error)) from error  # a file was not uploaded, so nothing was shared
    except aiohttp.ClientConnectorError as error:
        raise DeliveryFailed(repr(error)) from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise DeliveryFailed(repr(error), unknown=True) from error


def failure(error: SlackApiError, *, direct: bool) -> DeliveryFailed:
    """What an error of the SDK means. The answer is no JSON when a gateway gave it."""
    response = error.response
    status, data = getattr(response, "status_code", None), getattr(response, "data", response)
    return failures.failure(status or 200, data, getattr(response, "headers", {}), direct=direct)


def _remember[K, V](known: dict[K, V], key: K, value: V) -> None:
    known[key] = value
    if len(known) > _REMEMBERED:
        del known[next(iter(known))]
