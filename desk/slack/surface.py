"""What everything that technicians do in Slack shares: who they are, in which language they are told, and how."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.procedures.model import Catalogue
from channels.contract import File
from desk import slack_accounts
from desk.model.slack import Person
from desk.model.technician import Technician
from desk.slack import cards
from desk.slack.blocks import Block, cut, marked, section
from desk.slack.texts import Spoken
from desk.store.database import Database
from desk.wording import Texts

log = logging.getLogger(__name__)

Fetch = Callable[[AsyncWebClient, Mapping[str, Any]], Awaitable[File]]
"""Fetches a file that Slack tells of, with the client of where it is. Raises `SlackFailed`: it is not to be had."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who acts, and where."""

    client: AsyncWebClient
    person: Person
    channel: str
    thread: str | None
    technician: Technician | None
    """None: they have not proved to be one, or are no longer active."""
    texts: Texts


@dataclass(frozen=True, slots=True)
class Surface:
    """What the technicians' console in Slack works with."""

    database: Database
    now: Callable[[], datetime]
    catalogue: Catalogue
    """The diagnostic procedures."""
    public_url: str
    language: str
    """Of cards and threads, which everybody in a channel sees alike."""
    spoken: Spoken
    fetch: Fetch

    async def visitor(
        self, client: AsyncWebClient, person: Person, channel: str = "", thread: str | None = None
    ) -> Visitor:
        """Who somebody is."""
        technician = await self.database.write(lambda tx: slack_accounts.visit(tx, person, self.now()))
        texts = self.spoken(technician.language if technician else None, self.language)
        return Visitor(client, person, channel, thread, technician, texts)

    def console_url(self, conversation: int) -> str:
        """Where a conversation is in the web console."""
        return cards.console_url(self.public_url, conversation)

    @property
    def account_url(self) -> str:
        """Where technicians make codes."""
        return f"{self.public_url}/desk/account"


async def tell(visitor: Visitor, text: str, blocks: Sequence[Block] = ()) -> None:
    """Tell somebody something that nobody else in the channel sees; `text` is marked-up text.

    That it cannot be told (they have left the channel, Slack is not there) undoes nothing of what was done.
    """
    try:
        await visitor.client.chat_postEphemeral(
            channel=visitor.channel,
            user=visitor.person.user,
            thread_ts=visitor.thread,
            text=cut(text, 3000),
            blocks=[section(marked(text)), *blocks],
        )
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("slack: %s could not be told something: %s", visitor.person.user, error)
