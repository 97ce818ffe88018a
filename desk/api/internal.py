"""What the assistant's actions ask of the desk. Every call that changes something is safe to repeat."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from desk import technicians, tickets
from desk.model.conversation import Reason
from desk.model.ticket import Details, State
from desk.store import conversations
from desk.store.database import Database, Transaction

EngineId = Annotated[str, Path(pattern=r"^\d{1,18}\.\d{1,9}$", description="Conversation and episode, such as 17.2")]
Level = Annotated[int, Field(ge=1, le=3)]


class OpenTicket(BaseModel):
    """Why a ticket is needed and what is known."""

    model_config = ConfigDict(extra="forbid")

    message_id: Annotated[str, Field(min_length=1, max_length=64, description="The message that led to it")]
    reason: Reason
    procedure: Annotated[str, Field(max_length=100)] | None = None
    category: Annotated[str, Field(max_length=100)] | None = None
    team: Annotated[str, Field(max_length=100)] | None = None
    impact: Level | None = None
    urgency: Level | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None
    facts: dict[str, str] = {}

    def details(self) -> Details:
        """The same, as the desk takes it."""
        return Details(
            self.reason,
            self.procedure,
            self.category,
            self.team,
            self.impact,
            self.urgency,
            self.note,
            tuple(sorted(self.facts.items())),
        )


class OpenedTicket(BaseModel):
    """The ticket, and whether this call made it."""

    number: str
    created: bool
    people_available: bool


class CustomersTicket(BaseModel):
    """A ticket as its customer may know it."""

    number: str
    subject: str
    state: State
    created_at: datetime


class CustomersTickets(BaseModel):
    """The newest tickets of a customer."""

    tickets: list[CustomersTicket]


def internal_api(database: Database, token: str, now: Callable[[], datetime]) -> APIRouter:
    """The routes below ``/internal``; every one wants ``Authorization: Bearer <token>``."""

    def authenticated(authorization: Annotated[str, Header()] = "") -> None:
        if not secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise HTTPException(401, "the internal token is missing or wrong")

    router = APIRouter(prefix="/internal", tags=["internal"], dependencies=[Depends(authenticated)])

    @router.post("/conversations/{engine_id}/tickets", responses={201: {"model": OpenedTicket}})
    async def open_ticket(engine_id: EngineId, wanted: OpenTicket, response: Response) -> OpenedTicket:
        def work(tx: Transaction) -> OpenedTicket:
            at = now()
            conversation = conversations.get(tx, _conversation(engine_id), lock=True)
            ticket, created = tickets.open_ticket(tx, conversation, wanted.details(), wanted.message_id, at)
            there = technicians.anybody_there(tx, at)
            return OpenedTicket(number=ticket.number, created=created, people_available=there)

        opened = await database.write(work)
        response.status_code = 201 if opened.created else 200
        return opened

    @router.get("/conversations/{engine_id}/tickets")
    async def tickets_of_customer(engine_id: EngineId) -> CustomersTickets:
        def work(tx: Transaction) -> CustomersTickets:
            customer = conversations.get(tx, _conversation(engine_id)).customer
            found = tickets.of_customer(tx, customer)
            return CustomersTickets(
                tickets=[CustomersTicket.model_validate(ticket, from_attributes=True) for ticket in found]
            )

        return await database.read(work)

    return router


def _conversation(engine_id: str) -> int:
    return int(engine_id.partition(".")[0])
