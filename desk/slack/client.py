"""`desk.slack.api` with Slack's SDK."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from desk.model.slack import Place
from desk.slack.api import SlackFailed
from desk.slack.blocks import Message, cut

log = logging.getLogger(__name__)

Clients = Callable[[str | None], Awaitable[AsyncWebClient]]
"""The client for a workspace, by its id; None: the only one."""

_UNSURE = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_TOO_MUCH = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long"})
_PAGES = 10
_WITHOUT_BLOCKS = 3_000
"""Characters of a message whose blocks Slack does not take."""


class SlackClient:
    """Calls Slack. Never tries again by itself."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def workspace(self, place: Place) -> str:
        """As `Api.workspace`."""
        if place.workspace:
            return place.workspace
        answer = await self._call("", lambda client: client.auth_test())
        # Of an app that a whole organisation has, the token is the organisation's.
        whole = answer.get("is_enterprise_install")
        return str(answer["enterprise_id"] if whole else answer["team_id"])

    async def post(self, place: Place, message: Message, *, thread: str | None = None, broadcast: bool = False) -> str:
        """As `Api.post`."""

        async def post(sent: Message) -> str:
            answer = await self._call(
                place.workspace,
                lambda client: client.chat_postMessage(
                    channel=place.channel,
                    blocks=list(sent.blocks),
                    text=sent.text,
                    thread_ts=thread,
                    reply_broadcast=broadcast or None,
                    unfurl_links=False,
                    unfurl_media=False,
                ),
            )
            return str(answer["ts"])

        try:
            return await post(message)
        except SlackFailed as failure:
            if failure.code not in _TOO_MUCH:
                raise
            log.warning("slack: %s: a message is posted without its blocks", failure.code)
            return await post(_bare(message))

    async def update(self, place: Place, ts: str, message: Message) -> None:
        """As `Api.update`."""
        await self._call(
            place.workspace,
            lambda client: client.chat_update(
                channel=place.channel, ts=ts, blocks=list(message.blocks), text=message.text
            ),
        )

    async def posted(self, place: Place, thread: str | None, since: datetime) -> Mapping[str, str]:
        """As `Api.posted`."""
        found: dict[str, str] = {}
        asked: dict[str, Any] = {"channel": place.channel, "oldest": f"{since.timestamp():.6f}", "limit": 200}
        for _ in range(_PAGES):
            page = await self._call(place.workspace, lambda client: _read(client, thread, asked))
            for message in page.get("messages") or ():
                blocks = message.get("blocks") or ()
                if message.get("bot_id") and blocks:
                    found[str(blocks[0].get("block_id"))] = str(message["ts"])
            asked["cursor"] = (page.get("response_metadata") or {}).get("next_cursor")
            if not asked["cursor"]:
                break
        return found

    async def _call(self, workspace: str, call: Callable[[AsyncWebClient], Awaitable[Any]]) -> Any:
        try:
            return await call(await self._clients(workspace or None))
        except SlackApiError as error:
            raise failure_of(error) from error
        except aiohttp.ClientConnectorError as error:
            raise SlackFailed(type(error).__name__) from error
        except (aiohttp.ClientError, SlackClientError, TimeoutError) as error:
            raise SlackFailed(type(error).__name__, unknown=True) from error


def _read(client: AsyncWebClient, thread: str | None, asked: dict[str, Any]) -> Awaitable[Any]:
    return client.conversations_replies(ts=thread, **asked) if thread else client.conversations_history(**asked)


def _bare(message: Message) -> Message:
    return Message(
        [
            {
                "type": "section",
                "block_id": message.blocks[0].get("block_id", "bare"),
                "text": {"type": "plain_text", "text": cut(message.text, _WITHOUT_BLOCKS)},
            }
        ],
        message.text,
    )


def failure_of(error: SlackApiError) -> SlackFailed:
    """What an answer of Slack's that is none says."""
    response = error.response
    # A gateway before Slack answers with a page.
    said = response.data if isinstance(response.data, dict) else {}
    code = str(said.get("error") or response.status_code)
    if response.status_code == 429 or code in {"ratelimited", "rate_limited"}:
        return SlackFailed("ratelimited", retry_after=float(response.headers.get("Retry-After") or 1))
    return SlackFailed(code, unknown=response.status_code >= 500 or code in _UNSURE)
