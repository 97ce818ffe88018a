"""The desk's side of the channel contract, in memory: for tests of channels whose clients fetch.

Stories are told with `MemoryLog.say` and `MemoryLog.becomes`, from any thread; `answer` plays the bot, and `mask` is
what the desk does to a text before it stores it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from channels.contract import (
    Accepted,
    Assistant,
    Attachment,
    Author,
    Button,
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
    Way,
)

QUIET = Situation(
    owner=Owner.BOT,
    technician=None,
    closed=False,
    assistant=Assistant.READY,
    typing=False,
    last_seq=0,
    language=None,
)


@dataclass
class Record:
    """One customer's conversation."""

    number: int
    messages: list[Outgoing] = field(default_factory=list)
    situation: Situation = QUIET
    acknowledged: int = 0


class MemoryLog:
    """Implements `channels.contract.Log`; survives a restart of the server in front of it."""

    def __init__(
        self,
        answer: Callable[[MemoryLog, Incoming], None] | None = None,
        mask: Callable[[str], str] = lambda text: text,
    ) -> None:
        self._records: dict[str, Record] = {}
        self._watchers: dict[str, set[_Watcher]] = defaultdict(set)
        self._answer = answer
        self._mask = mask
        self.received: list[Incoming] = []
        """What was accepted, without repetitions."""
        self.edits: list[Edit] = []
        self.joins: list[tuple[str, str, str, str]] = []
        """Channel, address, thread and code."""
        self.unreachables: list[tuple[str, str, str]] = []
        """Channel, address and why."""
        self.codes: dict[str, str] = {}
        """The codes that `join` knows, with the language of their conversations."""
        self.typed: list[str] = []
        self.uploads: dict[int, tuple[str, File]] = {}
        """Whose file it is, by its id."""
        self.troubles: list[str] = []
        """What does not work, each time it was said."""
        self.ways: tuple[Way, ...] = ()
        """How every customer who has written can go on elsewhere."""
        self.begun_by: dict[str, str] = {}
        """Codes of links, and the customer whose conversation each leads to."""
        self.accepting_fails: Exception | None = None
        self.reading_fails: Exception | None = None

    # What tests tell

    @property
    def addresses(self) -> list[str]:
        """Customers who have written, the newest last."""
        return list(self._records)

    def watched(self, address: str) -> bool:
        """Whether anybody watches the conversation of `address`."""
        return bool(self._watchers[address])

    def record(self, address: str) -> Record:
        """What is known of `address`."""
        return self._records.setdefault(address, Record(number=len(self._records) + 1))

    def say(
        self,
        address: str,
        text: str,
        *,
        author: Author = Author.BOT,
        buttons: Sequence[Button] = (),
        name: str | None = None,
        external_id: str | None = None,
        at: datetime | None = None,
        files: Sequence[int] = (),
    ) -> Outgoing:
        """Add a message to the conversation of `address`, and wake whoever watches it."""
        record = self.record(address)
        message = Outgoing(
            conversation=record.number,
            seq=len(record.messages) + 1,
            channel="web",
            address=address,
            author=author,
            text=text,
            sent_at=at or datetime.now(UTC),
            language="en",
            buttons=tuple(buttons),
            name=name,
            external_id=external_id,
            attachments=tuple(self._attachment(number) for number in files),
        )
        record.messages.append(message)
        self._wake(address)
        return message

    def becomes(self, address: str, **changes: object) -> None:
        """Change the situation of `address`, as in ``becomes(alice, owner=Owner.QUEUE)``."""
        record = self.record(address)
        record.situation = replace(record.situation, **changes)  # type: ignore[arg-type]
        self._wake(address)

    # The contract

    async def accept(self, incoming: Incoming) -> Accepted:
        if self.accepting_fails:
            raise self.accepting_fails
        record = self.record(incoming.address)
        for known in record.messages:
            if known.external_id == incoming.external_id:
                return Accepted(record.number, known.seq, duplicate=True)
        if any(self.uploads.get(number, ("", None))[0] != incoming.address for number in incoming.uploads):
            raise Rejected(RejectReason.UNKNOWN_FILE)
        self.received.append(incoming)
        text = incoming.choice.title if incoming.choice else self._mask(incoming.text)
        own = self.say(
            incoming.address,
            text,
            author=Author.CUSTOMER,
            external_id=incoming.external_id,
            files=incoming.uploads,
        )
        if self._answer:
            self._answer(self, incoming)
        return Accepted(record.number, own.seq, duplicate=False)

    async def edit(self, edit: Edit) -> None:
        self.edits.append(edit)

    async def join(self, channel: str, address: str, thread: str, code: str) -> Language | None:
        if code not in self.codes:
            raise Rejected(RejectReason.UNKNOWN_TOKEN)
        self.joins.append((channel, address, thread, code))
        if code in self.begun_by:
            self._records[address] = self.record(self.begun_by[code])
        return self.codes[code]

    async def elsewhere(self, channel: str, address: str) -> Elsewhere | None:
        return Elsewhere("c0de", self.ways) if address in self._records else None

    async def unreachable(self, channel: str, address: str, detail: str) -> None:
        self.unreachables.append((channel, address, detail))

    async def news(self, channel: str, address: str, seq: int) -> News:
        if self.reading_fails:
            raise self.reading_fails
        record = self._records.get(address)
        if record is None:
            return News(QUIET, ())
        situation = replace(record.situation, last_seq=len(record.messages))
        return News(situation, tuple(record.messages[seq:]))

    async def acknowledge(self, channel: str, address: str, seq: int) -> None:
        self.record(address).acknowledged = seq

    async def watch(self, channel: str, address: str) -> AsyncGenerator[None]:
        watcher = _Watcher(asyncio.get_running_loop(), asyncio.Event())
        self._watchers[address].add(watcher)
        try:
            while True:
                yield
                await watcher.woken.wait()
                watcher.woken.clear()
        finally:
            self._watchers[address].discard(watcher)

    async def trouble(self, channel: str, detail: str) -> None:
        self.troubles.append(detail)

    async def upload(self, channel: str, address: str, file: File) -> Attachment:
        number = len(self.uploads) + 1
        self.uploads[number] = (address, file)
        return self._attachment(number)

    async def file(self, channel: str, address: str, attachment: int) -> tuple[Attachment, bytes] | None:
        owner, file = self.uploads.get(attachment, ("", None))
        return (self._attachment(attachment), file.content) if file and owner == address else None

    def _attachment(self, number: int) -> Attachment:
        file = self.uploads[number][1]
        return Attachment(number, file.name, file.type, len(file.content))

    async def typing(self, channel: str, address: str) -> None:
        self.typed.append(address)

    def _wake(self, address: str) -> None:
        record = self.record(address)
        same = [known for known in self._watchers if self._records.get(known, record) is record]
        for watcher in [each for known in same for each in self._watchers[known]]:
            watcher.loop.call_soon_threadsafe(watcher.woken.set)


@dataclass(frozen=True, eq=False)
class _Watcher:
    loop: asyncio.AbstractEventLoop
    woken: asyncio.Event
