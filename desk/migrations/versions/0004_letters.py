"""Mails: what a message that came by mail has besides, known Message-IDs, participants, strangers and bounces"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from desk.store import tables
from desk.store.tables.columns import Id

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_threads",
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("thread", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.String(length=320), nullable=False),
        sa.Column("reply_to", sa.String(length=320), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_mail_threads_conversation_id")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_mail_threads")),
    )
    op.create_table(
        "participants",
        sa.Column("id", Id, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("approved_by", Id, nullable=True),
        sa.Column("added_at", tables.Moment(timezone=True), nullable=False),
        sa.Column("removed_at", tables.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["technicians.id"], name=op.f("fk_participants_approved_by")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_participants_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participants")),
        sa.UniqueConstraint("conversation_id", "address", name=op.f("uq_participants_conversation_id_address")),
    )
    op.create_table(
        "strangers",
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("original_id", Id, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("decided_by", Id, nullable=True),
        sa.Column("decided_at", tables.Moment(timezone=True), nullable=True),
        sa.Column("created_at", tables.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("standing IN ('waiting', 'approved', 'apart')", name=op.f("ck_strangers_standing")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_strangers_conversation_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["technicians.id"], name=op.f("fk_strangers_decided_by")),
        sa.ForeignKeyConstraint(["original_id"], ["conversations.id"], name=op.f("fk_strangers_original_id")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_strangers")),
        sa.UniqueConstraint("original_id", "address", name=op.f("uq_strangers_original_id_address")),
    )
    op.create_table(
        "bounces",
        sa.Column("id", Id, nullable=False),
        sa.Column("message_id", Id, nullable=False),
        sa.Column("notice_id", Id, nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("given_up", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", tables.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_bounces_message_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["messages.id"], name=op.f("fk_bounces_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounces")),
    )
    op.create_index(op.f("ix_bounces_message_id"), "bounces", ["message_id"], unique=False)
    op.create_table(
        "letters",
        sa.Column("message_id", Id, nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("mail_id", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.String(length=320), nullable=False),
        sa.Column("sender_address", sa.String(length=320), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.String(length=320), nullable=True),
        sa.Column("to", sa.JSON(), nullable=False),
        sa.Column("cc", sa.JSON(), nullable=False),
        sa.Column("sent_at", tables.Moment(timezone=True), nullable=True),
        sa.Column("forwarded_from", sa.JSON(), nullable=True),
        sa.Column("automatic", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("authentication", sa.JSON(), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("unreadable", sa.Text(), nullable=True),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("new_subject", sa.Boolean(), nullable=False),
        sa.Column("held_secret", sa.Boolean(), nullable=False),
        sa.Column("longer", sa.Boolean(), nullable=False),
        sa.Column("full_text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("source_sha256", sa.String(length=64), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("received_at", tables.Moment(timezone=True), nullable=False),
        sa.CheckConstraint(
            "rule IN ('message_id', 'signed_message_id', 'signed_address', 'ticket_number', 'sender', 'new')",
            name=op.f("ck_letters_rule"),
        ),
        sa.CheckConstraint("verdict IN ('accept', 'record', 'note', 'reject')", name=op.f("ck_letters_verdict")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_letters_message_id")),
        sa.ForeignKeyConstraint(["source_sha256"], ["files.sha256"], name=op.f("fk_letters_source_sha256")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_letters")),
    )
    op.create_index(
        op.f("ix_letters_sender_address_received_at"), "letters", ["sender_address", "received_at"], unique=False
    )
    op.create_index(op.f("ix_letters_source_sha256"), "letters", ["source_sha256"], unique=False)
    op.create_table(
        "message_ids",
        sa.Column("id", sa.String(length=250), nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("message_id", Id, nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("created_at", tables.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_message_ids_conversation_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_ids_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_ids")),
    )
    op.create_index(op.f("ix_message_ids_conversation_id"), "message_ids", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_message_ids_message_id"), "message_ids", ["message_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_message_ids_message_id"), table_name="message_ids")
    op.drop_index(op.f("ix_message_ids_conversation_id"), table_name="message_ids")
    op.drop_table("message_ids")
    op.drop_index(op.f("ix_letters_source_sha256"), table_name="letters")
    op.drop_index(op.f("ix_letters_sender_address_received_at"), table_name="letters")
    op.drop_table("letters")
    op.drop_index(op.f("ix_bounces_message_id"), table_name="bounces")
    op.drop_table("bounces")
    op.drop_table("strangers")
    op.drop_table("participants")
    op.drop_table("mail_threads")
