"""What a customer is told when people are called: who, where, and when, without a promise nobody can keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from desk import answering, conversations, handover, hours, tickets
from desk.answering import Question
from desk.handover import email_address
from desk.model.conversation import Reason
from desk.model.hours import Why
from desk.model.technician import Technician
from desk.model.ticket import Details
from desk.store import conversations as conversation_store
from desk.store import customers, tables, teams
from desk.store import technicians as technician_store
from desk.store.database import Database, Transaction
from tests.desk.conftest import Clock

MONDAY_MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)  # 10:00 in Amsterdam: open
MONDAY_NIGHT = datetime(2026, 3, 2, 21, tzinfo=UTC)
FRIDAY_NIGHT = datetime(2026, 3, 6, 21, tzinfo=UTC)


def be_there(tx: Transaction, technician: Technician, now: datetime, *teams: str) -> None:
    """`technician` has a console open, and is in `teams`."""
    technician_store.add_login(tx, f"hash-{technician.id}", technician.id, now, now + timedelta(days=30))
    for team in teams:
        join(tx, technician, team)


def join(tx: Transaction, technician: Technician, team: str) -> None:
    tx.connection.execute(insert(tables.team_members).values(team=team, technician_id=technician.id))


def expected(
    database: Database, conversation: int, now: datetime, *, language: str = "en", category: str = "software"
) -> str:
    """What the customer is told, with a ticket for `category`."""
    with database.transaction() as tx:
        current = replace(conversation_store.get(tx, conversation, lock=True), language=language)
        ticket, _ = tickets.open_ticket(tx, current, Details(Reason.ASKED, category=category), "m", now)
        return handover.expectation(tx, current, ticket, now)


def hand_over(database: Database, clock: Clock, *, language: str = "en") -> None:
    """The assistant fails: the oldest question goes to the queue."""
    with database.transaction() as tx:
        question = answering.claim(tx, "w", clock(), timedelta(seconds=15))
        assert isinstance(question, Question)
        question = replace(question, message=replace(question.message, language=language))
        assert answering.give_up(tx, question, Reason.ENGINE_DOWN, clock(), "down")


def said(database: Database, conversation: int) -> str:
    with database.snapshot() as tx:
        return conversations.view(tx, conversation).messages[-1].text


def test_somebody_of_the_team_is_there(
    database: Database, write: Callable[..., int], tess: Technician, tom: Technician
) -> None:
    conversation = write("help")
    with database.transaction() as tx:
        be_there(tx, tess, MONDAY_MORNING, "network")
    there = "A technician (Network team) will answer you here in this chat. Somebody is at the desk now."
    assert expected(database, conversation, MONDAY_MORNING, category="network") == there
    # Another team's people are no promise for this one, and a console that is closed is none either.
    assert "Nobody" in expected(database, write("help", "bob"), MONDAY_MORNING, category="software")
    assert "Nobody" in expected(
        database, write("hi", "carol"), MONDAY_MORNING + timedelta(minutes=5), category="network"
    )


def test_who_is_in_no_team_answers_for_the_fallback_team_and_for_teams_that_have_nobody(
    database: Database, write: Callable[..., int], tess: Technician, tom: Technician
) -> None:
    with database.transaction() as tx:
        be_there(tx, tess, MONDAY_MORNING)
        join(tx, tom, "identity")
    assert "at the desk now" in expected(database, write("a", "alice"), MONDAY_MORNING)
    assert "at the desk now" in expected(database, write("b", "bob"), MONDAY_MORNING, category="network")
    assert "Nobody" in expected(database, write("c", "carol"), MONDAY_MORNING, category="account")


def test_a_program_that_uses_a_token_is_nobody_at_the_desk(
    database: Database, write: Callable[..., int], tess: Technician
) -> None:
    with database.transaction() as tx:
        be_there(tx, tess, MONDAY_MORNING)
        tx.connection.execute(update(tables.logins).values(name="reports"))
    assert "Nobody" in expected(database, write("a"), MONDAY_MORNING)


def test_those_who_wait_before_are_counted_by_priority_and_time(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    with database.transaction() as tx:
        be_there(tx, tess, clock())
    for who in ("alice", "bob"):
        write("help", who)
        hand_over(database, clock)
        clock.tick()
    conversation = write("me too", "carol")
    assert "2 other customers are waiting before you." in expected(database, conversation, clock())
    hand_over(database, clock, language="nl")
    assert "Er zijn 2 andere klanten voor je." in said(database, conversation)


@pytest.mark.parametrize(
    ("now", "language", "when"),
    [
        (datetime(2026, 3, 2, 5, tzinfo=UTC), "en", "The team is closed now and opens again today at 08:00."),
        (MONDAY_NIGHT, "en", "opens again tomorrow at 08:00."),
        (MONDAY_NIGHT, "nl", "Het team is nu gesloten en is morgen om 08:00 weer open."),
        (FRIDAY_NIGHT, "en", "opens again on Monday at 08:00."),
        (FRIDAY_NIGHT, "nl", "is maandag om 08:00 weer open."),
        (
            datetime(2026, 4, 3, 20, tzinfo=UTC),
            "en",
            "opens again on Tuesday at 08:00 (holidays until then).",
        ),
        (datetime(2026, 4, 26, 20, tzinfo=UTC), "en", "on Tuesday at 08:00 (closed until then: King's Day)."),
        (datetime(2026, 4, 26, 20, tzinfo=UTC), "nl", "dinsdag om 08:00 weer open (tot dan gesloten: Koningsdag)."),
        # The clock was put forward on Sunday: on the wall it is 08:00 all the same.
        (datetime(2026, 3, 27, 20, tzinfo=UTC), "en", "opens again on Monday at 08:00."),
    ],
)
def test_closed_it_is_said_when_it_opens(
    database: Database, write: Callable[..., int], now: datetime, language: str, when: str
) -> None:
    assert when in expected(database, write("help"), now, language=language)


def test_a_long_closure_names_the_date_and_the_place_where_teams_have_several_zones(
    database: Database, write: Callable[..., int]
) -> None:
    with database.transaction() as tx:
        closed = [{"team": "servicedesk", "day": date(2026, 3, day), "name": "Moving"} for day in range(2, 21)]
        tx.connection.execute(insert(tables.closed_days), closed)
        change = update(tables.teams).where(tables.teams.c.key == "network").values(time_zone="America/New_York")
        tx.connection.execute(change)
    opens = "opens again on 23 March at 08:00 (Amsterdam time) (closed until then: Moving)."
    assert opens in expected(database, write("help"), MONDAY_MORNING)
    # In New York it is four in the morning.
    york = expected(database, write("help", "bob"), MONDAY_MORNING, category="network", language="nl")
    assert "is vandaag om 08:00 (tijd in New York) weer open." in york


def test_without_hours_no_time_is_promised(database: Database, write: Callable[..., int]) -> None:
    with database.transaction() as tx:
        teams.set_hours(tx, "servicedesk", [])
    assert "I cannot say when somebody will be." in expected(database, write("help"), MONDAY_MORNING)


def test_the_address_is_asked_for_unless_it_is_known(database: Database, write: Callable[..., int]) -> None:
    conversation = write("help")
    offer = "If you leave your email address here, a technician can write to you there as well."
    assert expected(database, conversation, MONDAY_NIGHT).endswith(offer)
    with database.transaction() as tx:
        customers.set_email(tx, conversation_store.get(tx, conversation).customer, "alice@example.org")
    assert offer not in expected(database, conversation, MONDAY_NIGHT)
    mail = expected(database, write("help", "bob@example.org", channel="email"), MONDAY_NIGHT)
    assert "will answer you by email" in mail
    assert offer not in mail


def test_an_address_left_while_nobody_is_there_is_kept_and_confirmed_once(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    conversation = write("help")
    hand_over(database, clock)

    def say(text: str) -> None:
        write(text)
        with database.transaction() as tx:
            answering.claim(tx, "w", clock.tick(), timedelta(seconds=15))

    say("thanks")
    assert said(database, conversation) == "thanks"
    say("You can use alice@Example.org.")
    noted = "Noted: alice@example.org. A technician will write to you there if you are gone when they answer."
    assert said(database, conversation) == noted
    say("or mallory@example.org")
    with database.snapshot() as tx:
        assert customers.email(tx, conversations.view(tx, conversation).conversation.customer) == "alice@example.org"


def test_an_address_is_not_picked_up_while_somebody_is_there(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    with database.transaction() as tx:
        be_there(tx, tess, clock())
    conversation = write("help")
    hand_over(database, clock)
    write("bob@example.org")
    with database.transaction() as tx:
        answering.claim(tx, "w", clock.tick(), timedelta(seconds=15))
        assert customers.email(tx, conversations.view(tx, conversation).conversation.customer) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("alice@example.org", "alice@example.org"),
        ("My address is <alice@example.org>.", "alice@example.org"),
        ("alice@example.org, bob@example.org", None),
        ("alice@localhost", None),
        ("a@@example.org", None),
        ("When I send a mail to the group address all@example.org it comes back at once", None),
        ("no address", None),
        ("at alice@example.org!", "alice@example.org"),
        ("alice@example.org@example.com", None),
        ("@" * 8000, None),
        ("a@a." * 2000, None),
        ("alice@" + "a" * 400 + ".org", None),
    ],
    ids=range(12),
)
def test_what_is_taken_for_an_address(text: str, address: str | None) -> None:
    assert email_address(text) == address


def test_passed_on_to_another_team_the_customer_hears_which(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("help")
    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock())
        be_there(tx, tess, clock(), "network")
        conversations.transfer(tx, conversation, tess, "please look at the switch", clock(), team="network")
    heard = "Tess has passed your question on. A technician (Network team) will answer you here in this chat."
    assert said(database, conversation).startswith(heard)
    assert said(database, conversation).endswith("Somebody is at the desk now.")


def test_holidays_are_those_of_the_country_or_part_and_an_unknown_one_has_none(database: Database) -> None:
    assert "Heilige Drei Könige" in hours.holidays_of("DE-BY", 2026, "nl").values()
    assert "Heilige Drei Könige" not in hours.holidays_of("DE", 2026, "nl").values()
    assert hours.holidays_of("NL", 2026, "en")[date(2026, 12, 25)] == "Christmas Day"
    assert hours.holidays_of("XX-1", 2026, "en") == {}
    with database.snapshot() as tx:
        christmas = datetime(2026, 12, 25, 12, tzinfo=UTC)
        reason = hours.schedule_of(tx, teams.get(tx, "servicedesk"), "nl").explain(christmas)
    assert (reason.why, reason.name) == (Why.HOLIDAY, "Eerste kerstdag")
