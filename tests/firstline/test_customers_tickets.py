"""What the assistant's actions do with a customer's tickets: once per message, and never with somebody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from channels.contract import Incoming
from desk import clock, merging, technicians, tickets
from desk.model.technician import Role
from desk.model.ticket import BOT, State
from desk.store import tickets as store
from desk.store.database import Transaction
from firstline.product import Part, Product
from firstline.web import web_app
from tests.firstline.conftest import Start

Call = Callable[..., Awaitable[httpx.Response]]
NONSENSE = (
    "FL-9", "FL-99999999999999999", "FL-0", "FL--1", "1' OR '1'='1", "FL-１００１", "%00", "..%2F..%2F1.1", "x" * 20,
)  # fmt: skip
NO_WORDS: tuple[dict[str, Any], ...] = (
    {"text": "x"},
    {"message_id": "7"},
    {"message_id": "", "text": "x"},
    {"message_id": "7", "text": "x" * 8_001},
    {"message_id": "7", "text": "a\x00b"},
    {"message_id": "7", "text": "x", "state": "closed"},
)


@pytest.fixture
async def app(start: Start) -> AsyncIterator[Product]:
    """An app whose workers do not run: nothing moves but what a test moves."""
    async with start(Part.WEB) as running:
        yield running


@pytest.fixture
async def call(app: Product) -> AsyncIterator[Call]:
    """`call(conversation, "FL-1001/closing", text="…", message_id="7")`: a POST with a body, else a GET."""
    transport = httpx.ASGITransport(web_app(app), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {app.settings.internal_token.get_secret_value()}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http:

        async def do(conversation: int, resource: str = "", **body: Any) -> httpx.Response:
            url = f"/internal/conversations/{conversation}.1/tickets{'/' if resource else ''}{resource}"
            return await (http.post(url, json=body) if body else http.get(url))

        yield do


@pytest.fixture
async def alice(app: Product) -> int:
    """Alice's conversation."""
    return await writes(app, "alice")


async def writes(app: Product, who: str) -> int:
    return (
        await app.log.accept(Incoming("web", who, f"{who} 1", "My printer does not print", clock.now()))
    ).conversation


async def open_ticket(call: Call, conversation: int, message_id: str = "1") -> str:
    answer = await call(conversation, message_id=message_id, reason="asked")
    assert answer.status_code == 201
    return str(answer.json()["number"])


async def history(app: Product, number: str) -> list[tuple[str, str | None]]:
    found = await app.database.read(lambda tx: tickets.history(tx, store.by_number(tx, number)))
    return [(change.field, change.new) for change in found]


async def merge(app: Product, number: str, into: str) -> None:
    def work(tx: Transaction) -> None:
        lea = technicians.add(
            tx, "lea@example.org", "Lea", Role.LEAD, "correct horse battery", clock.now(), one_time=False
        )
        merging.merge(tx, number, into, lea, clock.now())

    await app.database.write(work)


async def is_now(app: Product, number: str, state: State) -> None:
    await app.database.write(
        lambda tx: tickets.move(tx, store.by_number(tx, number, lock=True), state, BOT, clock.now())
    )


async def test_a_new_ticket_comes_with_what_the_customer_may_expect(call: Call, alice: int) -> None:
    answer = (await call(alice, message_id="1", reason="asked")).json()
    assert answer["expectation"]
    assert not answer["people_available"]


async def test_an_addition_is_made_once_however_often_it_is_sent(app: Product, call: Call, alice: int) -> None:
    number = await open_ticket(call, alice)
    answers = [await call(alice, f"{number}/additions", message_id="7", text="It smells, too") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert [answer.json() for answer in answers] == [{"number": number, "state": "new"}] * 3
    assert (await history(app, number)).count(("added", "It smells, too")) == 1


async def test_a_ticket_is_closed_once_with_the_customers_words(app: Product, call: Call, alice: int) -> None:
    number = await open_ticket(call, alice)
    first = await call(alice, f"{number}/closing", message_id="7", text="A new cable helped")
    again = await call(alice, f"{number}/closing", message_id="7", text="A new cable helped")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"number": number, "state": "closed"}
    ticket = await app.database.read(lambda tx: store.by_number(tx, number))
    assert (ticket.state, ticket.resolution) == (State.CLOSED, "A new cable helped")


