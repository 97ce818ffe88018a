"""What customers tell the desk itself to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from channels.contract import Author, Command, Elsewhere, Incoming, Order, Owner, Way
from desk import answering, inbox, orders
from desk import conversations as people
from desk.answering import Question
from desk.model import join_code
from desk.model.technician import Technician
from desk.store import conversations, messages
from desk.store.database import Database, Transaction
from tests.desk.conftest import WORDS, Clock

LEASE = timedelta(minutes=1)
SECRET = b"a secret that only tests know"

type Tell = Callable[..., list[str]]


@pytest.fixture
def tell(database: Database, clock: Clock) -> Tell:
    """Have a customer give an order: ``tell(Order.TICKET, "FL-1")`` returns what they are told, wherever that is."""
    told = 0

    def do(order: Order, argument: str = "", who: str = "4711", channel: str = "telegram") -> list[str]:
        nonlocal told
        told += 1
        command = Command(order, argument)
        given = Incoming(channel, who, f"order{told}", f"/{order.value} {argument}".strip(), clock(), command=command)
        with database.transaction() as tx:
            inbox.accept(tx, given, clock(), WORDS)
        with database.transaction() as tx:
            question = answering.claim(tx, "w", clock(), LEASE)
            assert isinstance(question, Question)
            before = set(_said(tx))
            ways = _elsewhere(question, clock) if orders.asks_for_code(command) else None
            answering.obey(tx, question, command, clock(), secret=SECRET, elsewhere=ways)
            return [text for number, text in _said(tx) if (number, text) not in before]

    return do


def _elsewhere(question: Question, clock: Clock) -> Elsewhere:
    """The web chat and Slack are on."""
    code = join_code.make(question.conversation.id, clock() + join_code.ASKED_FOR, SECRET)
    web = Way("web", f"https://help.example.org/?continue={code}")
    return Elsewhere(code, (web, Way("slack", words=f"/support link {code}")))


def _said(tx: Transaction) -> list[tuple[int, str]]:
    """Everything that customers were told, in order, with the ids of the messages."""
    every = [m for one in conversations.some(tx, range(1, 10)) for m in messages.after(tx, one.id)]
    return sorted((m.id, m.text) for m in every if m.author is not Author.CUSTOMER)


def test_every_order_is_carried_out() -> None:
    assert set(orders._ORDERS) == set(Order)


def test_help_says_what_can_be_done_here(tell: Tell) -> None:
    (said,) = tell(Order.HELP)
    assert "in your own words" in said


def test_a_technician_who_has_the_conversation_keeps_it(
    database: Database, write: Callable[..., int], tell: Tell, tess: Technician, clock: Clock
) -> None:
    begun = write("help", "4711", channel="telegram")
    with database.transaction() as tx:
        people.take(tx, begun, tess, clock())
    with database.transaction() as tx:
        answering.claim(tx, "w", clock(), LEASE)
    assert tell(Order.STATUS)
    with database.snapshot() as tx:
        assert conversations.get(tx, begun).technician_name == "Tess"


def test_who_has_no_ticket_is_told_so(tell: Tell) -> None:
    assert tell(Order.STATUS) == ["You have no open ticket."]


def test_person_hands_over_and_says_what_to_expect(database: Database, tell: Tell) -> None:
    (said,) = tell(Order.PERSON, "it is urgent")
    assert re.search(r"ticket FL-\d+", said)
    with database.snapshot() as tx:
        assert conversations.get(tx, 1).owner is Owner.QUEUE


def test_ticket_tells_of_ones_own_only(database: Database, tell: Tell) -> None:
    tell(Order.PERSON)
    with database.snapshot() as tx:
        ticket = people.view(tx, 1).tickets[0]
    (said,) = tell(Order.TICKET, ticket.number.lower())
    assert said.startswith(f"{ticket.number}: ")
    assert tell(Order.TICKET, ticket.number, who="4712") == [f"I know no ticket {ticket.number} of yours."]
    assert tell(Order.TICKET) == ["Which ticket? Tell me its number, such as FL-1042."]
    (listed,) = tell(Order.STATUS)
    assert ticket.number in listed


def test_language_is_kept_and_answered_in(database: Database, tell: Tell) -> None:
    assert tell(Order.LANGUAGE, "nl") == ["Vanaf nu spreken we Nederlands."]
    assert "Welke wil je?" in tell(Order.LANGUAGE, "fr")[0]


def test_stop_ends_a_conversation_with_the_assistant(database: Database, tell: Tell) -> None:
    tell(Order.STOP)
    with database.snapshot() as tx:
        assert conversations.get(tx, 1).closed


def test_stop_closes_no_ticket(database: Database, tell: Tell) -> None:
    tell(Order.PERSON)
    (said,) = tell(Order.STOP)
    assert "stays open" in said
    with database.snapshot() as tx:
        assert not conversations.get(tx, 1).closed


def test_a_code_given_here_links_there_and_unlink_undoes_it(tell: Tell, write: Callable[..., int]) -> None:
    (said,) = tell(Order.LINK)
    code = re.search(r"[A-Za-z0-9_-]{32}", said)
    assert code
    assert said.splitlines()[1:] == [
        f"- In a browser: https://help.example.org/?continue={code[0]}",
        f"- In Slack, send: `/support link {code[0]}`",
    ]
    assert tell(Order.LINK, code[0], who="T1:U1", channel="slack")[0] == "We go on here."
    assert tell(Order.LINK, code[0], who="T1:U1", channel="slack") == [
        "This conversation is the one that the code is for."
    ]
    assert tell(Order.UNLINK, who="T1:U1", channel="slack") == [
        "You are no longer connected with the other conversation."
    ]
    assert write("Hello from Slack", "T1:U1", channel="slack") != 1


def test_a_made_up_code_links_nothing(tell: Tell) -> None:
    assert tell(Order.LINK, "AAAA") == ["That code is not valid, or too old. Ask for a new one where you got it."]
    assert tell(Order.UNLINK) == ["You are not connected with any other conversation."]
