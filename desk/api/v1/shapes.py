"""How the things of the desk look from outside."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from channels.contract import Author, Button, Choice, Owner
from desk.model.conversation import Reason
from desk.model.technician import Role
from desk.model.ticket import Link, State


class Shape(BaseModel):
    """Read from the desk's own values by their names."""

    model_config = ConfigDict(from_attributes=True)


class TicketBrief(Shape):
    """Enough of a ticket to know which one it is."""

    number: str
    subject: str
    state: State


class TicketOut(TicketBrief):
    """A ticket. `priority` is 1 (first) to 5, and 0 for a major incident."""

    reason: Reason
    channel: str
    customer: int
    customer_name: str | None
    procedure: str | None
    category: str | None
    team: str | None
    assignee: int | None
    assignee_name: str | None
    impact: int
    urgency: int
    priority: int
    note: str | None
    facts: dict[str, str]
    cause: str | None
    resolution: str | None
    merged_into: str | None
    revision: int
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None


class StepOut(Shape):
    """A step of a procedure that was taken."""

    position: int
    step: str
    kind: str
    question: str
    answer: str | None
    answer_text: str | None
    result: str


class UntriedOut(Shape):
    """A step that could still have been tried. `told`: the customer was told to, and has not said what became of it."""

    step: str
    title: str
    told: bool


class RunOut(Shape):
    """One run of a procedure: what was tried, what is known, and what was not tried."""

    procedure: str
    version: int
    title: str
    state: str
    steps: list[StepOut]
    pending: str | None
    untried: list[UntriedOut]
    facts: dict[str, str]
    started_at: datetime | None


class AttachmentOut(Shape):
    """A file that came with a message. `size` is in bytes."""

    id: int
    name: str
    type: str
    size: int


class MessageOut(Shape):
    """A message; `internal` ones are notes among technicians."""

    id: int
    seq: int
    author: Author
    name: str | None
    text: str
    internal: bool
    language: str | None
    buttons: list[Button]
    choice: Choice | None
    attachments: list[AttachmentOut]
    created_at: datetime
    delivery: str | None
    delivery_error: str | None


class ConversationOut(Shape):
    """Where a conversation stands."""

    id: int
    channel: str
    customer: int
    customer_name: str | None
    owner: Owner
    technician: int | None
    technician_name: str | None
    closed: bool
    language: str | None
    reason: Reason | None
    waiting_since: datetime | None
    last_seq: int
    created_at: datetime
    updated_at: datetime


class ConversationView(Shape):
    """A conversation with its transcript, diagnosis and tickets."""

    conversation: ConversationOut
    messages: list[MessageOut]
    runs: list[RunOut]
    tickets: list[TicketOut]


class CaseConversation(Shape):
    """A conversation of a ticket, in which the case begins with message `from_seq`."""

    conversation: ConversationOut
    from_seq: int
    messages: list[MessageOut]
    runs: list[RunOut]


class LinkOut(Shape):
    """A related ticket; `incoming` when the relation is said from the other one's side."""

    kind: Link
    incoming: bool
    ticket: TicketBrief


class ChangeOut(Shape):
    """One line of a ticket's history: `field` went from `old` to `new`."""

    at: datetime
    author: Author
    name: str | None
    field: str
    old: str | None
    new: str | None


class Clocks(Shape):
    """Seconds for which a ticket waited for each of the four, what runs now included."""

    bot: float
    queue: float
    technician: float
    customer: float


class TicketView(TicketOut):
    """A ticket with all that belongs to it."""

    conversations: list[CaseConversation]
    links: list[LinkOut]
    merged: list[TicketBrief]
    history: list[ChangeOut]
    clocks: Clocks


class CustomerOut(Shape):
    """A customer."""

    id: int
    name: str | None
    email: str | None
    language: str | None
    created_at: datetime


class IdentityOut(Shape):
    """A customer's address on one channel."""

    channel: str
    address: str
    created_at: datetime


class CustomerView(CustomerOut):
    """A customer with the addresses they are known by, and their newest conversations and tickets."""

    identities: list[IdentityOut]
    conversations: list[ConversationOut]
    tickets: list[TicketOut]


class TeamOut(Shape):
    """A team."""

    key: str
    name_en: str
    name_nl: str
    active: bool


class CategoryOut(Shape):
    """A kind of problem, and the team that takes care of it."""

    key: str
    name_en: str
    name_nl: str
    team: str | None
    active: bool


class TechnicianOut(Shape):
    """A technician."""

    id: int
    name: str
    role: Role
    active: bool


class Said(BaseModel):
    """The number of the message in its conversation."""

    seq: int
