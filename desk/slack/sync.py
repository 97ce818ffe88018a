"""Bringing a card in step with its conversation.

claim ─► look ─► the card, if there is none yet ─► what was said before ─► what is new, in order ─► deliveries that
went on ─► how it stands now ─► the card, if it looks otherwise ─► in step. Each step is recorded when it is done, so
that whoever is cut off is followed by somebody who goes on; the one step that may have been done without being
recorded is looked up in Slack before it is done again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from desk import slack_cards
from desk.model.conversation import Message
from desk.model.slack import Claimed, Place, Post
from desk.model.work import BackOff
from desk.slack import blocks, cards
from desk.slack.api import Api, SlackFailed
from desk.slack_cards import Picture
from desk.store import slack_cards as store
from desk.store.database import Database, Transaction
from desk.wording import Texts

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
"""Longer than the calls under one claim can take."""
BACK_OFF = BackOff(first=timedelta(seconds=2), longest=timedelta(minutes=5), attempts=2**31)
"""For ever: who gave up would leave technicians with a card that lies."""
GONE = frozenset({"message_not_found", "thread_not_found"})
"""What we posted is no longer there. A card that somebody removed comes again while its case is with people."""
FIXED = frozenset({"cant_update_message", "edit_window_closed"})
"""What we posted may no longer be changed: some workspaces allow it for a while only."""
SHUT = frozenset({"channel_not_found", "not_in_channel", "is_archived", "channel_is_archived", "not_installed"})
"""Nothing can be posted in the channel."""
_SINCE = timedelta(minutes=1)
"""Clocks differ: so much earlier than a card was made its message is looked for."""


class Lost(Exception):
    """The claim had run out, and another worker has the card."""


class Sync:
    """Keeps cards in step."""

    def __init__(
        self, database: Database, api: Api, texts: Texts, now: Callable[[], datetime], *, name: str, public_url: str
    ) -> None:
        self._database = database
        self._api = api
        self._texts = texts
        self._now = now
        self._name = name
        self._public_url = public_url
        self._paused: dict[str, datetime] = {}

    async def claim(self) -> Claimed | None:
        """The next card that is out of step."""
        now = self._now()
        self._paused = {channel: until for channel, until in self._paused.items() if until > now}
        paused = list(self._paused)
        return await self._database.write(lambda tx: slack_cards.claim(tx, self._name, now, LEASE, paused))

    async def give_back(self, claimed: Claimed, *, unsure: bool | None = None) -> None:
        """Others may have it at once."""
        again = claimed.unsure if unsure is None else unsure
        await self._database.write(lambda tx: store.put_back(tx, claimed, self._now(), unsure=again))

    async def handle(self, claimed: Claimed) -> None:
        """Bring it in step, or as far as one claim goes.

        Raises:
            SlackFailed: as it says; `failed` is to be told.
        """
        picture = await self._database.read(lambda tx: slack_cards.look(tx, claimed.card))
        if picture.card.ts is None and not picture.follows:
            # Over before anybody saw it: nobody needs a card to be told that there is nothing to do.
            await self._database.write(lambda tx: store.in_step(tx, claimed, picture.version, follows=False))
            return
        try:
            await _Step(self, claimed, picture).bring()
        except SlackFailed as failure:
            if picture.follows or failure.code not in SHUT:
                raise
            log.warning("slack: card %s ends without a word: %s", claimed.card.id, failure.code)
            await self._database.write(lambda tx: store.abandon(tx, claimed, picture.version))
        except Lost:
            log.warning("slack: card %s is another worker's by now", claimed.card.id)

    async def failed(self, claimed: Claimed, failure: SlackFailed) -> None:
        """It is tried again: when Slack allows it, or later each time."""
        pause = BACK_OFF.after(claimed.attempts) or BACK_OFF.longest
        if failure.code in GONE:
            await self._database.write(lambda tx: store.note(tx, claimed, ts=None, shown="", state=""))
        elif failure.retry_after is not None:
            pause = timedelta(seconds=failure.retry_after)
            self._paused[claimed.card.place.channel] = self._now() + pause
        # A rate limit is no attempt: whoever waits for his turn does nothing wrong.
        error = None if failure.retry_after is not None else failure.code
        unsure = failure.unknown or claimed.unsure
        until = self._now() + pause
        await self._database.write(lambda tx: store.put_back(tx, claimed, until, unsure=unsure, error=error))


class _Step:
    """One card, under one claim."""

    def __init__(self, sync: Sync, claimed: Claimed, picture: Picture) -> None:
        self._sync = sync
        self._claimed = claimed
        self._picture = picture
        self._card = picture.card
        self._found: Mapping[str, str] = {}

    async def bring(self) -> None:
        """Everything that is out of step, in order."""
        picture, sync = self._picture, self._sync
        thread = self._card.ts or await self._begin()
        if self._claimed.unsure and self._card.ts is not None:
            self._found = await sync._api.posted(self._card.place, thread, self._card.created_at - _SINCE)
        await self._open(thread)
        for message in picture.following:
            await self._mirror(thread, message)
        await self._follow_edits()
        if picture.behind:
            await sync.give_back(self._claimed, unsure=False)
            return
        await self._say_how_it_stands(thread)
        shown = cards.card(sync._texts, picture, sync._public_url)
        if shown.digest != self._card.shown:
            await self._show(thread, shown)
        follows = picture.follows
        await sync._database.write(lambda tx: store.in_step(tx, self._claimed, picture.version, follows=follows))

    async def _note(self, work: Callable[[Transaction], None] | None = None, **values: object) -> None:
        """Record what was done, while the card is still ours: `values` of the card, and whatever `work` does."""

        def write(tx: Transaction) -> bool:
            if not store.note(tx, self._claimed, unsure=True, **values):
                return False
            if work is not None:
                work(tx)
            return True

        if not await self._sync._database.write(write):
            raise Lost

    async def _post(self, message: blocks.Message, thread: str | None, *, broadcast: bool = False) -> str:
        """Post, unless a predecessor who was cut off has done it."""
        done = self._found.get(str(message.blocks[0].get("block_id")))
        return done or await self._sync._api.post(self._card.place, message, thread=thread, broadcast=broadcast)

    async def _begin(self) -> str:
        """Post the card; returns Slack's name of it."""
        sync, picture = self._sync, self._picture
        workspace = await sync._api.workspace(self._card.place)
        place = Place(self._card.place.channel, workspace)
        if self._claimed.unsure:
            self._found = await sync._api.posted(place, None, self._card.created_at - _SINCE)
        message = cards.card(sync._texts, picture, sync._public_url)
        ts = await self._post(message, None)
        state = cards.state(picture)
        await self._note(ts=ts, workspace=workspace, shown=message.digest, state=state)
        self._card = replace(self._card, place=place, ts=ts, shown=message.digest, state=state)
        return ts

    async def _open(self, thread: str) -> None:
        if self._card.seq >= self._card.began:
            return
        if not self._picture.opening:
            await self._note(seq=self._card.began)
            return
        ts = await self._post(cards.opening(self._sync._texts, self._picture), thread)
        await self._note(lambda tx: self._opened(tx, ts), seq=self._card.began)

    def _opened(self, tx: Transaction, ts: str) -> None:
        for message in self._picture.opening:
            store.mirrored(tx, self._card.id, message, ts, None)

    async def _mirror(self, thread: str, message: Message) -> None:
        known = self._picture.known.get(message.seq)
        if known is not None and (known.ts is not None or (message.internal and known.typed)):
            # It stands in the thread already.
            await self._note(seq=message.seq)
            return
        shown = self._message(message)
        ts = await self._post(shown, thread)
        standing = cards.delivery(message)
        await self._note(lambda tx: store.mirrored(tx, self._card.id, message, ts, standing), seq=message.seq)

    def _message(self, message: Message) -> blocks.Message:
        sync = self._sync
        return cards.message(sync._texts, self._picture.conversation, self._card, message, sync._public_url)

    async def _follow_edits(self) -> None:
        """Messages, or how their delivery goes, have changed since they were posted."""
        picture, opening = self._picture, ""
        for post, message in (*picture.moved, *picture.edited):
            if message.seq <= self._card.began:
                opening = post.ts or ""
            else:
                await self._refresh(post, message)
        if opening:
            await self._replace(opening, cards.opening(self._sync._texts, picture))
            await self._note(lambda tx: self._opened(tx, opening))

    async def _refresh(self, post: Post, message: Message) -> None:
        ts, standing = post.ts or "", cards.delivery(message)
        await self._replace(ts, self._message(message))
        await self._note(lambda tx: store.mirrored(tx, self._card.id, message, ts, standing))

    async def _replace(self, ts: str, shown: blocks.Message) -> None:
        """Replace a message in the thread, if it is still there and may still be replaced."""
        try:
            await self._sync._api.update(self._card.place, ts, shown)
        except SlackFailed as failure:
            # Somebody removed it from the thread: there is nothing left to be kept true.
            if failure.code not in GONE | FIXED:
                raise

    async def _show(self, ts: str, shown: blocks.Message) -> None:
        try:
            await self._sync._api.update(self._card.place, ts, shown)
        except SlackFailed as failure:
            # The thread says how it stands; the buttons of a card that says something else refuse.
            if failure.code not in FIXED:
                raise
            log.warning("slack: card %s cannot be changed any more: %s", self._card.id, failure.code)
        await self._note(shown=shown.digest)

    async def _say_how_it_stands(self, thread: str) -> None:
        state = cards.state(self._picture)
        if state == self._card.state:
            return
        # Whoever waits again is shown to everybody in the channel, not only to those who follow the thread.
        await self._post(cards.changed(self._sync._texts, self._picture), thread, broadcast=state == "queue")
        await self._note(state=state)
