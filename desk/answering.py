"""Answering what is in the inbox: claim, ask the assistant, store what it says if the conversation is still its own.

inbox row ── claim ──► a command to the desk itself ─► obey, done
├───► a person's, or the queue's ─► shown to people, done
├───► mails answered too often by programs ─► the queue, with the reason, done
├───► files without a word ─► kept for people, and words are asked for, done
└───► the assistant's ─► (the engine, outside any transaction)
answered ─► finish: still the assistant's?  yes: say it   no: drop it
failed   ─► give_up: the queue, with the reason, and an honest sentence
stumbled ─► pass_over: others go first ─► abandon: the same, if it does not pass
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from channels.contract import Author, Command, Elsewhere, Owner
from desk import clocks, diagnosis, handover, orders, outbox, ownership, posting, routing, texts, tickets
from desk.model.conversation import Conversation, Message, Reason
from desk.model.ticket import BOT, CUSTOMER, State
from desk.model.turn import Turn, joined
from desk.model.work import Claim, WorkState
from desk.store import conversations, messages, runs, work
from desk.store.database import Transaction
from desk.store.tables import inbox
from desk.store.tickets import Column

_TOGETHER = timedelta(seconds=30)
"""So soon after another one a file was sent together with it; each takes its time on the way."""
_NEAR = 10
"""So many messages back the customer's one before is looked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """A customer's message that is to be answered, and the conversation as it was when it was claimed.

    By the assistant; or, if it is a command, by the desk itself.
    """

    claim: Claim
    conversation: Conversation
    message: Message
    procedure_state: Mapping[str, Any] | None = None
    """Where a technician left the procedures; None unless the conversation has just been given back."""
    letters: bool = False
    """The answer goes out as a mail: see `Capabilities.letters`."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that the assistant is not asked about: there is nothing more to do with it."""

    conversation: int


def claim(
    tx: Transaction, worker: str, now: datetime, lease: timedelta, letters: Collection[str] = ()
) -> Question | Shown | None:
    """Claim the next message and decide who handles it; None when there is nothing to do.

    letters: the channels whose messages are mails.

    Raises:
        Stumbled: it could not be decided, for whatever reason.
    """
    claimed = work.claim(tx, inbox, worker, now, lease)
    if claimed is None:
        return None
    with work.looking_into(claimed):
        return _decide(tx, claimed, now, letters)


def _decide(tx: Transaction, claimed: Claim, now: datetime, letters: Collection[str]) -> Question | Shown:
    conversation = conversations.get(tx, claimed.lane, lock=True)
    message = messages.get(tx, claimed.item)
    if message.command is not None:
        return Question(claimed, conversation, message)
    match routing.decide(conversation, now):
        case routing.ShowPeople(waiting_since):
            conversations.change(tx, conversation.id, waiting_since=waiting_since)
            _our_turn(tx, conversation, now)
            handover.note_email(tx, conversation, message, now)
            clocks.follow(tx, conversation.id, now)
            work.settle(tx, inbox, claimed, WorkState.DONE, now)
            return Shown(conversation.id)
        case routing.AskBot(new_episode=True):
            runs.keep_state(tx, conversation.id, None)
            conversation = ownership.begin_again(tx, conversation, now)
        case _:
            pass
    if posting.by_mail(tx, conversation):
        if posting.answered_too_often(tx, conversation, now):
            handover.hand_over(tx, conversation, Reason.MAIL_LOOP, str(message.id), now)
            work.settle(tx, inbox, claimed, WorkState.DONE, now)
            return Shown(conversation.id)
        message = posting.heard(tx, message)
    if message.attachments and not message.text:
        _kept_for_people(tx, conversation, message, now)
        work.settle(tx, inbox, claimed, WorkState.DONE, now)
        return Shown(conversation.id)
    left_at = runs.state_of(tx, conversation.id) if conversation.summary is not None else None
    return Question(claimed, conversation, message, left_at, conversation.channel in letters)


def _kept_for_people(tx: Transaction, conversation: Conversation, message: Message, now: datetime) -> None:
    """The assistant cannot look into files: it says so and asks for words. What it had asked stays asked.

    Once for all files that are sent together: networks bring an album as a message for each of its pictures.
    """
    if _goes_with_the_one_before(tx, conversation, message):
        return
    language = conversation.language or message.language
    outbox.say(tx, conversation, Author.BOT, texts.sentence("file_kept", language), now, language=language)


def _goes_with_the_one_before(tx: Transaction, conversation: Conversation, message: Message) -> bool:
    said = messages.after(tx, conversation.id, max(message.seq - _NEAR, 0))
    before = [one for one in said if one.author is Author.CUSTOMER and one.seq < message.seq]
    return bool(before and before[-1].attachments and message.created_at - before[-1].created_at <= _TOGETHER)


def _our_turn(tx: Transaction, conversation: Conversation, now: datetime) -> None:
    """The customer wrote: their ticket waits for them no longer."""
    ticket = tickets.current(tx, conversation, lock=True)
    if ticket is not None and ticket.state is State.WAITING_FOR_CUSTOMER:
        tickets.move(tx, ticket, State.OPEN, CUSTOMER, now)


