"""The webhook worker against a real receiver on this machine."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from channels.contract import Incoming
from desk import clock, webhooks
from desk.model.technician import Role, Technician
from desk.model.webhook import Delivery, Sending
from desk.model.work import BackOff
from desk.store import technicians
from firstline import public_addresses
from firstline.product import Part, Product
from firstline.settings import Settings
from firstline.webhooks import Notifying
from tests.firstline.conftest import Start
from tests.waiting import eventually

DOCS = Path(__file__).parents[2] / "docs" / "webhooks.md"
SOON = BackOff(first=timedelta(milliseconds=10), longest=timedelta(milliseconds=50), attempts=4)


@dataclass
class Receiver:
    """Another program: answers as told, then with 200, and remembers what arrived."""

    url: str = ""
    answers: list[web.Response | None] = field(default_factory=list)
    """None: never."""
    arrived: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.arrived.append((dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if self.answers else web.Response()
        if answer is None:
            await asyncio.Event().wait()
        assert answer is not None
        return answer


@asynccontextmanager
async def _running(receiver: Receiver) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on this machine."""
    receiver = Receiver()
    async with _running(receiver):
        yield receiver


@pytest.fixture
async def app(start: Start) -> AsyncIterator[Product]:
    """An app that delivers nothing by itself."""
    async with start(Part.WEB) as running:
        yield running


async def add(app: Product, url: str, *types: str) -> tuple[int, str, Technician]:
    def work(tx: Any) -> tuple[int, str, Technician]:
        ada = technicians.create(tx, "ada@example.org", "Ada", Role.ADMIN, "-", False, clock.now())
        webhook, secret = webhooks.add(tx, url, types, ada, clock.now())
        return webhook.id, secret, ada

    return await app.database.write(work)


async def write(app: Product, text: str) -> None:
    await app.log.accept(Incoming("web", "alice", text, text, clock.now()))


@asynccontextmanager
async def working(app: Product, *, private: bool = True, time_limit: float = 5) -> AsyncIterator[Notifying]:
    notifying = Notifying(
        app.database, clock.now, name="w", concurrency=2, private=private, back_off=SOON,
        time_limit=timedelta(seconds=time_limit), poll=0.01,
    )  # fmt: skip
    running = asyncio.create_task(notifying.worker.run())
    try:
        yield notifying
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_what_is_being_sent_when_the_process_stops_is_sent_again_at_once(
    app: Product, receiver: Receiver
) -> None:
    webhook, _, ada = await add(app, receiver.url, "message.created")
    receiver.answers = [None]
    await write(app, "Hello")
    async with working(app):
        await eventually(lambda: _soon(receiver.arrived))
    async with working(app):
        (delivery,) = await settled(app, webhook, ada, 1)
    assert [headers["X-Firstline-Delivery"] for headers, _ in receiver.arrived] == [delivery.delivery_id] * 2


async def _soon(arrived: list[Any]) -> bool:
    return bool(arrived)


async def settled(app: Product, webhook: int, ada: Technician, number: int) -> list[Delivery]:
    """The deliveries, the oldest first, when there are so many and none is under way."""

    async def look() -> list[Delivery]:
        page = await app.database.read(lambda tx: webhooks.deliveries(tx, webhook, ada))
        done = [delivery for delivery in reversed(page.items) if delivery.settled_at is not None]
        return done if len(done) == number else []

    return await eventually(look)


