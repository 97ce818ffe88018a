"""The desk as channels see it: the one implementation of `channels.contract.Log`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from datetime import datetime

from bot.procedures.words import Words
from channels.contract import (
    Accepted,
    Attachment,
    Edit,
    Elsewhere,
    File,
    Incoming,
    Language,
    News,
    Outgoing,
    Owner,
    Rejected,
    RejectReason,
    Situation,
)
from desk import attachments, customers, editing, inbox, letters, linking, outbox, storable_mail
from desk.engine import Engine
from desk.live import Live
from desk.model import join_code
from desk.model.conversation import Conversation, Route
from desk.model.errors import NotFound
from desk.store import conversations, messages
from desk.store.database import Database, Transaction
from firstline.channel_watch import ChannelWatch
from firstline.invitations import Invitations

CUSTOMER = "customer"
_LOOK_AGAIN = 5.0
"""Seconds after which a watcher looks for changes that other processes made."""


class ConversationLog:
    """Hands in what channels receive, and lets fetching channels read their customers' conversations.

    words: how customers give passwords away, which are masked before they are stored.
    max_file: bytes in one file.
    secret: what codes for going on elsewhere are signed with.
    fetching: the kinds of channels whose clients fetch their messages.
    invitations: for going on elsewhere.
    """

    def __init__(
        self,
        database: Database,
        live: Live,
        engine: Engine,
        words: Words,
        watch: ChannelWatch,
        now: Callable[[], datetime],
        *,
        max_file: int,
        secret: bytes,
        fetching: Collection[str],
        invitations: Invitations,
    ) -> None:
        self._database = database
        self._live = live
        self._engine = engine
        self._words = words
        self._watch = watch
        self._now = now
        self._max_file = max_file
        self._secret = secret
        self._fetching = fetching
        self._invitations = invitations

    async def accept(self, incoming: Incoming) -> Accepted:
        """Store `incoming`; committed when this returns."""
        for file in incoming.attachments:
            self._check(file)
        accepted = await self._stored(incoming)
        self._live.publish([(incoming.channel, incoming.address)])
        self._live.set_typing(accepted.conversation, CUSTOMER, self._now(), on=False)
        await self._watch.worked(incoming.channel)
        return accepted

    async def _stored(self, incoming: Incoming) -> Accepted:
        if incoming.letter is None:
            brief = not incoming.attachments
            return await self._database.write(
                lambda tx: inbox.accept(tx, incoming, self._now(), self._words), brief=brief
            )
        # Of a long mail that takes a second or two, in which others write.
        mail = await asyncio.to_thread(storable_mail.read, incoming, self._words)
        return await self._database.write(lambda tx: letters.accept(tx, mail, self._now()), brief=False)

    async def edit(self, edit: Edit) -> None:
        """Keep a new version of a message; committed when this returns."""
        await self._database.write(lambda tx: editing.edit(tx, edit, self._now(), self._words))

    async def join(self, channel: str, address: str, thread: str, code: str) -> Language | None:
        """From now on `address` goes on with the conversation that `code` is for."""
        now = self._now()
        conversation = join_code.conversation_of(code, now, self._secret)
        if conversation is None:
            raise Rejected(RejectReason.UNKNOWN_TOKEN)
        catch_up = channel not in self._fetching
        route = Route(channel, address, thread)
        try:
            joined = await self._database.write(
                lambda tx: linking.join(tx, conversation, route, now, catch_up=catch_up)
            )
        except NotFound as error:
            raise Rejected(RejectReason.UNKNOWN_TOKEN) from error
        self._live.publish([(channel, address)])
        return joined.language

    async def elsewhere(self, channel: str, address: str) -> Elsewhere | None:
        """How this customer may go on elsewhere."""
        conversation = await self._find(channel, address)
        return await self._invitations.to(conversation, channel, self._now()) if conversation is not None else None

    async def unreachable(self, channel: str, address: str, detail: str) -> None:
        """Remember that `address` takes no messages any more."""
        await self._database.write(lambda tx: customers.unreachable(tx, channel, address, detail, self._now()))

    async def trouble(self, channel: str, detail: str) -> None:
        """Part of the channel does not work."""
        await self._watch.failed(channel, detail)

    async def upload(self, channel: str, address: str, file: File) -> Attachment:
        """Keep `file` until a message refers to it."""
        self._check(file)
        now, uploader = self._now(), attachments.customer(channel, address)
        return await self._database.write(
            lambda tx: attachments.store(tx, uploader, file.name, file.type, file.content, now), brief=False
        )

    def _check(self, file: File) -> None:
        if len(file.content) > self._max_file:
            raise Rejected(RejectReason.FILE_TOO_LARGE)

    async def file(self, channel: str, address: str, attachment: int) -> tuple[Attachment, bytes] | None:
        """One file with its content, if this customer may see it."""
        try:
            found = await self._database.read(
                lambda tx: attachments.open_for_customer(tx, attachment, channel, address)
            )
        except NotFound:
            return None
        return found.attachment, found.content

    async def news(self, channel: str, address: str, seq: int) -> News:
        """Where the customer's conversation stands, and what they may see above `seq`."""

        def work(tx: Transaction) -> tuple[Conversation | None, tuple[Outgoing, ...]]:
            found = conversations.find(tx, channel, address)
            if found is None or found.last_public_seq <= seq:
                return found, ()
            return found, tuple(outbox.outgoing(found, message) for message in messages.after(tx, found.id, seq))

        found, unseen = await self._database.read(work, brief=True)
        return News(self._situation(found), unseen)

    def _situation(self, found: Conversation | None) -> Situation:
        assistant = self._engine.assistant
        if found is None:
            return Situation(Owner.BOT, None, False, assistant, typing=False, last_seq=0, language=None)
        typing = bool(self._live.typing(found.id, self._now()) - {CUSTOMER})
        return Situation(
            found.owner,
            found.technician_name,
            found.closed,
            assistant,
            typing,
            found.last_public_seq,
            found.language,
        )

    async def acknowledge(self, channel: str, address: str, seq: int) -> None:
        """The customer's client shows everything up to `seq`."""
        await self._database.write(lambda tx: outbox.acknowledge(tx, channel, address, seq, self._now()))

    async def watch(self, channel: str, address: str) -> AsyncGenerator[None]:
        """Yields when there may be something new."""
        conversation = None
        # There is no conversation to watch before the first message: `accept` announces that one by its address.
        async with aclosing(self._live.changes((channel, address), _LOOK_AGAIN)) as arrivals:
            async for _ in arrivals:
                conversation = await self._find(channel, address)
                if conversation is not None:
                    break
                yield
        async with aclosing(self._live.changes(conversation, _LOOK_AGAIN)) as changes:
            async for _ in changes:
                yield

    async def _find(self, channel: str, address: str) -> int | None:
        found = await self._database.read(lambda tx: conversations.find(tx, channel, address), brief=True)
        return found.id if found else None

    async def typing(self, channel: str, address: str) -> None:
        """The customer is typing."""
        conversation = await self._find(channel, address)
        if conversation is not None:
            self._live.set_typing(conversation, CUSTOMER, self._now())
