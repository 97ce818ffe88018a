"""The technicians' console in Slack: cards, what their threads show, and who is who"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from desk.store.tables import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UNSETTLED = sa.text("delivery IN ('pending', 'failed', 'unknown')")


def upgrade() -> None:
    op.add_column("teams", sa.Column("slack_channel", sa.String(64)))
    op.create_table(
        "slack_technicians",
        sa.Column("workspace", sa.String(32), nullable=False),
        sa.Column("slack_user", sa.String(32), nullable=False),
        sa.Column("technician_id", _ID, nullable=False),
        sa.Column("linked_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["technician_id"], ["technicians.id"], name=op.f("fk_slack_technicians_technician_id")),
        sa.PrimaryKeyConstraint("workspace", "slack_user", name=op.f("pk_slack_technicians")),
    )
    op.create_index(op.f("ix_slack_technicians_technician_id"), "slack_technicians", ["technician_id"])
    op.create_index(op.f("ix_slack_technicians_seen_at"), "slack_technicians", ["seen_at"])
    op.create_table(
        "slack_codes",
        sa.Column("technician_id", _ID, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["technician_id"], ["technicians.id"], name=op.f("fk_slack_codes_technician_id")),
        sa.PrimaryKeyConstraint("technician_id", name=op.f("pk_slack_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_slack_codes_code_hash")),
    )
    op.create_table(
        "slack_cards",
        sa.Column("id", _ID, nullable=False),
        sa.Column("conversation_id", _ID, nullable=False),
        sa.Column("workspace", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("ts", sa.String(32)),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("began", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("shown", sa.String(64), nullable=False),
        sa.Column("state", sa.String(120), nullable=False),
        sa.Column("revision", sa.Integer()),
        sa.Column("ticket_id", _ID),
        sa.Column("ticket_revision", sa.Integer()),
        sa.Column("waiting_since", Moment()),
        sa.Column("updated_at", Moment()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("available_at", Moment(), nullable=False),
        sa.Column("lease_until", Moment()),
        sa.Column("worker", sa.String(64)),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_slack_cards_conversation_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_slack_cards_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slack_cards")),
        sa.UniqueConstraint("channel", "ts", name=op.f("uq_slack_cards_channel_ts")),
    )
    op.create_index(op.f("ix_slack_cards_conversation_id"), "slack_cards", ["conversation_id"])
    op.create_index(
        "uq_slack_cards_open",
        "slack_cards",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "slack_posts",
        sa.Column("card_id", _ID, nullable=False),
        sa.Column("message_id", _ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("ts", sa.String(32)),
        sa.Column("source", sa.String(64)),
        sa.Column("delivery", sa.String(16)),
        sa.Column("edited_at", Moment()),
        sa.ForeignKeyConstraint(["card_id"], ["slack_cards.id"], name=op.f("fk_slack_posts_card_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_slack_posts_message_id")),
        sa.PrimaryKeyConstraint("card_id", "message_id", name=op.f("pk_slack_posts")),
        sa.UniqueConstraint("card_id", "source", name=op.f("uq_slack_posts_card_id_source")),
    )
    op.create_index(
        "ix_slack_posts_unsettled",
        "slack_posts",
        ["card_id"],
        sqlite_where=_UNSETTLED,
        postgresql_where=_UNSETTLED,
    )


def downgrade() -> None:
    for table in ("slack_posts", "slack_cards", "slack_codes", "slack_technicians"):
        op.drop_table(table)
    op.drop_column("teams", "slack_channel")
