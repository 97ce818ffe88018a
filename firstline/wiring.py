"""The composition root: builds the product out of its parts. The program and the tests build it here alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.procedures.loader import load, load_words
from bot.procedures.model import Catalogue
from bot.procedures.words import Words
from channels import registry
from channels.contract import Channel
from desk import clock, migrations, setup
from desk.engine import Engine
from desk.live import Live
from desk.store.database import Database
from firstline.background import background
from firstline.channel_keep import ChannelKeep
from firstline.channel_settings import channel_settings
from firstline.channel_watch import ChannelWatch
from firstline.conversation_log import ConversationLog
from firstline.invitations import Invitations
from firstline.product import Part, Product, fetching
from firstline.settings import Settings

if TYPE_CHECKING:
    from firstline.slack_desk import SlackDesk

_ROOT = Path(__file__).resolve().parent.parent
_TEXTS = _ROOT / "bot" / "texts"
_PROCEDURES = _ROOT / "data" / "procedures"


def open_database(settings: Settings) -> Database:
    """The record, with its tables up to date and what a desk begins with."""
    database = Database(settings.database_url)
    migrations.upgrade(database)
    with database.transaction() as tx:
        setup.ensure(tx, clock.now())
    return database


def _enabled(settings: Settings, database: Database, now: Callable[[], datetime]) -> dict[str, Channel]:
    def keep(kind: str) -> ChannelKeep:
        return ChannelKeep(database, kind, settings.key, now)

    return registry.enabled(channel_settings(settings), keep)


@cache
def _catalogue() -> Catalogue:
    """Read once a process: it takes most of a second."""
    return load(_PROCEDURES, _TEXTS)


@cache
def _words() -> Words:
    return load_words(_TEXTS)


@asynccontextmanager
async def product(
    settings: Settings,
    parts: Iterable[Part] = Part,
    now: Callable[[], datetime] = clock.now,
    extra_channels: Iterable[Channel] = (),
) -> AsyncIterator[Product]:
    """The product, working until the block ends; then it stops, and what is being worked on is given back.

    When part of it ends unexpectedly, the block is cancelled and the error raised: better a process that is started
    again than one that works by half.
    """
    chosen, words = frozenset(parts), _words()
    heard = Part.LISTEN in chosen and not registry.missing(channel_settings(settings))["slack"]
    catalogue = _catalogue() if Part.WEB in chosen or heard else Catalogue({})
    database = open_database(settings)
    live = Live()
    database.on_change(live.publish)
    wake = timedelta(seconds=settings.engine_wake_seconds)
    token = settings.engine_token.get_secret_value()
    try:
        async with Engine(settings.engine_url, token, wake=wake) as engine, asyncio.TaskGroup() as tasks:
            built = _built(settings, chosen, catalogue, words, database, live, engine, now, extra_channels)
            if built.slack is not None and chosen & {Part.WEB, Part.LISTEN}:
                # Before customers' listeners are: nobody in a technicians' channel is taken for a customer.
                built.slack.register(catalogue)
            running = [tasks.create_task(work) for work in background(built)]
            try:
                yield built
            finally:
                for task in running:
                    task.cancel()
    finally:
        database.close()


def _built(
    settings: Settings,
    parts: frozenset[Part],
    catalogue: Catalogue,
    words: Words,
    database: Database,
    live: Live,
    engine: Engine,
    now: Callable[[], datetime],
    extra_channels: Iterable[Channel],
) -> Product:
    watch = ChannelWatch(database, now)
    enabled = _enabled(settings, database, now)
    channels = (*enabled.values(), *extra_channels)
    invitations = Invitations(channels, settings.key)
    desk = ConversationLog(
        database,
        live,
        engine,
        words,
        watch,
        now,
        max_file=settings.max_file,
        secret=settings.key,
        fetching=fetching(channels),
        invitations=invitations,
    )
    slack = _slack_desk(settings, database, enabled.get("slack"), watch, now)
    return Product(settings, database, live, engine, desk, invitations, watch, channels, now, parts, catalogue, slack)


def _slack_desk(
    settings: Settings, database: Database, channel: Channel | None, watch: ChannelWatch, now: Callable[[], datetime]
) -> SlackDesk | None:
    """Slack as the technicians' console, on the app of the channel for customers."""
    if channel is None:
        return None
    # Slack's SDK is loaded where Slack is on, and nowhere else.
    from channels.slack.channel import SlackChannel
    from firstline.slack_desk import SlackDesk

    assert isinstance(channel, SlackChannel)
    url, language = settings.public_url, settings.slack_language
    return SlackDesk(database, channel.app, watch, now, public_url=url, language=language, max_file=settings.max_file)