def finish(tx: Transaction, question: Question, turn: Turn, now: datetime, letters: Collection[str] = ()) -> bool:
    """Store the assistant's turn. False when it was dropped, because somebody else owns the conversation by now.

    letters: the channels whose messages are mails: one mail answers one mail, whatever the assistant has to say.
    What the customer answered is recorded in any case: it is true whoever goes on from there.
    """
    conversation = conversations.get(tx, question.conversation.id, lock=True)
    overtaken = conversation.revision != question.conversation.revision
    held = _leave(tx, conversation, question, now) if overtaken else _settle(tx, question, now)
    if held:
        diagnosis.report(tx, conversation, question.conversation.episode, turn, now)
    if overtaken or not held:
        return False
    speaking = replace(conversation, language=turn.language)
    for reply in (joined(turn.replies),) if conversation.channel in letters else turn.replies:
        outbox.say(tx, speaking, Author.BOT, reply.text, now, buttons=reply.buttons, language=turn.language)
    if turn.handover is not None:
        handover.hand_over(tx, speaking, turn.handover, str(question.message.id), now)
    else:
        _go_on(tx, conversation, turn, now)
    return True


def _go_on(tx: Transaction, before: Conversation, turn: Turn, now: datetime) -> None:
    """Keep what changed for the assistant's next turn, if anything did."""
    changes: dict[str, object] = {}
    if before.language != turn.language:
        changes["language"] = turn.language
    if before.summary is not None:
        changes["summary"] = None
    if turn.resolved:
        changes["episode"] = before.episode + 1
        runs.keep_state(tx, before.id, None)
        _resolved_by_assistant(tx, before, turn, now)
    if changes:
        conversations.change(tx, before.id, **changes)


def _resolved_by_assistant(tx: Transaction, conversation: Conversation, turn: Turn, now: datetime) -> None:
    """A case that was given back to the assistant and ended well there has its ticket resolved."""
    ticket = tickets.current(tx, conversation, lock=True)
    solved = next((run for run in reversed(turn.runs) if run.state == "resolved"), None)
    if ticket is None or solved is None or ticket.procedure not in {None, solved.procedure}:
        return
    tickets.move(tx, ticket, State.RESOLVED, BOT, now, {Column.RESOLUTION: solved.title})


def give_up(tx: Transaction, question: Question, reason: Reason, now: datetime, detail: str) -> bool:
    """The assistant failed: hand over with `reason`, and tell the customer so. False as in `finish`."""
    conversation = conversations.get(tx, question.conversation.id, lock=True)
    if conversation.revision != question.conversation.revision:
        _leave(tx, conversation, question, now, detail)
        return False
    if not _settle(tx, question, now, detail):
        return False
    speaking = replace(conversation, language=conversation.language or question.message.language)
    _to_people(tx, speaking, reason, question.message.id, now)
    return True


def _to_people(tx: Transaction, conversation: Conversation, reason: Reason, message: int, now: datetime) -> None:
    ticket = handover.hand_over(tx, conversation, reason, str(message), now)
    expected = handover.expectation(tx, replace(conversation, waiting_since=now), ticket, now)
    said = texts.sentence(reason.value, conversation.language, ticket=ticket.number, expectation=expected)
    outbox.say(tx, conversation, Author.DESK, said, now)


def pass_over(tx: Transaction, claimed: Claim, now: datetime, error: str) -> None:
    """Others go before a message over which a claim `Stumbled`."""
    work.pass_over(tx, inbox, claimed, now, error)


def abandon(tx: Transaction, claimed: Claim, now: datetime, error: str) -> None:
    """Give up a message that was passed over often enough: people read it, and the customer is told so."""
    if not work.abandon(tx, inbox, claimed, now, error):
        return
    conversation = conversations.get(tx, claimed.lane, lock=True)
    if conversation.owner is Owner.BOT and not conversation.closed:
        _to_people(tx, conversation, Reason.ENGINE_FAILED, claimed.item, now)


def obey(
    tx: Transaction,
    question: Question,
    command: Command,
    now: datetime,
    *,
    secret: bytes,
    elsewhere: Elsewhere | None = None,
) -> None:
    """Do what the customer told the desk itself. secret, elsewhere: as for `orders.carry_out`."""
    conversation = conversations.get(tx, question.conversation.id, lock=True)
    if _settle(tx, question, now):
        orders.carry_out(tx, conversation, question.message, command, now, secret=secret, elsewhere=elsewhere)


def put_back(tx: Transaction, question: Question, available_at: datetime, error: str | None = None) -> None:
    """Give a claim back unanswered: from `available_at` on the message is free for whoever claims it next."""
    work.retry(tx, inbox, question.claim, available_at, error)


def _settle(tx: Transaction, question: Question, now: datetime, error: str | None = None) -> bool:
    return work.settle(tx, inbox, question.claim, WorkState.DONE, now, error=error)


def _leave(
    tx: Transaction, conversation: Conversation, question: Question, now: datetime, error: str | None = None
) -> bool:
    """The conversation changed hands during the turn. False when the claim had run out.

    With people, the customer waits for them. With the assistant again (a technician took it, said nothing, and gave it
    back), it is asked anew, in its new session. Closed, a technician who saw the message has decided.
    """
    again = conversation.owner is Owner.BOT and not conversation.closed
    if again and not _answered_by_people(tx, question):
        return work.retry(tx, inbox, question.claim, now, error)
    if not _settle(tx, question, now, error):
        return False
    if conversation.owner is not Owner.BOT and conversation.waiting_since is None:
        conversations.change(tx, conversation.id, waiting_since=question.message.created_at)
    return True


def _answered_by_people(tx: Transaction, question: Question) -> bool:
    later = messages.after(tx, question.conversation.id, question.message.seq)
    return any(message.author is Author.TECHNICIAN for message in later)
