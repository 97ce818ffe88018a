"""What the documentation draws is what the code does."""

from __future__ import annotations

from pathlib import Path

from desk.model import diagram, ticket

DOCS = Path(__file__).parents[1] / "docs"


def test_the_diagram_of_a_ticket_is_drawn_from_the_table_of_legal_moves() -> None:
    drawn = diagram.states(ticket.LEGAL, ticket.State.NEW)
    assert f"```mermaid\n{drawn}\n```" in (DOCS / "how-it-works.md").read_text("utf-8")
