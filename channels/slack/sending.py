"""Sending to Slack: where a message goes, and what its errors mean."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from channels import parts
from channels.contract import DeliveryFailed, JSONObject, Outgoing, Receipt
from channels.parts import Part
from channels.slack import failures, render
from channels.slack.app import SlackApp
from channels.slack.workspaces import NotInstalled
from channels.texts import Texts

_REMEMBERED = 1_000
"""Direct messages of which the channel is known."""


class Sending:
    """Sends messages to where each customer is."""

    def __init__(self, app: SlackApp, texts: Texts) -> None:
        self._app = app
        self._texts = texts
        self._direct: dict[str, str] = {}

    def met(self, address: str, channel: str) -> None:
        """The direct messages with `address` are `channel`."""
        self._direct[address] = channel
        if len(self._direct) > _REMEMBERED:
            del self._direct[next(iter(self._direct))]

    async def send(self, message: Outgoing) -> Receipt:
        """Send all parts that an earlier attempt has not sent.

        Raises:
            DeliveryFailed: as the contract has it.
        """
        workspace, _, user = message.address.partition(":")
        since = asyncio.get_running_loop().time()
        client = await _prepared(self._app.client_of(workspace))
        channel, thread_ts = await self._place(client, message, user)
        made = [
            partial(_sent, part, direct=channel.startswith("D"))
            for part in self._parts(client, message, channel, thread_ts)
        ]
        ts = await parts.send(made, message.progress, since)
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

    def _parts(self, client: AsyncWebClient, message: Outgoing, channel: str, thread_ts: str | None) -> list[Part]:
        where: JSONObject = {"channel": channel, "thread_ts": thread_ts}
        made: list[Part] = [_posting(client, {**where, **post}) for post in render.posts(message, self._texts)]
        if message.files:
            made.append(_uploading(client, where, message))
        return made


def _posting(client: AsyncWebClient, post: JSONObject) -> Part:
    async def part() -> str | None:
        # Links are shown as they are: a picture of the page is no answer.
        arguments: Any = {**post, "unfurl_links": False, "unfurl_media": False}
        return str((await client.chat_postMessage(**arguments))["ts"])

    return part


def _uploading(client: AsyncWebClient, where: JSONObject, message: Outgoing) -> Part:
    async def part() -> None:
        uploads = [{"content": one.content, "filename": one.name, "title": one.name} for one in message.files]
        place: Any = where
        await client.files_upload_v2(file_uploads=uploads, request_file_info=False, **place)

    return part


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


async def _sent(part: Part, *, direct: bool) -> str | None:
    try:
        return await part()
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
