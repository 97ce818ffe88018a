"""What customers tell the desk itself to do, on networks that have commands: done at once, without the assistant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from channels.contract import Author, Command, Elsewhere, Order, Owner, Way
from desk import handover, linking, outbox, ownership, self_service, texts, tickets
from desk.model import join_code
from desk.model.conversation import Conversation, Message, Move, Reason, Route, require
from desk.model.errors import NotFound
from desk.model.ticket import Ticket
from desk.store import conversations, runs
from desk.store.database import Transaction

_MOST = 10
"""So many tickets are told; whoever has more is told the newest."""


def carry_out(
    tx: Transaction,
    conversation: Conversation,
    message: Message,
    command: Command,
    now: datetime,
    *,
    secret: bytes,
    elsewhere: Elsewhere | None = None,
) -> None:
    """Do what the customer told the desk in `message`, and say so. `conversation` must be locked.

    secret: what codes are signed with. elsewhere: how to go on elsewhere; only `asks_for_code` needs it.
    """
    speaking = replace(conversation, language=conversation.language or message.language)
    _ORDERS[command.order](_Told(tx, speaking, message, command.argument.strip(), now, secret, elsewhere))


def asks_for_code(command: Command) -> bool:
    """Whether the customer wants to know how to go on elsewhere."""
    return command.order is Order.LINK and not command.argument.strip()


class _Told:
    """One order, and where it was given."""

    def __init__(
        self,
        tx: Transaction,
        conversation: Conversation,
        message: Message,
        argument: str,
        now: datetime,
        secret: bytes,
        elsewhere: Elsewhere | None,
    ) -> None:
        self.tx = tx
        self.conversation = conversation
        self.message = message
        self.argument = argument
        self.now = now
        self.secret = secret
        self.elsewhere = elsewhere

    def say(self, key: str, conversation: Conversation | None = None, **values: object) -> None:
        """Say the sentence `key`."""
        to = conversation or self.conversation
        said = texts.sentence(key, to.language, **values)
        outbox.say(self.tx, to, Author.DESK, said, self.now)


def _help(told: _Told) -> None:
    told.say("order_help")


def _status(told: _Told) -> None:
    found = [one for one in tickets.of_customer(told.tx, told.conversation.customer) if one.unfinished]
    if not found:
        told.say("order_status_none")
        return
    lines = "\n".join(_line(one, told.conversation.language) for one in found[:_MOST])
    told.say("order_status", tickets=lines)


def _ticket(told: _Told) -> None:
    try:
        named = self_service.find(told.tx, told.conversation, told.argument.upper())
    except NotFound:
        told.say("order_ticket_unknown" if told.argument else "order_ticket_which", ticket=told.argument[:20])
        return
    ticket = self_service.standing(told.tx, named)
    said = _line(ticket, told.conversation.language)
    outbox.say(told.tx, told.conversation, Author.DESK, f"{said}\n{ticket.resolution or ''}".strip(), told.now)


def _line(ticket: Ticket, language: str | None) -> str:
    return texts.sentence(
        "order_ticket",
        language,
        ticket=ticket.number,
        subject=ticket.subject,
        state=texts.word("ticket_states", ticket.state.value, language),
        changed=f"{ticket.updated_at:%Y-%m-%d}",
    )


def _person(told: _Told) -> None:
    tx, now = told.tx, told.now
    if told.conversation.closed:
        runs.keep_state(tx, told.conversation.id, None)
        begun = ownership.begin_again(tx, told.conversation, now)
        told.conversation = replace(begun, language=told.conversation.language)
    if told.conversation.owner is Owner.BOT:
        handover.hand_over(tx, told.conversation, Reason.ASKED, str(told.message.id), now)
        told.conversation = conversations.get(tx, told.conversation.id)
    ticket = tickets.current(tx, told.conversation)
    expected = handover.expectation(tx, told.conversation, ticket, now)
    if told.conversation.technician_name:
        told.say("order_person_has", name=told.conversation.technician_name)
    else:
        told.say("order_person", ticket=ticket.number if ticket else "", expectation=expected)


def _language(told: _Told) -> None:
    wanted = told.argument.lower()
    if wanted not in texts.LANGUAGES:
        told.say("order_language_which")
        return
    conversations.change(told.tx, told.conversation.id, language=wanted)
    told.conversation = replace(told.conversation, language=wanted)
    told.say("order_language")


def _stop(told: _Told) -> None:
    """The assistant stops at once; a ticket that people work on is not closed by that."""
    ticket = tickets.current(told.tx, told.conversation)
    if told.conversation.owner is not Owner.BOT or (ticket is not None and ticket.unfinished):
        told.say("order_stop_ticket", ticket=ticket.number if ticket else "")
        return
    told.say("order_stop")
    if not told.conversation.closed:
        require(told.conversation, Move.CLOSE)
        ownership.close(told.tx, told.conversation, told.now)


def _link(told: _Told) -> None:
    if not told.argument:
        _ways(told)
        return
    target = join_code.conversation_of(told.argument, told.now, told.secret)
    if target is None:
        told.say("order_link_unknown")
    elif target == told.conversation.id:
        told.say("order_link_here")
    else:
        linking.join(told.tx, target, _from(told), told.now, catch_up=True)


def _ways(told: _Told) -> None:
    ways = told.elsewhere.ways if told.elsewhere else ()
    lines = "\n".join(_way(way, told.conversation.language) for way in ways)
    told.say("order_link_ways" if ways else "order_link_nowhere", ways=lines)


def _way(way: Way, language: str | None) -> str:
    where = texts.word("places", way.channel, language)
    if way.link is not None:
        return texts.sentence("order_link_open", language, where=where, link=way.link)
    return texts.sentence("order_link_send", language, where=where, words=way.words)


def _unlink(told: _Told) -> None:
    where = _from(told)
    if not linking.leave(told.tx, where.channel, where.address, told.now):
        told.say("order_unlink_none")
        return
    own = conversations.find(told.tx, where.channel, where.address, where.thread)
    # Who had no conversation of their own there is told in the one they leave, by the way they came.
    there = replace(told.conversation, channel=where.channel, address=where.address, thread=where.thread)
    told.say("order_unlinked", own or there)


def given_at(conversation: Conversation, message: Message) -> Route:
    """Where the customer gave the order that `message` is."""
    return message.came_by or conversation.origin or conversation.route


def _from(told: _Told) -> Route:
    return given_at(told.conversation, told.message)


_ORDERS: Mapping[Order, Callable[[_Told], None]] = {
    Order.HELP: _help,
    Order.STATUS: _status,
    Order.TICKET: _ticket,
    Order.PERSON: _person,
    Order.LANGUAGE: _language,
    Order.STOP: _stop,
    Order.LINK: _link,
    Order.UNLINK: _unlink,
}
