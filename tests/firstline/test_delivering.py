"""The deliver worker with the real record and a channel whose network misbehaves."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import select, update

from channels.contract import Capabilities, DeliveryFailed, Incoming, Outgoing, Receipt
from desk import clock, conversations
from desk.model.alert import Kind
from desk.model.work import STUMBLES
from desk.store import alerts, tables
from firstline.delivering import LETTERS
from firstline.product import Product
from tests.firstline.conftest import Start
from tests.waiting import eventually


class Pigeon:
    """A channel that pushes; `troubles` are raised one after the other before anything arrives."""

    kind = "pigeon"
    capabilities = Capabilities()

    def __init__(self, *troubles: Exception) -> None:
        self.troubles = list(troubles)
        self.arrived: list[Outgoing] = []
        self.flying: set[int] = set()

    async def send(self, message: Outgoing) -> Receipt:
        assert message.conversation not in self.flying, "two messages of one conversation at once"
        self.flying.add(message.conversation)
        try:
            await asyncio.sleep(0)
            if self.troubles:
                raise self.troubles.pop(0)
            self.arrived.append(message)
        finally:
            self.flying.discard(message.conversation)
        return Receipt(f"pigeon-{len(self.arrived)}")


async def write(app: Product, text: str, who: str) -> int:
    incoming = Incoming("pigeon", who, f"{who}-{text}", text, clock.now())
    return (await app.log.accept(incoming)).conversation


async def arrived(pigeon: Pigeon, number: int) -> list[Outgoing]:
    async def enough() -> list[Outgoing]:
        return pigeon.arrived if len(pigeon.arrived) >= number else []

    return await eventually(enough)


async def delivery(app: Product, conversation: int) -> list[tuple[str | None, str | None]]:
    view = await app.database.read(lambda tx: conversations.view(tx, conversation))
    return [(m.delivery, m.delivery_error) for m in view.messages if m.delivery]


async def test_answers_arrive_in_order_and_are_marked_delivered(start: Start) -> None:
    pigeon = Pigeon()
    async with start(extra_channels=(pigeon,)) as app:
        conversation = 0
        for number in range(5):
            conversation = await write(app, str(number), "alice")
            await write(app, str(number), "bob")
        messages = await arrived(pigeon, 10)
        assert [m.text for m in messages if m.address == "alice"] == [f"You said: {n}" for n in range(5)]

        async def all_done() -> bool:
            return await delivery(app, conversation) == [("done", None)] * 5

        assert await eventually(all_done)


async def test_a_network_that_fails_for_a_moment_is_tried_again(start: Start) -> None:
    pigeon = Pigeon(DeliveryFailed("busy", retry_after=0.1), DeliveryFailed("busy", retry_after=0.1))
    async with start(extra_channels=(pigeon,)) as app:
        await write(app, "hello", "alice")
        assert [m.text for m in await arrived(pigeon, 1)] == ["You said: hello"]


async def test_what_cannot_be_delivered_is_shown_with_its_reason_and_does_not_stop_the_next(start: Start) -> None:
    pigeon = Pigeon(DeliveryFailed("blocked by the customer", permanent=True))
    async with start(extra_channels=(pigeon,)) as app:
        conversation = await write(app, "one", "alice")
        await write(app, "two", "alice")
        assert [m.text for m in await arrived(pigeon, 1)] == ["You said: two"]
        assert (await delivery(app, conversation))[0] == ("failed", "blocked by the customer")


async def test_a_message_that_cannot_even_be_read_holds_up_nobody_else_and_in_the_end_people_are_told(
    start: Start,
) -> None:
    pigeon = Pigeon()
    async with start() as app:  # it has no pigeons
        conversation = await write(app, "hello", "alice")

        async def answered() -> bool:
            with app.database.snapshot() as tx:
                return bool(tx.connection.execute(select(tables.outbox)).all())

        await eventually(answered)
        of_a_later_version = update(tables.messages).where(tables.messages.c.author == "bot")
        nearly_given_up = update(tables.outbox).values(attempts=STUMBLES.attempts - 1)
        with app.database.transaction() as tx:
            tx.connection.execute(of_a_later_version.values(buttons=[{"colour": "red"}]))
            tx.connection.execute(nearly_given_up)
    async with start(extra_channels=(pigeon,)) as app:
        await write(app, "anybody?", "bob")
        assert [m.text for m in await arrived(pigeon, 1)] == ["You said: anybody?"]
        with app.database.snapshot() as tx:
            row = tx.connection.execute(select(tables.outbox).order_by(tables.outbox.c.id)).first()
            (alert,) = alerts.all_open(tx)
        assert row is not None
        assert (row.state, row.error) == ("failed", "TypeError")
        assert (alert.conversation, alert.kind) == (conversation, Kind.UNDELIVERED)


async def test_a_mail_server_gets_hours_not_minutes_to_come_back(start: Start) -> None:
    pigeon = Pigeon(DeliveryFailed("greylisted"))
    pigeon.capabilities = Capabilities(letters=True)
    async with start(extra_channels=(pigeon,)) as app:
        conversation = await write(app, "hello", "alice")

        async def refused() -> bool:
            return await delivery(app, conversation) == [("pending", "greylisted")]

        await eventually(refused)
        with app.database.snapshot() as tx:
            row = tx.connection.execute(tables.outbox.select()).one()
        assert row.available_at - clock.now() > timedelta(seconds=10)
    pauses = [LETTERS.after(attempt) for attempt in range(1, LETTERS.attempts)]
    assert sum((pause for pause in pauses if pause), timedelta()) > timedelta(hours=6)


async def test_two_processes_deliver_each_message_once(start: Start) -> None:
    pigeon = Pigeon()
    async with start(extra_channels=(pigeon,)) as one, start(extra_channels=(pigeon,)) as other:
        for number in range(12):
            await write((one, other)[number % 2], str(number), f"customer{number % 3}")
        await arrived(pigeon, 12)
    assert sorted(m.text for m in pigeon.arrived) == sorted(f"You said: {n}" for n in range(12))


async def test_after_a_channel_broke_down_a_person_settles_whether_the_message_arrived(start: Start) -> None:
    pigeon = Pigeon(ZeroDivisionError())
    async with start(extra_channels=(pigeon,)) as app:
        conversation = await write(app, "hello", "alice")
        await write(app, "anybody?", "alice")
        assert [m.text for m in await arrived(pigeon, 1)] == ["You said: anybody?"]
        assert (await delivery(app, conversation))[0] == ("unknown", "ZeroDivisionError")


async def test_after_a_restart_a_message_of_several_parts_goes_on_where_it_stopped(start: Start) -> None:
    still_busy = [DeliveryFailed("still busy", retry_after=0.05) for _ in range(1_000)]
    pigeon, another = Pigeon(DeliveryFailed("busy", retry_after=0.05, progress=2), *still_busy), Pigeon()
    async with start(extra_channels=(pigeon,)) as app:
        conversation = await write(app, "hello", "alice")

        async def interrupted() -> bool:
            return ("pending", "still busy") in await delivery(app, conversation)

        assert await eventually(interrupted)
    async with start(extra_channels=(another,)):
        (message,) = await arrived(another, 1)
    assert message.progress == 2
