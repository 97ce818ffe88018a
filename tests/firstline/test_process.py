"""The app as a process of its own: told to stop, and killed, in the middle of a turn."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from desk.model.work import WorkState
from desk.store import messages, tables
from desk.store.database import Database
from tests.engine_process import ROOT
from tests.fake_engine import Body, FakeEngine, say
from tests.ports import free_port
from tests.waiting import eventually

pytestmark = pytest.mark.slow

_PATIENCE = 60
"""Seconds: processes start slowly where others keep the machine busy."""

Process = asyncio.subprocess.Process
StartApp = Callable[[], AbstractAsyncContextManager[tuple[Process, str]]]


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> Database:
    """The record that the processes share, as we see it."""
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    return Database(f"sqlite:///{tmp_path / 'firstline.db'}")


@pytest.fixture
def start_app(tmp_path: Path, engine: FakeEngine) -> StartApp:
    """Start ``python -m firstline app``; yields the process and its address."""

    @asynccontextmanager
    async def started() -> AsyncIterator[tuple[Process, str]]:
        url = f"http://127.0.0.1:{(port := free_port())}"
        environment = {
            **os.environ,
            "FIRSTLINE_DATA_DIR": str(tmp_path),
            "FIRSTLINE_PORT": str(port),
            "FIRSTLINE_ENGINE_URL": engine.url,
            "FIRSTLINE_ENGINE_TIMEOUT_SECONDS": "2",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "firstline", "app", cwd=ROOT, env=environment
        )
        try:
            await eventually(lambda: _answers(f"{url}/healthz"), _PATIENCE)
            yield process, url
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    return started


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def _write(url: str, text: str) -> None:
    """Write in web chat, until it is accepted."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/channels/web/socket") as socket:
        await socket.send_json({"type": "hello", "token": None, "after": 0, "language": "en"})
        await socket.send_json({"type": "message", "id": str(uuid.uuid4()), "text": text, "choice": None})
        async with asyncio.timeout(_PATIENCE):
            while (await socket.receive_json())["type"] != "accepted":
                pass


def _hang_on_the_first_turn(engine: FakeEngine) -> asyncio.Event:
    asked = asyncio.Event()

    async def script(body: Body) -> Body:
        if len(engine.turns) == 1:
            asked.set()
            await asyncio.Event().wait()
        return say(f"You said: {body['text']}")

    engine.script = script
    return asked


async def test_told_to_stop_it_gives_back_what_it_was_working_on(
    start_app: StartApp, engine: FakeEngine, database: Database
) -> None:
    asked = _hang_on_the_first_turn(engine)
    async with start_app() as (process, url):
        await _write(url, "hello")
        await asyncio.wait_for(asked.wait(), _PATIENCE)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), _PATIENCE) == 0
    with database.snapshot() as tx:
        assert tx.connection.execute(tables.inbox.select()).one().state == WorkState.PENDING


async def test_killed_in_the_middle_of_a_turn_its_successor_answers_once(
    start_app: StartApp, engine: FakeEngine, database: Database
) -> None:
    asked = _hang_on_the_first_turn(engine)
    async with start_app() as (process, url):
        await _write(url, "hello")
        await asyncio.wait_for(asked.wait(), _PATIENCE)
        process.kill()
        await process.wait()

    async def texts() -> list[str]:
        stored = await database.read(lambda tx: messages.after(tx, 1))
        return [m.text for m in stored] if len(stored) > 1 else []

    async with start_app():
        # The dead process's claim runs out after the engine's time limit and five seconds.
        assert await eventually(texts, _PATIENCE) == ["hello", "You said: hello"]
    assert [turn["message_id"] for turn in engine.turns] == [engine.turns[0]["message_id"]] * 2
