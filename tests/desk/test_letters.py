"""Mails are kept whole, go to whom they should, and are never answered in a loop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.procedures.secrets import MARK
from channels.contract import MAX_LETTER_FILES, Author, File, Owner
from channels.letter import Automatic, Person
from desk import attachments, conversations, merging, outbox, search, storable_mail, tickets
from desk.model import join_code
from desk.model.conversation import Reason
from desk.model.errors import NotFound
from desk.model.letter import MOST_AUTOMATIC, Verdict
from desk.model.search import Filters
from desk.model.technician import Technician
from desk.model.ticket import State
from desk.store import conversations as conversation_store
from desk.store import letters as store
from desk.store.database import Database
from tests.desk.cases import Cases
from tests.desk.conftest import WORDS, Clock
from tests.desk.mails import ALICE, BOB, DESK, MALLORY, PROVED, SPOOFED, Mails, closed, people, taken, ticket_of
from tests.desk.test_inbox import everything_in


def test_a_changed_subject_is_noticed_and_the_conversations_own_is_kept(mails: Mails) -> None:
    conversation = mails.write(subject="Printer", id="p@x")
    for subject in ("Re: Printer", "AW: RE: [FL-1001]  printer", "Antw: [Extern] Printer", "", "Re[2]: Printer"):
        mails.write(f"about {subject}", subject=subject, answers="p@x")
    mails.write("My phone too", subject="Re: New phone", answers="p@x")
    assert [mail.new_subject for mail in mails.kept(conversation)] == [False] * 6 + [True]
    assert mails.answer()[0].letter.subject == "Printer"


def test_the_ticket_is_called_as_the_mail_is(mails: Mails, clock: Clock, tess: Technician) -> None:
    conversation = mails.write("It says PC LOAD LETTER, whatever that may mean.", subject="AW: Printer on floor 3")
    assert taken(mails, clock, conversation, tess).subject == "Printer on floor 3"


def test_a_mail_of_a_subject_only_is_read_by_its_subject(mails: Mails) -> None:
    mails.write("", subject="Re: printer is broken")
    assert mails.asked() == ["printer is broken"]


def test_a_mail_is_kept_whole(mails: Mails) -> None:
    conversation = mails.write(
        "Broken",
        subject="Printer",
        full_text="Broken\n\n> Is it on?\n-- \nAlice",
        html="<p>Broken</p>",
        authentication=PROVED,
        signed_by="Alice",
        left_out=("film.mov",),
        files=(File("photo.png", "image/png", b"\x89PNG\r\n\x1a\n"),),
    )
    with mails.database.snapshot() as tx:
        kept, bodies = store.get(tx, conversation, 1)
        assert store.source(tx, kept.source or "") == b"Subject: Printer\r\n\r\nBroken"
    assert (kept.subject, kept.sender, kept.mailbox) == ("Printer", Person(ALICE, "Alice"), DESK)
    assert (kept.authentication, kept.signed_by, kept.left_out) == (PROVED, "Alice", ("film.mov",))
    assert (kept.longer, kept.has_html, kept.held_secret) == (True, True, False)
    assert (bodies.full_text, bodies.html) == ("Broken\n\n> Is it on?\n-- \nAlice", "<p>Broken</p>")
    assert [a.name for a in mails.messages(conversation)[0].attachments] == ["photo.png"]


def test_a_mail_with_a_hundred_files_is_kept_with_all_of_them(mails: Mails) -> None:
    files = tuple(File(f"page-{n}.txt", "text/plain", f"page {n}".encode()) for n in range(MAX_LETTER_FILES))
    conversation = mails.write(files=files)
    assert len(mails.messages(conversation)[0].attachments) == MAX_LETTER_FILES


def test_the_source_of_a_mail_is_no_orphan(mails: Mails, clock: Clock) -> None:
    conversation = mails.write()
    with mails.database.transaction() as tx:
        attachments.sweep(tx, clock.tick(1_000_000))
    with mails.database.snapshot() as tx:
        kept, _ = store.get(tx, conversation, 1)
        assert store.source(tx, kept.source or "")


@pytest.mark.parametrize(
    "where",
    [
        {"text": "My password is Zomer2024!"},
        {"text": "Help", "full_text": "Help\n> my password is Zomer2024!"},
        {"text": "Help", "html": "<p>My <b>password</b> is&nbsp;<i>Zomer2024!</i></p>"},
        {"text": "Help", "subject": "My password is Zomer2024!"},
    ],
)
def test_a_password_in_a_mail_is_nowhere(mails: Mails, database: Database, where: dict[str, str]) -> None:
    conversation = mails.write(**where, source=b"Content-Transfer-Encoding: 7bit\r\n\r\nZomer2024!")
    assert "Zomer2024" not in everything_in(database)
    (kept,) = mails.kept(conversation)
    assert (kept.held_secret, kept.has_html, kept.source) == (True, False, None)
    if where["text"] != "Help":
        assert mails.said(conversation) == [f"My password is {MARK}"]


def test_not_even_a_hash_tells_what_a_pin_was(mails: Mails) -> None:
    one, other = (storable_mail.read(mails.incoming(f"my pin is {pin}"), WORDS) for pin in (4821, 7340))
    assert one.held_secret
    assert one.fingerprint == other.fingerprint


def test_what_cannot_be_stored_is_left_out_and_the_mail_is_kept(mails: Mails) -> None:
    odd: dict[str, Any] = {"subject": "a\x00b\udcff", "full_text": "x\x00y", "html": "<p>\x00</p>", "source": b"\x00"}
    conversation = mails.write("Hi", **odd, cc=people("c" * 400))
    (kept,) = mails.kept(conversation)
    assert (kept.subject, kept.cc) == ("ab?", ())


def test_a_mail_that_cannot_be_read_goes_to_people_as_it_is(mails: Mails) -> None:
    conversation = mails.write("", subject="", unreadable="no end of the header", source=b"\xff\xfe")
    found = mails.conversation(conversation)
    assert (found.owner, found.reason) == (Owner.QUEUE, Reason.UNREADABLE)
    assert mails.asked() == []
    assert "FL-1001" in mails.send()[0].text


def test_a_mail_that_is_encrypted_goes_to_people(mails: Mails) -> None:
    conversation = mails.write("", subject="Secret", encrypted="pgp")
    assert mails.conversation(conversation).reason is Reason.UNREADABLE
    assert [mail.unreadable for mail in mails.kept(conversation)] == ["encrypted: pgp"]


def test_the_assistant_is_told_the_subject_of_a_mail_that_begins_something(mails: Mails) -> None:
    conversation = mails.write("It started on Monday.", subject="Re: VPN drops", id="v@x")
    assert mails.asked() == ["VPN drops\nIt started on Monday."]
    assert mails.said(conversation) == ["It started on Monday."]
    other = mails.write("My printer is broken", subject="My printer", by=BOB, id="p@x")
    assert mails.asked() == ["My printer is broken"]
    assert mails.said(other) == ["My printer is broken"]


def test_a_mail_without_a_sender_goes_to_people_and_is_nobody_elses(mails: Mails) -> None:
    first, second = (mails.accept(mails.incoming(by=f"nobody-{n}@unknown.invalid", subject=str(n))) for n in range(2))
    assert mails.conversation(first).customer != mails.conversation(second).customer
    assert not mails.conversation(first).reachable
    assert (mails.conversation(first).owner, mails.send()) == (Owner.QUEUE, [])


def test_words_of_the_whole_mail_are_found_by_search(mails: Mails, clock: Clock, tess: Technician) -> None:
    conversation = mails.write("Broken", subject="Plotter", full_text="Broken\n> quoted zebra", id="z@x")
    number = taken(mails, clock, conversation, tess).number
    mails.write("More", full_text="More\n> a giraffe", answers="z@x", subject="Re: Plotter")
    with mails.database.snapshot() as tx:
        for word in ("zebra", "giraffe", "plotter"):
            assert [t.number for t in search.find(tx, Filters(word)).tickets] == [number], word


def test_a_word_of_thanks_opens_nothing_again_and_a_new_question_does(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    conversation = mails.write(id="t@x")
    ticket = closed(mails, clock, conversation, tess)
    mails.send()
    for thanks in ("Thanks a lot!", "Bedankt Tess, fijne dag!\nAlice", "Perfect, it works now. Thank you!"):
        mails.write(thanks, answers="t@x")
    assert (mails.conversation(conversation).closed, mails.asked()) == (True, [])
    assert ticket_of(mails.database, conversation) == ticket
    mails.write("Thanks, but it is broken again", answers="t@x")
    assert mails.asked() == ["Thanks, but it is broken again"]
    assert not mails.conversation(conversation).closed


def test_copies_go_to_those_the_customer_wrote_to_and_theirs_is_the_conversation_too(mails: Mails) -> None:
    conversation = mails.write(id="c@x", cc=people(BOB), to=people("noreply@shop.test"))
    (sent,) = mails.answer()
    assert (sent.to, [one.address for one in sent.letter.cc]) == (ALICE, [BOB])
    assert mails.write("It is on", BOB, answers=sent.message_id, cc=people(ALICE)) == conversation
    assert mails.asked() == ["It is on"]


def test_somebody_copied_by_whoever_may_not_be_the_sender_does_not_take_part(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    conversation = mails.write(id="d@x")
    number = taken(mails, clock, conversation, tess).number
    mails.write("Copy Mallory", subject=number, cc=people(MALLORY))
    mails.write("Copy Mallory please", answers="d@x", cc=people(MALLORY), authentication=SPOOFED)
    mails.write("Copy Bob", subject=number, cc=people(BOB), authentication=PROVED)
    with mails.database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "It is fixed.", clock.tick())
    assert [one.address for one in mails.send()[-1].letter.cc] == [BOB]


def test_the_customer_is_answered_where_they_want_it_unless_somebody_else_may_want_it(mails: Mails) -> None:
    home, work = people("alice@home.test", "a.liddell@example.org")
    mails.write("1", reply_to=work)
    mails.write("2", reply_to=home, authentication=PROVED)
    mails.write("3", reply_to=home)
    mails.write("4", reply_to=home, authentication=SPOOFED)
    assert [sent.to for sent in mails.answer()] == [work.address, home.address, ALICE, ALICE]


def test_an_answer_says_what_it_answers_and_what_it_is_about(mails: Mails, clock: Clock, tess: Technician) -> None:
    conversation = mails.write(id="a@x", subject="Re: Printer", mailbox="support@desk.test")
    (first,) = mails.answer()
    assert (first.letter.automatic, first.letter.with_people) == (True, False)
    assert (first.letter.references, first.letter.mailbox) == (("a@x",), "support@desk.test")
    mails.write("Yes", answers=first.message_id, id="b@x")
    mails.write("I am away", answers=first.message_id, id="away@x", automatic=Automatic.AUTO_REPLY)
    with mails.database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "I will come by.", clock.tick())
    reply = mails.send()[-1]
    assert (reply.letter.automatic, reply.letter.with_people) == (False, True)
    assert (reply.letter.subject, reply.letter.ticket) == ("Printer", ticket_of(mails.database, conversation).number)
    assert reply.letter.references[:2] == ("a@x", first.message_id)
    assert reply.letter.references[-1] == "b@x"


@pytest.mark.parametrize("kind", [Automatic.AUTO_REPLY, Automatic.AUTO_GENERATED, Automatic.MAILING_LIST])
def test_a_machines_mail_is_noted_and_opens_starts_and_asks_nothing(
    mails: Mails, clock: Clock, tess: Technician, kind: Automatic
) -> None:
    conversation = mails.write(id="m@x")
    closed(mails, clock, conversation, tess)
    before = mails.conversation(conversation), ticket_of(mails.database, conversation)
    sent = mails.send()
    assert mails.automatic(kind, answers=sent[-1].message_id) == conversation
    after = mails.conversation(conversation)
    assert (after.closed, after.revision, after.waiting_since) == (True, before[0].revision, None)
    assert after.last_public_seq == before[0].last_public_seq
    assert ticket_of(mails.database, conversation) == before[1]
    assert (mails.asked(), mails.send()) == ([], [])
    assert mails.messages(conversation)[-1].internal
    assert mails.kept(conversation)[-1].automatic is kind


def test_a_machines_mail_that_belongs_nowhere_bothers_nobody_and_is_kept_with_the_others_of_that_machine(
    mails: Mails, tess: Technician
) -> None:
    first = mails.automatic(Automatic.AUTO_GENERATED, "Disk full", by="nagios@example.org", id="n1@x")
    assert mails.automatic(Automatic.AUTO_GENERATED, "Disk fine", by="nagios@example.org") == first
    assert mails.conversation(first).closed
    assert (mails.asked(), mails.send()) == ([], [])
    assert mails.said(first) == ["Disk full", "Disk fine"]
    with mails.database.snapshot() as tx:
        found = conversations.lists(tx, tess)
    assert [one.conversation.id for one in found.automatic] == [first]
    assert (found.waiting, found.with_assistant, found.closed) == ([], [], [])


def test_whoever_writes_to_us_about_a_machines_mail_begins_a_conversation(mails: Mails) -> None:
    notice = mails.automatic(Automatic.AUTO_GENERATED, "Disk full", by="nagios@example.org", id="n2@x")
    conversation = mails.write("Can you help me with this?", answers="n2@x", subject="Re: Disk full")
    assert conversation != notice
    assert mails.asked() == ["Disk full\nCan you help me with this?"]


def test_what_might_be_a_machine_is_answered_once_an_hour(mails: Mails, clock: Clock) -> None:
    mails.write("Your order 1", "no-reply@shop.test", subject="Order 1")
    assert len(mails.answer()) == 1
    second = mails.write("Your order 2", "no-reply@shop.test", subject="Order 2")
    assert mails.answer() == []
    assert mails.kept(second)[-1].verdict is Verdict.RECORD
    clock.tick(3_601)
    mails.write("Your order 3", "no-reply@shop.test", subject="Order 3")
    assert len(mails.answer()) == 1


def test_whoever_sends_the_same_again_within_the_hour_might_be_a_machine(mails: Mails) -> None:
    mails.write("I am out", "carol@example.org", subject="Out")
    (sent,) = mails.answer()
    again = mails.write("I am out", "carol@example.org", subject="Out", answers=sent.message_id)
    assert mails.messages(again)[-1].internal
    assert mails.answer() == []


def test_a_short_answer_to_another_question_is_no_repetition_though_nothing_is_quoted(mails: Mails) -> None:
    mails.write("The printer jams")
    for _ in range(3):
        (sent,) = mails.answer()
        mails.write("No, it does not.", answers=sent.message_id)
    assert len(mails.answer()) == 1


def answered(mails: Mails, clock: Clock, conversation: int, times: int) -> None:
    """The assistant has answered so many times."""
    with mails.database.transaction() as tx:
        for number in range(times):
            current = conversation_store.get(tx, conversation)
            outbox.say(tx, current, Author.BOT, f"answer {number}", clock.tick())


def test_what_people_answer_is_shown_to_them_however_often_it_is_sent(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    conversation = mails.write("Hello?", id="h@x")
    taken(mails, clock, conversation, tess)
    mails.write("Hello?", answers="h@x")
    assert [message.internal for message in mails.messages(conversation)] == [False, False]


def test_after_so_many_automatic_answers_in_a_day_people_are_called(mails: Mails, clock: Clock) -> None:
    conversation = mails.write("0", id="0@x")
    answered(mails, clock, conversation, MOST_AUTOMATIC - 1)
    assert len(mails.answer()) == MOST_AUTOMATIC
    mails.write("1", answers="0@x")
    assert mails.answer() == []
    found = mails.conversation(conversation)
    assert (found.owner, found.reason) == (Owner.QUEUE, Reason.MAIL_LOOP)


def test_a_machine_that_begins_a_conversation_with_each_mail_is_not_answered_for_ever(
    mails: Mails, clock: Clock
) -> None:
    for number in range(MOST_AUTOMATIC):
        mails.write(f"We received your message {number}", by="desk@firm.test", subject=f"[#{number}] received")
        assert len(mails.answer()) == 1
    last = mails.write("We received your message", by="desk@firm.test", subject="[#x] received")
    assert mails.answer() == []
    assert mails.conversation(last).reason is Reason.MAIL_LOOP
    clock.tick(timedelta(hours=25).total_seconds())
    mails.write("One more", by="desk@firm.test")
    assert len(mails.answer()) == 1


def test_answers_of_days_ago_do_not_count(mails: Mails, clock: Clock) -> None:
    conversation = mails.write("0", id="0@x")
    answered(mails, clock, conversation, MOST_AUTOMATIC)
    clock.tick(timedelta(hours=25).total_seconds())
    mails.answer()
    assert mails.conversation(conversation).owner is Owner.BOT


def test_a_code_to_go_on_elsewhere_is_only_in_mails_that_nobody_but_the_customer_gets(mails: Mails) -> None:
    alone = mails.write("1", id="1@x")
    (code,) = [sent.join_code for sent in mails.answer()]
    assert join_code.conversation_of(code or "", mails.now(), mails.SECRET) == alone
    mails.write("2", cc=people(BOB))
    mails.write("3", reply_to=people("a.liddell@example.org")[0])
    assert [sent.join_code for sent in mails.answer()] == [None, None]


def test_taking_a_conversation_sends_no_mail_that_says_no_more_than_that(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    conversation = mails.write()
    taken(mails, clock, conversation, tess)
    assert mails.send() == []


def test_a_case_that_was_split_off_goes_on_with_its_own_number(mails: Mails, clock: Clock, tess: Technician) -> None:
    conversation = mails.write(id="s@x")
    number = taken(mails, clock, conversation, tess).number
    mails.write("And my phone", subject="New phone", answers="s@x")
    seq = mails.messages(conversation)[-1].seq
    with mails.database.transaction() as tx:
        made = merging.split(tx, number, conversation, seq, "New phone", tess, clock.tick())
        conversations.reply(tx, conversation, tess, "Which one?", clock.tick())
    assert mails.send()[-1].letter.ticket == made.number


def test_what_is_no_mail_has_none(mails: Mails, cases: Cases) -> None:
    cases.begin("alice")
    with mails.database.snapshot() as tx, pytest.raises(NotFound):
        store.get(tx, 1, 1)


def test_a_ticket_that_was_closed_by_the_customer_stays_findable_by_mail(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    conversation = mails.write(id="w@x")
    ticket = closed(mails, clock, conversation, tess)
    with mails.database.transaction() as tx:
        tickets.edit(tx, ticket.number, tickets.Edit(state=State.CLOSED), tess, None, clock.tick())
    assert mails.write("It is back", subject=ticket.number) == conversation
