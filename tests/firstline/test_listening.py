"""Channels that fetch from their network are kept listening."""

from __future__ import annotations

import asyncio

from channels.contract import Capabilities, Desk, Incoming
from desk import clock
from desk.store import messages
from firstline.product import Part
from tests.firstline.conftest import Start
from tests.waiting import eventually


class Ear:
    """A channel that is cut off once, and then hears one message."""

    kind = "ear"
    capabilities = Capabilities()

    def __init__(self) -> None:
        self.begun = 0
        self.heard: list[int] = []

    async def listen(self, desk: Desk) -> None:
        self.begun += 1
        if self.begun == 1:
            raise ConnectionResetError("cut off")
        accepted = await desk.accept(Incoming(self.kind, "alice", "1", "hello", clock.now()))
        self.heard.append(accepted.conversation)
        await asyncio.Event().wait()


async def test_a_channel_that_is_cut_off_listens_again(start: Start) -> None:
    ear = Ear()
    async with start(Part.LISTEN, extra_channels=(ear,)) as app:

        async def heard() -> list[int]:
            return ear.heard

        (conversation,) = await eventually(heard)
        stored = await app.database.read(lambda tx: messages.after(tx, conversation))
    assert [m.text for m in stored] == ["hello"]


async def test_a_process_with_another_part_does_not_listen(start: Start) -> None:
    ear = Ear()
    async with start(Part.ANSWER, extra_channels=(ear,)):
        await asyncio.sleep(0)
    assert ear.begun == 0
