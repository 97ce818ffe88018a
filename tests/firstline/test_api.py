"""The HTTP interfaces, as other programs and the assistant's actions meet them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from channels.contract import Incoming, Owner
from desk import clock, conversations, technicians
from desk.model.technician import Role
from firstline.product import Part, Product
from firstline.web import web_app
from tests.firstline.conftest import Start

PASSWORD = "correct horse battery"


@pytest.fixture
async def app(start: Start) -> AsyncIterator[Product]:
    """An app whose workers do not run: nothing moves but what a test moves."""
    async with start(Part.WEB) as running:
        yield running


@pytest.fixture
async def http(app: Product) -> AsyncIterator[httpx.AsyncClient]:
    """A client without any rights."""
    transport = httpx.ASGITransport(web_app(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
def internal(app: Product) -> dict[str, str]:
    """The headers that actions send."""
    return {"Authorization": f"Bearer {app.settings.internal_token.get_secret_value()}"}


@pytest.fixture
async def conversation(app: Product) -> int:
    """Alice's conversation."""
    incoming = Incoming("web", "alice", "1", "My printer does not print", clock.now())
    return (await app.log.accept(incoming)).conversation


async def log_in(app: Product, http: httpx.AsyncClient) -> dict[str, str]:
    await app.database.write(
        lambda tx: technicians.add(tx, "tess@example.org", "Tess", Role.AGENT, PASSWORD, clock.now(), one_time=False)
    )
    answer = await http.post("/api/v1/logins", json={"email": "tess@example.org", "password": PASSWORD})
    assert answer.status_code == 201
    return {"Authorization": f"Bearer {answer.json()['token']}"}


async def open_ticket(
    http: httpx.AsyncClient, headers: dict[str, str], conversation: int, message_id: str = "1", **more: object
) -> httpx.Response:
    body = {"message_id": message_id, "reason": "asked", **more}
    return await http.post(f"/internal/conversations/{conversation}.1/tickets", json=body, headers=headers)


async def test_an_action_opens_one_ticket_however_often_it_calls(
    http: httpx.AsyncClient, internal: dict[str, str], conversation: int
) -> None:
    first = await open_ticket(http, internal, conversation, facts={"os": "windows"}, category="printing", impact=2)
    again = await open_ticket(http, internal, conversation)
    later = await open_ticket(http, internal, conversation, message_id="7")
    assert (first.status_code, again.status_code, later.status_code) == (201, 200, 200)
    assert first.json()["created"]
    assert {answer.json()["number"] for answer in (first, again, later)} == {first.json()["number"]}


async def test_an_action_hears_what_the_customer_may_expect_in_the_language_of_this_turn(
    http: httpx.AsyncClient, internal: dict[str, str], conversation: int
) -> None:
    opened = (await open_ticket(http, internal, conversation, category="network", language="nl")).json()
    assert opened["expectation"].startswith("Een medewerker (Netwerkteam) antwoordt je hier in deze chat.")
    assert opened["people_available"] is False
    refused = await open_ticket(http, internal, conversation, message_id="8", language="Dutch")
    assert refused.status_code == 422


async def test_an_action_lists_the_customers_tickets(
    http: httpx.AsyncClient, internal: dict[str, str], conversation: int
) -> None:
    opened = (await open_ticket(http, internal, conversation)).json()
    url = f"/internal/conversations/{conversation}.1/tickets"
    (ticket,) = (await http.get(url, headers=internal)).json()["tickets"]
    assert (ticket["number"], ticket["subject"], ticket["state"]) == (
        opened["number"],
        "My printer does not print",
        "new",
    )


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic eA==", "Bearer ß"])
async def test_without_its_token_the_internal_api_does_nothing(
    http: httpx.AsyncClient, conversation: int, authorization: str | None
) -> None:
    headers = httpx.Headers({"Authorization": authorization} if authorization else {}, encoding="utf-8")
    url = f"/internal/conversations/{conversation}.1/tickets"
    answer = await http.get(url, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("404.1", {"message_id": "1", "reason": "asked"}, 404),
        ("nonsense", {"message_id": "1", "reason": "asked"}, 422),
        ("1.1", {"message_id": "1", "reason": "bored"}, 422),
        ("1.1", {"message_id": "", "reason": "asked"}, 422),
        ("1.1", {"message_id": "1", "reason": "asked", "surprise": 1}, 422),
        ("1.1", [], 422),
    ],
)
async def test_a_bad_call_is_answered_with_a_problem_that_names_the_fault(
    http: httpx.AsyncClient, internal: dict[str, str], path: str, body: object, status: int
) -> None:
    answer = await http.post(f"/internal/conversations/{path}/tickets", json=body, headers=internal)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


