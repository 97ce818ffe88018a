"""Mails: what a message that came by mail has besides, which Message-IDs are known, and who takes part."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from desk.model.letter import Rule, Standing, Verdict
from desk.store.tables.columns import Id, Moment, metadata, one_of

letters = Table(
    "letters",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("rule", String(32), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("mail_id", Text),
    Column("subject", Text, nullable=False),
    Column("mailbox", String(320), nullable=False),
    Column("sender_address", String(320), nullable=False),
    Column("sender_name", Text, nullable=False),
    Column("reply_to", String(320)),
    # Lists of [address, name].
    Column("to", JSON, nullable=False),
    Column("cc", JSON, nullable=False),
    Column("sent_at", Moment),
    # [address, name] of whoever wrote the mail that it passes on.
    Column("forwarded_from", JSON(none_as_null=True)),
    Column("automatic", String(32)),
    Column("reason", Text, nullable=False),
    Column("authentication", JSON),
    Column("signed_by", Text),
    Column("unreadable", Text),
    Column("left_out", JSON, nullable=False),
    Column("new_subject", Boolean, nullable=False),
    Column("held_secret", Boolean, nullable=False),
    Column("longer", Boolean, nullable=False),
    Column("full_text", Text, nullable=False),
    Column("html", Text),
    Column("source_sha256", ForeignKey("files.sha256"), index=True),
    # Of what is the same in every copy of one mail, whichever mailbox it came by.
    Column("fingerprint", String(64), nullable=False),
    Column("received_at", Moment, nullable=False),
    one_of("rule", Rule),
    one_of("verdict", Verdict),
    # Who has written lately.
    Index(None, "sender_address", "received_at"),
)

message_ids = Table(
    "message_ids",
    metadata,
    # Long ones as their hash.
    Column("id", String(250), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    # None: a mail refers to it that came sooner.
    Column("message_id", ForeignKey("messages.id"), index=True),
    # None: it is a mail of ours.
    Column("fingerprint", String(64)),
    Column("created_at", Moment, nullable=False),
)

mail_threads = Table(
    "mail_threads",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    # Where mails of the conversation go, whatever other way its customer has to us.
    Column("channel", String(32), nullable=False),
    Column("address", String(320), nullable=False),
    Column("thread", String(320), nullable=False),
    Column("subject", Text, nullable=False),
    Column("mailbox", String(320), nullable=False),
    Column("reply_to", String(320)),
    # Only machines have written in it.
    Column("automatic", Boolean, nullable=False),
)

participants = Table(
    "participants",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("address", String(320), nullable=False),
    Column("name", Text, nullable=False),
    # The technician who let them in; none: somebody who takes part had written to them.
    Column("approved_by", ForeignKey("technicians.id")),
    Column("added_at", Moment, nullable=False),
    Column("removed_at", Moment),
    UniqueConstraint("conversation_id", "address"),
)

strangers = Table(
    "strangers",
    metadata,
    # The case that began with the stranger's mail, and the conversation that mail was in reply to.
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("original_id", ForeignKey("conversations.id"), nullable=False),
    Column("address", String(320), nullable=False),
    Column("standing", String(16), nullable=False, default=Standing.WAITING.value),
    Column("decided_by", ForeignKey("technicians.id")),
    Column("decided_at", Moment),
    Column("created_at", Moment, nullable=False),
    one_of("standing", Standing),
    UniqueConstraint("original_id", "address"),
)

bounces = Table(
    "bounces",
    metadata,
    Column("id", Id, primary_key=True),
    # The mail of ours that did not arrive, or not yet, and the message in which that is said.
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("notice_id", ForeignKey("messages.id"), nullable=False),
    Column("recipient", String(320), nullable=False),
    # Else the mail server is still trying.
    Column("given_up", Boolean, nullable=False),
    Column("detail", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)
