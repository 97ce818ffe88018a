"""what channels keep for themselves: installations, and what they have promised to fetch"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from desk.store import tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_keep",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("kept_at", tables.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "kind", "key", name=op.f("pk_channel_keep")),
    )


def downgrade() -> None:
    op.drop_table("channel_keep")
