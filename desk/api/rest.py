"""The REST API for other programs: reading conversations and tickets, with a technician's login."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict

from channels.contract import Author, Button, Choice, Owner
from desk import conversations, technicians
from desk.model.conversation import Reason
from desk.model.technician import Technician
from desk.model.ticket import State
from desk.store import tickets as ticket_store
from desk.store.database import Database, Transaction

_BEARER = HTTPBearer(auto_error=False, description="A token from POST /api/v1/logins")


class _Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Credentials(BaseModel):
    """What a technician logs in with."""

    email: str
    password: str


class Login(BaseModel):
    """A token for the ``Authorization: Bearer`` header."""

    token: str


class TicketOut(_Shape):
    """A ticket."""

    id: int
    number: str
    subject: str
    state: State
    reason: Reason
    procedure: str | None
    channel: str
    category: str | None
    team: str | None
    assignee_name: str | None
    impact: int
    urgency: int
    priority: int
    note: str | None
    facts: dict[str, str]
    cause: str | None
    resolution: str | None
    merged_into: str | None
    revision: int
    created_at: datetime
    updated_at: datetime


class StepOut(_Shape):
    """A step of a procedure that was taken."""

    position: int
    step: str
    kind: str
    question: str
    answer: str | None
    answer_text: str | None
    result: str


class UntriedOut(_Shape):
    """A step that could still have been tried."""

    step: str
    title: str


class RunOut(_Shape):
    """One run of a procedure."""

    procedure: str
    version: int
    title: str
    state: str
    steps: list[StepOut]
    pending: str | None
    untried: list[UntriedOut]
    facts: dict[str, str]
    started_at: datetime | None


class MessageOut(_Shape):
    """A message; `internal` ones are notes among technicians."""

    id: int
    seq: int
    author: Author
    name: str | None
    text: str
    internal: bool
    buttons: list[Button]
    choice: Choice | None
    created_at: datetime
    delivery: str | None
    delivery_error: str | None


class ConversationOut(_Shape):
    """Where a conversation stands."""

    id: int
    channel: str
    owner: Owner
    technician_name: str | None
    closed: bool
    language: str | None
    reason: Reason | None
    waiting_since: datetime | None
    created_at: datetime
    updated_at: datetime


class TicketView(TicketOut):
    """A ticket with the transcript of its conversations, and what was tried."""

    conversations: list[int]

    messages: list[MessageOut]
    runs: list[RunOut]


class ConversationView(_Shape):
    """A conversation with its transcript, diagnosis and tickets."""

    conversation: ConversationOut
    messages: list[MessageOut]
    runs: list[RunOut]
    tickets: list[TicketOut]


def rest_api(database: Database, now: Callable[[], datetime], *, session: timedelta) -> APIRouter:
    """The routes below ``/api/v1``."""

    async def technician(
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> Technician:
        token = bearer.credentials if bearer else ""
        found = await database.read(lambda tx: technicians.who(tx, token, now()))
        if found is None or found.must_change_password:
            raise HTTPException(401, "log in first: POST /api/v1/logins")
        return found

    open_routes = APIRouter(prefix="/api/v1")
    routes = APIRouter(dependencies=[Depends(technician)])

    @open_routes.post("/logins", status_code=201, tags=["logins"])
    async def log_in(credentials: Credentials) -> Login:
        token = await technicians.log_in(database, credentials.email, credentials.password, now(), session)
        if token is None:
            raise HTTPException(401, "address and password do not fit")
        return Login(token=token)

    @routes.get("/tickets", tags=["tickets"])
    async def list_tickets(
        state: State | None = None,
        before: Annotated[int | None, Query(ge=1, le=2**62, description="Continue before this ticket's id")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[TicketOut]:
        found = await database.read(lambda tx: ticket_store.latest(tx, state=state, before=before, limit=limit))
        return [TicketOut.model_validate(ticket) for ticket in found]

    @routes.get("/tickets/{number}", tags=["tickets"])
    async def get_ticket(number: Annotated[str, Path(max_length=30)]) -> TicketView:
        def work(tx: Transaction) -> TicketView:
            ticket = ticket_store.by_number(tx, number)
            own = ticket_store.conversations_of(tx, ticket.id)
            views = [conversations.view(tx, where) for where in own]
            messages = [message for view in views for message in view.messages]
            runs = [run for view in views for run in view.runs]
            transcript = {"conversations": own, "messages": messages, "runs": runs}
            return TicketView.model_validate(asdict(ticket) | transcript)

        return await database.read(work)

    @routes.get("/conversations/{conversation}", tags=["conversations"])
    async def get_conversation(conversation: Annotated[int, Path(ge=1, le=2**62)]) -> ConversationView:
        return ConversationView.model_validate(await database.read(lambda tx: conversations.view(tx, conversation)))

    open_routes.include_router(routes)
    return open_routes
