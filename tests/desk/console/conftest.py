"""The console in one process, and technicians who are logged in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.routing import Mount

from channels.files import MAX_FILE
from desk.brake import Brake
from desk.console.app import console
from desk.live import Live
from desk.model.mail import Mail
from desk.model.slack import Announcer
from desk.model.technician import Role
from desk.store import technicians
from desk.store.database import Database
from tests.desk.conftest import Clock
from tests.desk.console.demo import PASSWORD
from tests.desk.kitchen import kitchen

ORIGIN = "http://desk.test"
# The cheapest possible: what is tested is not how hard the hash is to compute.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

HTMX = {"HX-Request": "true"}


@pytest.fixture
async def live(database: Database) -> Live:
    made = Live()
    database.on_change(made.publish)
    return made


class Mailbox:
    """Takes every mail."""

    delivers = True

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)


@pytest.fixture
def max_file() -> int:
    return MAX_FILE


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def slack() -> Announcer | None:
    """Slack, where technicians work there too."""
    return None


@pytest.fixture
def app(
    database: Database, clock: Clock, live: Live, mailbox: Mailbox, max_file: int, slack: Announcer | None
) -> Starlette:
    mounted = console(
        database,
        live,
        clock,
        session=timedelta(hours=12),
        secure_cookie=False,
        catalogue=kitchen(),
        brake=Brake(),
        mailer=mailbox,
        max_file=max_file,
        slack=slack,
    )
    return Starlette(routes=[Mount("/desk", mounted)])


Browser = Callable[[], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[Browser]:
    """Opens browsers that are not logged in."""
    async with AsyncExitStack() as stack:

        async def opened() -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
            return await stack.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url=f"{ORIGIN}/desk/", headers=headers)
            )

        yield opened


def hire(database: Database, clock: Clock, name: str, *, one_time: bool = False) -> None:
    with database.transaction() as tx:
        technicians.create(tx, f"{name.lower()}@example.org", name, Role.AGENT, _HASH, one_time, clock())


async def logged_in(opened: httpx.AsyncClient, name: str) -> httpx.AsyncClient:
    answer = await opened.post("login", data={"email": f"{name.lower()}@example.org", "password": PASSWORD})
    assert answer.status_code == 303
    return opened


@pytest.fixture
async def tess_browser(browser: Browser, database: Database, clock: Clock) -> httpx.AsyncClient:
    hire(database, clock, "Tess")
    return await logged_in(await browser(), "Tess")


@pytest.fixture
async def tom_browser(browser: Browser, database: Database, clock: Clock) -> httpx.AsyncClient:
    hire(database, clock, "Tom")
    return await logged_in(await browser(), "Tom")
