"""The composition root: builds the product out of its parts. The program and the tests build it here alike."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from bot.procedures.loader import load, load_words
from bot.procedures.model import Catalogue
from bot.procedures.words import Words
from channels import registry
from channels.contract import Channel, Desk, Listener, Sender, Typist
from desk import clock, migrations, setup
from desk.engine import Engine
from desk.live import Live
from desk.model.channel import Installed
from desk.store.database import Database
from firstline.answering import Answering
from firstline.channel_keep import ChannelKeep
from firstline.channel_watch import ChannelWatch
from firstline.conversation_log import ConversationLog
from firstline.delivering import Delivering
from firstline.engine_watch import watch_engine
from firstline.housekeeping import Housekeeping
from firstline.invitations import Invitations
from firstline.mail import mailer
from firstline.mailing import Mailing
from firstline.settings import PREFIX, Settings
from firstline.webhooks import Notifying
from firstline.worker import Worker

if TYPE_CHECKING:
    from firstline.slack_desk import SlackDesk

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parent.parent
_TEXTS = _ROOT / "bot" / "texts"
_PROCEDURES = _ROOT / "data" / "procedures"

_LISTEN_AGAIN = 1.0
"""Seconds to wait before a channel that stopped listening begins again."""


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


def open_database(settings: Settings) -> Database:
    """The record, with its tables up to date and what a desk begins with."""
    database = Database(settings.database_url)
    migrations.upgrade(database)
    with database.transaction() as tx:
        setup.ensure(tx, clock.now())
    return database


def _secret(settings: Settings) -> bytes:
    return settings.secret_key.get_secret_value().encode()


def channel_settings(settings: Settings) -> dict[str, str]:
    """What channels may know of the settings, as plain strings."""
    return {
        "secret_key": settings.secret_key.get_secret_value(),
        "web_origins": " ".join(settings.web_origins),
        "max_file": str(settings.max_file),
        **_mail_settings(settings),
        "telegram_token": _text(settings.telegram_token),
        "telegram_api_url": settings.telegram_api_url,
        "telegram_webhook_url": f"{settings.public_url}/channels/telegram/webhook" if settings.telegram_webhook else "",
        "public_url": settings.public_url,
        "slack_api_url": settings.slack_api_url,
        "slack_app_token": _text(settings.slack_app_token),
        "slack_bot_token": _text(settings.slack_bot_token),
        "slack_client_id": settings.slack_client_id or "",
        "slack_client_secret": _text(settings.slack_client_secret),
        "slack_signing_secret": _text(settings.slack_signing_secret),
    }


def _mail_settings(settings: Settings) -> dict[str, str]:
    return {
        "data_dir": str(settings.data_dir),
        "mail_from": settings.mail_from,
        "smtp_url": _text(settings.smtp_url),
        "mailboxes": _text(settings.mailboxes),
        "smtp_connections": str(settings.smtp_connections),
        "mail_listen": settings.mail_listen or "",
        "mail_addresses": " ".join(settings.mail_addresses),
        "mail_name": settings.mail_name,
        "mail_plus_addresses": "1" if settings.mail_plus_addresses else "",
        "mail_per_minute": str(settings.mail_per_minute),
        "mail_poll_seconds": str(settings.mail_poll_seconds),
        "mail_max": str(settings.mail_max_mb * 1_000_000),
        "mail_trusted_relays": " ".join(settings.mail_trusted_relays),
        "mail_ca_file": str(settings.mail_ca_file or ""),
    }


def _text(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""


def _enabled(settings: Settings, database: Database, now: Callable[[], datetime]) -> dict[str, Channel]:
    def keep(kind: str) -> ChannelKeep:
        return ChannelKeep(database, kind, _secret(settings), now)

    return registry.enabled(channel_settings(settings), keep)


@cache
def _catalogue() -> Catalogue:
    """Read once a process: it takes most of a second."""
    return load(_PROCEDURES, _TEXTS)


@cache
def _words() -> Words:
    return load_words(_TEXTS)


def installed_channels(settings: Settings) -> list[Installed]:
    """Every channel there is, and what it lacks to be on."""
    given = channel_settings(settings)
    found, wanting = (
        {kind: tuple(PREFIX + name.upper() for name in names) for kind, names in lacking.items()}
        for lacking in (registry.missing(given), registry.wanting(given))
    )
    # Not a channel of customers', but a pipe all the same, that works or does not.
    found["slack_desk"] = found["slack"]
    return [Installed(kind, names, wanting.get(kind, ())) for kind, names in found.items()]


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
    words = _words()
    parts = frozenset(parts)
    heard = Part.LISTEN in parts and not registry.missing(channel_settings(settings))["slack"]
    catalogue = _catalogue() if Part.WEB in parts or heard else Catalogue({})
    database = open_database(settings)
    live = Live()
    database.on_change(live.publish)
    wake = timedelta(seconds=settings.engine_wake_seconds)
    token = settings.engine_token.get_secret_value()
    try:
        async with Engine(settings.engine_url, token, wake=wake) as engine, asyncio.TaskGroup() as background:
            watch = ChannelWatch(database, now)
            enabled = _enabled(settings, database, now)
            running = (*enabled.values(), *extra_channels)
            invitations = Invitations(running, _secret(settings))
            desk = ConversationLog(
                database,
                live,
                engine,
                words,
                watch,
                now,
                max_file=settings.max_file,
                secret=_secret(settings),
                fetching=_fetching(running),
                invitations=invitations,
            )
            slack = _slack_desk(settings, database, enabled.get("slack"), watch, now)
            built = Product(
                settings,
                database,
                live,
                engine,
                desk,
                invitations,
                watch,
                running,
                now,
                frozenset(parts),
                catalogue,
                slack,
            )
            if slack is not None and parts & {Part.WEB, Part.LISTEN}:
                # Before customers' listeners are: nobody in a technicians' channel is taken for a customer.
                slack.register(catalogue)
            tasks = [background.create_task(work) for work in _background(built)]
            try:
                yield built
            finally:
                for task in tasks:
                    task.cancel()
    finally:
        database.close()


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
    return SlackDesk(
        database, channel.app, watch, now, public_url=settings.public_url, language=settings.slack_language
    )


def _fetching(channels: Iterable[Channel]) -> frozenset[str]:
    """The kinds of channels whose clients fetch their messages."""
    return frozenset(channel.kind for channel in channels if channel.capabilities.fetches)


def _background(built: Product) -> Iterator[Coroutine[None, None, None]]:
    settings = built.settings
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    workers: list[Worker[Any]] = []
    if Part.ANSWER in built.parts:
        workers.append(
            Answering(
                built.database,
                built.live,
                built.engine,
                built.now,
                name=name,
                patience=settings.engine_timeout_seconds,
                concurrency=settings.answer_workers,
                letters=[channel.kind for channel in built.channels if channel.capabilities.letters],
                secret=_secret(settings),
                invitations=built.invitations,
                typists={channel.kind: channel for channel in built.channels if isinstance(channel, Typist)},
            ).worker
        )
    if Part.DELIVER in built.parts:
        senders = {channel.kind: channel for channel in built.channels if isinstance(channel, Sender)}
        workers.append(
            Delivering(
                built.database,
                senders,
                built.watch,
                built.now,
                name=name,
                concurrency=settings.deliver_workers,
                secret=_secret(settings),
            ).worker
        )
        workers.append(
            Notifying(
                built.database,
                built.now,
                name=name,
                concurrency=settings.deliver_workers,
                private=settings.webhook_private,
            ).worker
        )

        workers.append(
            Mailing(
                built.database, mailer(settings), built.now, name=name, console=f"{settings.public_url}/desk"
            ).worker
        )

        if built.slack is not None:
            carding = built.slack.carding(name)
            yield carding.worker.run()
            yield carding.wake(built.live)

    yield watch_engine(built.engine, built.live)
    yield Housekeeping(built.database, built.now, fetching=_fetching(built.channels)).run()
    if Part.LISTEN in built.parts:
        for channel in built.channels:
            if isinstance(channel, Listener):
                yield _listen(channel, built.log, built.watch)
    for worker in workers:
        yield worker.run()
        yield _wake(worker, built.live)


async def _listen(channel: Listener, desk: Desk, watch: ChannelWatch) -> None:
    """Keep `channel` listening: whatever ends it, it begins again after a pause."""
    while True:
        try:
            await channel.listen(desk)
        except Exception as error:
            log.exception("channel %s stopped listening; it begins again in %s s", channel.kind, _LISTEN_AGAIN)
            await watch.failed(channel.kind, str(error) or type(error).__name__)
        await asyncio.sleep(_LISTEN_AGAIN)


async def _wake(worker: Worker[Any], live: Live) -> None:
    """Wake `worker` whenever its queue gets work in this process."""
    async for _ in live.changes(worker.queue):
        worker.wake()
