"""Messages that their sender changes, or takes back, after they were sent."""

from __future__ import annotations

from datetime import datetime

from bot.procedures.secrets import mask
from bot.procedures.words import Words
from channels.contract import MAX_TEXT, Edit
from desk.conversations import MAX_REPLY
from desk.model import checks
from desk.model.technician import Technician
from desk.store import conversations, messages, work
from desk.store.database import Transaction
from desk.store.tables import inbox


def edit(tx: Transaction, edited: Edit, now: datetime, words: Words) -> int | None:
    """Keep how the message reads now; returns its conversation, or None when there is no such message.

    Whoever has yet to answer it answers what stands there now. What was answered already is not answered again: the
    transcript shows that it was changed, and what it said before. A message taken back before the assistant saw it is
    not answered at all.
    """
    conversation = conversations.find(tx, edited.channel, edited.address, edited.thread, lock=True)
    if conversation is None:
        return None
    seq = messages.with_external_id(tx, conversation.id, edited.external_id)
    message = messages.in_conversation(tx, conversation.id, seq) if seq is not None else None
    text = "" if edited.text is None else mask(edited.text, words)[:MAX_TEXT]
    if message is None or message.deleted or (message.text == text and edited.text is not None):
        return None
    waiting = work.untouched(tx, inbox, message.id)
    messages.replace_text(tx, message, text, now, deleted=edited.text is None)
    if waiting and not text.strip() and not message.attachments:
        work.withdraw(tx, inbox, message.id, now)
    return conversation.id


def edit_note(
    tx: Transaction, conversation: int, seq: int, technician: Technician, text: str | None, now: datetime
) -> bool:
    """A technician changed an internal note of theirs, or, without a text, took it back; how it read is kept.

    It stays internal, whatever it says. Returns False when there is nothing to be done: it reads so already, was taken
    back, is somebody else's, or is no note.

    Raises:
        Invalid: the text is empty or too long.
        NotFound: there is no such conversation.
    """
    wanted = "" if text is None else checks.text(text, "text", MAX_REPLY)
    conversations.get(tx, conversation, lock=True)
    note = messages.in_conversation(tx, conversation, seq)
    if note is None or not note.internal or note.technician != technician.id or note.deleted:
        return False
    if text is not None and wanted == note.text:
        return False
    messages.replace_text(tx, note, wanted, now, deleted=text is None)
    return True
