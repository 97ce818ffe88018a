"""The stream that says that something changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta

import httpx

from bot.procedures.model import Catalogue
from desk import duty, technicians
from desk.brake import Brake
from desk.console import texts
from desk.console.events import Events
from desk.console.visit import Console
from desk.live import Live
from desk.store.database import Database
from tests.desk.conftest import Clock
from tests.desk.console.conftest import Mailbox


def events(database: Database, live: Live, clock: Clock) -> Events:
    return Events(
        Console(database, live, clock, timedelta(hours=12), False, texts.load(), Brake(), Catalogue({}), Mailbox()),
        quiet=0.05,
    )


async def test_the_first_thing_said_is_to_look_and_then_what_changed(
    tess_browser: httpx.AsyncClient, database: Database, live: Live, clock: Clock, write: Callable[..., int]
) -> None:
    token = tess_browser.cookies["firstline_session"]
    async with aclosing(events(database, live, clock).stream(token)) as stream:
        assert "event: look\n" in await anext(stream)
        following = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        conversation = await asyncio.to_thread(write, "help")
        said = await following
        while "event: look" in said:
            said = await anext(stream)
        assert said == f"event: lists\ndata: {{}}\n\nevent: conversation-{conversation}\ndata: {{}}\n\n"


async def test_when_nothing_is_known_to_have_changed_pages_look_again_all_the_same(
    tess_browser: httpx.AsyncClient, database: Database, live: Live, clock: Clock
) -> None:
    token = tess_browser.cookies["firstline_session"]
    async with aclosing(events(database, live, clock).stream(token)) as stream:
        await anext(stream)
        assert await anext(stream) == "event: look\ndata: {}\n\n"


async def test_an_open_console_counts_as_somebody_being_there(
    tess_browser: httpx.AsyncClient, database: Database, live: Live, clock: Clock
) -> None:
    token = tess_browser.cookies["firstline_session"]
    clock.tick(3_600)
    with database.snapshot() as tx:
        assert not duty.there(tx, clock())
    async with aclosing(events(database, live, clock).stream(token)) as stream:
        for _ in range(2):
            await anext(stream)
            with database.snapshot() as tx:
                assert duty.there(tx, clock())
            clock.tick(80)


async def test_the_stream_ends_with_the_login(
    tess_browser: httpx.AsyncClient, database: Database, live: Live, clock: Clock
) -> None:
    token = tess_browser.cookies["firstline_session"]
    async with aclosing(events(database, live, clock).stream(token)) as stream:
        await anext(stream)
        with database.transaction() as tx:
            technicians.log_out(tx, token)
        clock.tick(6)
        assert [said async for said in stream] == ["event: look\ndata: {}\n\n"]
