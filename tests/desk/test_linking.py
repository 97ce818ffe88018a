"""Going on with a conversation on another channel, and being known there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Author, Button, DeliveryFailed, Incoming, Press, Rejected, RejectReason
from desk import inbox, linking, outbox, tickets
from desk.model import join_code
from desk.model.conversation import Conversation, Reason, Route
from desk.model.ticket import Details
from desk.model.work import BackOff
from desk.store import conversations, customers, identities, messages
from desk.store.database import Database
from tests.desk.cases import Cases
from tests.desk.conftest import WORDS, Clock
from tests.new_desk import START

SECRET = b"a secret that only tests know"
TELEGRAM = Route("telegram", "4711")
LEASE = timedelta(minutes=1)


def _join(database: Database, conversation: int, route: Route = TELEGRAM, *, catch_up: bool = True) -> Conversation:
    with database.transaction() as tx:
        return linking.join(tx, conversation, route, START, catch_up=catch_up)


def _ask(database: Database, conversation: int, text: str = "Is it switched on?") -> int:
    with database.transaction() as tx:
        current = conversations.get(tx, conversation)
        return outbox.say(tx, current, Author.BOT, text, START, buttons=[Button("Yes", "y"), Button("No", "n")])


def _said(database: Database, conversation: int) -> list[tuple[str, str]]:
    """What was said to the customer, and by which channel it goes."""
    with database.snapshot() as tx:
        found = messages.after(tx, conversation)
    return [(m.text, m.to.channel) for m in found if m.to is not None]


def test_a_code_says_which_conversation_it_is_for_until_it_is_too_old() -> None:
    code = join_code.make(17, START + timedelta(hours=1), SECRET)
    assert len(code) <= 64
    assert code.replace("-", "").replace("_", "").isalnum()
    assert join_code.conversation_of(code, START, SECRET) == 17
    assert join_code.conversation_of(code, START + timedelta(hours=1), SECRET) is None
    assert join_code.conversation_of(code, START, b"another secret") is None


@given(st.text(max_size=80))
def test_what_is_not_a_code_of_ours_is_none(code: str) -> None:
    assert join_code.conversation_of(code, START, SECRET) is None


def test_what_arrives_where_somebody_joined_belongs_to_the_conversation(
    database: Database, write: Callable[..., int]
) -> None:
    begun = write("My printer jams")
    _join(database, begun)
    assert write("It is the one on the second floor", "4711", channel="telegram") == begun


def test_answers_go_where_the_customer_wrote_last(database: Database, write: Callable[..., int]) -> None:
    begun = write("My printer jams", "4711", channel="telegram")
    _join(database, begun, Route("web", "bob"), catch_up=False)
    _ask(database, begun, "On Telegram?")
    write("Here I am", "bob")
    _ask(database, begun, "On the web?")
    write("Here again", "4711", channel="telegram")
    _ask(database, begun, "On Telegram again?")
    assert _said(database, begun) == [
        ("On Telegram?", "telegram"),
        ("On the web?", "web"),
        ("On Telegram again?", "telegram"),
    ]


def test_whoever_joins_is_asked_again_what_was_asked_last(database: Database, write: Callable[..., int]) -> None:
    begun = write("My printer jams")
    asked = _ask(database, begun)
    _join(database, begun)
    with database.snapshot() as tx:
        last = messages.after(tx, begun, asked)
    assert [(m.author, m.text) for m in last] == [(Author.DESK, "We go on here."), (Author.BOT, "Is it switched on?")]
    assert [button.title for button in last[-1].buttons] == ["Yes", "No"]


def test_nothing_is_asked_again_when_the_customer_wrote_last(database: Database, write: Callable[..., int]) -> None:
    begun = write("My printer jams")
    _join(database, begun)
    assert _said(database, begun) == [("We go on here.", "telegram")]


def test_a_message_says_where_it_came_from_unless_that_is_where_it_all_began(
    database: Database, write: Callable[..., int]
) -> None:
    begun = write("My printer jams")
    _join(database, begun)
    write("It still does", "4711", channel="telegram")
    write("Back at my desk", "alice")
    with database.snapshot() as tx:
        told = [(m.text, m.came_by) for m in messages.after(tx, begun) if m.author is Author.CUSTOMER]
    assert told == [("My printer jams", None), ("It still does", TELEGRAM), ("Back at my desk", None)]


def test_acknowledging_in_the_browser_leaves_alone_what_goes_out_by_another_channel(
    database: Database, write: Callable[..., int]
) -> None:
    begun = write("My printer jams")
    _join(database, begun)
    seq = _ask(database, begun)
    with database.transaction() as tx:
        outbox.acknowledge(tx, "web", "alice", seq, START)
        claimed = outbox.claim(tx, "w", ["telegram"], START, LEASE)
    assert claimed is not None
    assert (claimed.message.address, claimed.message.text) == ("4711", "We go on here.")


def test_both_are_one_customer_with_what_they_began_there_and_its_tickets(
    database: Database, write: Callable[..., int], cases: Cases
) -> None:
    ticket = cases.open(write("My mouse is broken", "4711", channel="telegram"), Details(Reason.ASKED))
    begun = write("My printer jams")
    _join(database, begun)
    with database.snapshot() as tx:
        customer = conversations.get(tx, begun).customer
        assert [(i.channel, i.address) for i in customers.identities_of(tx, customer)] == [
            ("telegram", "4711"),
            ("web", "alice"),
        ]
        assert [one.number for one in tickets.of_customer(tx, customer)] == [ticket.number]


def test_leaving_undoes_it_all(database: Database, write: Callable[..., int], cases: Cases) -> None:
    own = write("My mouse is broken", "4711", channel="telegram")
    ticket = cases.open(own, Details(Reason.ASKED))
    begun = write("My printer jams")
    _join(database, begun)
    with database.transaction() as tx:
        assert linking.leave(tx, "telegram", "4711", START)
        assert not linking.leave(tx, "telegram", "4711", START)
    assert write("My mouse again", "4711", channel="telegram") == own
    _ask(database, begun, "Still jammed?")
    assert _said(database, begun)[-1] == ("Still jammed?", "web")
    with database.snapshot() as tx:
        theirs, alices = conversations.get(tx, own).customer, conversations.get(tx, begun).customer
        assert theirs != alices
        assert [one.number for one in tickets.of_customer(tx, theirs)] == [ticket.number]
        assert [(i.channel, i.address) for i in customers.identities_of(tx, alices)] == [("web", "alice")]


def test_who_was_never_met_before_joining_is_somebody_new_after_leaving(
    database: Database, write: Callable[..., int]
) -> None:
    begun = write("My printer jams")
    _join(database, begun)
    with database.transaction() as tx:
        linking.leave(tx, "telegram", "4711", START)
    other = write("Hello", "4711", channel="telegram")
    assert other != begun
    with database.snapshot() as tx:
        assert conversations.get(tx, other).customer != conversations.get(tx, begun).customer


def _press(database: Database, conversation: int, seq: int, index: int, address: str = "4711") -> int:
    pressed = Incoming("telegram", address, f"press-{seq}-{index}", "", START, press=Press(conversation, seq, index))
    with database.transaction() as tx:
        return inbox.accept(tx, pressed, START, WORDS).seq


def test_a_button_pressed_by_its_place_is_what_stood_there(database: Database, write: Callable[..., int]) -> None:
    begun = write("My printer jams", "4711", channel="telegram")
    seq = _press(database, begun, _ask(database, begun), 1)
    with database.snapshot() as tx:
        (pressed,) = messages.after(tx, begun, seq - 1)
    assert pressed.choice is not None
    assert (pressed.text, pressed.choice.title, pressed.choice.payload) == ("No", "No", "n")


@pytest.mark.parametrize(("seq", "index"), [(1, 0), (2, 2), (2, -1), (99, 0)])
def test_a_button_that_was_never_shown_is_refused(
    database: Database, write: Callable[..., int], seq: int, index: int
) -> None:
    begun = write("My printer jams", "4711", channel="telegram")
    _ask(database, begun)
    with pytest.raises(Rejected) as refused:
        _press(database, begun, seq, index)
    assert refused.value.reason is RejectReason.UNKNOWN_BUTTON


def test_nobody_presses_the_buttons_of_somebody_elses_conversation(
    database: Database, write: Callable[..., int]
) -> None:
    bobs = write("My screen is dark", "4712", channel="telegram")
    write("My printer jams", "4711", channel="telegram")
    with pytest.raises(Rejected):
        _press(database, bobs, _ask(database, bobs), 0)


def test_an_address_that_takes_nothing_more_is_marked_until_somebody_writes_from_there(
    database: Database, write: Callable[..., int], clock: Clock
) -> None:
    begun = write("My printer jams", "4711", channel="telegram")
    _ask(database, begun)
    blocked = DeliveryFailed("Forbidden: bot was blocked by the user", unreachable=True)
    with database.transaction() as tx:
        delivery = outbox.claim(tx, "w", ["telegram"], clock(), LEASE)
        assert delivery is not None
        outbox.failed(tx, delivery.claim, blocked, clock(), BackOff())
    assert _unreachable(database, begun) == "Forbidden: bot was blocked by the user"
    write("I am back", "4711", channel="telegram")
    assert _unreachable(database, begun) is None


def test_who_comes_by_a_link_can_be_written_to_again(database: Database, write: Callable[..., int]) -> None:
    begun = write("My printer jams", "4711", channel="telegram")
    with database.transaction() as tx:
        identities.unreachable(tx, "telegram", "4711", "blocked", START)
    assert _unreachable(database, begun) == "blocked"
    _join(database, begun)
    assert _unreachable(database, begun) is None


def _unreachable(database: Database, conversation: int) -> str | None:
    with database.snapshot() as tx:
        (identity,) = customers.identities_of(tx, conversations.get(tx, conversation).customer)
    return identity.unreachable


def test_joining_twice_says_nothing_twice(database: Database, write: Callable[..., int]) -> None:
    begun = write("My printer jams")
    _ask(database, begun)
    _join(database, begun)
    _join(database, begun)
    assert [text for text, _ in _said(database, begun)].count("We go on here.") == 1
