"""Forms that technicians send: a reply, a resolution, a transfer. What is wrong is told in the form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from desk import conversations, slack_cards
from desk.model.errors import Conflict, DeskError, Invalid
from desk.model.slack import Card
from desk.model.technician import Technician
from desk.slack import modals, parse
from desk.slack.modals import Kept, View
from desk.slack.parse import Submitted
from desk.slack.refusals import explain
from desk.slack.surface import Surface, Visitor
from desk.slack.threads import Threads
from desk.store import conversations as conversation_store
from desk.store import slack_cards as store
from desk.store.database import Transaction
from desk.wording import Texts

_FIRST = {modals.REPLY: "text", modals.RESOLVE: "resolution", modals.TRANSFER: "to"}
"""The field of each form below which it is told what is not about a field."""


class Forms:
    """What happens when one is sent."""

    def __init__(self, surface: Surface, threads: Threads) -> None:
        self._surface = surface
        self._threads = threads

    async def submit(self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        """A form of ours was sent: acknowledged when what it asks for is committed."""
        sent = parse.submitted(body)
        if sent.form not in _FIRST:
            await ack()
            return
        visitor = await self._surface.visitor(client, sent.person)
        kept = modals.read_kept(sent.kept)
        if visitor.technician is None:
            view = modals.refused(visitor.texts, self._threads.unlinked(visitor))
            await ack(response_action="update", view=view)
            return
        technician, say = visitor.technician, self._asked(sent, kept, visitor.technician)
        try:
            await self._surface.database.write(lambda tx: _write(tx, kept, sent, say))
        except Conflict as conflict:
            if conflict.state == "changed":
                await ack(response_action="update", view=await self._changed(visitor, technician, sent, kept))
            else:
                await ack(response_action="errors", errors=_errors(visitor.texts, sent, conflict))
        except DeskError as error:
            await ack(response_action="errors", errors=_errors(visitor.texts, sent, error))
        else:
            await ack()

    def _asked(self, sent: Submitted, kept: Kept, technician: Technician) -> Callable[[Transaction, Card], int]:
        """What the form asks for; returns the number of the message that comes of it."""
        now, values = self._surface.now(), sent.values

        def reply(tx: Transaction, card: Card) -> int:
            keep_open = "keep_open" in sent.chosen
            text = values.get("text", "")
            return conversations.reply(
                tx, card.conversation, technician, text, now, seen=kept.seen, keep_open=keep_open
            )

        def resolve(tx: Transaction, card: Card) -> int:
            resolution, cause = values.get("resolution", ""), values.get("cause", "")
            return slack_cards.first_after(
                tx,
                card,
                lambda: conversations.resolve(tx, card.conversation, technician, resolution, now, cause=cause),
            )

        def transfer(tx: Transaction, card: Card) -> int:
            to, note = _target(values.get("to", "")), values.get("note", "")
            return slack_cards.first_after(
                tx, card, lambda: conversations.transfer(tx, card.conversation, technician, note, now, **to)
            )

        return {modals.REPLY: reply, modals.RESOLVE: resolve, modals.TRANSFER: transfer}[sent.form]

    async def _changed(self, visitor: Visitor, technician: Technician, sent: Submitted, kept: Kept) -> View:
        """The form of a reply again, with what was written meanwhile."""

        def read(tx: Transaction) -> View:
            card = store.get(tx, kept.card)
            conversation = conversation_store.get(tx, card.conversation)
            unseen = slack_cards.unseen(tx, card, technician.id, kept.seen)
            # What is shown is seen: only what comes after it stops the reply once more.
            now_seen = Kept(kept.card, max((message.seq for message in unseen), default=kept.seen))
            return modals.reply(
                visitor.texts,
                conversation,
                now_seen,
                text=sent.values.get("text", ""),
                keep_open="keep_open" in sent.chosen,
                unseen=unseen,
            )

        return await self._surface.database.read(read)


def _write(tx: Transaction, kept: Kept, sent: Submitted, say: Callable[[Transaction, Card], int]) -> bool:
    card = store.get(tx, kept.card)
    return slack_cards.write(tx, card, sent.id, lambda tx: say(tx, card))


def _target(to: str) -> Mapping[str, Any]:
    kind, _, key = to.partition(":")
    if kind == "team":
        return {"team": key}
    if kind == "colleague" and re.fullmatch(r"[0-9]{1,18}", key):
        return {"colleague": int(key)}
    raise Invalid("to", "one")


def _errors(texts: Texts, sent: Submitted, error: DeskError) -> dict[str, str]:
    field = error.field if isinstance(error, Invalid) else ""
    if field not in sent.values:
        field = {"colleague": "to", "team": "to"}.get(field, _FIRST[sent.form])
    return {field: explain(texts, error)}
