"""Tickets: finding, opening, reading and changing them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field

from desk import clocks, filing, search, tickets
from desk.api.problems import Refused, refusals
from desk.api.v1.context import AtDesk, Me
from desk.api.v1.fields import (
    AnyText,
    Email,
    Id,
    Key,
    Level,
    Limit,
    Name,
    Revision,
    Search,
    Sent,
    Subject,
    Switch,
    Text,
    TicketNumber,
)
from desk.api.v1.shapes import CaseConversation, ChangeOut, Clocks, LinkOut, TicketBrief, TicketOut, TicketView
from desk.model.clock import Clock
from desk.model.conversation import Reason
from desk.model.errors import Conflict
from desk.model.ticket import Change, Details, State, Ticket
from desk.store import cases, conversations, links, messages, runs
from desk.store import tickets as store
from desk.store.database import Transaction
from desk.tickets import Edit

router = APIRouter(prefix="/tickets", tags=["tickets"])
_STATES = "|".join(State)
_Moment = Annotated[
    str,
    Query(
        pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?$",
        examples=["2026-03-02", "2026-03-02T09:00:00Z"],
    ),
]


class TicketQuery(BaseModel):
    """Which tickets: those that fulfil all of it. Without `state`, merged tickets are left out."""

    model_config = {"extra": "forbid"}

    text: Annotated[Search | None, Field(description="Words in any text of the ticket and its messages")] = None
    state: Annotated[
        str | None, Field(pattern=rf"^({_STATES})(,({_STATES}))*$", description="One or several: `new,open`")
    ] = None
    team: Key | None = None
    assignee: Annotated[
        str | None, Field(pattern=r"^(me|nobody|[1-9][0-9]{0,14})$", description="An id, `me` or `nobody`")
    ] = None
    category: Key | None = None
    priority: Annotated[int | None, Field(ge=0, le=5)] = None
    channel: Key | None = None
    customer: Annotated[int | None, Field(ge=1, le=2**53 - 1)] = None
    created_after: _Moment | None = None
    created_before: _Moment | None = None
    updated_after: _Moment | None = None
    updated_before: _Moment | None = None
    before: Annotated[Search | None, Field(description="The `next` of the page before")] = None
    limit: Limit = 50

    def filters(self) -> dict[str, str]:
        """What is asked for, as `desk.search.parse` reads it."""
        given = self.model_dump(exclude={"before", "limit"}, exclude_none=True)
        return {name: str(value) for name, value in given.items()}


class TicketPage(BaseModel):
    """Some tickets, the newest change first; `total` counts no further than 1000."""

    tickets: list[TicketOut]
    next: str | None
    """Ask with it as `before` for more; null when these were the last."""
    total: int
    more: bool
    """Whether there are more than `total`."""


class NewTicket(Sent):
    """A ticket for somebody who asked by another way. What is left out follows from the category, or is usual."""

    requester_name: Annotated[Name, Field(examples=["Alice"])]
    requester_email: Email | None = None
    subject: Annotated[Subject, Field(examples=["My printer does not print"])]
    description: AnyText = ""
    category: Key | None = None
    team: Key | None = None
    impact: Level | None = None
    urgency: Level | None = None

    def details(self) -> Details:
        """The same, as the desk takes it."""
        return Details(Reason.FILED, None, self.category, self.team, self.impact, self.urgency, subject=self.subject)


class TicketPatch(Sent):
    """What is to be changed: what is left out stays. null empties category, team, assignee, cause and resolution."""

    subject: Subject | None = None
    state: State | None = None
    category: Key | None = None
    team: Key | None = None
    assignee: Annotated[Id | None, Field(description="A technician's id")] = None
    impact: Level | None = None
    urgency: Level | None = None
    major: Annotated[Switch | None, Field(description="A major incident; needs the role lead or admin")] = None
    cause: Text | None = None
    resolution: Text | None = None
    revision: Annotated[Revision | None, Field(description="The revision you know, unless If-Match says it")] = None

    def edit(self) -> Edit:
        """The same, as the desk takes it."""
        named = {field: getattr(self, field) for field in self.model_fields_set - {"revision"}}
        emptied = {field for field, value in named.items() if value is None}
        empty = dict.fromkeys(emptied & {"category", "team", "cause", "resolution"}, "")
        return Edit(**named | empty, unassign="assignee" in emptied)


class Similar(BaseModel):
    """Tickets about what seems to be the same, the likest first."""

    tickets: list[TicketOut]


class History(BaseModel):
    """Everything that happened to a ticket, in order."""

    changes: list[ChangeOut]


@router.get("", summary="Find tickets")
async def list_tickets(here: AtDesk, me: Me, query: Annotated[TicketQuery, Query()]) -> TicketPage:
    """Filters and full-text search, the newest change first."""
    filters = search.parse(query.filters())
    page = await here.read(lambda tx: search.find(tx, filters, before=query.before, limit=query.limit, me=me.id))
    found = [TicketOut.model_validate(hit.ticket) for hit in page.hits]
    return TicketPage(tickets=found, next=page.next, total=page.total, more=page.more)


_Repeat = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,64}$",
        description="Anything that is yours and new: sent again with it, the ticket that was made is answered (200)",
    ),
]


@router.post(
    "",
    status_code=201,
    summary="Open a ticket",
    responses={200: {"model": TicketOut, "description": "It had been opened before"}},
)
async def open_ticket(here: AtDesk, me: Me, new: NewTicket, response: Response, key: _Repeat = None) -> TicketOut:
    """It waits in the queue. A requester who is known by the mail address gets it."""
    cause_key = f"api:{me.id}:{key or uuid4()}"

    def work(tx: Transaction, now: datetime) -> tuple[Ticket, bool]:
        known = store.caused_by(tx, cause_key) is not None
        ticket = filing.file_ticket(
            tx,
            tickets.acting(me),
            new.requester_name,
            new.requester_email or "",
            new.details(),
            new.description,
            cause_key,
            now,
            here.catalogue.words,
        )
        return ticket, known

    ticket, known = await here.write(work)
    response.status_code = 200 if known else 201
    _tag(response, ticket)
    return TicketOut.model_validate(ticket)


@router.get("/{number}", summary="A ticket", responses=refusals(404))
async def get_ticket(here: AtDesk, _: Me, number: TicketNumber, response: Response) -> TicketView:
    """With its conversations and what the assistant tried in them, history, links, clocks and merged tickets."""
    view = await here.read(lambda tx: _view(tx, store.by_number(tx, number), here.now()))
    _tag(response, view)
    return view


_IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", pattern=r'^"[1-9][0-9]{0,9}"$', description="The `ETag` of the ticket you know"),
]


@router.patch("/{number}", summary="Change a ticket", responses=refusals(403, 404, 409, 412, 428))
async def change_ticket(
    here: AtDesk, me: Me, number: TicketNumber, wanted: TicketPatch, response: Response, if_match: _IfMatch = None
) -> TicketOut:
    """All of it or nothing, and only if nobody changed it since the revision you know; else you get the present one."""
    revision = int(if_match.strip('"')) if if_match else wanted.revision
    if revision is None:
        raise Refused(428, "say which revision you know, by If-Match or as revision")
    try:
        changed = await here.write(lambda tx, now: tickets.edit(tx, number, wanted.edit(), me, revision, now))
    except Conflict as conflict:
        present = TicketOut.model_validate(await here.read(lambda tx: store.by_number(tx, number)))
        stale = if_match is not None and conflict.state == "changed"
        raise Refused(412 if stale else 409, str(conflict), ticket=present.model_dump(mode="json")) from None
    _tag(response, changed)
    return TicketOut.model_validate(changed)


@router.get("/{number}/history", summary="A ticket's history", responses=refusals(404))
async def get_history(here: AtDesk, _: Me, number: TicketNumber) -> History:
    """Who changed what, from the beginning."""
    changes = await here.read(lambda tx: tickets.history(tx, store.by_number(tx, number)))
    return History(changes=[_change(change) for change in changes])


@router.get("/{number}/similar", summary="Similar tickets", responses=refusals(404))
async def get_similar(here: AtDesk, _: Me, number: TicketNumber) -> Similar:
    """Finished ones have a resolution, which may help here too."""
    found = await here.read(lambda tx: search.similar_to(tx, store.by_number(tx, number)))
    return Similar(tickets=[TicketOut.model_validate(ticket) for ticket in found])


def _tag(response: Response, ticket: Ticket | TicketView) -> None:
    response.headers["ETag"] = f'"{ticket.revision}"'


def _view(tx: Transaction, ticket: Ticket, now: datetime) -> TicketView:
    begins = cases.begins(tx, ticket.id)
    timed = clocks.of_ticket(tx, ticket.id, now)
    return TicketView(
        **TicketOut.model_validate(ticket).model_dump(),
        conversations=[_case(tx, where, begins[where]) for where in cases.conversations_of(tx, ticket.id)],
        links=[LinkOut.model_validate(link) for link in links.of(tx, ticket.id)],
        merged=[TicketBrief.model_validate(merged) for merged in links.merged_into(tx, ticket.id)],
        history=[_change(change) for change in tickets.history(tx, ticket)],
        clocks=Clocks(**{clock.value: timed[clock].total_seconds() for clock in Clock}),
    )


def _case(tx: Transaction, conversation: int, from_seq: int) -> CaseConversation:
    case: Mapping[str, object] = {
        "conversation": conversations.get(tx, conversation),
        "from_seq": from_seq,
        "messages": messages.after(tx, conversation, from_seq - 1, internal=True),
        "runs": runs.of_conversation(tx, conversation),
    }
    return CaseConversation.model_validate(case)


def _change(change: Change) -> ChangeOut:
    return ChangeOut(
        at=change.at, author=change.who.author, name=change.who.name, field=change.field, old=change.old, new=change.new
    )
