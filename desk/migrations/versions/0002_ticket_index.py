"""The index over the words of tickets: GIN on PostgreSQL; an FTS5 table on SQLite, which triggers keep like its source"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQLITE = (
    # The words are folded already (`desk.model.words`): the tokenizer has only blanks to look for.
    """
    CREATE VIRTUAL TABLE ticket_index USING fts5(
        document, content='ticket_documents', content_rowid='ticket_id', tokenize='unicode61 remove_diacritics 0',
        prefix='3 4'
    )
    """,
    """
    CREATE TRIGGER ticket_documents_added AFTER INSERT ON ticket_documents BEGIN
        INSERT INTO ticket_index(rowid, document) VALUES (new.ticket_id, new.document);
    END
    """,
    """
    CREATE TRIGGER ticket_documents_removed AFTER DELETE ON ticket_documents BEGIN
        INSERT INTO ticket_index(ticket_index, rowid, document) VALUES ('delete', old.ticket_id, old.document);
    END
    """,
    """
    CREATE TRIGGER ticket_documents_changed AFTER UPDATE ON ticket_documents BEGIN
        INSERT INTO ticket_index(ticket_index, rowid, document) VALUES ('delete', old.ticket_id, old.document);
        INSERT INTO ticket_index(rowid, document) VALUES (new.ticket_id, new.document);
    END
    """,
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE:
            op.execute(statement)
    else:
        op.create_index(op.f("ix_ticket_documents_document"), "ticket_documents", ["document"], postgresql_using="gin")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("added", "removed", "changed"):
            op.execute(f"DROP TRIGGER ticket_documents_{trigger}")
        op.execute("DROP TABLE ticket_index")
    else:
        op.drop_index(op.f("ix_ticket_documents_document"), "ticket_documents")