def verify() -> Any:
    """The example of the documentation, as whoever copies it has it."""
    (example,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    namespace: dict[str, Any] = {}
    exec(example, namespace)  # noqa: S102
    return namespace["is_from_firstline"]


async def test_a_message_arrives_signed_as_the_documentation_says(
    start: Start, settings: Settings, receiver: Receiver
) -> None:
    async with start(settings=settings.model_copy(update={"webhook_private": True})) as app:
        webhook, secret, ada = await add(app, receiver.url, "message.created")
        await write(app, "Hällo")
        # The assistant's answer is a message as well.
        await settled(app, webhook, ada, 2)
    headers, body = receiver.arrived[0]
    told = json.loads(body)
    assert (told["type"], told["data"]["message"]["text"]) == ("message.created", "Hällo")
    assert (headers["X-Firstline-Event"], headers["Content-Type"]) == ("message.created", "application/json")
    is_ours = verify()
    assert is_ours(secret, headers, body)
    assert not is_ours(secret, headers, body + b" ")
    assert not is_ours("another secret", headers, body)
    old = {**headers, "X-Firstline-Timestamp": str(int(time.time()) - 301)}
    assert not is_ours(secret, old, body)


async def test_a_receiver_in_trouble_is_tried_again_under_the_same_id_and_order_is_kept(
    app: Product, receiver: Receiver
) -> None:
    receiver.answers = [
        web.Response(status=500, text="x" * 5000),
        web.Response(status=302, headers={"Location": receiver.url}),
    ]
    webhook, _, ada = await add(app, receiver.url)
    await write(app, "first")
    await write(app, "second")
    async with working(app):
        log = await settled(app, webhook, ada, 2)
    texts = [json.loads(body)["data"]["message"]["text"] for _, body in receiver.arrived]
    assert texts == ["first", "first", "first", "second"]
    assert len({headers["X-Firstline-Delivery"] for headers, _ in receiver.arrived[:3]}) == 1
    assert [(d.state, d.attempts, d.status) for d in log] == [("done", 3, 200), ("done", 1, 200)]


async def test_what_never_gets_through_is_given_up_with_what_was_said(app: Product, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=500, text="x" * 5000) for _ in range(4)]
    webhook, _, ada = await add(app, receiver.url)
    await write(app, "hello")
    async with working(app):
        (lost,) = await settled(app, webhook, ada, 1)
    assert (lost.state, lost.attempts, lost.status) == ("failed", 4, 500)
    assert lost.error is not None
    assert lost.error.startswith("HTTP 500: xxx")
    assert len(lost.error) <= 1000


async def test_a_receiver_that_never_answers_is_not_waited_for(app: Product, receiver: Receiver) -> None:
    receiver.answers = [None, web.Response()]
    webhook, _, ada = await add(app, receiver.url)
    await write(app, "hello")
    async with working(app, time_limit=0.3):
        (late,) = await settled(app, webhook, ada, 1)
    assert (late.state, late.attempts) == ("done", 2)


async def test_killed_between_sending_and_settling_it_is_sent_once_more_under_the_same_id(
    app: Product, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook, _, ada = await add(app, receiver.url)
    await write(app, "hello")
    # The first worker is gone the moment the receiver has answered: nothing of it is written.
    dying = Notifying(app.database, clock.now, name="dies", concurrency=1, private=True)
    sending = await dying.claim()
    assert sending is not None
    assert await dying._post(sending) == 200
    later = clock.now() + timedelta(seconds=61)
    living = Notifying(app.database, lambda: later, name="lives", concurrency=1, private=True)
    again = await living.claim()
    assert isinstance(again, Sending)
    await living.handle(again)
    (one, two) = receiver.arrived
    assert one[0]["X-Firstline-Delivery"] == two[0]["X-Firstline-Delivery"]
    assert one[1] == two[1]
    (log,) = await settled(app, webhook, ada, 1)
    assert (log.state, log.attempts) == ("done", 2)


async def test_this_machine_and_private_networks_are_not_called_unless_that_is_allowed(
    app: Product, receiver: Receiver
) -> None:
    by_name = receiver.url.replace("127.0.0.1", "localhost")
    webhook, _, ada = await add(app, by_name)
    await app.database.write(lambda tx: webhooks.add(tx, receiver.url, (), ada, clock.now()))
    await write(app, "hello")
    async with working(app, private=False):
        (named,) = await settled(app, webhook, ada, 1)
        (numbered,) = await settled(app, webhook + 1, ada, 1)
    assert receiver.arrived == []
    assert "leads to no public address" in (named.error or "")
    assert "is not a public address" in (numbered.error or "")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("9.9.9.9", True),
        ("2620:fe::9", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::909:909", True),
        ("2002:7f00:1::", False),
    ],
)
def test_addresses_that_lead_inside_are_known(address: str, public: bool) -> None:
    assert public_addresses.is_public(address) is public


@pytest.mark.parametrize("url", ["http://127.1/", "http://2130706433/", "http://[::1]:8000/", "http://0.0.0.0/"])
def test_numbers_that_the_system_takes_for_addresses_are_refused(url: str) -> None:
    with pytest.raises(public_addresses.NotPublic):
        public_addresses.require_public(url)
