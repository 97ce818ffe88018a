"""What technicians write below a card: internal notes, and, behind ``>>``, replies to the customer."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from channels.contract import File
from desk import conversations, editing, slack_accounts, slack_cards
from desk.model.conversation import Conversation, Message
from desk.model.errors import Conflict, DeskError
from desk.model.slack import Card
from desk.model.technician import Technician
from desk.slack import blocks, cards, modals, parse, sharing
from desk.slack.blocks import escape
from desk.slack.parse import Changed, Payload, Said
from desk.slack.refusals import explain
from desk.slack.surface import Surface, Visitor, tell
from desk.store import conversations as conversation_store
from desk.store import messages
from desk.store import slack_cards as store
from desk.store.database import Transaction

_REMEMBERED = 1000
"""People who were told how to link themselves, so that they are not told with each word they write."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A reply that is to be sent."""

    card: Card
    source: str
    """Slack's name of the message that it stands in."""
    text: str
    shared: Sequence[Payload]
    """Files, as Slack has them."""
    seen: int
    """The newest message that its writer has seen."""


class Threads:
    """What becomes of a message in a channel of the desk."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def is_ours(self, body: dict[str, Any]) -> bool:
        """Whether an event is from a channel of the desk: there are no customers there."""
        event = body.get("event") or {}
        channel = str(event.get("channel") or "")
        if channel[:1] not in {"C", "G"}:
            return False
        return await self._surface.database.read(lambda tx: _is_ours(tx, channel), brief=True)

    async def message(self, body: dict[str, Any], client: AsyncWebClient) -> None:
        """Somebody wrote, changed or removed something there. When this returns, it is committed."""
        found = parse.message(body)
        if found is None:
            return
        card = await self._surface.database.read(lambda tx: store.by_ts(tx, found.channel, found.thread), brief=True)
        if card is None:
            return
        visitor = await self._surface.visitor(client, found.person, found.channel, found.thread)
        if isinstance(found, Changed):
            await self._changed(visitor, card, found)
        elif visitor.technician is None:
            # Nothing is kept in the name of somebody who may be anybody, and nothing is ever sent.
            if found.reply is not None or self._is_new(visitor, card):
                await self.tell_unlinked(visitor)
        elif found.reply is None:
            await self._note(visitor, visitor.technician, card, found)
        else:
            draft = _Draft(card, found.ts, found.reply, found.files, card.seq)
            await self._reply(visitor, visitor.technician, draft)

    async def _note(self, visitor: Visitor, technician: Technician, card: Card, said: Said) -> None:
        now = self._surface.now()
        files, missed = await sharing.fetched(self._surface.fetch, visitor, said.files)

        def note(tx: Transaction) -> int:
            text = slack_accounts.named(tx, said.text, said.person.workspace)
            uploads = sharing.stored(tx, technician, files, now)
            return conversations.note(tx, card.conversation, technician, text, now, uploads=uploads)

        if said.text.strip() or files:
            try:
                await self._surface.database.write(lambda tx: slack_cards.write(tx, card, said.ts, note, ended=True))
            except DeskError as error:
                await tell(visitor, escape(explain(visitor.texts, error)))
                return
        await self._tell_missed(visitor, card, missed)

    async def _reply(self, visitor: Visitor, technician: Technician, draft: _Draft) -> None:
        """Send it to the customer, unless something was written that is not in the thread yet."""
        files, missed = await sharing.fetched(self._surface.fetch, visitor, draft.shared)
        if draft.text or files:
            await self._send(visitor, technician, draft, files)
        else:
            await tell(visitor, visitor.texts("told.empty"))
        await self._tell_missed(visitor, draft.card, missed)

    async def _send(self, visitor: Visitor, technician: Technician, draft: _Draft, files: Sequence[File]) -> None:
        now, card, seen = self._surface.now(), draft.card, draft.seen

        def reply(tx: Transaction) -> int:
            text = slack_accounts.named(tx, draft.text, visitor.person.workspace)
            uploads = sharing.stored(tx, technician, files, now)
            return conversations.reply(tx, card.conversation, technician, text, now, seen=seen, uploads=uploads)

        try:
            await self._surface.database.write(lambda tx: slack_cards.write(tx, card, draft.source, reply))
        except Conflict as conflict:
            if conflict.state == "changed":
                await self._hold_up(visitor, technician, draft)
            elif conflict.state == "over":
                await tell(visitor, visitor.texts("told.over", url=self._surface.console_url(card.conversation)))
            else:
                await tell(visitor, escape(explain(visitor.texts, conflict)))
        except DeskError as error:
            await tell(visitor, escape(explain(visitor.texts, error)))

    async def _hold_up(self, visitor: Visitor, technician: Technician, draft: _Draft) -> None:
        """What was written meanwhile, and the choice to send all the same."""
        card, seen = draft.card, draft.seen

        def read(tx: Transaction) -> tuple[Conversation, list[Message]]:
            conversation = conversation_store.get(tx, card.conversation)
            return conversation, slack_cards.unseen(tx, card, technician.id, seen)

        conversation, unseen = await self._surface.database.read(read)
        now_seen = max((message.seq for message in unseen), default=seen)
        value = json.dumps({"card": card.id, "ts": draft.source, "seen": now_seen})
        texts = visitor.texts
        anyway = blocks.button(cards.ANYWAY, texts("card.anyway"), value, style="danger")
        quoted = modals.quoted(texts, conversation, unseen)
        await tell(visitor, texts("told.changed"), [*quoted, {"type": "actions", "elements": [anyway]}])

    async def send_anyway(self, visitor: Visitor, number: int, ts: str, seen: int) -> None:
        """Send a reply that was held up, as it stands in the thread."""
        technician = visitor.technician
        assert technician is not None
        card = await self._surface.database.read(lambda tx: store.get(tx, number), brief=True)
        answer = await visitor.client.conversations_replies(
            channel=card.place.channel, ts=card.ts or ts, oldest=ts, latest=ts, inclusive=True, limit=10
        )
        written = next((each for each in answer["messages"] if each.get("ts") == ts), None)
        text = parse.reply(written) if written else None
        if written is None or text is None:
            await tell(visitor, visitor.texts("told.gone"))
        elif written.get("user") != visitor.person.user:
            await tell(visitor, visitor.texts("told.not_yours"))
        else:
            await self._reply(visitor, technician, _Draft(card, ts, text, parse.files(written), seen))

    async def _changed(self, visitor: Visitor, card: Card, changed: Changed) -> None:
        """A note reads otherwise from now on; a reply was sent, and whoever changes it is told so."""
        now = self._surface.now()

        def change(tx: Transaction) -> str | None:
            post = store.by_source(tx, card.id, changed.ts)
            said = messages.in_conversation(tx, card.conversation, post.seq) if post is not None else None
            if said is None:
                return None
            if not said.internal:
                return "told.edited_reply"
            # Without words its files are left.
            if visitor.technician is not None and (changed.text is None or changed.text.strip()):
                text = changed.text and slack_accounts.named(tx, changed.text, changed.person.workspace)
                editing.edit_note(tx, card.conversation, said.seq, visitor.technician, text, now)
            return "told.edited_note" if changed.is_like_reply else None

        try:
            told = await self._surface.database.write(change)
        except DeskError as error:
            await tell(visitor, escape(explain(visitor.texts, error)))
        else:
            if told is not None:
                await tell(visitor, visitor.texts(told))

    async def _tell_missed(self, visitor: Visitor, card: Card, missed: Sequence[str]) -> None:
        if missed:
            url = self._surface.console_url(card.conversation)
            await tell(visitor, visitor.texts("told.files", names=escape(", ".join(missed)), url=url))

    def _is_new(self, visitor: Visitor, card: Card) -> bool:
        """Whether somebody was not told yet below this card."""
        key = (str(card.id), visitor.person.user)
        known = key in self._told
        self._told[key] = None
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return not known

    def unlinked(self, visitor: Visitor) -> str:
        """How somebody says which technician they are."""
        return visitor.texts("account.unlinked", url=self._surface.account_url)

    async def tell_unlinked(self, visitor: Visitor) -> None:
        """Tell somebody so."""
        await tell(visitor, self.unlinked(visitor))


def _is_ours(tx: Transaction, channel: str) -> bool:
    return any(place.channel == channel for place in slack_cards.places(tx).values()) or store.known(tx, channel)
