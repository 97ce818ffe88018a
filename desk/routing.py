"""Who handles a customer's message: a pure decision, applied by the answer worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from channels.contract import Owner
from desk.model.conversation import Conversation


@dataclass(frozen=True, slots=True)
class AskBot:
    """The assistant answers. `new_episode`: it starts with a fresh memory, since the last case is closed."""

    new_episode: bool = False


@dataclass(frozen=True, slots=True)
class ShowPeople:
    """People answer: the message is shown to them, the assistant stays silent."""

    waiting_since: datetime


Decision = AskBot | ShowPeople


def decide(conversation: Conversation, now: datetime) -> Decision:
    """Decide who handles the customer's newest message.

    A closed conversation starts anew with the assistant. While a person, or the queue, owns it, the assistant is
    silent, and the customer's waiting time counts from the first message that nobody has answered yet.
    """
    if conversation.closed:
        return AskBot(new_episode=True)
    if conversation.owner is Owner.BOT:
        return AskBot()
    return ShowPeople(waiting_since=conversation.waiting_since or now)
