"""What is running in a process of the app, and which parts of the product it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.procedures.model import Catalogue
from channels.contract import Channel
from desk.engine import Engine
from desk.live import Live
from desk.store.database import Database
from firstline.channel_watch import ChannelWatch
from firstline.conversation_log import ConversationLog
from firstline.invitations import Invitations
from firstline.settings import Settings

if TYPE_CHECKING:
    from firstline.slack_desk import SlackDesk


class Part(StrEnum):
    """What one app process may do; a process does all of it unless told otherwise."""

    WEB = "web"
    LISTEN = "listen"
    ANSWER = "answer"
    DELIVER = "deliver"


@dataclass(frozen=True, slots=True, repr=False)
class Product:
    """Everything that is running in this process: too much to be written out, as asyncio does with results of tasks."""

    settings: Settings
    database: Database
    live: Live
    engine: Engine
    log: ConversationLog
    invitations: Invitations
    watch: ChannelWatch
    channels: tuple[Channel, ...]
    now: Callable[[], datetime]
    parts: frozenset[Part]
    catalogue: Catalogue
    """The diagnostic procedures; empty in a process that neither shows pages nor hears technicians."""
    slack: SlackDesk | None = None
    """Slack as the technicians' console; None where Slack is off."""

    @property
    def fetching(self) -> frozenset[str]:
        """The kinds of channels whose clients fetch their messages."""
        return fetching(self.channels)

    @property
    def letters(self) -> frozenset[str]:
        """The kinds of channels whose messages are mails."""
        return frozenset(channel.kind for channel in self.channels if channel.capabilities.letters)


def fetching(channels: Iterable[Channel]) -> frozenset[str]:
    """The kinds of channels whose clients fetch their messages."""
    return frozenset(channel.kind for channel in channels if channel.capabilities.fetches)
