"""The REST API against its own description: schemathesis calls everything in all the ways it can think of."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema
from schemathesis.openapi.checks import RejectedPositiveData
from starlette.types import ASGIApp

from channels.contract import Incoming
from desk import clock, conversations, technicians, tickets, webhooks
from desk.model.conversation import Reason
from desk.model.technician import Role
from desk.model.ticket import Details
from desk.store import conversations as conversation_store
from desk.store import technicians as technician_store
from desk.store.database import Transaction
from firstline.product import Part
from firstline.web import web_app
from tests import postgres
from tests.firstline.conftest import Start

EXAMPLES = 5
"""For each operation, besides the cases at the edges of its schema, which are most of the work."""

WISDOM = frozenset({"cycle", "inactive", "malformed", "merge", "not_its_own", "one", "same", "unknown"})
"""Rules of the desk that no schema can tell: what fits the schema may be refused for these."""


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The stricter of the two databases, if it is installed: it refuses more texts and numbers than SQLite."""
    if postgres.binaries() is not None:
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'firstline.db')}"


def begin(tx: Transaction) -> str:
    """A desk with something in it; the token of an administrator."""
    now = clock.now()
    ada = technician_store.create(tx, "ada@example.org", "Ada", Role.ADMIN, "-", False, now)
    for number in (1, 2):
        conversation = conversation_store.get(tx, number, lock=True)
        tickets.open_ticket(tx, conversation, Details(Reason.ASKED), "1", now)
    conversations.take(tx, 1, ada, now)
    webhook, _ = webhooks.add(tx, "https://hooks.example.org/firstline", (), ada, now)
    webhooks.ping(tx, webhook.id, ada, now)
    token = "a-token-of-the-tests"
    technician_store.add_login(tx, technicians.hash_of(token), ada.id, now, now + timedelta(hours=1))
    return token


def findings(app: ASGIApp, token: str) -> Iterator[str]:
    """What schemathesis finds, a text each; what the desk refused for a rule of its own is left out."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": {"Authorization": f"Bearer {token}"},
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
            "phases": {"stateful": {"enabled": False}},
        }
    )
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, config=config)
    called = 0
    # What tells of health waits for other processes.
    for event in from_schema(schema.include(path_regex="^/api/v1/")).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield repr(event)
        if isinstance(event, events.ScenarioFinished):
            called += len(event.recorder.interactions)
            for case, checks in event.recorder.checks.items():
                response = event.recorder.interactions[case].response
                said = response.json() if response is not None and response.content else {}
                for check in checks:
                    if check.failure_info and not wise(check.failure_info.failure, said):
                        yield f"{event.recorder.label}: {check.failure_info.failure.message}\n{said}"
    if called < 500:
        yield f"only {called} calls were made"


def wise(failure: Failure, said: dict[str, object]) -> bool:
    """Whether the desk refused what fits its schema, with reason."""
    return isinstance(failure, RejectedPositiveData) and (said.get("rule") in WISDOM or said.get("status") == 428)


@pytest.mark.slow
async def test_the_api_does_what_its_description_says(start: Start) -> None:
    async with start(Part.WEB) as app:
        for who in ("alice", "bob"):
            await app.log.accept(Incoming("web", who, "1", "My printer does not print", clock.now()))
        token = await app.database.write(begin)
        found = await asyncio.to_thread(lambda: list(findings(web_app(app), token)))
    assert found == []
