"""Tickets that belong together or apart: notes, merging, links and splitting."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from desk import conversations, incidents, merging
from desk.api.problems import refusals
from desk.api.v1.context import AtDesk, Me
from desk.api.v1.fields import Id, Number, Sent, Seq, Subject, Text, TicketNumber
from desk.api.v1.shapes import Said, TicketOut
from desk.model.errors import NotFound
from desk.model.ticket import Link
from desk.store import cases
from desk.store import tickets as store
from desk.store.database import Transaction

router = APIRouter(prefix="/tickets/{number}", tags=["tickets"], responses=refusals(404))


class TicketNote(Sent):
    """A note for technicians; it stands in the ticket's newest conversation unless another one of it is named."""

    text: Text
    conversation: Id | None = None


class Noted(Said):
    """Where the note stands."""

    conversation: int


class Merge(Sent):
    """Of which ticket it becomes part."""

    into: Number


class NewLink(Sent):
    """How it is related to which other ticket."""

    kind: Link
    ticket: Number


class Split(Sent):
    """What becomes a ticket of its own: a conversation from one of its messages on."""

    conversation: Id
    from_seq: Annotated[Seq, Field(description="The message it begins with")]
    subject: Subject


class Announcement(Sent):
    """What everybody affected is told."""

    text: Text


class Announced(BaseModel):
    """How many conversations that reached."""

    conversations: int


def _where(tx: Transaction, number: str, wanted: int | None) -> int:
    """The conversation in which a note about a ticket stands."""
    own = cases.conversations_of(tx, store.by_number(tx, number).id)
    if not own or (wanted is not None and wanted not in own):
        raise NotFound("conversation", wanted)
    return wanted or own[-1]


@router.post("/notes", status_code=201, summary="Add a note")
async def note(here: AtDesk, me: Me, number: TicketNumber, said: TicketNote) -> Noted:
    """No customer sees it."""

    def work(tx: Transaction, now: datetime) -> Noted:
        where = _where(tx, number, said.conversation)
        return Noted(conversation=where, seq=conversations.note(tx, where, me, said.text, now))

    return await here.write(work)


@router.post("/merge", summary="Make it part of another ticket", responses=refusals(409))
async def merge(here: AtDesk, me: Me, number: TicketNumber, wanted: Merge) -> TicketOut:
    """Its conversations go on in the other ticket, which is answered."""
    left = await here.write(lambda tx, now: merging.merge(tx, number, wanted.into, me, now))
    return TicketOut.model_validate(left)


@router.delete("/merge", summary="Take a merge back", responses=refusals(409))
async def unmerge(here: AtDesk, me: Me, number: TicketNumber) -> TicketOut:
    """The ticket is what it was before, with the conversations it brought along."""
    return TicketOut.model_validate(await here.write(lambda tx, now: merging.unmerge(tx, number, me, now)))


@router.post("/links", status_code=204, summary="Relate it to another ticket")
async def link(here: AtDesk, me: Me, number: TicketNumber, wanted: NewLink) -> None:
    """Relating them again changes nothing."""
    await here.write(lambda tx, now: merging.link(tx, number, wanted.ticket, wanted.kind, me, now))


@router.delete("/links/{kind}/{other}", status_code=204, summary="Take a relation back")
async def unlink(here: AtDesk, me: Me, number: TicketNumber, kind: Link, other: TicketNumber) -> None:
    """From whichever side it was said; one that is not there is none."""
    await here.write(lambda tx, now: merging.unlink(tx, number, other, kind, me, now))


@router.post("/split", status_code=201, summary="Divide it", responses=refusals(409))
async def split(here: AtDesk, me: Me, number: TicketNumber, wanted: Split) -> TicketOut:
    """A new ticket of a conversation from one of its messages on. Safe to repeat."""
    made = await here.write(
        lambda tx, now: merging.split(tx, number, wanted.conversation, wanted.from_seq, wanted.subject, me, now)
    )
    return TicketOut.model_validate(made)


@router.post("/announcements", status_code=201, summary="Tell everybody affected", responses=refusals(409))
async def announce(here: AtDesk, me: Me, number: TicketNumber, wanted: Announcement) -> Announced:
    """Say something in the conversations of all unfinished tickets that this one has caused, as their links say."""
    reached = await here.write(lambda tx, now: incidents.tell(tx, number, me, wanted.text, now))
    return Announced(conversations=reached)
