"""Who writes in reply to a conversation they do not take part in sees nothing of it until a technician lets them in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from channels.contract import File, Owner
from desk import conversations, participants, tickets
from desk.model.conversation import Reason
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.letter import Rule, Standing
from desk.model.technician import Technician
from desk.model.ticket import State
from desk.store import cases, mail_threads
from desk.store import tickets as ticket_store
from tests.desk.conftest import Clock
from tests.desk.mails import ALICE, BOB, MALLORY, Mails, people


def strange(mails: Mails, clock: Clock, tess: Technician, *, with_ticket: bool = True) -> tuple[int, int]:
    """Mallory writes in reply to Alice's conversation; hers, and Alice's."""
    original = mails.write("The code of the safe is in the drawer", id="alice@x", subject="Safe")
    mails.answer("Which drawer?")
    if with_ticket:
        with mails.database.transaction() as tx:
            conversations.take(tx, original, tess, clock.tick())
    mails.send()
    own = mails.write("And what did she say?", MALLORY, answers="alice@x", subject="Re: Safe")
    return own, original


def approve(mails: Mails, clock: Clock, conversation: int, technician: Technician) -> int:
    with mails.database.transaction() as tx:
        return participants.approve(tx, conversation, technician, clock.tick())


def keep_apart(mails: Mails, clock: Clock, conversation: int, technician: Technician) -> None:
    with mails.database.transaction() as tx:
        participants.keep_apart(tx, conversation, technician, clock.tick())


def test_a_strangers_mail_is_a_case_of_its_own_for_a_technician(mails: Mails, clock: Clock, tess: Technician) -> None:
    own, original = strange(mails, clock, tess)
    assert own != original
    found = mails.conversation(own)
    assert (found.owner, found.reason) == (Owner.QUEUE, Reason.UNKNOWN_SENDER)
    assert [mail.rule for mail in mails.kept(own)] == [Rule.MESSAGE_ID]
    assert mails.asked() == []
    assert "And what did she say?" not in mails.said(original)
    with mails.database.snapshot() as tx:
        (ticket,) = ticket_store.of_conversation(tx, own)
        assert ("link", "related FL-1001") in [(c.field, c.new) for c in tickets.history(tx, ticket)]


def test_a_stranger_gets_an_honest_receipt_and_nothing_of_the_conversation(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    own, _ = strange(mails, clock, tess)
    (receipt,) = mails.send()
    assert receipt.to == MALLORY
    assert "FL-1002" in receipt.text
    for secret in ("drawer", "FL-1001", "Alice", ALICE, "Tess"):
        assert secret not in receipt.text + repr(receipt.letter)
    assert [mail.mail_id for mail in mails.kept(own)] == [receipt.letter.references[-1]]
    assert "alice@x" not in receipt.letter.references


@pytest.mark.parametrize("quoted", ["signed_conversation", "answers_own"])
def test_a_signature_of_ours_that_a_stranger_quotes_opens_nothing(
    mails: Mails, clock: Clock, tess: Technician, quoted: str
) -> None:
    _, original = strange(mails, clock, tess)
    other = mails.write("Me too", "eve@elsewhere.test", **{quoted: original})
    assert other != original
    assert mails.conversation(other).reason is Reason.UNKNOWN_SENDER


def test_what_a_stranger_writes_meanwhile_stands_in_the_same_case(mails: Mails, clock: Clock, tess: Technician) -> None:
    own, _ = strange(mails, clock, tess)
    (receipt,) = mails.send()
    assert mails.write("Hello?", MALLORY, answers="alice@x") == own
    assert mails.write("Anybody?", MALLORY, answers=receipt.message_id) == own
    mails.answer()
    assert mails.send() == []


def test_approved_they_take_part_and_their_words_stand_in_the_conversation(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    original = mails.write("Printer", id="alice@x")
    with mails.database.transaction() as tx:
        conversations.take(tx, original, tess, clock.tick())
    photo = File("photo.png", "image/png", b"\x89PNG\r\n\x1a\n")
    own = mails.write("It is my printer", BOB, answers="alice@x", files=(photo,), html="<p>It is my printer</p>")
    assert approve(mails, clock, own, tess) == original
    assert mails.said(original) == ["Printer", "It is my printer"]
    (copied,) = [m for m in mails.messages(original) if m.text == "It is my printer"]
    assert [a.name for a in copied.attachments] == ["photo.png"]
    assert mails.kept(original)[-1].sender.address == BOB
    assert mails.conversation(own).closed
    with mails.database.snapshot() as tx:
        mine, theirs = (ticket_store.by_number(tx, number) for number in ("FL-1002", "FL-1001"))
        assert (mine.state, mine.merged_into) == (State.MERGED, theirs.number)
        told = [(c.field, c.new, c.who.name) for c in tickets.history(tx, theirs)]
    assert ("stranger_approved", BOB, "Tess") in told
    with mails.database.transaction() as tx:
        conversations.reply(tx, original, tess, "Ah.", clock.tick())
    reply = mails.send()[-1]
    assert (reply.to, [one.address for one in reply.letter.cc]) == (ALICE, [BOB])
    assert mails.write("Thank you both", BOB, answers=reply.message_id) == original


def test_approved_in_a_conversation_without_a_ticket_people_have_it(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    own, original = strange(mails, clock, tess, with_ticket=False)
    assert approve(mails, clock, own, tess) == original
    mails.answer()
    found = mails.conversation(original)
    assert (found.owner, found.reason) == (Owner.QUEUE, Reason.UNKNOWN_SENDER)
    with mails.database.snapshot() as tx:
        (ticket,) = ticket_store.of_conversation(tx, original)
        assert cases.conversations_of(tx, ticket.id) == [own, original]
        assert ticket.number == "FL-1001"


def test_kept_apart_it_is_a_case_like_any_other_and_may_still_be_approved(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    own, original = strange(mails, clock, tess)
    keep_apart(mails, clock, own, tess)
    assert mails.write("Hello?", MALLORY, answers="alice@x") == own
    with mails.database.snapshot() as tx:
        assert mail_threads.stranger(tx, own).standing is Standing.APART
        (ticket,) = ticket_store.of_conversation(tx, own)
        assert ("stranger_apart", MALLORY) in [(c.field, c.new) for c in tickets.history(tx, ticket)]
    assert approve(mails, clock, own, tess) == original
    assert mails.said(original)[1:] == ["And what did she say?", "Hello?"]


def test_of_two_who_approve_at_once_one_does(mails: Mails, clock: Clock, tess: Technician, tom: Technician) -> None:
    own, original = strange(mails, clock, tess)

    def try_it(technician: Technician) -> bool:
        try:
            approve(mails, clock, own, technician)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_it, (tess, tom))) == [False, True]
    assert mails.said(original).count("And what did she say?") == 1


def test_what_two_who_take_part_write_at_once_is_both_in_the_conversation(mails: Mails) -> None:
    conversation = mails.write("0", id="0@x", cc=people(BOB))
    arriving = [mails.incoming(f"{n}", by, answers="0@x") for n in range(1, 5) for by in (ALICE, BOB)]
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(mails.accept, arriving)) == {conversation}
    assert [message.seq for message in mails.messages(conversation)] == list(range(1, 10))


def test_deciding_twice_changes_nothing(mails: Mails, clock: Clock, tess: Technician) -> None:
    own, original = strange(mails, clock, tess)
    approve(mails, clock, own, tess)
    before = mails.said(original)
    for decide in (approve, keep_apart):
        with pytest.raises(Conflict):
            decide(mails, clock, own, tess)
    assert mails.said(original) == before
    with pytest.raises(NotFound):
        approve(mails, clock, original, tess)


def test_a_case_that_a_colleague_has_is_theirs_to_approve(
    mails: Mails, clock: Clock, tess: Technician, tom: Technician
) -> None:
    own, _ = strange(mails, clock, tess)
    with mails.database.transaction() as tx:
        conversations.take(tx, own, tom, clock.tick())
    with pytest.raises(Conflict):
        approve(mails, clock, own, tess)
    approve(mails, clock, own, tom)


def test_whoever_is_removed_gets_nothing_more_and_is_a_stranger_again(
    mails: Mails, clock: Clock, tess: Technician
) -> None:
    own, original = strange(mails, clock, tess)
    approve(mails, clock, own, tess)
    with mails.database.transaction() as tx:
        participants.remove(tx, original, MALLORY, tess, clock.tick())
        conversations.reply(tx, original, tess, "Only for Alice.", clock.tick())
    assert mails.send()[-1].letter.cc == ()
    assert mails.write("Hello?", MALLORY, answers="alice@x") == own
    found = mails.conversation(own)
    assert (found.owner, found.reason) == (Owner.QUEUE, Reason.UNKNOWN_SENDER)
    assert approve(mails, clock, own, tess) == original
    assert mails.said(original)[-1] == "Hello?"
    assert mails.said(original).count("And what did she say?") == 1


def test_who_was_removed_does_not_come_back_by_being_copied(mails: Mails, clock: Clock, tess: Technician) -> None:
    original = mails.write(id="a@x", cc=people(BOB))
    with mails.database.transaction() as tx:
        participants.remove(tx, original, BOB, tess, clock.tick())
    mails.write("Again", answers="a@x", cc=people(BOB))
    assert mails.answer()[-1].letter.cc == ()
    with mails.database.transaction() as tx:
        participants.add(tx, original, f" {BOB.upper()} ", tess, clock.tick())
    mails.write("Once more", answers="a@x")
    assert [one.address for one in mails.answer()[-1].letter.cc] == [BOB]


def test_only_a_mail_address_may_be_added(mails: Mails, clock: Clock, tess: Technician) -> None:
    original = mails.write()
    for nonsense in ("", "bob", "bob@", "b ob@x.test", "x@" + "y" * 400):
        with mails.database.transaction() as tx, pytest.raises(Invalid):
            participants.add(tx, original, nonsense, tess, clock.tick())


def test_a_mail_to_a_hundred_people_does_not_make_a_hundred_take_part(mails: Mails) -> None:
    mails.write(cc=people(*(f"p{n}@example.org" for n in range(100))))
    assert len(mails.answer()[0].letter.cc) == participants.MOST