async def test_what_is_too_late_is_refused_with_the_state(call: Call, alice: int) -> None:
    number = await open_ticket(call, alice)
    await call(alice, f"{number}/closing", message_id="7", text="Solved")
    for resource in ("additions", "closing"):
        answer = await call(alice, f"{number}/{resource}", message_id="8", text="And another thing")
        assert (answer.status_code, answer.json()["state"]) == (409, "closed")


async def test_a_resolved_ticket_is_opened_again(app: Product, call: Call, alice: int) -> None:
    number = await open_ticket(call, alice)
    await is_now(app, number, State.RESOLVED)
    for _ in range(2):
        answer = await call(alice, f"{number}/reopening", message_id="7", text="It is back")
        assert (answer.status_code, answer.json()) == (200, {"number": number, "state": "open"})
    assert [field for field, _ in await history(app, number)].count("reopened") == 1
    # The handover that follows is about the same ticket.
    assert (await call(alice, message_id="7", reason="escalated")).json()["number"] == number


async def test_a_ticket_closed_for_good_gets_one_successor(call: Call, alice: int) -> None:
    number = await open_ticket(call, alice)
    await call(alice, f"{number}/closing", message_id="7", text="Solved")
    answers = [(await call(alice, f"{number}/reopening", message_id="8", text="It is back")).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["number"] != number
    assert answers[0]["state"] == "new"
    assert (await call(alice, message_id="8", reason="escalated")).json()["number"] == answers[0]["number"]
    assert len((await call(alice)).json()["tickets"]) == 2


async def test_what_is_said_of_a_merged_ticket_goes_to_the_one_it_is_part_of(
    app: Product, call: Call, alice: int
) -> None:
    old = await open_ticket(call, alice)
    await call(alice, f"{old}/closing", message_id="2", text="Solved")
    number = await open_ticket(call, alice, "3")
    await merge(app, old, number)
    shown = {ticket["number"]: ticket for ticket in (await call(alice)).json()["tickets"]}
    assert (shown[old]["state"], shown[old]["merged_into"]) == ("merged", number)
    assert shown[number]["merged_into"] is None
    answer = await call(alice, f"{old}/additions", message_id="7", text="Still")
    assert answer.json()["number"] == number


async def test_what_it_is_merged_into_stays_untold_and_untouched_when_it_is_somebody_elses(
    app: Product, call: Call, alice: int
) -> None:
    number = await open_ticket(call, alice)
    bobs = await open_ticket(call, await writes(app, "bob"))
    await merge(app, number, bobs)
    told = await call(alice, number)
    assert (told.json()["state"], told.json()["merged_into"]) == ("merged", None)
    assert bobs not in told.text
    for resource in ("additions", "closing"):
        answer = await call(alice, f"{number}/{resource}", message_id="7", text="Mine")
        assert (answer.status_code, bobs in answer.text) == (409, False)
    assert "Mine" not in str(await history(app, bobs))
    assert (await app.database.read(lambda tx: store.by_number(tx, bobs))).unfinished


async def test_a_number_of_nobodys_is_answered_as_one_of_somebody_elses(app: Product, call: Call, alice: int) -> None:
    bobs = await open_ticket(call, await writes(app, "bob"))
    for number in (bobs, *NONSENSE):
        assert (await call(alice, number)).status_code == 404
        for resource in ("additions", "closing", "reopening"):
            answer = await call(alice, f"{number}/{resource}", message_id="7", text="Let me in")
            assert answer.status_code == 404, (number, resource)
    assert [field for field, _ in await history(app, bobs)] == ["created"]
    others, none = (await call(alice, bobs)).text, (await call(alice, "FL-4999")).text
    assert others.replace(bobs, "FL-4999") == none


async def test_words_that_are_none_are_refused(call: Call, alice: int) -> None:
    number = await open_ticket(call, alice)
    for body in NO_WORDS:
        for resource in ("additions", "closing", "reopening"):
            answer = await call(alice, f"{number}/{resource}", **body)
            assert answer.status_code == 422, (resource, body)
    assert (await call(alice, f"{number}/additions", message_id="7", text=" ")).status_code == 422
