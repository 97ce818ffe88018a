"""What the contract tests ask of a channel's network: the other end, as two customers use it.

A channel is plugged in by a subclass of `Network` in its own tests, and a line in `test_contract.NETWORKS`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from channels.contract import Button, Channel, Choice, Incoming, Outgoing, Press
from tests.channels.memory_log import MemoryLog

ALICE, BOB = "alice", "bob"
"""Two customers who both call themselves Alex, where a network has names."""


@dataclass(frozen=True)
class Outcome:
    """What came of something a customer did."""

    acknowledged: bool
    """Their network was told that we have it, and will not bring it again."""
    told: str | None = None
    """What we said to it at once, if anything."""


@dataclass(frozen=True)
class Seen:
    """A message as it is on the customer's screen, markup and all that is done with it."""

    text: str
    buttons: tuple[str, ...] = ()


class Trouble(StrEnum):
    """What a network can answer to what we send."""

    GONE = "gone"
    """This customer takes no messages from us any more."""
    REFUSED = "refused"
    """It will never take this message."""
    TOO_FAST = "too_fast"
    """We are to wait; for two seconds."""
    BROKEN = "broken"
    """An error on its side, before it did anything."""
    SILENT = "silent"
    """It took what we sent, and never answered."""


class Network(ABC):
    """One channel in front of a desk in memory, listening or serving, as in the product."""

    channel: Channel
    desk: MemoryLog
    troubles: frozenset[Trouble] = frozenset(Trouble)
    """Those that can happen there."""

    @abstractmethod
    async def says(self, text: str, who: str = ALICE) -> Outcome:
        """A customer writes. Returns when the network knows whether we have it."""

    @abstractmethod
    async def says_again(self) -> Outcome:
        """The network brings the last message once more."""

    @abstractmethod
    async def presses(self, message: Outgoing, index: int) -> Outcome:
        """Alice presses a button of a message that `shows` has shown her."""

    @abstractmethod
    async def does_something_new(self) -> None:
        """The network brings an event of a type that nobody has heard of. Returns when it was taken or passed over."""

    @abstractmethod
    async def shows(self, message: Outgoing) -> list[Seen]:
        """Have a message delivered, the channel's way; returns what Alice sees of it. Raises `DeliveryFailed`."""

    @abstractmethod
    def trouble(self, trouble: Trouble) -> None:
        """The next message we send meets `trouble`."""

    def address(self, who: str = ALICE) -> str:
        """What the desk calls a customer who has written."""
        return next(one.address for one in self.desk.received if one.text.endswith(who))

    def says_to_alice(self, text: str, buttons: Sequence[Button] = ()) -> Outgoing:
        """The desk says something to Alice, who has written before."""
        return self.desk.say(self.address(), text, buttons=buttons)


def pressed(incoming: Incoming, message: Outgoing) -> Button | None:
    """The button of `message` that `incoming` presses, as the desk resolves it."""
    match incoming.press, incoming.choice:
        case Press(conversation, seq, index), None if (conversation, seq) == (message.conversation, message.seq):
            return message.buttons[index]
        case None, Choice(title, payload):
            return next((button for button in message.buttons if button == Button(title, payload)), None)
        case _:
            return None
