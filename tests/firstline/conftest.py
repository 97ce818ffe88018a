"""The whole app, built by its own composition root, against a fake engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from channels.contract import Channel
from firstline.product import Part, Product
from firstline.settings import Settings, read_settings
from firstline.wiring import product
from tests.fake_engine import FakeEngine, fake_engine

Start = Callable[..., AbstractAsyncContextManager[Product]]


@pytest.fixture
async def engine() -> AsyncIterator[FakeEngine]:
    """The engine's end of the network."""
    async with fake_engine() as running:
        yield running


@pytest.fixture
def patience() -> str:
    """Seconds for an engine that never answers; more than a busy machine needs for one that does."""
    return "20"


@pytest.fixture
def settings(tmp_path: Path, database_url: str, engine: FakeEngine, patience: str) -> Settings:
    """Settings of an installation of its own."""
    environment = {
        "FIRSTLINE_DATA_DIR": str(tmp_path),
        "FIRSTLINE_DATABASE_URL": database_url,
        "FIRSTLINE_ENGINE_URL": engine.url,
        "FIRSTLINE_ENGINE_TIMEOUT_SECONDS": patience,
        "FIRSTLINE_ENGINE_WAKE_SECONDS": "30",
    }
    return read_settings(environment, tmp_path / ".env")[0]


@pytest.fixture
def start(settings: Settings) -> Start:
    """Start an app, ``async with start() as product``. Two at once are like two processes: they share the record."""

    @asynccontextmanager
    async def started(
        *parts: Part, extra_channels: tuple[Channel, ...] = (), settings: Settings = settings
    ) -> AsyncIterator[Product]:
        async with product(settings, parts or Part, extra_channels=extra_channels) as running:
            yield running

    return started


@pytest.fixture
async def app(start: Start) -> AsyncIterator[Product]:
    """One app that does everything."""
    async with start() as running:
        yield running
