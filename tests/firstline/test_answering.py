"""The answer worker with the real record and a network's worth of trouble at the engine."""

from __future__ import annotations

import asyncio
import math
from itertools import count

import pytest
from aiohttp import web
from sqlalchemy import select, update

from channels.contract import Assistant, Author, Capabilities, Incoming, Outgoing, Owner, Receipt
from desk import clock, conversations
from desk.model.conversation import Reason
from desk.model.technician import Role
from desk.store import tables
from desk.store import technicians as technician_store
from firstline.product import Part, Product
from firstline.settings import Settings
from tests.fake_engine import Body, FakeEngine, Script, echo, say
from tests.firstline.conftest import Start
from tests.waiting import eventually

_ids = count(1)

impatient = pytest.mark.parametrize("patience", ["1"])
"""For what becomes of an engine that does not answer in time."""


async def write(app: Product, text: str, who: str = "alice", external_id: str | None = None) -> int:
    incoming = Incoming("web", who, external_id or f"id{next(_ids)}", text, clock.now())
    return (await app.log.accept(incoming)).conversation


async def answers(app: Product, number: int, who: str = "alice") -> list[Outgoing]:
    async def enough() -> list[Outgoing]:
        seen = [m for m in (await app.log.news("web", who, 0)).messages if m.author is not Author.CUSTOMER]
        return seen if len(seen) >= number else []

    return await eventually(enough)


async def view(app: Product, conversation: int) -> conversations.View:
    return await app.database.read(lambda tx: conversations.view(tx, conversation))


async def in_queue(app: Product, conversation: int, seconds: float = 30) -> conversations.View:
    async def queued() -> conversations.View | None:
        seen = await view(app, conversation)
        return seen if seen.conversation.owner is Owner.QUEUE else None

    found = await eventually(queued, seconds)
    assert found is not None
    return found


async def test_a_message_is_answered(app: Product) -> None:
    await write(app, "hello")
    assert [m.text for m in await answers(app, 1)] == ["You said: hello"]


async def test_messages_of_one_conversation_are_answered_in_order_and_one_at_a_time(
    app: Product, engine: FakeEngine
) -> None:
    for number in range(10):
        await write(app, str(number))
    assert [m.text for m in await answers(app, 10)] == [f"You said: {number}" for number in range(10)]
    assert engine.most_busy == 1


async def test_a_message_that_cannot_even_be_read_holds_up_nobody_else(start: Start) -> None:
    async with start(Part.WEB) as app:
        await write(app, "hello", "alice")
        of_a_later_version = update(tables.messages).values(command={"order": "dance", "argument": ""})
        await app.database.write(lambda tx: tx.connection.execute(of_a_later_version))
        await write(app, "anybody there?", "bob")
    async with start() as app:
        assert [m.text for m in await answers(app, 1, "bob")] == ["You said: anybody there?"]
        with app.database.snapshot() as tx:
            row = tx.connection.execute(select(tables.inbox).order_by(tables.inbox.c.id)).first()
        assert row is not None
        assert (row.state, row.error) == ("pending", "ValueError")


async def test_two_processes_share_the_work_and_answer_each_message_once(start: Start, engine: FakeEngine) -> None:
    async with start() as one, start() as other:
        for number in range(20):
            await write((one, other)[number % 2], f"{number}", f"customer{number % 4}")
        for customer in range(4):
            texts = [m.text for m in await answers(one, 5, f"customer{customer}")]
            assert texts == [f"You said: {number}" for number in range(20) if number % 4 == customer]
    assert len(engine.turns) == 20


async def test_messages_that_arrive_while_the_assistant_wakes_up_wait_and_are_answered(
    start: Start, engine: FakeEngine
) -> None:
    engine.ready = False
    async with start() as app:
        conversation = await write(app, "anybody there?")
        assert (await app.log.news("web", "alice", 0)).situation.assistant is Assistant.WAKING
        assert (await view(app, conversation)).conversation.owner is Owner.BOT
        engine.ready = True
        assert [m.text for m in await answers(app, 1)] == ["You said: anybody there?"]


