"""Conversations as cards see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from channels.contract import Author, Owner
from desk.model.conversation import Conversation, Message, Reason
from desk.model.run import Run, Step, Untried
from desk.model.slack import Card, Place
from desk.model.team import Team
from desk.model.ticket import State, Ticket
from desk.slack_cards import Picture

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CARD = Card(7, 3, Place("C1", "T1"), "1.1", True, 2, 2, "", "queue", NOW)
TEAM = Team("network", "Network team", "Netwerkteam", "Europe/Amsterdam", "NL", 7, fallback=False, active=True)
CONVERSATION = Conversation(
    id=3, customer=5, channel="web", address="a", thread="", owner=Owner.QUEUE, technician=None, technician_name=None,
    closed=False, episode=1, revision=4, last_seq=2, last_public_seq=2, language="en", reason=Reason.ESCALATED,
    waiting_since=NOW, created_at=NOW, updated_at=NOW, customer_name="Alice", ticket=1,
)  # fmt: skip
TICKET = Ticket(
    id=1, number="FL-1001", customer=5, customer_name="Alice", subject="Wi-Fi is slow", state=State.NEW,
    reason=Reason.ESCALATED, channel="web", procedure="wifi", category="network", team="network", assignee=None,
    assignee_name=None, impact=2, urgency=2, priority=2, note="Look at the access point", facts={"room_number": "12"},
    cause=None, resolution=None, merged_into=None, revision=1, created_at=NOW, updated_at=NOW, resolved_at=None,
)  # fmt: skip
RUN = Run(
    key="r1", procedure="wifi", version=1, title="Slow Wi-Fi", state="escalated",
    steps=(
        Step(1, "restart", "instruct", "Restart the router", "yes", "Yes", "answered"),
        Step(2, "cable", "ask", "Is it better with a cable?", None, None, "skipped"),
    ),
    pending=None, untried=(Untried("channel", "Change the channel"),), facts={"router": "grey"},
)  # fmt: skip


def picture(ticket: Ticket | None = TICKET, runs: tuple[Run, ...] = (RUN,), **conversation: Any) -> Picture:
    """A card of a conversation that waits, unless told otherwise."""
    return Picture(
        card=CARD,
        conversation=replace(CONVERSATION, **conversation),
        ticket=ticket,
        team=TEAM,
        runs=runs,
        opening=(),
        following=(),
        known={},
        moved=(),
        edited=(),
        elsewhere=False,
    )


def said(text: str, author: Author = Author.CUSTOMER, **more: Any) -> Message:
    """A message."""
    values: dict[str, Any] = {"technician": None, "name": None, "internal": False} | more
    return Message(
        id=9, conversation=3, seq=2, author=author, text=text, buttons=(), choice=None, language="en",
        external_id=None, created_at=NOW, **values,
    )  # fmt: skip
