"""What bringing cards in step needs of Slack, and how it fails. Pure: `desk.slack.client` is what calls Slack."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from desk.model.slack import Place
from desk.slack.blocks import Message


class SlackFailed(Exception):
    """Slack did not do it.

    code: what Slack calls the reason (``not_in_channel``), or what became of the connection.
    retry_after: seconds that Slack wants to be left alone in this channel.
    unknown: it may have been done (cut off before the answer): look before it is done again.
    """

    def __init__(self, code: str, *, retry_after: float | None = None, unknown: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.unknown = unknown


class Api(Protocol):
    """Slack, as far as cards need it. Every call may raise `SlackFailed`."""

    async def workspace(self, place: Place) -> str:
        """The id of the workspace a channel is in; found out where `place` does not name it."""
        ...

    async def post(self, place: Place, message: Message, *, thread: str | None = None, broadcast: bool = False) -> str:
        """Post a message (below `thread`; with `broadcast`, in the channel as well); returns Slack's name of it."""
        ...

    async def update(self, place: Place, ts: str, message: Message) -> None:
        """Replace a message of ours."""
        ...

    async def posted(self, place: Place, thread: str | None, since: datetime) -> Mapping[str, str]:
        """What we posted in a channel, or below `thread`, since then: Slack's names, by the ids of the first blocks."""
        ...