class Pigeon:
    """A channel whose messages are mails."""

    kind = "pigeon"
    capabilities = Capabilities(letters=True)

    def __init__(self) -> None:
        self.arrived: list[Outgoing] = []

    async def send(self, message: Outgoing) -> Receipt:
        self.arrived.append(message)
        return Receipt(f"pigeon{message.seq}")


async def test_where_messages_are_mails_the_assistant_is_asked_for_letters_and_says_everything_in_one(
    start: Start, engine: FakeEngine
) -> None:
    async def two(body: Body) -> Body:
        asked = {"text": "Is it on?", "buttons": [{"title": "Yes", "payload": "answer:p:power:yes"}]}
        return say("", messages=[{"text": "Sorry to hear that.", "buttons": []}, asked])

    engine.script = two
    pigeon = Pigeon()
    async with start(extra_channels=(pigeon,)) as app:
        await app.log.accept(Incoming("pigeon", "alice@example.org", "m1", "my printer is dead", clock.now()))
        (mail,) = await eventually(lambda: _arrived(pigeon))
        assert mail.text == "Sorry to hear that.\n\nIs it on?"
        assert [turn["style"] for turn in engine.turns] == ["letter"]
        engine.script = echo
        await write(app, "hello", "bob")
        assert [m.text for m in await answers(app, 1, "bob")] == ["You said: hello"]
        assert engine.turns[-1]["style"] == "chat"


async def _arrived(pigeon: Pigeon) -> list[Outgoing]:
    return pigeon.arrived


async def wake_up(app: Product) -> None:
    async def ready() -> bool:
        return (await app.log.news("web", "alice", 0)).situation.assistant is Assistant.READY

    assert await eventually(ready)


@impatient
async def test_an_engine_that_stays_down_ends_at_a_person_and_the_customer_is_told(
    app: Product, engine: FakeEngine
) -> None:
    await wake_up(app)
    await engine.stop()
    conversation = await write(app, "my printer is dead")
    seen = await in_queue(app, conversation)
    assert seen.conversation.reason is Reason.ENGINE_DOWN
    assert seen.tickets[0].number in (await answers(app, 1))[0].text


@impatient
async def test_customers_who_wait_for_a_dead_engine_together_are_told_together(
    start: Start, engine: FakeEngine, settings: Settings
) -> None:
    async with start(settings=settings.model_copy(update={"answer_workers": 1})) as app:
        await wake_up(app)
        await engine.stop()
        for number in range(8):
            await write(app, "hello", f"customer{number}")
        # One after the other would be eight times the patience of one second.
        async with asyncio.timeout(7):
            for number in range(8):
                await answers(app, 1, f"customer{number}")


def unstorable(times: float, engine: FakeEngine) -> Script:
    """Reports the same step twice, so many times."""
    step = {"position": 1, "step": "power", "kind": "ask", "question": "?", "answer": None, "answer_text": None}
    run = {"run": "1", "procedure": "p", "version": 1, "title": "P", "state": "active"}

    async def script(_: Body) -> Body:
        steps = [{**step, "result": "answered"}] * (2 if len(engine.turns) <= times else 1)
        return say("Is it on?", procedures=[{**run, "steps": steps}])

    return script


async def test_an_answer_that_could_not_be_stored_is_asked_for_again_soon(app: Product, engine: FakeEngine) -> None:
    engine.script = unstorable(1, engine)
    await write(app, "hello")
    # Sooner than the claim's lease ends, which is 25 seconds here.
    async with asyncio.timeout(20):
        assert [m.text for m in await answers(app, 1)] == ["Is it on?"]


@pytest.mark.slow
async def test_an_answer_that_can_never_be_stored_ends_at_a_person(app: Product, engine: FakeEngine) -> None:
    engine.script = unstorable(math.inf, engine)
    seen = await in_queue(app, await write(app, "hello"), seconds=20)
    assert seen.conversation.reason is Reason.ENGINE_FAILED


