"""A team that works in Slack: the real Bolt app against a fake Slack, the desk's record, and the worker."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Edit, Receipt
from channels.slack.app import SlackApp
from desk import conversations, editing, handover, outbox, ownership, slack_accounts, teams
from desk.model.conversation import Conversation, Message, Reason
from desk.model.slack import Person
from desk.model.technician import OPERATOR, Technician
from desk.slack.app import register
from desk.store import conversations as conversation_store
from desk.store import teams as team_store
from desk.store.database import Database
from firstline.channel_watch import ChannelWatch
from firstline.slack_desk import Carding, SlackDesk, fetching
from tests.background import running
from tests.channels.slack.fake_slack import TEAM
from tests.channels.slack.fake_slack import Message as Posted
from tests.desk.conftest import (
    WORDS,
    Clock,
    clock,
    database,
    tess,
    tom,
    write,
)
from tests.desk.kitchen import kitchen
from tests.firstline.slack_desk.team_slack import SERVICEDESK, TESS, TOM, TeamSlack

__all__ = [
    "clock",
    "database",
    "database_url",
    "tess",
    "tom",
    "write",
]


# What the two databases do differently is tested with the store.
@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A database as a new desk has it."""
    path = tmp_path / "firstline.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


URL = "https://help.example.org"


class Room:
    """The service desk's channel, and everybody who has to do with it."""

    def __init__(
        self, slack: TeamSlack, app: SlackApp, database: Database, clock: Clock, write: Callable[..., int]
    ) -> None:
        self.slack = slack
        self.app = app
        self.database = database
        self.clock = clock
        self._write = write

    def carding(self, name: str = "w", language: str = "en") -> Carding:
        """A worker."""
        watch = ChannelWatch(self.database, self.clock)
        return SlackDesk(self.database, self.app, watch, self.clock, public_url=URL, language=language).carding(name)

    async def sync(self, carding: Carding | None = None) -> None:
        """Bring in step whatever can be at this moment."""
        worker = carding or self.carding()
        while (claimed := await worker.claim()) is not None:
            await worker.handle(claimed)

    def writes(self, text: str, who: str = "alice", **more: Any) -> int:
        """The customer writes; the conversation's id."""
        return self._write(text, who, **more)

    def edits(self, external_id: str, text: str | None, who: str = "alice") -> None:
        """The customer changes a message, or, without a text, takes it back."""
        edit = Edit("web", who, external_id, self.clock.tick(), text)
        assert self.do(lambda tx: editing.edit(tx, edit, self.clock(), WORDS)) is not None

    def hand_over(self, text: str = "My printer is on fire", who: str = "alice") -> int:
        """A customer who writes comes to people; the conversation's id."""
        number = self.writes(text, who)
        with self.database.transaction() as tx:
            current = conversation_store.get(tx, number, lock=True)
            if current.closed:
                current = ownership.begin_again(tx, current, self.clock.tick())
            handover.hand_over(tx, current, Reason.ASKED, f"m{current.last_seq}.{number}", self.clock.tick())
        return number

    async def waiting(self, text: str = "My printer is on fire", who: str = "alice") -> tuple[int, Posted]:
        """A conversation that waits, and its card."""
        number = self.hand_over(text, who)
        await self.sync()
        return number, self.slack.cards()[-1]

    async def held(self, technician: Technician) -> tuple[int, Posted]:
        """A conversation that `technician` has, and its card."""
        number, card = await self.waiting()
        self.do(lambda tx: conversations.take(tx, number, technician, self.clock.tick()))
        await self.sync()
        return number, card

    def do(self, work: Callable[..., Any]) -> Any:
        """Something that happens elsewhere, such as in the web console."""
        with self.database.transaction() as tx:
            return work(tx)

    def conversation(self, number: int) -> Conversation:
        """A conversation as it is."""
        with self.database.snapshot() as tx:
            return conversation_store.get(tx, number)

    def messages(self, number: int) -> list[Message]:
        """All its messages."""
        with self.database.snapshot() as tx:
            return list(conversations.view(tx, number).messages)

    def to_customer(self, number: int) -> list[str]:
        """What technicians said to the customer."""
        return [m.text for m in self.messages(number) if m.author.value == "technician" and not m.internal]

    def notes(self, number: int) -> list[str]:
        """What technicians said among themselves."""
        return [m.text for m in self.messages(number) if m.internal]

    def deliver(self) -> int:
        """The network takes whatever waits for it; how many messages that were."""

        def take(tx: Any) -> bool:
            found = outbox.claim(tx, "d", ["web"], self.clock(), timedelta(seconds=30))
            return found is not None and outbox.delivered(tx, found.claim, Receipt("x"), self.clock())

        count = 0
        while self.do(take):
            count += 1
        return count

    async def push(self, body: dict[str, Any], kind: str = "events_api", **more: Any) -> dict[str, Any] | None:
        """Slack sends something; what it is answered."""
        return await self.slack.push(body, kind, **more)

    async def says(self, text: str, user: str, card: Posted, **more: Any) -> dict[str, Any]:
        """Somebody writes below a card; the event that was sent."""
        body = self.slack.write(text, user, card, **more)
        assert await self.push(body) is not None
        return body

    async def presses(self, action: str, user: str, message: Posted) -> None:
        """Somebody presses a button of a message."""
        assert await self.push(self.slack.press(action, user, message), "interactive") is not None

    async def submits(self, user: str, view: dict[str, Any], **values: Any) -> dict[str, Any]:
        """Somebody sends a form; what Slack is answered, ``{}`` when the form closes."""
        answer = await self.push(self.slack.submit(user, view, **values), "interactive")
        assert answer is not None
        return dict(answer.get("payload") or {})


def set_channel(database: Database, team: str, channel: str | None) -> None:
    """Say where the cards of a team go."""
    with database.transaction() as tx:
        teams.change(tx, OPERATOR, replace(team_store.get(tx, team), slack_channel=channel))


def link(database: Database, now: Callable[[], datetime], technician: Technician, user: str) -> None:
    """A technician proves who they are in Slack."""
    with database.transaction() as tx:
        code = slack_accounts.new_code(tx, technician, now())
        slack_accounts.link(tx, Person(TEAM, user), code, now())


@pytest.fixture
async def slack() -> AsyncIterator[TeamSlack]:
    async with TeamSlack() as running:
        yield running


@pytest.fixture
async def room(
    slack: TeamSlack,
    database: Database,
    clock: Clock,
    write: Callable[..., int],
    tess: Technician,
    tom: Technician,
) -> AsyncIterator[Room]:
    """The service desk's channel, with Tess and Tom in it."""
    set_channel(database, "servicedesk", SERVICEDESK)
    link(database, clock, tess, TESS)
    link(database, clock, tom, TOM)
    app = SlackApp(token=slack.token, app_token=slack.app_token, api_url=slack.api_url)
    fetch = fetching(app, 1_000)
    register(app.bolt, database, clock, kitchen(), public_url=URL, language="en", fetch=fetch)
    async with running(app.listen()):
        yield Room(slack, app, database, clock, write)
