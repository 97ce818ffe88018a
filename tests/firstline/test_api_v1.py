"""The REST API, as a program that works at the desk uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.procedures import commands as c
from bot.procedures.advance import advance
from bot.procedures.secrets import MARK
from bot.procedures.state import State
from channels.contract import Incoming
from desk import clock, technicians
from desk.api.v1 import shapes
from desk.model import event
from desk.model.technician import Role
from desk.store import runs
from desk.store import technicians as store
from desk.store.database import Transaction
from firstline.product import Part, Product
from firstline.web import web_app
from tests.firstline.conftest import Start

Call = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def app(start: Start) -> AsyncIterator[Product]:
    """An app whose workers do not run: nothing moves but what a test moves."""
    async with start(Part.WEB) as running:
        yield running


async def _token(app: Product, name: str, role: Role) -> str:
    def work(tx: Transaction) -> str:
        now = clock.now()
        who = store.create(tx, f"{name.lower()}@example.org", name, role, "-", False, now)
        store.add_login(tx, technicians.hash_of(name), who.id, now, now + timedelta(hours=1))
        return name

    return await app.database.write(work)


@pytest.fixture
async def call(app: Product) -> AsyncIterator[Call]:
    """``await call("GET", "/tickets")`` as Tess, a technician, or ``by="Tom"``, or ``by="Ada"``, an administrator."""
    for name, role in (("Tess", Role.AGENT), ("Tom", Role.AGENT), ("Ada", Role.ADMIN)):
        await _token(app, name, role)
    transport = httpx.ASGITransport(web_app(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

        async def do(method: str, path: str, body: object = None, *, by: str = "Tess", **more: Any) -> httpx.Response:
            headers = {"Authorization": f"Bearer {by}", **more.pop("headers", {})}
            if body is not None:
                more["json"] = body
            return await client.request(method, f"/api/v1{path}", headers=headers, **more)

        yield do


async def write(app: Product, text: str, who: str = "alice") -> int:
    return (await app.log.accept(Incoming("web", who, text, text, clock.now()))).conversation


NEW = {"requester_name": "Alice", "requester_email": "alice@example.org", "subject": "My printer does not print"}


async def opened(call: Call, **more: object) -> dict[str, Any]:
    answer = await call("POST", "/tickets", {**NEW, **more})
    assert answer.status_code == 201, answer.text
    ticket: dict[str, Any] = answer.json()
    return ticket


async def test_a_ticket_is_opened_once_for_each_key_and_found_by_its_words(call: Call) -> None:
    key = {"Idempotency-Key": "order-17"}
    body = {**NEW, "description": "It smells of ozone", "category": "printing", "impact": 2, "urgency": 1}
    first = await call("POST", "/tickets", body, headers=key)
    again = await call("POST", "/tickets", body, headers=key)
    other = await call("POST", "/tickets", body, headers=key, by="Tom")
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    number = first.json()["number"]
    assert again.json()["number"] == number != other.json()["number"]
    assert first.headers["ETag"] == f'"{first.json()["revision"]}"'
    assert (first.json()["team"], first.json()["priority"], first.json()["reason"]) == ("onsite", 2, "filed")
    found = (
        await call("GET", "/tickets", params={"text": "ozone", "state": "new,open", "category": "printing"})
    ).json()
    assert number in [ticket["number"] for ticket in found["tickets"]]
    nothing = (await call("GET", "/tickets", params={"text": "ozone", "state": "resolved"})).json()
    assert nothing == {"tickets": [], "next": None, "total": 0, "more": False}


async def test_a_password_in_what_a_program_files_is_never_stored(call: Call) -> None:
    ticket = await opened(call, description="Her password is Zomer2024!")
    (message,) = (await call("GET", f"/tickets/{ticket['number']}")).json()["conversations"][0]["messages"]
    assert message["text"] == f"Her password is {MARK}"


async def test_given_back_the_assistant_proposes_to_go_on_where_a_procedure_was_left(app: Product, call: Call) -> None:
    number = await write(app, "My printer is offline")
    state, _ = advance(app.catalogue, State(), c.Start("printer_offline"), "1")
    await app.database.write(lambda tx: runs.keep_state(tx, number, state.to_json()))
    await call("POST", f"/conversations/{number}/take")
    assert (await call("POST", f"/conversations/{number}/give-back")).json()["owner"] == "bot"
    last = (await call("GET", f"/conversations/{number}/messages")).json()["messages"][-1]
    assert (last["author"], "Shall we go on there?" in last["text"]) == ("bot", True)


async def test_pages_of_tickets_conversations_and_customers_hold_everything_once(app: Product, call: Call) -> None:
    for number in range(5):
        await write(app, f"hello {number}", f"customer {number}")
        await opened(call, requester_email=f"c{number}@example.org")
    for path, key in (("tickets", "number"), ("conversations", "id"), ("customers", "id")):
        seen, before = [], None
        while True:
            params = {"limit": 2} | ({"before": before} if before else {})
            page = (await call("GET", f"/{path}", params=params)).json()
            seen += [item[key] for item in page[path]]
            before = page["next"]
            if before is None:
                break
        assert len(seen) == len(set(seen)) == (5 if path == "tickets" else 10)


async def test_a_change_needs_the_present_revision_and_a_stale_one_is_told_what_is(call: Call) -> None:
    ticket = await opened(call)
    path, tag = f"/tickets/{ticket['number']}", {"If-Match": f'"{ticket["revision"]}"'}
    assert (await call("PATCH", path, {"impact": 1})).status_code == 428
    changed = await call("PATCH", path, {"impact": 1, "team": "network", "assignee": 1}, headers=tag)
    assert changed.status_code == 200
    assert (changed.json()["team"], changed.json()["assignee_name"]) == ("network", "Tess")
    stale = await call("PATCH", path, {"impact": 2}, headers=tag)
    also_stale = await call("PATCH", path, {"impact": 2, "revision": ticket["revision"]})
    assert (stale.status_code, also_stale.status_code) == (412, 409)
    assert stale.json()["ticket"]["revision"] == changed.json()["revision"]
    emptied = await call("PATCH", path, {"team": None, "assignee": None, "revision": changed.json()["revision"]})
    assert (emptied.json()["team"], emptied.json()["assignee"], emptied.json()["impact"]) == (None, None, 1)


async def test_what_the_role_does_not_permit_is_forbidden(call: Call) -> None:
    ticket = await opened(call)
    body = {"major": True, "revision": ticket["revision"]}
    refused = await call("PATCH", f"/tickets/{ticket['number']}", body)
    assert (refused.status_code, refused.json()["permission"]) == (403, "declare_major")
    assert (await call("GET", "/webhooks")).status_code == 403
    assert (await call("PATCH", f"/tickets/{ticket['number']}", body, by="Ada")).json()["priority"] == 0


async def test_tickets_are_merged_taken_apart_linked_and_divided(call: Call) -> None:
    one, two = await opened(call), await opened(call, requester_email="bob@example.org", description="It is broken")
    path = f"/tickets/{two['number']}"
    assert (await call("POST", f"{path}/merge", {"into": one["number"]})).json()["number"] == one["number"]
    view = (await call("GET", f"/tickets/{one['number']}")).json()
    assert [merged["number"] for merged in view["merged"]] == [two["number"]]
    assert len(view["conversations"]) == 2
    assert (await call("POST", f"{path}/merge", {"into": one["number"]})).status_code in {409, 422}
    assert (await call("DELETE", f"{path}/merge")).json()["state"] == "new"
    assert (await call("POST", f"{path}/links", {"kind": "related", "ticket": one["number"]})).status_code == 204
    (link,) = (await call("GET", f"/tickets/{one['number']}")).json()["links"]
    assert (link["kind"], link["incoming"], link["ticket"]["number"]) == ("related", True, two["number"])
    alone = await call("POST", f"{path}/announcements", {"text": "It is being repaired."})
    assert (alone.status_code, alone.json()["state"]) == (409, "alone")
    assert (await call("DELETE", f"{path}/links/related/{one['number']}")).status_code == 204
    conversation = (await call("GET", path)).json()["conversations"][0]["conversation"]["id"]
    split = {"conversation": conversation, "from_seq": 1, "subject": "Another thing"}
    made = await call("POST", f"{path}/split", split)
    assert (made.status_code, made.json()["subject"]) == (201, "Another thing")
    fields = [change["field"] for change in (await call("GET", f"{path}/history")).json()["changes"]]
    assert {"created", "state", "merged_into", "link", "split"} <= set(fields)
    similar = (await call("GET", f"/tickets/{one['number']}/similar")).json()["tickets"]
    assert two["number"] in [ticket["number"] for ticket in similar]


async def test_a_conversation_is_answered_passed_on_and_resolved(app: Product, call: Call) -> None:
    number = await write(app, "My printer does not print")
    path = f"/conversations/{number}"
    taken = await call("POST", f"{path}/take")
    assert (taken.json()["owner"], taken.json()["technician_name"]) == ("technician", "Tess")
    late = await call("POST", f"{path}/take", by="Tom")
    assert (late.status_code, late.json()["holder"]) == (409, "Tess")
    seen = (await call("GET", path)).json()["conversation"]["last_seq"]
    await write(app, "Hello?")
    body = {"text": "I am looking at it", "seen": seen}
    assert (await call("POST", f"{path}/replies", body)).json()["state"] == "changed"
    replied = await call("POST", f"{path}/replies", {**body, "seen": seen + 1})
    new = (await call("GET", f"{path}/messages", params={"after": seen + 1})).json()["messages"]
    assert [(m["seq"], m["author"], m["text"]) for m in new] == [(replied.json()["seq"], "technician", body["text"])]
    assert (await call("POST", f"{path}/notes", {"text": "toner?"}, by="Tom")).status_code == 201
    assert (await call("POST", f"{path}/transfer", {"note": "yours", "team": "network"})).json()["owner"] == "queue"
    in_team = (await call("GET", "/conversations", params={"team": "network", "owner": "queue"})).json()
    assert [conversation["id"] for conversation in in_team["conversations"]] == [number]
    await call("POST", f"{path}/take", by="Tom")
    assert (await call("POST", f"{path}/release", by="Tom")).json()["owner"] == "queue"
    assert (await call("POST", f"{path}/give-back")).json()["owner"] == "bot"
    assert (await call("POST", f"{path}/resolve", {"resolution": "new toner"})).json()["closed"]
    (ticket,) = (await call("GET", path)).json()["tickets"]
    assert (ticket["state"], ticket["resolution"]) == ("resolved", "new toner")
    view = (await call("GET", f"/tickets/{ticket['number']}")).json()
    assert set(view["clocks"]) == {"bot", "queue", "technician", "customer"}
    noted = await call("POST", f"/tickets/{ticket['number']}/notes", {"text": "for the record"})
    assert noted.json()["conversation"] == number


async def test_customers_are_found_and_corrected(app: Product, call: Call) -> None:
    await write(app, "hello", "alice")
    (alice,) = (await call("GET", "/customers", params={"q": "ALI"})).json()["customers"]
    path = f"/customers/{alice['id']}"
    changed = await call("PATCH", path, {"name": "Alice", "email": "alice@example.org", "language": "nl"})
    assert changed.status_code == 200
    view = (await call("GET", path)).json()
    assert (view["name"], view["email"], view["language"]) == ("Alice", "alice@example.org", "nl")
    assert [identity["address"] for identity in view["identities"]] == ["alice"]
    assert len(view["conversations"]) == 1
    assert (await call("PATCH", path, {"email": None})).json()["email"] is None
    assert (await call("GET", "/customers", params={"q": "100%"})).json()["customers"] == []


async def test_an_administrator_keeps_webhooks(app: Product, call: Call) -> None:
    body = {"url": "https://hooks.example.org/x", "events": ["message.created"]}
    made = (await call("POST", "/webhooks", body, by="Ada")).json()
    path = f"/webhooks/{made['webhook']['id']}"
    await write(app, "hello")
    assert made["secret"].startswith("whsec_")
    assert "secret" not in (await call("GET", path, by="Ada")).text
    assert (await call("POST", f"{path}/ping", by="Ada")).status_code == 202
    log = (await call("GET", f"{path}/deliveries", by="Ada")).json()["deliveries"]
    assert [(d["type"], d["state"]) for d in log] == [("ping", "pending"), ("message.created", "pending")]
    again = f"{path}/deliveries/{log[0]['delivery_id']}/send-again"
    assert (await call("POST", again, by="Ada")).status_code == 409
    assert (await call("PATCH", path, {"active": False}, by="Ada")).json()["active"] is False
    assert (await call("POST", f"{path}/secret", by="Ada")).json()["secret"] != made["secret"]
    assert (await call("DELETE", path, by="Ada")).status_code == 204
    assert (await call("GET", "/webhooks", by="Ada")).json() == []


async def test_lists_name_what_tickets_refer_to(call: Call) -> None:
    assert {"onsite", "network"} <= {team["key"] for team in (await call("GET", "/teams")).json()}
    assert "printing" in {category["key"] for category in (await call("GET", "/categories")).json()}
    assert {"Tess", "Tom", "Ada"} == {who["name"] for who in (await call("GET", "/technicians")).json()}


async def test_logging_out_ends_the_token(call: Call) -> None:
    assert (await call("DELETE", "/logins/current")).status_code == 204
    assert (await call("GET", "/teams")).status_code == 401


JSON = {"Content-Type": "application/json"}
FILED = '{"requester_name": "A", "subject": %s}'


REFUSED: dict[str, tuple[bytes, dict[str, str], int]] = {
    "no json": (b"{not json", JSON, 400),
    "no utf-8": (b"\xff\xfe", JSON, 400),
    "deep": (b"[" * 100_000, JSON, 400),
    "long number": (b'{"impact": ' + b"9" * 5000 + b"}", JSON, 400),
    "huge number": ((FILED % '"x", "impact": 99999999999999999999').encode(), JSON, 422),
    "nul": ((FILED % r'"\u0000"').encode(), JSON, 422),
    "half character": ((FILED % r'"\ud800"').encode(), JSON, 422),
    "half a name": (rb'{"\ud800": 1}', JSON, 422),
    "text": ((FILED % '"x"').encode(), {"Content-Type": "text/plain"}, 415),
    "form": ((FILED % '"x"').encode(), {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "large": (b" " * 1_000_001, JSON, 413),
    "nothing": (b"", JSON, 422),
}


async def test_a_body_that_cannot_be_taken_is_a_problem_and_never_an_error(call: Call) -> None:
    for case, (content, headers, status) in REFUSED.items():
        answer = await call("POST", "/tickets", content=content, headers=headers)
        assert (answer.status_code, answer.json()["status"]) == (status, status), case
        assert answer.headers["content-type"] == "application/problem+json", case


async def test_a_body_without_a_length_is_read_no_further_than_the_limit(call: Call) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 50_000_000:
            sent += 100_000
            yield b" " * 100_000

    answer = await call("POST", "/tickets", content=endless(), headers=JSON)
    assert answer.status_code == 413
    assert sent < 2_000_000


async def test_a_wrong_method_is_told_all_that_are_right(call: Call) -> None:
    answer = await call("PUT", "/webhooks/1")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "DELETE, GET, PATCH")


def test_webhooks_tell_of_things_as_the_api_shows_them() -> None:
    assert set(event.TICKET) == set(shapes.TicketOut.model_fields)
    assert set(event.CONVERSATION) == set(shapes.ConversationOut.model_fields)
    assert set(event.CUSTOMER) == set(shapes.CustomerOut.model_fields)
