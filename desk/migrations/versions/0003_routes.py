"""Several addresses lead to one conversation; messages are changed; identities are linked and may be out of reach"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from desk.store import tables
from desk.store.tables.columns import Id

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "routes",
        sa.Column("id", Id, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("thread", sa.String(320), nullable=False),
        sa.Column("created_at", tables.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_routes_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routes")),
        sa.UniqueConstraint("channel", "address", "thread", name=op.f("uq_routes_channel_address_thread")),
    )
    op.create_index(op.f("ix_routes_conversation_id"), "routes", ["conversation_id"])
    op.create_table(
        "message_versions",
        sa.Column("id", Id, nullable=False),
        sa.Column("message_id", Id, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("replaced_at", tables.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_versions_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_versions")),
    )
    op.create_index(op.f("ix_message_versions_message_id"), "message_versions", ["message_id"])
    for name, length in (("answer_channel", 32), ("answer_address", 320), ("answer_thread", 320)):
        op.add_column("conversations", sa.Column(name, sa.String(length)))
    for name, length in (("from_channel", 32), ("from_address", 320), ("from_thread", 320)):
        op.add_column("messages", sa.Column(name, sa.String(length)))
    op.add_column("messages", sa.Column("command", sa.JSON))
    op.add_column("messages", sa.Column("edited_at", tables.Moment(timezone=True)))
    op.add_column("messages", sa.Column("deleted", sa.Boolean, nullable=False, server_default=sa.false()))
    with op.batch_alter_table("identities") as identities:
        identities.add_column(sa.Column("linked_from_id", Id))
        identities.add_column(sa.Column("linked_at", tables.Moment(timezone=True)))
        identities.add_column(sa.Column("unreachable_at", tables.Moment(timezone=True)))
        identities.add_column(sa.Column("unreachable_detail", sa.Text))
        identities.create_foreign_key(op.f("fk_identities_linked_from_id"), "customers", ["linked_from_id"], ["id"])
    for name in ("address", "thread"):
        op.add_column("outbox", sa.Column(name, sa.String(320)))


def downgrade() -> None:
    for name in ("address", "thread"):
        op.drop_column("outbox", name)
    with op.batch_alter_table("identities") as identities:
        identities.drop_constraint(op.f("fk_identities_linked_from_id"), type_="foreignkey")
        for name in ("linked_from_id", "linked_at", "unreachable_at", "unreachable_detail"):
            identities.drop_column(name)
    for name in ("command", "edited_at", "deleted", "from_channel", "from_address", "from_thread"):
        op.drop_column("messages", name)
    for name in ("answer_channel", "answer_address", "answer_thread"):
        op.drop_column("conversations", name)
    op.drop_table("message_versions")
    op.drop_table("routes")
