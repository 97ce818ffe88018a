"""The app as a process of its own, killed at the worst moments of mail: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.channels.email.dovecot import Dovecot, dovecot, needs_dovecot
from tests.channels.email.proxy import Proxy, proxy
from tests.channels.email.reading import mail
from tests.channels.email.sink import Sink, sink
from tests.engine_process import ROOT
from tests.fake_engine import FakeEngine
from tests.ports import free_port
from tests.waiting import eventually, wait_until

pytestmark = [pytest.mark.slow, needs_dovecot]

BOX = "support@example.org"
_PATIENCE = 60
"""Seconds: processes start slowly where others keep the machine busy."""

_PARTS = ("--only", "listen", "--only", "answer", "--only", "deliver")

Process = asyncio.subprocess.Process
StartApp = Callable[[], AbstractAsyncContextManager[Process]]


class Record:
    """The database that the processes share, as we see it, and can block it."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, timeout=10)

    def count(self, what: str) -> int:
        """How many rows ``what`` (a table with a condition) has."""
        [number] = self._database.execute(f"select count(*) from {what}").fetchone()  # noqa: S608
        return int(number)

    def block(self) -> None:
        """Nobody else can write until `free`."""
        self._database.execute("begin immediate")

    def free(self) -> None:
        """Others can write again."""
        self._database.execute("rollback")

    def let_leases_end(self) -> None:
        """What the killed process was working on may be taken by others, without waiting for it."""
        self._database.execute("update outbox set lease_until = '2026-01-01 00:00:00' where state = 'claimed'")

    async def has(self, what: str, number: int) -> None:
        """Wait until there are as many."""

        async def same() -> bool:
            return self.count(what) == number

        await eventually(same, _PATIENCE)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    """Dovecot, which can be listened in to."""
    with dovecot(tls=False) as running:
        yield running


@pytest.fixture
async def wire(server: Dovecot) -> AsyncIterator[Proxy]:
    """Between the app and the mailbox."""
    async with proxy(server.port) as between:
        yield between


@pytest.fixture
async def world() -> AsyncIterator[Sink]:
    """Where answers go."""
    async with sink() as taking:
        yield taking


@pytest.fixture
def record(tmp_path: Path, sqlite_template: Path) -> Record:
    """With its tables, and nothing in them."""
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    return Record(tmp_path / "firstline.db")


@pytest.fixture
def start_app(tmp_path: Path, engine: FakeEngine, server: Dovecot, wire: Proxy, world: Sink) -> StartApp:
    """Start ``python -m firstline app``, without its pages."""

    @asynccontextmanager
    async def started() -> AsyncIterator[Process]:
        environment = {
            **os.environ,
            "FIRSTLINE_DATA_DIR": str(tmp_path),
            "FIRSTLINE_PORT": str(free_port()),
            "FIRSTLINE_ENGINE_URL": engine.url,
            "FIRSTLINE_MAILBOXES": server.url(BOX).replace(f":{server.port}/", f":{wire.port}/"),
            "FIRSTLINE_SMTP_URL": f"smtp://127.0.0.1:{world.port}",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "firstline", "app", *_PARTS, cwd=ROOT, env=environment
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    return started


async def _killed(process: Process) -> None:
    process.kill()
    await process.wait()


async def test_killed_at_any_moment_a_mail_is_in_the_record_once_and_answered_at_most_twice(
    start_app: StartApp, record: Record, server: Dovecot, wire: Proxy, world: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Between fetch and commit: it has the mail, and cannot store it. Not blocked before: what else the app writes would
    # wait in all its threads, and none would be left to fetch.
    fetched = asyncio.Event()

    def block_at_the_mail() -> None:
        if b"My printer jams." in wire.answered and not fetched.is_set():
            record.block()
            fetched.set()

    wire.overhear = block_at_the_mail
    async with start_app() as process:
        await asyncio.to_thread(_until_opened, wire)
        server.append(BOX, mail("My printer jams."))
        await asyncio.wait_for(fetched.wait(), _PATIENCE)
        await _killed(process)
        record.free()
    assert record.count("messages where author = 'customer'") == 0
    assert server.flags(BOX) == [()]

    # Between commit and mark: the mailbox does not hear of it.
    wire.hold = b" STORE "
    async with start_app() as process:
        await asyncio.wait_for(wire.held.wait(), _PATIENCE)
        await _killed(process)
    assert record.count("messages where author = 'customer'") == 1
    assert server.flags(BOX) == [()]
    wire.hold = None
    wire.held.clear()

    # Between send and mark: Alice has her answer, and the record does not know.
    blocked = asyncio.Event()
    taken = Sink.handle_DATA

    async def then_block(self: Sink, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await taken(self, smtp, session, envelope)
        if not blocked.is_set():
            record.block()
            blocked.set()
        return answer

    monkeypatch.setattr(Sink, "handle_DATA", then_block)
    already = len(world.arrived)
    async with start_app() as process:
        await asyncio.wait_for(blocked.wait(), _PATIENCE)
        await _killed(process)
        record.free()
    assert len(world.arrived) == already + 1

    record.let_leases_end()
    async with start_app():
        await record.has("outbox where state != 'done'", 0)
        await record.has("inbox where state != 'done'", 0)

        async def marked() -> bool:
            return await asyncio.to_thread(server.flags, BOX) == [("$FirstlineDone", "\\Seen")]

        await eventually(marked, _PATIENCE)
    assert record.count("messages where author = 'customer'") == 1
    answers = record.count("messages where author != 'customer'")
    assert len(set(world.ids)) == answers
    assert len(world.ids) == answers + 1


def _until_opened(wire: Proxy) -> None:
    wait_until(lambda: b"UIDVALIDITY" in wire.answered, _PATIENCE)
