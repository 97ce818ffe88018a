"""Alembic's entry: runs the migrations on the connection that `desk.migrations` hands over."""

from __future__ import annotations

from alembic import context

from desk.migrations import compared
from desk.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    include_object=compared(connection),
    # SQLite cannot alter most things in place: Alembic copies the table instead.
    render_as_batch=True,
    user_module_prefix="tables.",
)
# No transaction of its own: the caller's makes the whole upgrade one.
context.run_migrations()
