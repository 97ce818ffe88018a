"""Mails of ours that come back: people are told of those that never arrive."""

from __future__ import annotations

from typing import Any

from channels.letter import Automatic, Bounce
from desk import alerts, conversations
from desk.model.alert import Kind
from desk.model.letter import Bounced
from desk.model.technician import Technician
from desk.store import identities as identity_store
from desk.store import letters as store
from tests.desk.conftest import Clock
from tests.desk.mails import ALICE, BOB, Mails, Sent, people


def replied(mails: Mails, clock: Clock, tess: Technician, **letter: Any) -> tuple[int, Sent]:
    """A conversation in which Tess has replied, and that reply."""
    conversation = mails.write(id="a@x", **letter)
    with mails.database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "Is it on?", clock.tick())
    return conversation, mails.send()[-1]


def delivery(mails: Mails, conversation: int) -> tuple[str | None, str | None]:
    found = next(m for m in mails.messages(conversation) if m.technician is not None)
    return found.delivery, found.delivery_error


def told(mails: Mails, tess: Technician) -> list[tuple[int, Kind]]:
    with mails.database.snapshot() as tx:
        return [(alert.conversation, alert.kind) for alert in alerts.open_for(tx, tess)]


def flagged(mails: Mails, address: str) -> bool:
    with mails.database.transaction() as tx:
        # Flagging is news only where it was not so.
        return not identity_store.unreachable(tx, "email", address, "?", mails.now())


def test_a_permanent_bounce_is_shown_at_the_mail_flags_the_address_and_calls_people(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    conversation, sent = replied(mails, clock, tess)
    assert mails.bounce(sent) == conversation
    assert delivery(mails, conversation) == ("failed", "5.1.1 No such user")
    assert told(mails, tess) == [(conversation, Kind.UNDELIVERED)]
    assert mails.messages(conversation)[-1].internal
    message = next(m for m in mails.messages(conversation) if m.technician is not None)
    with mails.database.snapshot() as tx:
        assert store.bounces_of(tx, [message.id]) == {
            message.id: [Bounced(message.id, ALICE, "5.1.1 No such user", given_up=True)]
        }
    assert flagged(mails, ALICE)


def test_a_temporary_bounce_is_noted_only(mails: Mails, clock: Clock, tess: Technician) -> None:
    conversation, sent = replied(mails, clock, tess)
    assert mails.bounce(sent, permanent=False) == conversation
    assert (delivery(mails, conversation), told(mails, tess)) == (("done", None), [])
    assert not flagged(mails, ALICE)


def test_a_mail_that_is_given_up_after_days_is_lost_though_its_address_is_right(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    conversation, sent = replied(mails, clock, tess)
    assert mails.bounce(sent, permanent=False, expired=True) == conversation
    assert delivery(mails, conversation) == ("failed", "4.4.7 Expired")
    assert told(mails, tess) == [(conversation, Kind.UNDELIVERED)]
    assert not flagged(mails, ALICE)


def test_of_a_copy_that_is_given_up_after_days_people_are_told_and_the_next_copy_is_sent(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    conversation, sent = replied(mails, clock, tess, cc=people(BOB))
    mails.bounce(sent, permanent=False, expired=True, recipient=BOB)
    assert delivery(mails, conversation) == ("done", None)
    assert told(mails, tess) == [(conversation, Kind.UNDELIVERED)]
    with mails.database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "Hello?", clock.tick())
    assert mails.send()[-1].letter.cc == people(BOB)


def test_a_bounce_from_somebody_copied_ends_the_copies_and_not_the_conversation(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    conversation, sent = replied(mails, clock, tess, cc=people(BOB))
    mails.bounce(sent, recipient=BOB)
    assert delivery(mails, conversation) == ("done", None)
    assert told(mails, tess) == [(conversation, Kind.UNDELIVERED)]
    with mails.database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "Hello?", clock.tick())
    assert mails.send()[-1].letter.cc == ()


def test_a_bounce_of_a_mail_that_was_sent_but_not_written_down_is_known_by_its_signature(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    conversation, _ = replied(mails, clock, tess)
    said = Bounce(ALICE, True, "5.1.1", "No such user", "never.noted@desk.test")
    by = "mailer-daemon@example.org"
    assert mails.automatic(Automatic.BOUNCE, by=by, bounces=(said,), answers_own=conversation) == conversation
    assert delivery(mails, conversation)[0] == "failed"


def test_a_made_up_bounce_changes_nothing(mails: Mails, clock: Clock, tess: Technician) -> None:
    conversation, _ = replied(mails, clock, tess)
    said = Bounce(ALICE, True, "5.1.1", "Ha!", "guessed@desk.test")
    made_up = mails.automatic(Automatic.BOUNCE, by="mailer-daemon@elsewhere.test", bounces=(said,))
    # The customer's own mails are known to whoever was copied: they are none of ours.
    known = Bounce(ALICE, True, "5.1.1", "Ha!", "a@x")
    mails.automatic(Automatic.BOUNCE, by="mailer-daemon@elsewhere.test", bounces=(known,))
    assert made_up != conversation
    assert (delivery(mails, conversation), told(mails, tess)) == (("done", None), [])
    assert not flagged(mails, ALICE)


def test_whoever_writes_again_can_be_reached_again(mails: Mails, clock: Clock, tess: Technician) -> None:
    _, sent = replied(mails, clock, tess)
    mails.bounce(sent)
    mails.write("I am back", answers="a@x")
    assert not flagged(mails, ALICE)
