"""Conversations: reading them, answering, and moving them between people, teams and the assistant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from channels.contract import Owner
from desk import conversations, diagnosis
from desk.api.problems import refusals
from desk.api.v1.context import AtDesk, Here, Me
from desk.api.v1.fields import After, AnyText, Before, Id, Key, Limit, PathId, QueryId, Sent, Switch, Text
from desk.api.v1.shapes import ConversationOut, ConversationView, MessageOut, Said
from desk.model.conversation import Conversation
from desk.store import conversations as store
from desk.store.database import Transaction

router = APIRouter(prefix="/conversations", tags=["conversations"])
_MOVE = refusals(404, 409)


class ConversationPage(BaseModel):
    """Some conversations, the newest first."""

    conversations: list[ConversationOut]
    next: int | None
    """Ask with it as `before` for more; null when these were the last."""


class Messages(BaseModel):
    """Messages in order, notes among technicians included."""

    messages: list[MessageOut]


class Reply(Sent):
    """An answer to the customer."""

    text: Annotated[Text, Field(examples=["Could you restart the printer?"])]
    seen: Annotated[
        int | None,
        Field(strict=True, ge=0, le=2**31 - 1, description="The newest message you know; a newer one makes it a 409"),
    ] = None
    keep_open: Annotated[Switch, Field(description="The ticket stays open, instead of waiting for the customer")] = (
        False
    )


class Note(Sent):
    """A note for technicians, which no customer sees."""

    text: Text


class Transfer(Sent):
    """To a team's queue or to a colleague, one of both, with a note on what they need to know."""

    note: Text
    team: Key | None = None
    colleague: Id | None = None


class Resolve(Sent):
    """What was done, and the cause where it was found."""

    resolution: Text
    cause: AnyText = ""


@router.get("", summary="List conversations")
async def list_conversations(
    here: AtDesk,
    _: Me,
    owner: Owner | None = None,
    technician: QueryId | None = None,
    team: Annotated[Key | None, Query(description="Of the present ticket")] = None,
    customer: QueryId | None = None,
    closed: bool | None = None,
    before: Before = None,
    limit: Limit = 50,
) -> ConversationPage:
    """The newest first; all that is given has to hold."""
    where = {"owner": owner, "technician": technician, "team": team, "customer": customer, "closed": closed}
    page = await here.read(lambda tx: store.page(tx, **where, before=before, limit=limit))  # type: ignore[arg-type]
    found = [ConversationOut.model_validate(conversation) for conversation in page.items]
    return ConversationPage(conversations=found, next=page.following)


@router.get("/{conversation}", summary="A conversation", responses=refusals(404))
async def get_conversation(here: AtDesk, _: Me, conversation: PathId) -> ConversationView:
    """With its transcript, the assistant's diagnosis, and its tickets."""
    return ConversationView.model_validate(await here.read(lambda tx: conversations.view(tx, conversation)))


@router.get("/{conversation}/messages", summary="Messages of a conversation", responses=refusals(404))
async def list_messages(here: AtDesk, _: Me, conversation: PathId, after: After = 0) -> Messages:
    """Those with a number above `after`: ask with the last number you have to get what is new."""
    view = await here.read(lambda tx: conversations.view(tx, conversation, after))
    return Messages(messages=[MessageOut.model_validate(message) for message in view.messages])


@router.post("/{conversation}/replies", status_code=201, summary="Answer the customer", responses=_MOVE)
async def reply(here: AtDesk, me: Me, conversation: PathId, said: Reply) -> Said:
    """Takes the conversation over, when the assistant or the queue has it."""
    seq = await here.write(
        lambda tx, now: conversations.reply(
            tx, conversation, me, said.text, now, seen=said.seen, keep_open=said.keep_open
        )
    )
    return Said(seq=seq)


@router.post("/{conversation}/notes", status_code=201, summary="Add a note", responses=refusals(404))
async def note(here: AtDesk, me: Me, conversation: PathId, said: Note) -> Said:
    """Anybody may, whoever has the conversation."""
    return Said(seq=await here.write(lambda tx, now: conversations.note(tx, conversation, me, said.text, now)))


async def _moved(here: Here, conversation: int, move: Callable[[Transaction, datetime], None]) -> ConversationOut:
    """Make the move, and show where the conversation stands then."""

    def work(tx: Transaction, now: datetime) -> Conversation:
        move(tx, now)
        return store.get(tx, conversation)

    return ConversationOut.model_validate(await here.write(work))


@router.post("/{conversation}/take", summary="Take it over", responses=_MOVE)
async def take(here: AtDesk, me: Me, conversation: PathId) -> ConversationOut:
    """From the assistant or the queue. Of two who try, one gets it and the other a 409 that says who."""
    return await _moved(here, conversation, lambda tx, now: conversations.take(tx, conversation, me, now))


@router.post("/{conversation}/release", summary="Put it back into the queue", responses=_MOVE)
async def release(here: AtDesk, me: Me, conversation: PathId) -> ConversationOut:
    """Only your own."""
    return await _moved(here, conversation, lambda tx, now: conversations.release(tx, conversation, me, now))


@router.post("/{conversation}/transfer", summary="Pass it on", responses=_MOVE)
async def transfer(here: AtDesk, me: Me, conversation: PathId, to: Transfer) -> ConversationOut:
    """To a team's queue or to a colleague."""
    return await _moved(
        here,
        conversation,
        lambda tx, now: conversations.transfer(
            tx, conversation, me, to.note, now, team=to.team, colleague=to.colleague
        ),
    )


@router.post("/{conversation}/give-back", summary="Give it back to the assistant", responses=_MOVE)
async def give_back(here: AtDesk, me: Me, conversation: PathId) -> ConversationOut:
    """The assistant is told what was said, and proposes to go on where a procedure was left."""
    return await _moved(
        here, conversation, lambda tx, now: diagnosis.give_back(tx, here.catalogue, conversation, me, now)
    )


@router.post("/{conversation}/resolve", summary="Resolve it", responses=_MOVE)
async def resolve(here: AtDesk, me: Me, conversation: PathId, done: Resolve) -> ConversationOut:
    """Closes the conversation, and resolves its ticket with it."""
    return await _moved(
        here,
        conversation,
        lambda tx, now: conversations.resolve(tx, conversation, me, done.resolution, now, cause=done.cause),
    )
