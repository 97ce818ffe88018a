"""Mails find their conversation, by the first rule that holds; copies are one message, and none is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from channels.contract import Owner, Rejected
from desk import merging
from desk.model.letter import Rule, Verdict
from desk.model.technician import Technician
from tests.desk.conftest import Clock
from tests.desk.mails import ALICE, BOB, DESK, MALLORY, SPOOFED, Mails, people, taken


def rules(mails: Mails, conversation: int) -> list[Rule]:
    return [mail.rule for mail in mails.kept(conversation)]


def test_a_mail_that_refers_to_nothing_begins_a_conversation(mails: Mails) -> None:
    first, second = mails.write("Printer broken"), mails.write("VPN drops")
    assert first != second
    assert rules(mails, first) == rules(mails, second) == [Rule.NEW]
    assert mails.conversation(first).owner is Owner.BOT


def test_an_answer_to_a_mail_we_sent_belongs_to_its_conversation(mails: Mails) -> None:
    conversation = mails.write()
    (sent,) = mails.answer()
    assert sent.to == ALICE
    assert mails.write("Yes", answers=sent.message_id) == conversation
    assert rules(mails, conversation) == [Rule.NEW, Rule.MESSAGE_ID]


def test_an_answer_to_a_mail_we_got_belongs_to_its_conversation(mails: Mails) -> None:
    conversation = mails.write(id="first@example.org")
    assert mails.write("One more thing", answers=("unknown@x", "first@example.org")) == conversation


def test_an_answer_that_arrives_before_the_mail_it_answers_finds_it(mails: Mails) -> None:
    answer = mails.write("I have that too", BOB, answers="late@example.org", cc=people(ALICE))
    assert mails.write("My printer is broken", id="late@example.org") == answer


def test_two_who_forward_the_same_mail_do_not_share_a_conversation(mails: Mails) -> None:
    first = mails.write("Is this phishing?", ALICE, subject="Fwd: You won", answers="phish@evil.test")
    assert mails.write("Is this real?", BOB, subject="Fwd: You won", answers="phish@evil.test") != first


def test_the_signature_in_our_message_id_is_enough_where_the_mail_was_sent_but_not_written_down(mails: Mails) -> None:
    conversation = mails.write()
    assert mails.write("Yes", answers="never.noted@desk.test", answers_own=conversation) == conversation
    assert rules(mails, conversation)[-1] is Rule.SIGNED_MESSAGE_ID


def test_a_mail_to_the_signed_address_belongs_to_its_conversation(mails: Mails) -> None:
    conversation = mails.write()
    assert mails.write("Still broken", signed_conversation=conversation) == conversation
    assert rules(mails, conversation)[-1] is Rule.SIGNED_ADDRESS


def test_message_ids_come_before_the_signed_address(mails: Mails) -> None:
    first, second = mails.write(id="first@x"), mails.write("VPN", id="second@x")
    assert mails.write("Yes", answers="second@x", signed_conversation=first) == second


def test_a_ticket_number_in_the_subject_counts_from_whoever_takes_part_only(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    conversation = mails.write()
    number = taken(mails, clock, conversation, tess).number
    assert mails.write("New facts", subject=f"[{number}] Printer") == conversation
    assert rules(mails, conversation)[-1] is Rule.TICKET_NUMBER
    assert mails.write("Let me see", MALLORY, subject=f"Re: [{number}] Printer") != conversation
    assert mails.write("Let me see", subject=f"Re: {number}", authentication=SPOOFED) != conversation


def test_the_number_of_a_merged_ticket_leads_to_what_it_became_part_of(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    first, second = mails.write("Printer"), mails.write("Printer again")
    kept, merged = taken(mails, clock, first, tess), taken(mails, clock, second, tess)
    with mails.database.transaction() as tx:
        merging.merge(tx, merged.number, kept.number, tess, clock.tick())
    assert mails.write("News", subject=merged.number) in {first, second}
    assert mails.write("More", subject=merged.number.lower()) in {first, second}


def test_one_mail_to_two_mailboxes_is_one_message(mails: Mails) -> None:
    conversation = mails.write(id="one@x", mailbox=DESK)
    assert mails.write(id="one@x", mailbox="support@desk.test", source=b"Received: elsewhere\r\n\r\n") == conversation
    assert len(mails.said(conversation)) == 1


def test_what_a_list_puts_below_one_of_two_copies_makes_no_other_mail_of_it(mails: Mails) -> None:
    conversation = mails.write("Hello", id="1@x", full_text="Hello")
    assert mails.write("Hello", id="1@x", full_text="Hello\n____\nA list", mailbox="it@desk.test") == conversation
    assert len(mails.messages(conversation)) == 1


def test_another_mail_that_bears_the_same_message_id_is_not_lost(mails: Mails) -> None:
    conversation = mails.write("My printer is broken", id="1@broken.test")
    for _ in range(2):
        assert mails.write("My screen is black", id="1@broken.test") == conversation
    assert mails.said(conversation) == ["My printer is broken", "My screen is black"]


def test_our_own_mail_that_comes_back_is_not_a_message(mails: Mails) -> None:
    conversation = mails.write()
    (sent,) = mails.answer()
    assert mails.write("Is it switched on?", BOB, id=sent.message_id) == conversation
    assert len(mails.said(conversation)) == 1


def test_a_mail_from_our_own_address_that_belongs_nowhere_is_refused(mails: Mails) -> None:
    with pytest.raises(Rejected):
        mails.write(by=DESK, mailbox=DESK, answers="unknown@x")


def test_what_a_colleague_sends_from_the_shared_mailbox_is_a_note_in_its_conversation(mails: Mails) -> None:
    conversation = mails.write(id="a@x")
    before = mails.conversation(conversation)
    assert mails.write("I'll come by", DESK, answers="a@x", id="b@desk", cc=people(BOB)) == conversation
    note = mails.messages(conversation)[-1]
    assert (note.text, note.internal) == ("I'll come by", True)
    assert mails.kept(conversation)[-1].verdict is Verdict.NOTE
    after = mails.conversation(conversation)
    assert (after.owner, after.closed, after.waiting_since) == (before.owner, before.closed, before.waiting_since)
    assert mails.asked() == ["My printer is broken"]
    # The customer's answer to it is known, and goes the usual way; who was copied has no part by that.
    assert mails.write("Thanks, come at 3", answers="b@desk", id="c@x") == conversation
    assert not mails.messages(conversation)[-1].internal
    assert mails.write("I was copied", BOB, answers="b@desk") != conversation


def test_a_copy_of_what_a_colleague_sent_is_the_same_note(mails: Mails) -> None:
    conversation = mails.write(id="a@x")
    for _ in range(2):
        assert mails.write("I'll come by", DESK, answers="a@x", id="b@desk") == conversation
    assert [m.text for m in mails.messages(conversation)] == ["My printer is broken", "I'll come by"]


def test_our_own_mail_that_comes_back_is_refused_also_in_its_conversation(mails: Mails) -> None:
    conversation = mails.write(id="a@x")
    with pytest.raises(Rejected):
        mails.write(by=DESK, answers="a@x", ours=True)
    with pytest.raises(Rejected):
        mails.automatic(by=DESK, answers="a@x", from_own_address=True)
    assert len(mails.messages(conversation)) == 1


def test_copies_of_one_mail_that_come_at_once_are_one_message(mails: Mails) -> None:
    arriving = [mails.incoming(id=f"{n % 3}@x", text=f"text {n % 3}") for n in range(12)]
    with ThreadPoolExecutor(6) as pool:
        found = set(pool.map(mails.accept, arriving))
    assert len(found) == 3
    assert sorted(text for one in found for text in mails.said(one)) == ["text 0", "text 1", "text 2"]


def test_a_mail_and_its_answers_that_come_at_once_are_one_conversation(mails: Mails) -> None:
    arriving = [mails.incoming(id="0@x", text="text 0")]
    arriving += [mails.incoming(f"text {n}", id=f"{n}@x", answers=[f"{n - 1}@x", "0@x"]) for n in range(1, 8)]
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(mails.accept, arriving))
    (conversation,) = found
    assert sorted(mails.said(conversation)) == [f"text {n}" for n in range(8)]
