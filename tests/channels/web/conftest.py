"""The widget's other end: a desk in memory, behind a real server, in front of a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from channels.web.channel import WebChannel
from channels.web.limits import Limits
from tests.browser import PATIENCE_MS, chromium
from tests.channels.memory_log import MemoryLog
from tests.channels.web.server import SECRET, Server, running
from tests.channels.web.widget import bot


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(bot)


@pytest.fixture
def server(log: MemoryLog) -> Iterator[Server]:
    with running(log, WebChannel(SECRET, limits=Limits(acknowledge_every=0))) as server:
        yield server