async def test_an_engine_that_restarts_within_the_customers_patience_is_not_noticed(
    app: Product, engine: FakeEngine
) -> None:
    await wake_up(app)
    await engine.stop()
    await write(app, "hello")
    await engine.start()
    assert [m.text for m in await answers(app, 1)] == ["You said: hello"]


@impatient
async def test_an_engine_that_is_late_ends_at_a_person(app: Product, engine: FakeEngine) -> None:
    async def never(_: Body) -> Body:
        await asyncio.Event().wait()
        return say("too late")

    engine.script = never
    seen = await in_queue(app, await write(app, "hello"))
    assert seen.conversation.reason is Reason.ENGINE_LATE


async def test_a_failed_turn_is_tried_once_more_with_the_same_id(app: Product, engine: FakeEngine) -> None:
    async def once(_: Body) -> Body | web.Response:
        return web.Response(status=503) if len(engine.turns) == 1 else say("second time lucky")

    engine.script = once
    await write(app, "hello")
    assert [m.text for m in await answers(app, 1)] == ["second time lucky"]
    assert engine.turns[0]["message_id"] == engine.turns[1]["message_id"]


async def test_an_empty_answer_is_a_failure_and_ends_at_a_person(app: Product, engine: FakeEngine) -> None:
    async def silent(_: Body) -> Body:
        return {**say(""), "messages": []}

    engine.script = silent
    seen = await in_queue(app, await write(app, "hello"))
    assert seen.conversation.reason is Reason.ENGINE_FAILED
    assert len([m for m in seen.messages if m.author is Author.DESK]) == 1


async def test_a_technician_who_steps_in_during_a_turn_is_not_talked_over(app: Product, engine: FakeEngine) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Body) -> Body:
        asked.set()
        await go_on.wait()
        return say("the assistant's late wisdom")

    engine.script = slow
    tess = await app.database.write(
        lambda tx: technician_store.create(tx, "tess@example.org", "Tess", Role.AGENT, "-", False, clock.now())
    )
    conversation = await write(app, "hello")
    await asyncio.wait_for(asked.wait(), 30)
    await app.database.write(lambda tx: conversations.reply(tx, conversation, tess, "Tess here.", clock.now()))
    go_on.set()

    async def customer_waits() -> bool:
        return (await view(app, conversation)).conversation.waiting_since is not None

    assert await eventually(customer_waits)
    assert Author.BOT not in [m.author for m in (await view(app, conversation)).messages]


async def test_a_process_that_dies_in_the_middle_of_a_turn_loses_nothing(start: Start, engine: FakeEngine) -> None:
    asked = asyncio.Event()

    async def hang_once(body: Body) -> Body:
        if len(engine.turns) == 1:
            asked.set()
            await asyncio.Event().wait()
        return say(f"answered {body['text']}")

    engine.script = hang_once
    async with start() as dying:
        await write(dying, "hello")
        await asyncio.wait_for(asked.wait(), 30)
    # Its claim is given back when it stops; a killed process's claim runs out (tests/desk/test_inbox.py).
    async with start() as survivor:
        assert [m.text for m in await answers(survivor, 1)] == ["answered hello"]


async def test_the_parts_can_run_in_processes_of_their_own(start: Start) -> None:
    async with start(Part.WEB) as web_only:
        conversation = await write(web_only, "hello")
        assert len((await view(web_only, conversation)).messages) == 1
        async with start(Part.ANSWER, Part.DELIVER):
            assert len(await answers(web_only, 1)) == 1


@pytest.mark.parametrize("text", ["/restart", '/greet{"a": 1}', "<script>alert(1)</script>", "😀" * 500, "ß" * 8000])
async def test_strange_texts_arrive_as_they_were_written(app: Product, engine: FakeEngine, text: str) -> None:
    await write(app, text)
    await answers(app, 1)
    assert engine.turns[0]["text"] == text
