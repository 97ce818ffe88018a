"""The assistant answers as long as the conversation is its own; every failure of it ends at a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from channels.contract import Author, Button, Owner
from desk import answering, conversations
from desk.answering import Question, Shown
from desk.model.conversation import Reason
from desk.model.run import Run, Step, Untried
from desk.model.technician import Technician
from desk.model.ticket import State
from desk.model.turn import Reply, Turn
from desk.model.work import STUMBLES, Claim, Stumbled
from desk.store import tables, work
from desk.store.database import Database
from tests.desk.backlog import backlog
from tests.desk.conftest import Clock

LEASE = timedelta(seconds=15)
ASK_POWER = Turn((Reply("Is it switched on?", (Button("Yes", "answer:p:power:yes"),)),), "en")


def claim(database: Database, clock: Clock) -> Question:
    with database.transaction() as tx:
        claimed = answering.claim(tx, "w", clock(), LEASE)
    assert isinstance(claimed, Question)
    return claimed


def finish(database: Database, clock: Clock, question: Question, turn: Turn) -> bool:
    with database.transaction() as tx:
        return answering.finish(tx, question, turn, clock())


def view(database: Database, conversation: int) -> conversations.View:
    with database.snapshot() as tx:
        return conversations.view(tx, conversation)


def take(database: Database, clock: Clock, conversation: int, technician: Technician) -> None:
    with database.transaction() as tx:
        conversations.take(tx, conversation, technician, clock())


def test_what_the_assistant_says_is_stored_with_its_buttons_and_queued_for_delivery(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    conversation = write("printer dead")
    assert finish(database, clock, claim(database, clock), ASK_POWER)
    said = view(database, conversation).messages[-1]
    assert (said.author, said.text, said.delivery) == (Author.BOT, "Is it switched on?", "pending")
    assert said.buttons == (Button("Yes", "answer:p:power:yes"),)
    assert view(database, conversation).conversation.language == "en"


def test_one_mail_answers_one_mail(database: Database, clock: Clock, write: Callable[..., int]) -> None:
    conversation = write("printer dead", channel="pigeon")
    with database.transaction() as tx:
        question = answering.claim(tx, "w", clock(), LEASE, letters=["pigeon"])
    assert isinstance(question, Question)
    assert question.letters
    asked = (Button("Yes", "answer:p:power:yes"), Button("No", "answer:p:power:no"))
    said = Reply("Sorry to hear that.", (Button("Another topic", "start:q"),))
    turn = Turn((said, Reply("Is it switched on?", asked), Reply("Take your time.")), "en")
    with database.transaction() as tx:
        assert answering.finish(tx, question, turn, clock(), letters=["pigeon"])
    answers = [m for m in view(database, conversation).messages if m.author is Author.BOT]
    assert [(m.text, m.buttons) for m in answers] == [
        ("Sorry to hear that.\n\nIs it switched on?\n\nTake your time.", asked)
    ]


def test_in_a_chat_each_thing_that_is_said_is_a_message(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    conversation = write("printer dead")
    question = claim(database, clock)
    assert not question.letters
    assert finish(database, clock, question, Turn((Reply("Sorry to hear that."), *ASK_POWER.replies), "en"))
    answers = [m.text for m in view(database, conversation).messages if m.author is Author.BOT]
    assert answers == ["Sorry to hear that.", "Is it switched on?"]


def test_a_reply_that_comes_after_a_technician_took_over_is_dropped(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("printer dead")
    question = claim(database, clock)
    take(database, clock, conversation, tess)
    assert not finish(database, clock, question, ASK_POWER)
    assert Author.BOT not in [m.author for m in view(database, conversation).messages]
    with database.snapshot() as tx:
        assert backlog(tx, tables.inbox) == 0


def test_the_customer_of_a_dropped_reply_is_shown_as_waiting(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("printer dead")
    question = claim(database, clock)
    with database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "Hello, Tess here.", clock())
    clock.tick()
    assert not finish(database, clock, question, ASK_POWER)
    assert view(database, conversation).conversation.waiting_since is not None


def test_a_conversation_that_is_given_back_during_the_turn_has_its_message_answered_in_the_new_session(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("printer dead")
    question = claim(database, clock)
    take(database, clock, conversation, tess)
    with database.transaction() as tx:
        conversations.give_back(tx, conversation, tess, clock())
    assert not finish(database, clock, question, ASK_POWER)
    again = claim(database, clock)
    assert (again.message, again.conversation.engine_id) == (question.message, f"{conversation}.2")
    assert finish(database, clock, again, ASK_POWER)


def test_a_failure_after_a_conversation_was_given_back_is_no_reason_to_forget_the_message(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("printer dead")
    question = claim(database, clock)
    take(database, clock, conversation, tess)
    with database.transaction() as tx:
        conversations.give_back(tx, conversation, tess, clock())
        assert not answering.give_up(tx, question, Reason.ENGINE_LATE, clock(), "too late")
    assert claim(database, clock).message == question.message


def test_what_the_technician_answered_before_giving_back_is_not_answered_again(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("printer dead")
    question = claim(database, clock)
    with database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "Try the other socket.", clock())
        conversations.give_back(tx, conversation, tess, clock())
    assert not finish(database, clock, question, ASK_POWER)
    with database.transaction() as tx:
        assert answering.claim(tx, "w", clock(), LEASE) is None


def test_the_assistant_is_silent_while_a_person_owns_the_conversation(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("printer dead")
    assert finish(database, clock, claim(database, clock), ASK_POWER)
    with database.transaction() as tx:
        conversations.reply(tx, conversation, tess, "Tess here.", clock())
    clock.tick(60)
    write("thanks, and now?")
    with database.transaction() as tx:
        assert answering.claim(tx, "w", clock(), LEASE) == Shown(conversation)
    assert view(database, conversation).conversation.waiting_since == clock()


@pytest.mark.parametrize("reason", [Reason.ENGINE_DOWN, Reason.ENGINE_LATE, Reason.ENGINE_FAILED])
def test_a_failure_hands_over_with_the_reason_and_tells_the_customer_the_ticket(
    database: Database, clock: Clock, write: Callable[..., int], reason: Reason
) -> None:
    conversation = write("printer dead")
    question = claim(database, clock)
    with database.transaction() as tx:
        assert answering.give_up(tx, question, reason, clock(), "connection refused")
    seen = view(database, conversation)
    (ticket,) = seen.tickets
    assert (seen.conversation.owner, seen.conversation.reason) == (Owner.QUEUE, reason)
    assert seen.conversation.waiting_since == clock()
    assert seen.messages[-1].author is Author.DESK
    assert ticket.number in seen.messages[-1].text
    assert (ticket.subject, ticket.state) == ("printer dead", State.NEW)


def test_a_handover_by_the_assistant_still_delivers_what_it_said_with_it(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    conversation = write("I want a person")
    turn = Turn((Reply("I have opened ticket FL-1001."),), "en", handover=Reason.ASKED)
    assert finish(database, clock, claim(database, clock), turn)
    seen = view(database, conversation)
    assert seen.messages[-1].text == "I have opened ticket FL-1001."
    assert (seen.conversation.owner, seen.conversation.reason) == (Owner.QUEUE, Reason.ASKED)
    assert len(seen.tickets) == 1


def test_finishing_twice_says_it_once(database: Database, clock: Clock, write: Callable[..., int]) -> None:
    conversation = write("printer dead")
    question = claim(database, clock)
    assert finish(database, clock, question, ASK_POWER)
    assert not finish(database, clock, question, ASK_POWER)
    assert len(view(database, conversation).messages) == 2


def test_a_solved_case_starts_the_next_one_with_a_fresh_memory(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    write("printer dead")
    first = claim(database, clock)
    assert finish(database, clock, first, Turn((Reply("Glad it works."),), "en", resolved=True))
    conversation = write("now the wifi")
    second = claim(database, clock)
    assert (first.conversation.engine_id, second.conversation.engine_id) == (f"{conversation}.1", f"{conversation}.2")


def test_a_customer_who_writes_again_after_closing_is_with_the_assistant_anew(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("printer dead")
    assert finish(database, clock, claim(database, clock), ASK_POWER)
    with database.transaction() as tx:
        conversations.resolve(tx, conversation, tess, "Plugged it in.", clock())
    write("something else")
    question = claim(database, clock)
    assert not question.conversation.closed
    assert question.conversation.engine_id == f"{conversation}.2"
    assert finish(database, clock, question, ASK_POWER)
    assert view(database, conversation).conversation.owner is Owner.BOT


def test_the_diagnosis_is_replaced_when_a_correction_takes_steps_back(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    def turn(*steps: Step) -> Turn:
        run = Run(
            "1", "printer", 1, "Printer", "active", steps, "cable", (Untried("restart", "Restart it"),), {"os": "mac"}
        )
        return Turn((Reply("Next?"),), "en", (run,))

    power = Step(1, "power", "ask", "Is it on?", "yes", "Yes", "answered", "1")
    cable = Step(2, "cable", "ask", "Cable?", "no", "No", "answered", "2")
    conversation = write("printer dead")
    assert finish(database, clock, claim(database, clock), turn(power, cable))
    write("no wait, it is off")
    assert finish(database, clock, claim(database, clock), turn(power))
    (run,) = view(database, conversation).runs
    assert run.steps == (power,)
    assert run.untried == (Untried("restart", "Restart it"),)
    assert run.facts == {"os": "mac"}


def undone(database: Database, clock: Clock) -> Claim:
    """A claim whose transaction failed."""
    try:
        with database.transaction() as tx:
            claimed = work.claim(tx, tables.inbox, "w", clock(), LEASE)
            assert claimed is not None
            with work.looking_into(claimed):
                raise ValueError("of a later version")
    except Stumbled as stumbled:
        return stumbled.claim


def test_a_message_over_which_claims_fail_lets_others_go_first_and_goes_to_people_in_the_end(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    conversation, other = write("printer dead"), write("and mine", who="bob")
    for attempt in range(1, STUMBLES.attempts + 1):
        stumbled = undone(database, clock)
        assert stumbled.attempts == attempt
        with database.transaction() as tx:
            answering.pass_over(tx, stumbled, clock(), "ValueError")
        if attempt == 1:
            question = claim(database, clock)
            assert question.conversation.id == other
            assert finish(database, clock, question, ASK_POWER)
        pause = STUMBLES.after(attempt)
        clock.tick(pause.total_seconds() if pause else 0)
    assert pause is None
    with database.transaction() as tx:
        answering.abandon(tx, stumbled, clock(), "ValueError")
    seen = view(database, conversation)
    assert (seen.conversation.owner, seen.conversation.reason) == (Owner.QUEUE, Reason.ENGINE_FAILED)
    assert seen.tickets[0].number in seen.messages[-1].text
    with database.transaction() as tx:
        assert backlog(tx, tables.inbox) == 0


def test_what_somebody_has_begun_to_work_on_since_is_neither_passed_over_nor_given_up(
    database: Database, clock: Clock, write: Callable[..., int]
) -> None:
    write("printer dead")
    stumbled = undone(database, clock)
    question = claim(database, clock)
    with database.transaction() as tx:
        answering.pass_over(tx, stumbled, clock(), "ValueError")
        answering.abandon(tx, stumbled, clock(), "ValueError")
    assert finish(database, clock, question, ASK_POWER)