async def test_malformed_json_is_a_problem(http: httpx.AsyncClient, internal: dict[str, str]) -> None:
    headers = {**internal, "Content-Type": "application/json"}
    answer = await http.post("/internal/conversations/1.1/tickets", content=b"{not json", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


async def test_a_program_reads_tickets_and_conversations(
    app: Product, http: httpx.AsyncClient, internal: dict[str, str], conversation: int
) -> None:
    note = "The customer hears a grinding noise."
    number = (await open_ticket(http, internal, conversation, note=note)).json()["number"]
    headers = await log_in(app, http)
    assert [t["number"] for t in (await http.get("/api/v1/tickets", headers=headers)).json()["tickets"]] == [number]
    ticket = (await http.get(f"/api/v1/tickets/{number.lower()}", headers=headers)).json()
    (case,) = ticket["conversations"]
    assert [message["text"] for message in case["messages"]] == ["My printer does not print"]
    assert ticket["note"] == "The customer hears a grinding noise."
    view = (await http.get(f"/api/v1/conversations/{case['conversation']['id']}", headers=headers)).json()
    assert view["messages"][0]["text"] == "My printer does not print"
    assert view["conversation"]["owner"] == Owner.BOT


@pytest.mark.parametrize("path", ["/api/v1/tickets", "/api/v1/tickets/FL-1001", "/api/v1/conversations/1"])
async def test_nobody_reads_without_a_login(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/tickets/FL-9", 404),
        ("/api/v1/tickets/FL-999999999999999999", 404),
        ("/api/v1/tickets/nonsense", 422),
        ("/api/v1/conversations/404", 404),
        ("/api/v1/conversations/99999999999999999999", 422),
        ("/api/v1/tickets?limit=0", 422),
        ("/api/v1/nothing", 404),
    ],
)
async def test_what_does_not_exist_is_a_problem(app: Product, http: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await http.get(path, headers=await log_in(app, http))
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_wrong_password_is_a_problem(app: Product, http: httpx.AsyncClient) -> None:
    await log_in(app, http)
    answer = await http.post("/api/v1/logins", json={"email": "tess@example.org", "password": "wrong"})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


async def test_guessing_passwords_is_braked_by_the_api_and_the_console_together(
    app: Product, http: httpx.AsyncClient
) -> None:
    await log_in(app, http)
    credentials = {"email": "tess@example.org", "password": "wrong"}
    for _ in range(3):
        assert (await http.post("/desk/login", data=credentials)).status_code == 401
    for _ in range(2):
        assert (await http.post("/api/v1/logins", json=credentials)).status_code == 401
    refused = await http.post("/api/v1/logins", json={"email": " Tess@example.org", "password": PASSWORD})
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert 500 < int(refused.headers["retry-after"]) <= 600
    assert (await http.post("/desk/login", data=credentials)).status_code == 429


async def test_a_one_time_password_opens_nothing_but_its_change(app: Product, http: httpx.AsyncClient) -> None:
    await app.database.write(
        lambda tx: technicians.add(tx, "new@example.org", "New", Role.ADMIN, PASSWORD, clock.now(), one_time=True)
    )
    login = await http.post("/api/v1/logins", json={"email": "new@example.org", "password": PASSWORD})
    headers = {"Authorization": f"Bearer {login.json()['token']}"}
    assert (await http.get("/api/v1/tickets", headers=headers)).status_code == 401


async def test_health_says_alive_and_readiness_names_what_is_missing(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "alive"}
    answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert set(answer.json()["not_ready"]) == {"actions"}


async def test_the_documentation_of_the_api_needs_nothing_from_elsewhere(http: httpx.AsyncClient) -> None:
    page = (await http.get("/api/docs")).text
    assert "://" not in page.replace("http://test", "")
    assert (await http.get("/api/openapi.json")).json()["info"]["title"] == "Firstline"


async def test_the_customer_page_is_at_the_root(http: httpx.AsyncClient) -> None:
    answer = await http.get("/")
    assert "firstline-chat" in answer.text


async def test_after_a_technician_stepped_in_their_queue_shows_it(app: Product, conversation: int) -> None:
    tess = await app.database.write(
        lambda tx: technicians.add(tx, "tess@example.org", "Tess", Role.AGENT, PASSWORD, clock.now(), one_time=False)
    )
    await app.database.write(lambda tx: conversations.take(tx, conversation, tess, clock.now()))
    situation = (await app.log.news("web", "alice", 0)).situation
    assert (situation.owner, situation.technician) == (Owner.TECHNICIAN, "Tess")
