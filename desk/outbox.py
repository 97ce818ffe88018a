"""What customers are told: whoever says it, through `say`, which writes the row that gets it delivered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from channels.contract import Author, Button, DeliveryFailed, File, Outgoing, Receipt
from desk import alerts, attachments, posting, texts
from desk.model.alert import Kind
from desk.model.conversation import Conversation, Message
from desk.model.errors import Conflict, NotFound
from desk.model.work import BackOff, Claim, WorkState
from desk.store import conversations, identities, messages, work
from desk.store.database import Transaction
from desk.store.tables import outbox

ASKED_TO_WAIT = timedelta(days=1)
"""So long a message waits for a network that asks to wait, again and again."""


def say(
    tx: Transaction,
    conversation: Conversation,
    author: Author,
    text: str,
    now: datetime,
    *,
    technician: int | None = None,
    buttons: Iterable[Button] = (),
    language: str | None = None,
    uploads: Sequence[int] = (),
) -> int:
    """Say something to the customer: stored, and queued for delivery, in this transaction. Returns its number.

    uploads: ids of files that `technician` has uploaded for it.

    Raises:
        Invalid: an upload is not this technician's, or has been sent already.
    """
    message, seq = messages.append(
        tx,
        conversation.id,
        author,
        text,
        now,
        technician=technician,
        buttons=buttons,
        language=language or conversation.language,
        attachments=len(uploads),
    )
    if uploads and technician is not None:
        attachments.bind(tx, message, uploads, attachments.technician(technician))
    to = conversation.route
    work.put(tx, outbox, conversation.id, message, seq, now, channel=to.channel, address=to.address, thread=to.thread)
    return seq


def outgoing(conversation: Conversation, message: Message) -> Outgoing:
    """A stored message as channels see it."""
    to = message.to or conversation.route
    return Outgoing(
        conversation=conversation.id,
        seq=message.seq,
        channel=to.channel,
        address=to.address,
        thread=to.thread,
        author=message.author,
        text=message.text,
        sent_at=message.created_at,
        language=message.language or conversation.language or texts.DEFAULT,
        buttons=message.buttons,
        name=message.name,
        external_id=message.external_id,
        attachments=message.attachments,
        progress=message.progress,
    )


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed message and where it goes."""

    claim: Claim
    message: Outgoing


def claim(
    tx: Transaction,
    worker: str,
    channels: Collection[str],
    now: datetime,
    lease: timedelta,
    *,
    letters: Collection[str] = (),
    secret: bytes = b"",
) -> Delivery | None:
    """Claim the next message that one of `channels` is to push, with the contents of its files.

    letters: those of the channels whose messages are mails. secret: what codes in them are signed with.

    Raises:
        Stumbled: the message cannot be made ready to be sent.
    """
    claimed = work.claim(tx, outbox, worker, now, lease, channels)
    if claimed is None:
        return None
    with work.looking_into(claimed):
        conversation = conversations.get(tx, claimed.lane)
        going = outgoing(conversation, messages.get(tx, claimed.item))
        if going.channel in letters:
            going = posting.letter(tx, conversation, going, secret, now)
        opened = [attachments.open(tx, attachment.id) for attachment in going.attachments]
        files = tuple(File(one.attachment.name, one.attachment.type, one.content) for one in opened)
        return Delivery(claimed, replace(going, files=files))


def pass_over(tx: Transaction, claimed: Claim, now: datetime, error: str) -> None:
    """Others go before a message over which a claim `Stumbled`."""
    work.pass_over(tx, outbox, claimed, now, error)


def abandon(tx: Transaction, claimed: Claim, now: datetime, error: str) -> None:
    """Give up a message that was passed over often enough, and tell technicians."""
    if work.abandon(tx, outbox, claimed, now, error):
        alerts.raise_(tx, conversations.get(tx, claimed.lane), Kind.UNDELIVERED, now)
        tx.touch(claimed.lane)


def delivered(tx: Transaction, claimed: Claim, receipt: Receipt, now: datetime, *, letter: bool = False) -> bool:
    """The network has it. False when the claim had run out: another worker has sent, or is sending, it too.

    letter: it went out as a mail.
    """
    tx.touch(claimed.lane)
    if letter and receipt.external_id:
        posting.sent(tx, claimed.lane, claimed.item, receipt.external_id, now)
    return work.settle(tx, outbox, claimed, WorkState.DONE, now, external_id=receipt.external_id)


def put_back(tx: Transaction, claimed: Claim, now: datetime) -> None:
    """Give a claim back unsent: the message is free at once, for whoever claims it next."""
    work.retry(tx, outbox, claimed, now)


def failed(tx: Transaction, claimed: Claim, failure: DeliveryFailed, now: datetime, back_off: BackOff) -> WorkState:
    """The network did not take it: try again later, or give up and show the technician why. Returns the new state."""
    tx.touch(claimed.lane)
    if failure.unreachable:
        to = messages.get(tx, claimed.item).to or conversations.get(tx, claimed.lane).route
        identities.unreachable(tx, to.channel, to.address, failure.detail, now)
    if failure.unknown:
        return _gave_up(tx, claimed, WorkState.UNKNOWN, failure, now)
    if failure.permanent:
        return _gave_up(tx, claimed, WorkState.FAILED, failure, now)
    if failure.retry_after is not None and now - claimed.available_since < ASKED_TO_WAIT:
        # A network that asks to wait has not refused it: that is no failed attempt.
        again = now + timedelta(seconds=failure.retry_after)
        work.retry(tx, outbox, claimed, again, failure.detail, attempts=claimed.attempts - 1, **_progress(failure))
        return WorkState.PENDING
    pause = back_off.after(claimed.attempts)
    if pause is None:
        return _gave_up(tx, claimed, WorkState.FAILED, failure, now)
    work.retry(tx, outbox, claimed, now + pause, failure.detail, **_progress(failure))
    return WorkState.PENDING


def _progress(failure: DeliveryFailed) -> dict[str, int]:
    return {} if failure.progress is None else {"progress": failure.progress}


def _gave_up(tx: Transaction, claimed: Claim, state: WorkState, failure: DeliveryFailed, now: datetime) -> WorkState:
    if work.settle(tx, outbox, claimed, state, now, failure.detail, **_progress(failure)):
        alerts.raise_(tx, conversations.get(tx, claimed.lane), Kind.UNDELIVERED, now)
    return state


def send_again(tx: Transaction, conversation: int, message: int, now: datetime) -> None:
    """A technician has a message that failed (or may have) sent again: a new attempt, at once.

    Of several parts, those that have arrived for certain are not sent again.

    Raises:
        Conflict: it has not failed.
        NotFound: the conversation has no such message.
    """
    found = messages.get(tx, message)
    if found.conversation != conversation:
        raise NotFound("message", message)
    if not work.again(tx, outbox, message, (WorkState.FAILED, WorkState.UNKNOWN), now):
        raise Conflict("send again", found.delivery or "not a message to the customer")
    tx.touch(conversation)


def acknowledge(tx: Transaction, channel: str, address: str, seq: int, now: datetime) -> None:
    """The customer's client shows everything up to `seq`."""
    conversation = conversations.find(tx, channel, address)
    if conversation is not None and work.settle_up_to(tx, outbox, conversation.id, seq, channel, now):
        tx.touch(conversation.id)
