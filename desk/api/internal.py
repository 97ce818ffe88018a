"""What the assistant's actions ask of the desk. Every call that changes something is safe to repeat."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from desk import duty, handover, self_service, tickets
from desk.model.conversation import Conversation, Reason
from desk.model.ticket import Details, State, Ticket
from desk.store import conversations, teams
from desk.store import tickets as ticket_store
from desk.store.database import Database, Transaction

EngineId = Annotated[str, Path(pattern=r"^\d{1,18}\.\d{1,9}$", description="Conversation and episode, such as 17.2")]
Number = Annotated[str, Path(max_length=20, description="A ticket's number, such as FL-1042")]
MessageId = Annotated[str, Field(min_length=1, max_length=64, description="The customer's message that led to it")]
Level = Annotated[int, Field(ge=1, le=3)]


class OpenTicket(BaseModel):
    """Why a ticket is needed and what is known."""

    model_config = ConfigDict(extra="forbid")

    message_id: MessageId
    reason: Reason
    procedure: Annotated[str, Field(max_length=100)] | None = None
    category: Annotated[str, Field(max_length=100)] | None = None
    team: Annotated[str, Field(max_length=100)] | None = None
    impact: Level | None = None
    urgency: Level | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None
    facts: dict[str, str] = {}
    language: Annotated[str, Field(pattern="^[a-z]{2}$", description="What the customer speaks now")] | None = None

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
    expectation: Annotated[str, Field(description="Who answers where and when, in the language of this turn")]


class Words(BaseModel):
    """What the customer says about one of their tickets."""

    model_config = ConfigDict(extra="forbid")

    message_id: MessageId
    text: Annotated[str, Field(max_length=tickets.MAX_TEXT, pattern=r"^[^\x00]*$")]


class ChangedTicket(BaseModel):
    """The ticket as it stands then: another one than was named when that has become part of it, or is closed for
    good."""

    number: str
    state: State


class CustomersTicket(BaseModel):
    """A ticket as its customer may know it."""

    number: str
    subject: str
    state: State
    assignee: Annotated[str | None, Field(description="The technician's name")]
    team: Annotated[str | None, Field(description="Its name, in the conversation's language")]
    merged_into: Annotated[str | None, Field(description="The ticket it is part of, if that is the customer's too")]
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
            speaking = replace(conversation, language=wanted.language or conversation.language)
            return OpenedTicket(
                number=ticket.number,
                created=created,
                people_available=duty.anybody_there(tx, ticket.team, at),
                expectation=handover.expectation(tx, speaking, ticket, at),
            )

        opened = await database.write(work)
        response.status_code = 201 if opened.created else 200
        return opened

    @router.get("/conversations/{engine_id}/tickets")
    async def tickets_of_customer(engine_id: EngineId) -> CustomersTickets:
        def work(tx: Transaction) -> CustomersTickets:
            conversation = conversations.get(tx, _conversation(engine_id))
            found = tickets.of_customer(tx, conversation.customer)
            return CustomersTickets(tickets=[_as_known(tx, conversation, ticket) for ticket in found])

        return await database.read(work)

    _routes_of_one_ticket(router, database, now)
    return router


def _routes_of_one_ticket(router: APIRouter, database: Database, now: Callable[[], datetime]) -> None:
    """A ticket that is not the customer's is answered as one that does not exist."""
    one = "/conversations/{engine_id}/tickets/{number}"

    async def change(engine_id: str, number: str, change: _Change, words: Words, response: Response) -> ChangedTicket:
        def work(tx: Transaction) -> tuple[Ticket, bool]:
            ticket, conversation = self_service.lock(tx, _conversation(engine_id), number)
            done = change(tx, ticket, conversation, words.text, words.message_id, now())
            return (ticket_store.get(tx, ticket.id), done) if isinstance(done, bool) else (done, False)

        ticket, new = await database.write(work)
        response.status_code = 201 if new else 200
        return ChangedTicket(number=ticket.number, state=ticket.state)

    @router.get(one)
    async def ticket_of_customer(engine_id: EngineId, number: Number) -> CustomersTicket:
        def work(tx: Transaction) -> CustomersTicket:
            conversation = conversations.get(tx, _conversation(engine_id))
            return _as_known(tx, conversation, self_service.find(tx, conversation, number))

        return await database.read(work)

    @router.post(f"{one}/additions", responses={201: {"model": ChangedTicket}})
    async def add_to_ticket(engine_id: EngineId, number: Number, words: Words, response: Response) -> ChangedTicket:
        return await change(engine_id, number, self_service.add, words, response)

    @router.post(f"{one}/closing", responses={201: {"model": ChangedTicket}})
    async def close_ticket(engine_id: EngineId, number: Number, words: Words, response: Response) -> ChangedTicket:
        return await change(engine_id, number, self_service.close, words, response)

    @router.post(f"{one}/reopening")
    async def reopen_ticket(engine_id: EngineId, number: Number, words: Words, response: Response) -> ChangedTicket:
        return await change(engine_id, number, self_service.reopen, words, response)


_Change = Callable[[Transaction, Ticket, Conversation, str, str, datetime], Ticket | bool]


def _as_known(tx: Transaction, conversation: Conversation, ticket: Ticket) -> CustomersTicket:
    team = teams.find(tx, ticket.team) if ticket.team else None
    standing = self_service.standing(tx, ticket)
    return CustomersTicket(
        number=ticket.number,
        subject=ticket.subject,
        state=ticket.state,
        assignee=ticket.assignee_name,
        team=team.name(conversation.language) if team else None,
        merged_into=standing.number if standing.id != ticket.id else None,
        created_at=ticket.created_at,
    )


def _conversation(engine_id: str) -> int:
    return int(engine_id.partition(".")[0])
