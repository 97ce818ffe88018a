"""The web chat, for the tests that every channel has to pass."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

from channels.contract import Outgoing
from channels.web.channel import WebChannel
from channels.web.limits import Limits
from tests.channels.memory_log import MemoryLog
from tests.channels.networks import ALICE, Network, Outcome, Seen, Trouble
from tests.channels.web.customer import Customer, Frame, customer
from tests.channels.web.server import SECRET, Server, running


class WebNetwork(Network):
    """Clients on sockets, which block: the server is in a thread of its own."""

    def __init__(self, channel: WebChannel, server: Server, desk: MemoryLog, open_: ExitStack) -> None:
        self.channel = channel
        self.desk = desk
        self._server = server
        self._open = open_
        self._people: dict[str, Customer] = {}
        self._count = 0
        self._last: tuple[str, Frame] | None = None

    def _customer(self, who: str) -> Customer:
        if who not in self._people:
            self._people[who] = self._open.enter_context(customer(self._server))
            self._people[who].hello()
        return self._people[who]

    async def says(self, text: str, who: str = ALICE) -> Outcome:
        return self._send(who, {"text": text})

    async def says_again(self) -> Outcome:
        assert self._last is not None
        return self._outcome(*self._last)

    async def presses(self, message: Outgoing, index: int) -> Outcome:
        button = message.buttons[index]
        return self._send(ALICE, {"choice": {"title": button.title, "payload": button.payload}})

    async def does_something_new(self) -> None:
        self._customer(ALICE).send({"type": "brain_wave", "alpha": 1})
        assert self._customer(ALICE).receive("error")["code"] == "unknown_type"

    async def shows(self, message: Outgoing) -> list[Seen]:
        while (frame := self._customer(ALICE).receive("message"))["seq"] != message.seq:
            pass
        return [Seen(frame["text"], tuple(button["title"] for button in frame["buttons"]))]

    def trouble(self, trouble: Trouble) -> None:
        raise AssertionError("clients fetch")

    def _send(self, who: str, frame: Frame) -> Outcome:
        self._count += 1
        self._last = (who, {"type": "message", "id": f"m{self._count}", **frame})
        return self._outcome(*self._last)

    def _outcome(self, who: str, frame: Frame) -> Outcome:
        self._customer(who).send(frame)
        answer = self._customer(who).receive("accepted", "rejected")
        # "unavailable" is our own trouble: the client keeps the message and sends it again.
        return Outcome(answer.get("code") != "unavailable", answer.get("text"))


@asynccontextmanager
async def web_network(desk: MemoryLog) -> AsyncIterator[Network]:
    """The web chat behind a real server, in front of `desk`."""
    channel = WebChannel(SECRET, limits=Limits(acknowledge_every=0))
    with running(desk, channel) as server, ExitStack() as open_:
        yield WebNetwork(channel, server, desk, open_)
