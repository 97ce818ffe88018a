"""What a process of the app does besides answering requests: workers, listeners, and what is due now and then."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Coroutine, Iterator
from typing import Any

from channels.contract import Desk, Listener, Sender, Typist
from desk.live import Live
from firstline.answering import Answering
from firstline.channel_watch import ChannelWatch
from firstline.delivering import Delivering
from firstline.engine_watch import watch_engine
from firstline.housekeeping import Housekeeping
from firstline.mail import mailer
from firstline.mailing import Mailing
from firstline.product import Part, Product
from firstline.webhooks import Notifying
from firstline.worker import Worker

log = logging.getLogger(__name__)

_LISTEN_AGAIN = 1.0
"""Seconds to wait before a channel that stopped listening begins again."""


def background(built: Product) -> Iterator[Coroutine[None, None, None]]:
    """Everything that the parts of this process do by themselves, to be run side by side until they are cancelled."""
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    yield watch_engine(built.engine, built.live)
    yield Housekeeping(built.database, built.now, fetching=built.fetching).run()
    if Part.LISTEN in built.parts:
        for channel in built.channels:
            if isinstance(channel, Listener):
                yield _listen(channel, built.log, built.watch)
    if Part.ANSWER in built.parts:
        yield from _working(_answering(built, name), built.live)
    if Part.DELIVER in built.parts:
        for worker in _telling(built, name):
            yield from _working(worker, built.live)
        if built.slack is not None:
            carding = built.slack.carding(name)
            yield carding.worker.run()
            yield carding.wake(built.live)


def _working(worker: Worker[Any], live: Live) -> Iterator[Coroutine[None, None, None]]:
    yield worker.run()
    yield _wake(worker, live)


def _answering(built: Product, name: str) -> Worker[Any]:
    return Answering(
        built.database,
        built.live,
        built.engine,
        built.now,
        name=name,
        patience=built.settings.engine_timeout_seconds,
        concurrency=built.settings.answer_workers,
        letters=built.letters,
        secret=built.settings.key,
        invitations=built.invitations,
        typists={channel.kind: channel for channel in built.channels if isinstance(channel, Typist)},
    ).worker


def _telling(built: Product, name: str) -> Iterator[Worker[Any]]:
    """Of customers, other programs and technicians."""
    settings, database, now = built.settings, built.database, built.now
    senders = {channel.kind: channel for channel in built.channels if isinstance(channel, Sender)}
    at_once, console = settings.deliver_workers, f"{settings.public_url}/desk"
    yield Delivering(database, senders, built.watch, now, name=name, concurrency=at_once, secret=settings.key).worker
    yield Notifying(database, now, name=name, concurrency=at_once, private=settings.webhook_private).worker
    yield Mailing(database, mailer(settings), now, name=name, console=console).worker


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
