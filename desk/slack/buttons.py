"""Buttons on cards and in their threads."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from desk import conversations, diagnosis, outbox, participants
from desk.model.conversation import Conversation
from desk.model.errors import Conflict, DeskError
from desk.model.slack import Card
from desk.model.technician import Technician
from desk.slack import cards, modals, parse
from desk.slack.blocks import escape
from desk.slack.modals import Kept, View
from desk.slack.parse import Pressed
from desk.slack.refusals import explain
from desk.slack.surface import Surface, Visitor, tell
from desk.slack.threads import Threads
from desk.store import conversations as conversation_store
from desk.store import slack_cards as store
from desk.store import teams, technicians
from desk.store.database import Transaction

_FORMS = {cards.REPLY: "reply", cards.RESOLVE: "resolve", cards.TRANSFER: "transfer", cards.SHOW: "diagnosis"}
_Move = Callable[[Transaction, int, Technician], object]


class Buttons:
    """What happens when one is pressed."""

    def __init__(self, surface: Surface, threads: Threads) -> None:
        self._surface = surface
        self._threads = threads
        self._moves: dict[str, _Move] = {
            cards.TAKE: lambda tx, number, who: conversations.take(tx, number, who, surface.now()),
            cards.RELEASE: lambda tx, number, who: conversations.release(tx, number, who, surface.now()),
            cards.GIVE_BACK: lambda tx, number, who: diagnosis.give_back(
                tx, surface.catalogue, number, who, surface.now()
            ),
            cards.LET_IN: lambda tx, number, who: participants.approve(tx, number, who, surface.now()),
            cards.KEEP_APART: lambda tx, number, who: participants.keep_apart(tx, number, who, surface.now()),
        }

    async def press(self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond) -> None:
        """A button of ours was pressed. Acknowledged at once: whoever presses twice loses nothing."""
        await ack()
        pressed = parse.pressed(body)
        if pressed is None or pressed.action == cards.OPEN:
            return
        if pressed.action in _FORMS:
            await self._open(client, pressed)
            return
        visitor = await self._surface.visitor(client, pressed.person, pressed.channel, pressed.thread)
        if visitor.technician is None:
            await self._threads.tell_unlinked(visitor)
        elif pressed.action == cards.ANYWAY:
            kept = json.loads(pressed.value)
            await self._threads.send_anyway(visitor, int(kept["card"]), str(kept["ts"]), int(kept["seen"]))
            await respond(delete_original=True)
        elif pressed.action == cards.AGAIN:
            await self._send_again(visitor, pressed, visitor.technician)
        else:
            await self._move(visitor, pressed, visitor.technician)

    async def _move(self, visitor: Visitor, pressed: Pressed, technician: Technician) -> None:
        move = self._moves[pressed.action]

        def work(tx: Transaction) -> None:
            card = store.get(tx, int(pressed.value))
            # The button of a card that has ended may still stand on somebody's screen.
            if not card.open:
                raise Conflict("move", "over")
            move(tx, card.conversation, technician)

        try:
            await self._surface.database.write(work)
        except DeskError as error:
            await tell(visitor, escape(explain(visitor.texts, error)))

    async def _send_again(self, visitor: Visitor, pressed: Pressed, technician: Technician) -> None:
        card, message = (int(number) for number in pressed.value.split())

        def work(tx: Transaction) -> None:
            number = store.get(tx, card).conversation
            _require_free(conversation_store.get(tx, number, lock=True), technician)
            outbox.send_again(tx, number, message, self._surface.now())

        try:
            await self._surface.database.write(work)
        except DeskError as error:
            await tell(visitor, escape(explain(visitor.texts, error)))
        else:
            await tell(visitor, visitor.texts("told.sent_again"))

    async def _open(self, client: AsyncWebClient, pressed: Pressed) -> None:
        """Open a form at once, since Slack waits three seconds, and then see what belongs into it."""
        key = _FORMS[pressed.action]
        waiting = modals.waiting(self._surface.spoken(self._surface.language), key)
        opened = await client.views_open(trigger_id=pressed.trigger, view=waiting)
        visitor = await self._surface.visitor(client, pressed.person, pressed.channel, pressed.thread)
        if visitor.technician is None:
            view = modals.refused(visitor.texts, self._threads.unlinked(visitor))
        else:
            fill = partial(self._filled, visitor=visitor, technician=visitor.technician, key=key)
            try:
                view = await self._surface.database.read(lambda tx: fill(tx, store.get(tx, int(pressed.value))))
            except DeskError as error:
                view = modals.refused(visitor.texts, escape(explain(visitor.texts, error)))
        await client.views_update(view_id=opened["view"]["id"], view=view)

    def _filled(self, tx: Transaction, card: Card, *, visitor: Visitor, technician: Technician, key: str) -> View:
        texts, kept = visitor.texts, Kept(card.id, card.seq)
        if key == "diagnosis":
            view = conversations.view(tx, card.conversation, card.seq)
            ticket = next((one for one in view.tickets if one.id == view.conversation.ticket), None)
            return modals.diagnosis(texts, ticket, view.runs)
        conversation = conversation_store.get(tx, card.conversation)
        if not card.open:
            raise Conflict(key, "over")
        _require_free(conversation, technician)
        if key == "reply":
            if not conversation.reachable:
                raise Conflict(key, "unreachable")
            return modals.reply(texts, conversation, kept)
        if key == "resolve":
            return modals.resolve(texts, kept)
        colleagues = [one for one in technicians.everybody(tx) if one.active and one.id != technician.id]
        return modals.transfer(texts, [team for team in teams.everyone(tx) if team.active], colleagues, kept)


def _require_free(conversation: Conversation, technician: Technician) -> None:
    """Raises `Conflict` when it is closed or another technician has it."""
    if conversation.closed or conversation.technician not in {None, technician.id}:
        raise Conflict("write", conversation.state, conversation.technician_name)
